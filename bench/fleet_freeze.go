package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"time"

	"github.com/stampede-load/stampede/internal/testsite"
)

// fleetFreeze is the freeze test with the load of four worker processes. The closed form is that of freeze.
func (b *bench) fleetFreeze() error {
	herd, err := b.herd()
	if err != nil {
		return err
	}
	p := frozen{1000, 30 * time.Second, 2 * time.Second}
	if b.length > 0 {
		p.length = b.length
	}
	for _, workers := range []int{0, 4} {
		child, err := b.site(testsite.Config{Mode: testsite.Fast, Arrivals: -1})
		if err != nil {
			return err
		}
		err = b.fleetFrozen(herd, child, p, workers)
		child.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) fleetFrozen(herd string, child *testsite.Child, p frozen, workers int) error {
	ctx, cancel := context.WithTimeout(b.ctx, 2*p.length+time.Minute)
	defer cancel()
	held := freezeWhenAsked(ctx, child, p)
	file := filepath.Join(b.dir, "freeze.json")
	args := []string{
		"run", "-H", child.URL(), "--rate", strconv.Itoa(p.rate) + "/s", "-t", p.length.String(), "--max-users", "100", "--json", file, "--plain", "--no-record", "--allow-invalid",
	}
	if workers > 0 {
		args = append(args, "--workers", strconv.Itoa(workers))
	}
	if _, err := runOn(ctx, "", 0, herd, args...); err != nil {
		return err
	}
	pause, ok := <-held
	if !ok {
		return fmt.Errorf("the server could not be stopped")
	}
	r, err := readFleetResult(file)
	if err != nil {
		return err
	}
	truth := func(q float64) float64 { return max(0, ms(pause)-(1-q)*ms(p.length)) }
	line, worst := "", 0.0
	for _, f := range []struct {
		name      string
		got, want float64
	}{
		{"mean", r.Total.Response.Mean, ms(pause) * ms(pause) / (2 * ms(p.length))},
		{"p95", r.Total.Response.P95, truth(0.95)},
		{"p99", r.Total.Response.P99, truth(0.99)},
	} {
		line += fmt.Sprintf("%s %.1f ms (%.1f), ", f.name, f.got, f.want)
		worst = max(worst, math.Abs(f.got-f.want)/f.want)
	}
	what := "one process: "
	if workers > 0 {
		what = fmt.Sprintf("%d workers:   ", workers)
	}
	fmt.Printf("   %s %sworst %.1f %% off (reach: 5 %%); %d sent + %d lost of %d planned; %s\n", what, line, 100*worst, r.Sent, r.Lost, r.Planned, r.Verdict.Level)
	return nil
}

// freezeWhenAsked stops a server for a while, a third of a run's length after its first request, and tells how long it stood.
func freezeWhenAsked(ctx context.Context, child *testsite.Child, p frozen) <-chan time.Duration {
	held := make(chan time.Duration, 1)
	go func() {
		defer close(held)
		for {
			if st, err := child.Stats(ctx); err == nil && st.Requests > 0 {
				break
			}
			select {
			case <-time.After(20 * time.Millisecond):
			case <-ctx.Done():
				return
			}
		}
		select {
		case <-time.After(p.length / 3):
		case <-ctx.Done():
			return
		}
		if d, err := child.Freeze(ctx, p.pause); err == nil {
			held <- d
		}
	}()
	return held
}
