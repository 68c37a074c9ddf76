package engine

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
	"github.com/stampede-load/stampede/internal/stats"
)

func idle(*puppet, context.Context) Next { return Next{} }

func TestRateCanBeChangedWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Streams: []Stream{{Rate: pace.Constant(100)}}, Duration: 10 * time.Second}, nil, idle)
		go func() {
			time.Sleep(5*time.Second + time.Millisecond)
			if err := r.SetRate(20); err != nil {
				t.Error(err)
			}
		}()
		r.run(t)
		var g stats.Gauges
		r.Gauges(&g)
		n := len(r.b.tasks)
		if n < 600 || n > 602 || g.Planned != int64(n) || g.Sent != g.Planned {
			t.Errorf("%d tasks, planned %d, sent %d; want 500 and then 100, none lost", n, g.Planned, g.Sent)
		}
		if gap := r.b.tasks[n-1] - r.b.tasks[n-2]; (gap - 50*time.Millisecond).Abs() > 2*grain {
			t.Errorf("the last gap is %v, want 50 ms", gap)
		}
		if err := r.SetUsers(5, 0); err == nil {
			t.Error("an open run took a number of users")
		}
	})
}

func TestRateChangedAsAnArrivalIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Streams: []Stream{{Rate: pace.Constant(100)}}, Duration: 10 * time.Second}, nil, idle)
		go func() {
			for i := range 9 { // each just when an arrival is due
				time.Sleep(time.Duration(i+1)*time.Second - time.Duration(r.Now()))
				if err := r.SetRate(100); err != nil {
					t.Error(err)
				}
			}
		}()
		r.run(t)
		if g := r.balance(t); g.Planned < 1000 || g.Planned > 1001 {
			t.Errorf("planned %d, want the 1000 that the rate says", g.Planned)
		}
	})
}

func TestLongerThanItsShape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shape, err := pace.Stages(pace.Point{At: 0, Level: 0}, pace.Point{At: 2 * time.Second, Level: 100})
		if err != nil {
			t.Fatal(err)
		}
		r := newRig(t, Config{Streams: []Stream{{Rate: shape}}, Duration: 10 * time.Second}, nil, idle)
		r.run(t)
		if n := len(r.b.tasks); n < 899 || n > 901 {
			t.Errorf("%d tasks, want the 100 of the ramp and 100 a second for the other 8 s", n)
		}
	})
}

func TestPlannedIsWhatThePlanWants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// One user, tasks of 1 s, and the run is stopped by hand: nothing that was due may vanish.
		r := newRig(t, Config{Streams: []Stream{{Rate: pace.Constant(1000)}}, MaxUsers: 1, MaxWaiting: 100, Duration: time.Hour}, nil,
			func(*puppet, context.Context) Next { time.Sleep(time.Second); return Next{} })
		go func() {
			time.Sleep(5500 * time.Millisecond)
			r.Stop("by hand")
		}()
		r.run(t)
		var g stats.Gauges
		r.Gauges(&g)
		if g.Planned < 5499 || g.Planned > 5501 || g.Sent+g.Dropped != g.Planned || g.Sent != int64(len(r.b.tasks)) {
			t.Errorf("planned %d, sent %d (%d tasks), dropped %d: want 5500 planned, each sent or dropped", g.Planned, g.Sent, len(r.b.tasks), g.Dropped)
		}
	})
}

func TestNobodyForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		visit := func(*puppet, context.Context) Next { return Next{Leave: Visited} }
		for name, c := range map[string]struct {
			stream  Stream
			iterate func(*puppet, context.Context) Next
			set     func(*rig, float64) error
		}{
			"users":  {Stream{Users: pace.Constant(3)}, nil, func(r *rig, n float64) error { return r.SetUsers(int(n), 0) }},
			"visits": {Stream{Rate: pace.Constant(3), Visits: true}, visit, func(r *rig, n float64) error { return r.SetRate(n) }},
		} {
			r := newRig(t, Config{Streams: []Stream{c.stream}, Duration: 12 * time.Second}, nil, c.iterate)
			go func() {
				for _, n := range []float64{0, 3} {
					time.Sleep(4*time.Second + 10*time.Millisecond)
					if err := c.set(r, n); err != nil {
						t.Error(err)
					}
				}
			}()
			if sum := r.run(t); sum.Reason != "time" {
				t.Errorf("%s: the run ended after %v by %q: nobody for a while is no end", name, sum.Elapsed, sum.Reason)
			}
			if n := len(r.b.tasks); n < 21 || n > 27 {
				t.Errorf("%s: %d tasks, want 3 a second for 4 s, twice", name, n)
			}
		}
	})
}
