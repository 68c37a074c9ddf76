package engine

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
	"github.com/stampede-load/stampede/internal/stats"
)

// TestFarBehind is a clock that is millions of arrivals behind when the run ends, in every way in which it can end. What it never reached is
// counted once.
func TestFarBehind(t *testing.T) {
	const rate, due = 900_000, 7_200_000
	for name, c := range map[string]struct {
		length     time.Duration
		iterations int64
		poisson    bool
		streams    int
		end        func(*Engine)
		planned    int64 // 0 when it is not known to the digit
	}{
		"time":           {length: 8 * time.Second, streams: 1, planned: due},
		"two types":      {length: 8 * time.Second, streams: 2, planned: 2 * due},
		"poisson":        {length: 8 * time.Second, streams: 1, poisson: true},
		"by hand":        {streams: 1},
		"iterations":     {length: 8 * time.Second, streams: 1, iterations: 1000},
		"a change first": {length: 8 * time.Second, streams: 1, end: func(e *Engine) { e.SetRate(1000) }, planned: due},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := Config{Duration: c.length, Limited: c.iterations > 0, Iterations: c.iterations, Poisson: c.poisson, Seed: 3}
				for range c.streams {
					cfg.Streams = append(cfg.Streams, Stream{Rate: pace.Constant(rate)})
				}
				r := newRig(t, cfg, nil, nil)
				time.Sleep(8 * time.Second) // and the clock did not run
				if c.iterations > 0 {
					r.claimed.Store(c.iterations)
				}
				if c.end != nil {
					c.end(r.Engine)
				}
				r.Stop("time")
				r.shutdown()
				var g stats.Gauges
				r.Gauges(&g)
				if g.Planned != g.Sent+g.Dropped+g.NotStarted || g.Waiting != 0 || g.Planned < 0 {
					t.Errorf("planned %d, sent %d + dropped %d + not started %d, waiting %d", g.Planned, g.Sent, g.Dropped, g.NotStarted, g.Waiting)
				}
				switch {
				case c.planned > 0 && g.Planned != c.planned:
					t.Errorf("planned %d, want %d", g.Planned, c.planned)
				case c.iterations > 0 && g.Planned != 0:
					t.Errorf("planned %d when all iterations had been begun elsewhere", g.Planned)
				case c.iterations == 0 && (g.Planned < due-20_000 || g.Planned > 2*due):
					t.Errorf("planned %d, want about %d", g.Planned, due)
				}
			})
		})
	}
}

// TestGoexit is code of a test that ends its goroutine: a user that died, whatever it was doing, and a run that ends.
func TestGoexit(t *testing.T) {
	exit := func(*puppet, context.Context) Next { runtime.Goexit(); return Next{} }
	for name, c := range map[string]struct {
		stream         Stream
		start, iterate func(*puppet, context.Context) Next
		sent, failed   int64
	}{
		"task, closed":  {Stream{Users: pace.Constant(5)}, nil, exit, 5, 0},
		"start, closed": {Stream{Users: pace.Constant(5)}, exit, nil, 0, 5},
		"task, open":    {Stream{Rate: pace.Constant(5)}, nil, exit, 5, 0},
		"start, open":   {Stream{Rate: pace.Constant(5)}, exit, nil, 0, 5},
		"start, visits": {Stream{Rate: pace.Constant(5), Visits: true}, exit, nil, 0, 5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, Config{Duration: time.Second, Streams: []Stream{c.stream}}, c.start, c.iterate)
				if s := r.run(t); s.Stuck > 0 {
					t.Errorf("%d users did not end", s.Stuck)
				}
				var g stats.Gauges
				r.Gauges(&g)
				if g.Died != 5 || r.b.exited != 5 || r.b.stops != 5 || g.Users != 0 || g.Sent != c.sent || g.StartFailed != c.failed {
					t.Errorf("%d died, %d exited, %d stops, %d users left, %d sent, %d starts failed", g.Died, r.b.exited, r.b.stops, g.Users, g.Sent, g.StartFailed)
				}
			})
		})
	}
}
