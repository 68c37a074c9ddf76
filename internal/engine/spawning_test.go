package engine

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
	"github.com/stampede-load/stampede/internal/stats"
)

// lateRig is a run of 20,000 arrivals a second whose clock is 50 ms late from the start: a thousand are due at once, and nobody is there.
func lateRig(t *testing.T, length time.Duration, iterate func(*puppet, context.Context) Next) *rig {
	r := newRig(t, Config{Streams: []Stream{{Rate: pace.Constant(20_000)}}, Duration: length}, nil, iterate)
	r.cfg.Start = r.cfg.Start.Add(-50 * time.Millisecond)
	return r
}

func (r *rig) allSent(t *testing.T, planned int64) {
	t.Helper()
	var g stats.Gauges
	r.Gauges(&g)
	if g.Planned != planned || g.Sent != planned || g.Dropped != 0 || len(r.b.tasks) != int(planned) {
		t.Errorf("planned %d, sent %d, dropped %d, %d tasks; want %d sent", g.Planned, g.Sent, g.Dropped, len(r.b.tasks), planned)
	}
}

func TestColdStartWithALateClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// A user's first task takes 600 us, as opening a connection does, and later ones take no time.
		r := lateRig(t, time.Second, func(p *puppet, _ context.Context) Next {
			if p.tasks == 1 {
				time.Sleep(600 * time.Microsecond)
			}
			return Next{}
		})
		r.run(t)
		r.allSent(t, 20_000)
		if least, n := spawnLimit*r.processors, len(r.b.starts); n < least || n > 2*least {
			t.Errorf("%d users for the backlog, want %d and a few more", n, least)
		}
		if !slices.Contains(r.b.due, 999*50*time.Microsecond) {
			t.Error("those that were held back have lost their intended times")
		}
		if last := slices.Max(r.b.starts); last > 60*time.Millisecond {
			t.Errorf("the last user came at %v: the backlog should be gone by then", last)
		}
	})
}

func TestNobodyIsHeldBackFromASlowSite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// No task ends before the run does.
		r := lateRig(t, 200*time.Millisecond, func(*puppet, context.Context) Next { time.Sleep(5 * time.Second); return Next{} })
		r.run(t)
		r.allSent(t, 4000)
		for i, at := range r.b.starts {
			if late := at - r.b.wanted[i]; late > 60*time.Millisecond || at > 70*time.Millisecond && late > 2*time.Millisecond {
				t.Fatalf("the arrival of %v began at %v: the clock had been on time for long", r.b.wanted[i], at)
			}
		}
	})
}

func TestHeldBackAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// All of the run is over when the clock gets there.
		r := lateRig(t, 40*time.Millisecond, func(*puppet, context.Context) Next { time.Sleep(time.Second); return Next{} })
		r.run(t)
		r.allSent(t, 800)
	})
}
