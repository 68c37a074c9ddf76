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

// pacing looks at even arrivals from the server's side.
func (b *bench) pacing() error {
	for _, rate := range []int{1000, 5000} {
		child, err := b.site(testsite.Config{Mode: testsite.Fast})
		if err != nil {
			return err
		}
		r, _, err := b.fans(child, time.Minute, "-rate", strconv.Itoa(rate), "-t", "10s")
		if err != nil {
			return err
		}
		st, err := child.Stats(b.ctx)
		if err != nil {
			return err
		}
		child.Close()
		fmt.Printf("   %d/s: the server saw a median gap of %v, p99 %v, p99.9 %v, max %v; lag p99 %.3f ms, %s\n",
			rate, st.Gaps.Median, st.Gaps.P99, st.Gaps.P999, st.Gaps.Max, r.LagP99, r.Verdict)
	}
	child, err := b.site(testsite.Config{Mode: testsite.Fast})
	if err != nil {
		return err
	}
	defer child.Close()
	r, _, err := b.fans(child, 2*time.Minute, "-rate", "ramp(0, 5000, over=60s)", "-t", "60s")
	if err != nil {
		return err
	}
	st, err := child.Stats(b.ctx)
	if err != nil {
		return err
	}
	worst := 0.0
	for i, n := range st.PerSecond {
		if i == 0 || i >= 60 { // counted from the first arrival, which is the start of the ramp
			continue
		}
		want := 5000.0 / 60 * (float64(i) + 0.5)
		worst = max(worst, math.Abs(float64(n)-want)/want)
	}
	fmt.Printf("   ramp 0 to 5000/s in 60 s: %d arrivals (150,000 planned: %d), worst second off by %.2f %%, %s\n",
		st.Requests, r.Planned, 100*worst, r.Verdict)
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

// queue holds an M/M/1 server at 70 % against P(R > t) = exp(-(mu - lambda) t).
func (b *bench) queue() error {
	const service = 10 * time.Millisecond
	child, err := b.site(testsite.Config{Mode: testsite.Exp, Service: service, Seed: 7, Arrivals: -1})
	if err != nil {
		return err
	}
	defer child.Close()
	r, _, err := b.fans(child, 5*time.Minute, "-rate", "70", "-poisson", "-t", "120s")
	if err != nil {
		return err
	}
	mu, lambda := 1/service.Seconds(), 70.0
	for _, q := range []struct {
		name string
		q    float64
		got  float64
	}{{"p50", 0.5, r.P50}, {"p95", 0.95, r.P95}, {"p99", 0.99, r.P99}} {
		want := -math.Log(1-q.q) / (mu - lambda) * 1e3
		fmt.Printf("   %s %.1f ms, theory %.1f ms\n", q.name, q.got, want)
	}
	fmt.Printf("   sent %d of %d, %s\n", r.Sent, r.Planned, r.Verdict)
	return nil
}

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

// healthy runs loads that a generator should not notice, and counts the false alarms.
func (b *bench) healthy() error {
	child, err := b.site(testsite.Config{Mode: testsite.Fixed, Service: 5 * time.Millisecond, Arrivals: -1})
	if err != nil {
		return err
	}
	defer child.Close()
	loads := [][]string{{"-rate", "500"}, {"-users", "50", "-think", "100ms"}, {"-rate", "1000", "-poisson"}, {"-users", "100", "-spawn", "50", "-think", "200ms"}}
	alarms := map[string]int{}
	for i := range 20 {
		ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
		u, err := runOn(ctx, "0", 1, b.fan, append([]string{"-host", child.URL(), "-t", "6s"}, loads[i%len(loads)]...)...)
		cancel()
		if err != nil {
			return err
		}
		var r fanResult
		if err := json.Unmarshal(u.out, &r); err != nil {
			return err
		}
		alarms[r.Verdict]++
		if r.Verdict != "VALID" {
			fmt.Printf("   %v: %s %v\n", loads[i%len(loads)], r.Verdict, r.Reasons)
		}
	}
	fmt.Printf("   %d of 20 VALID, %d SUSPECT, %d INVALID\n", alarms["VALID"], alarms["SUSPECT"], alarms["INVALID"])
	return nil
}
