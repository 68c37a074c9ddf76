package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// waiting compares two ways to let many users wait: parked in the engine's clock, and as a goroutine each that sleeps. Nothing is sent; a
// user's task records one sample, a goroutine's wake one time, so the engine does more for each. Rounds interleave.
func (b *bench) waiting() error {
	const length = 12 * time.Second
	ways := []struct {
		name, program string
		args          []string
	}{
		{"engine", b.fan, []string{"-host", "http://127.0.0.1:9", "-mute"}},
		{"goroutine each", b.sleepers, nil},
	}
	for _, load := range []struct {
		users  string
		pacing time.Duration
	}{{"50000", time.Second}, {"1000", time.Second}} {
		cost, late, middle, size := map[string][]float64{}, map[string][]float64{}, map[string][]float64{}, map[string][]float64{}
		for range 3 {
			for _, w := range ways {
				args := append([]string{"-users", load.users, "-pacing", load.pacing.String(), "-t", length.String()}, w.args...)
				ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
				u, err := runOn(ctx, "", 2, w.program, args...)
				cancel()
				if err != nil {
					return err
				}
				var r fanResult
				if err := json.Unmarshal(u.out, &r); err != nil {
					return err
				}
				cost[w.name] = append(cost[w.name], float64(u.cpu.Microseconds())/float64(max(1, r.Requests)))
				late[w.name], middle[w.name] = append(late[w.name], r.LagP99), append(middle[w.name], r.LagP50)
				size[w.name] = append(size[w.name], mb(r.RSS-r.BaseRSS))
			}
		}
		fmt.Printf("   %s users, a task each %v: median (range) of 3 rounds\n", load.users, load.pacing)
		for _, w := range ways {
			fmt.Printf("   %-16s memory %s MB; CPU %s us a wake; late by p50 %s ms, p99 %s ms\n",
				w.name, spreadOf(size[w.name]), spreadOf(cost[w.name]), spreadOf(middle[w.name]), spreadOf(late[w.name]))
		}
	}
	return nil
}
