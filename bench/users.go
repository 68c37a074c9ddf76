package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/stampede-load/stampede/internal/testsite"
)

// start measures how soon a run sends its first request: from the start of the process to its arrival at the server.
func (b *bench) start() error {
	child, err := b.site(testsite.Config{Mode: testsite.Fast})
	if err != nil {
		return err
	}
	defer child.Close()
	var times []float64
	for range 9 {
		begun := time.Now()
		if _, _, err := b.fans(child, time.Minute, "-users", "1", "-t", "200ms", "-think", "50ms"); err != nil {
			return err
		}
		st, err := child.Stats(b.ctx)
		if err != nil {
			return err
		}
		times = append(times, float64(st.First.Sub(begun).Microseconds())/1e3)
		if err := child.Close(); err != nil {
			return err
		}
		if child, err = b.site(testsite.Config{Mode: testsite.Fast}); err != nil {
			return err
		}
	}
	fmt.Printf("   first request after %s ms (reach: 100)\n", spreadOf(times))
	return child.Close()
}

// memory measures what connected users that think cost, above the process before its first user.
func (b *bench) memory() error {
	for _, tls := range []bool{false, true} {
		child, err := b.site(testsite.Config{Mode: testsite.Fast, TLS: tls, Arrivals: -1})
		if err != nil {
			return err
		}
		const users = 10_000
		r, _, err := b.fans(child, 3*time.Minute, "-users", strconv.Itoa(users), "-spawn", "1000", "-t", "40s", "-think", "30s")
		child.Close()
		if err != nil {
			return err
		}
		kind := "plain"
		if tls {
			kind = "TLS"
		}
		fmt.Printf("   %-6s %d users: %.2f KB each (%s; RSS %.1f MB, %.1f MB before the first user; %d requests, %d failed)\n",
			kind, users, float64(r.RSS-r.BaseRSS)/1024/users, r.IO, mb(r.RSS), mb(r.BaseRSS), r.Requests, r.Failures)
	}
	return nil
}

func mb(n int64) float64 { return float64(n) / (1 << 20) }

// think runs 10,000 users with think time for a while: the memory must be flat.
func (b *bench) think() error {
	child, err := testsite.StartChild(b.server, testsite.Config{Mode: testsite.Fast, Arrivals: -1})
	if err != nil {
		return err
	}
	defer child.Close()
	var rss []float64
	for _, length := range []string{"30s", "60s"} {
		u, err := runOn(b.ctx, "", 2, b.fan, "-host", child.URL(), "-users", "10000", "-spawn", "1000", "-t", length, "-think", "5s")
		if err != nil {
			return err
		}
		var r fanResult
		if err := json.Unmarshal(u.out, &r); err != nil {
			return err
		}
		rss = append(rss, mb(r.RSS))
		fmt.Printf("   %s: %d requests, %d failed, p99 %.2f ms, RSS %.1f MB, CPU %.1f s, %s %v\n",
			length, r.Requests, r.Failures, r.P99, mb(r.RSS), u.cpu.Seconds(), r.Verdict, r.Reasons)
	}
	fmt.Printf("   memory after twice the time: %.2fx\n", rss[1]/rss[0])
	return nil
}

// spawn starts users at a rate against a target that answers from memory; the lag of the first task is how late each user came.
func (b *bench) spawn() error {
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Minute)
	defer cancel()
	u, err := runOn(ctx, "", 2, b.fan, "-host", "http://127.0.0.1:9", "-mute", "-users", "50000", "-spawn", "5000", "-t", "12s")
	if err != nil {
		return err
	}
	var r fanResult
	if err := json.Unmarshal(u.out, &r); err != nil {
		return err
	}
	fmt.Printf("   %d users came; late by p99 %.3f ms, at most %.3f ms (reach: p99 5 ms); %.2f KB each\n",
		r.Started, r.LagP99, r.LagMax, float64(r.RSS-r.BaseRSS)/1024/50_000)
	return nil
}
