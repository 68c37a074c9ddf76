package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
	"github.com/stampede-load/stampede/internal/stats"
)

// balance checks that every arrival that was planned was sent or dropped, and that those which were sent did run.
func (r *rig) balance(t *testing.T) stats.Gauges {
	t.Helper()
	var g stats.Gauges
	r.Gauges(&g)
	if g.Planned != g.Sent+g.Dropped || g.Waiting != 0 || g.Sent != int64(len(r.b.tasks)) {
		t.Errorf("planned %d, sent %d (%d tasks), dropped %d, waiting %d: each must be sent or dropped", g.Planned, g.Sent, len(r.b.tasks), g.Dropped, g.Waiting)
	}
	return g
}

// takes is a task that lasts so long.
func takes(d time.Duration) func(*puppet, context.Context) Next {
	return func(*puppet, context.Context) Next { time.Sleep(d); return Next{} }
}

func TestPauseHoldsUsersThatNeverWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Streams: []Stream{{Users: pace.Constant(3)}}, Duration: 4 * time.Second}, nil, takes(10*time.Millisecond))
		go func() {
			time.Sleep(time.Second + time.Millisecond)
			r.Pause()
			time.Sleep(2 * time.Second)
			r.Resume()
		}()
		sum := r.run(t)
		if sum.Elapsed.Round(50*time.Millisecond) != 6*time.Second {
			t.Errorf("the run took %v, want 4 s and the 2 s of the pause", sum.Elapsed)
		}
		for i, at := range r.b.tasks {
			if at > 1001*time.Millisecond && at < 3001*time.Millisecond {
				t.Fatalf("a task began at %v, while the run stood still", at)
			}
			if r.b.due[i] != 0 {
				t.Fatalf("the task at %v is said to have been due at %v: nothing planned it", at, r.b.due[i])
			}
		}
		if n := len(r.b.tasks); n < 1190 || n > 1210 {
			t.Errorf("%d tasks, want 3 each 10 ms for 4 s", n)
		}
	})
}

func TestPauseHoldsArrivalsThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lateness := func(pause time.Duration) (late []time.Duration) {
			cfg := Config{Streams: []Stream{{Rate: pace.Constant(10)}}, MaxUsers: 1, Duration: 5 * time.Second, StopTimeout: time.Hour}
			r := newRig(t, cfg, nil, takes(250*time.Millisecond))
			if pause > 0 {
				go func() {
					time.Sleep(2*time.Second + 10*time.Millisecond)
					r.Pause()
					time.Sleep(pause)
					r.Resume()
				}()
			}
			r.run(t)
			r.balance(t)
			for i, at := range r.b.tasks {
				if pause > 0 && at > 2010*time.Millisecond && at < 2010*time.Millisecond+pause {
					t.Fatalf("a task began at %v, while the run stood still", at)
				}
				late = append(late, at-r.b.due[i])
			}
			return late
		}
		plain, paused := lateness(0), lateness(time.Minute)
		if len(plain) == 0 || len(paused) < len(plain) {
			t.Fatalf("%d tasks, %d with a pause: want as many", len(plain), len(paused))
		}
		for i := range plain {
			// The task under way when the run was paused goes on: what follows it may be a task's length earlier, and never later.
			if d := paused[i] - plain[i]; d > 2*grain || d < -250*time.Millisecond-2*grain {
				t.Errorf("task %d was %v late, and %v with a pause: a pause is no lateness", i, plain[i], paused[i])
			}
		}
	})
}

func TestStopDuringAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Streams: []Stream{{Rate: pace.Constant(100)}}, MaxUsers: 3, Duration: time.Hour}, nil, takes(100*time.Millisecond))
		go func() {
			time.Sleep(3 * time.Second)
			r.Pause()
			time.Sleep(5 * time.Second)
			r.Stop("by hand")
		}()
		r.run(t)
		if g := r.balance(t); g.Planned < 300 || g.Planned > 301 {
			t.Errorf("planned %d, want what was due before the pause", g.Planned)
		}
		if r.b.stops != len(r.b.starts) {
			t.Errorf("%d users started and %d stopped", len(r.b.starts), r.b.stops)
		}
	})
}

func TestNothingChangesARunThatStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Streams: []Stream{{Rate: pace.Constant(10)}}, Duration: time.Hour}, nil, takes(3*time.Second))
		go func() {
			time.Sleep(2*time.Second + 10*time.Millisecond)
			r.Stop("by hand")
			time.Sleep(time.Second)
			if err := r.SetRate(1000); !errors.Is(err, ErrOver) {
				t.Errorf("SetRate: %v, want ErrOver", err)
			}
			if err := r.SetUsers(1000, 0); !errors.Is(err, ErrOver) {
				t.Errorf("SetUsers: %v, want ErrOver", err)
			}
			if _, ok := r.Pause(); ok {
				t.Error("a run that stops was paused")
			}
		}()
		r.run(t)
		if g := r.balance(t); g.Planned != 21 {
			t.Errorf("planned %d, want the 21 that were due when it was stopped", g.Planned)
		}
	})
}

func TestStopAMomentBeforeAnArrivalBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The clock sleeps at least a grain: at 100,000 a second some arrivals are always due that it has not reached.
		r := newRig(t, Config{Streams: []Stream{{Rate: pace.Constant(100_000)}}, Duration: time.Hour}, nil, idle)
		go func() {
			time.Sleep(100*time.Millisecond + grain/2)
			r.Stop("by hand")
		}()
		r.run(t)
		if g := r.balance(t); g.Dropped != 0 || g.Sent < 9990 {
			t.Errorf("sent %d, dropped %d: those that were due just then are not planned any more", g.Sent, g.Dropped)
		}
	})
}

func TestPauseIsNoLatenessOfPacedUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Five users start a task each second, one after another, and each task takes 700 ms: some are at it when the run is paused.
		r := newRig(t, Config{Streams: []Stream{{Users: pace.Closed(5, 5)}}, Duration: 10 * time.Second}, nil, nil)
		for i := range r.cfg.Types {
			made := r.cfg.Types[i].New
			r.cfg.Types[i].New = func(n int) User { return &paced{puppet: made(n).(*puppet)} }
		}
		go func() {
			time.Sleep(4*time.Second + 50*time.Millisecond)
			r.Pause()
			time.Sleep(30 * time.Second)
			r.Resume()
		}()
		r.run(t)
		if n := len(r.b.tasks); n < 46 || n > 50 {
			t.Errorf("%d tasks, want 5 a second for 10 s", n)
		}
		for i, at := range r.b.tasks {
			if late := at - r.b.due[i]; r.b.due[i] != 0 && (late > 2*grain || late < 0) {
				t.Errorf("the task at %v was %v late", at, late)
			}
		}
	})
}

// paced starts a task of 700 ms each second, counted from when the last one was due.
type paced struct{ *puppet }

func (p *paced) Iterate(ctx context.Context, intended int64) Next {
	if intended == 0 {
		intended = int64(p.now())
	}
	p.puppet.Iterate(ctx, intended)
	time.Sleep(700 * time.Millisecond)
	return Next{At: intended + int64(time.Second)}
}
