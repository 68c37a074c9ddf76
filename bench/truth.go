package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/stampede-load/stampede/internal/testsite"
)

// open compares what a request costs when arrivals are planned with what it costs in a closed loop at about the same rate.
func (b *bench) open() error {
	child, err := b.site(testsite.Config{Mode: testsite.Fast, Arrivals: -1})
	if err != nil {
		return err
	}
	defer child.Close()
	var ratios []float64
	var lag fanResult
	for range rounds {
		// 200 users that each pause 10 ms on average ask 20,000 times a second, less the answers' time.
		_, closed, err := b.fans(child, time.Minute, "-users", "205", "-think", "10ms", "-t", roundLength.String())
		if err != nil {
			return err
		}
		r, arrivals, err := b.fans(child, time.Minute, "-rate", "20000", "-t", roundLength.String())
		if err != nil {
			return err
		}
		lag = r
		ratios = append(ratios, arrivals.perRequest()/closed.perRequest())
		fmt.Printf("   closed %.2f us at %.0f/s, open %.2f us at %.0f/s, lag p99 %.3f ms, %s\n", closed.perRequest(),
			float64(closed.requests)/roundLength.Seconds(), arrivals.perRequest(), float64(arrivals.requests)/roundLength.Seconds(), r.LagP99, r.Verdict)
	}
	fmt.Printf("   open costs %sx of closed (reach: 1.3); sent %d of %d planned\n", spreadOf(ratios), lag.Sent, lag.Planned)
	return nil
}

// frozen is one point of the freeze test.
type frozen struct {
	rate   int
	length time.Duration
	pause  time.Duration
}

// freeze stops the server once by a signal. For q > 1 - P/D the truth is L(q) = P - (1-q) D, and the mean rises by P^2 / (2 D).
//
// The closed form knows a server that has caught up at once. So the held-up arrivals wait for one of a hundred users with connections that
// are open, with their intended times; thousands of fresh connections would keep the server busy accepting for a tenth of a second.
func (b *bench) freeze() error {
	points := []frozen{
		{1000, 30 * time.Second, 2 * time.Second},
		{500, 20 * time.Second, 3 * time.Second},
		{2000, 20 * time.Second, 2 * time.Second},
		{200, 20 * time.Second, 4 * time.Second},
		{4000, 15 * time.Second, 2 * time.Second},
		{1000, 20 * time.Second, 5 * time.Second},
	}
	fmt.Printf("   %-22s %26s %26s %26s  %s\n", "rate, length, freeze", "mean ms (truth)", "p95 ms (truth)", "p99 ms (truth)", "sent/planned, dropped, worst error")
	for _, p := range points {
		if err := b.freezeOnce(p); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) freezeOnce(p frozen) error {
	child, err := b.site(testsite.Config{Mode: testsite.Fast, Arrivals: -1})
	if err != nil {
		return err
	}
	defer child.Close()
	held := make(chan time.Duration, 1)
	ctx, cancel := context.WithTimeout(b.ctx, 2*p.length)
	defer cancel()
	go func() {
		select {
		case <-time.After(p.length / 3):
		case <-ctx.Done():
		}
		d, err := child.Freeze(ctx, p.pause)
		if err != nil {
			d = 0
		}
		held <- d
	}()
	r, _, err := b.fans(child, 3*p.length, "-rate", strconv.Itoa(p.rate), "-t", p.length.String(), "-max-users", "100")
	if err != nil {
		return err
	}
	pause := <-held
	if pause == 0 {
		return fmt.Errorf("the server could not be stopped")
	}
	truth := func(q float64) float64 { return max(0, ms(pause)-(1-q)*ms(p.length)) }
	mean := ms(pause) * ms(pause) / (2 * ms(p.length))
	worst := 0.0
	line := fmt.Sprintf("   %-22s", fmt.Sprintf("%d/s, %v, %v", p.rate, p.length, p.pause))
	for _, f := range []struct{ got, want float64 }{{r.Mean, mean}, {r.P95, truth(0.95)}, {r.P99, truth(0.99)}} {
		line += fmt.Sprintf(" %26s", fmt.Sprintf("%.1f (%.1f)", f.got, f.want))
		worst = max(worst, math.Abs(f.got-f.want)/f.want)
	}
	fmt.Printf("%s  %d/%d, %d, %.1f %%\n", line, r.Sent, r.Planned, r.Dropped, 100*worst)
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / 1e6 }

// saturate asks for a rate that no core can send.
func (b *bench) saturate() error {
	child, err := b.site(testsite.Config{Mode: testsite.Fast, Arrivals: -1})
	if err != nil {
		return err
	}
	defer child.Close()
	r, _, err := b.fans(child, time.Minute, "-rate", "500000", "-t", "5s")
	if err != nil {
		return err
	}
	fmt.Printf("   after 5 s: %s; sent %d + dropped %d of %d planned; RSS %.0f MB\n", r.Verdict, r.Sent, r.Dropped, r.Planned, mb(r.RSS))
	for _, reason := range r.Reasons {
		fmt.Printf("      %s\n", reason)
	}
	return nil
}

// healthy runs loads that a generator should not notice, and counts the alarms. Beside each run a bare thread sleeps on the generator's core:
// when that one is late too, the machine stood still, and the alarm is none that is false.
func (b *bench) healthy() error {
	const length = 6 * time.Second
	child, err := b.site(testsite.Config{Mode: testsite.Fixed, Service: 5 * time.Millisecond, Arrivals: -1})
	if err != nil {
		return err
	}
	defer child.Close()
	loads := [][]string{{"-rate", "500"}, {"-users", "50", "-think", "100ms"}, {"-rate", "1000", "-poisson"}, {"-users", "100", "-spawn", "50", "-think", "200ms"}}
	alarms := map[string]int{}
	excused := 0
	for i := range 20 {
		ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
		beside := make(chan lateness, 1)
		go func() {
			late, _ := sleeperLateness(0, 2*time.Millisecond, length)
			beside <- late
		}()
		u, err := runOn(ctx, "0", 1, b.fan, append([]string{"-host", child.URL(), "-t", length.String()}, loads[i%len(loads)]...)...)
		cancel()
		late := <-beside
		if err != nil {
			return err
		}
		var r fanResult
		if err := json.Unmarshal(u.out, &r); err != nil {
			return err
		}
		alarms[r.Verdict]++
		if r.Verdict == "VALID" {
			continue
		}
		if late.P99 > time.Millisecond {
			excused++
		}
		fmt.Printf("   %v: %s %v; a bare thread woke late by p99 %v, max %v\n", loads[i%len(loads)], r.Verdict, r.Reasons, late.P99, late.Max)
	}
	fmt.Printf("   %d of 20 VALID, %d SUSPECT, %d INVALID; in %d of them the machine kept a bare thread waiting for more than 1 ms, too\n",
		alarms["VALID"], alarms["SUSPECT"], alarms["INVALID"], excused)
	return nil
}
