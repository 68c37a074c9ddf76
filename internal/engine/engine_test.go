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

func TestSpawnRateIsSmooth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Streams: []Stream{{Users: pace.Closed(50, 10)}}, Duration: 8 * time.Second}, nil, nil)
		sum := r.run(t)
		if len(r.b.starts) != 50 {
			t.Fatalf("%d users started, want 50", len(r.b.starts))
		}
		for i, at := range r.b.starts {
			if want := time.Duration(i) * 100 * time.Millisecond; (at - want).Abs() > grain {
				t.Errorf("user %d started at %v, want %v: 10 a second is one each 100 ms", i, at, want)
			}
		}
		if r.b.stops != 50 || sum.Reason != "time" || sum.Elapsed != 8*time.Second {
			t.Errorf("stops %d, %+v; want 50 stops after 8 s", r.b.stops, sum)
		}
	})
}

func TestRampDownIsSmoothAndTakesTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shape, err := pace.Stages(pace.Point{At: 0, Level: 10}, pace.Point{At: 10 * time.Second, Level: 0})
		if err != nil {
			t.Fatal(err)
		}
		var left []int
		r := newRig(t, Config{Streams: []Stream{{Users: shape}}, Duration: 11 * time.Second}, nil, nil)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := range 10 {
				time.Sleep(time.Duration(i)*time.Second + 500*time.Millisecond - time.Duration(r.Now()))
				var g stats.Gauges
				r.Gauges(&g)
				left = append(left, g.Users)
			}
		}()
		r.run(t)
		<-done
		if want := []int{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}; !slices.Equal(left, want) {
			t.Errorf("users half-way through each second: %v, want %v", left, want)
		}
	})
}

func TestWaitingUsersAreDueWhenTheySaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Streams: []Stream{{Users: pace.Constant(1)}}, Duration: 5500 * time.Millisecond}, nil,
			func(p *puppet, _ context.Context) Next {
				time.Sleep(300 * time.Millisecond)
				return Next{At: int64(p.tasks) * int64(time.Second)}
			})
		r.run(t)
		for i, at := range r.b.tasks {
			want := time.Duration(i) * time.Second
			if (at-want).Abs() > grain || r.b.due[i] != want {
				t.Errorf("task %d at %v, due %v; want both at %v", i, at, r.b.due[i], want)
			}
		}
		if len(r.b.tasks) != 6 {
			t.Errorf("%d tasks, want 6", len(r.b.tasks))
		}
	})
}

func TestAnOverdueTaskKeepsItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Paced at 1 s; the second task takes 3.5 s. Nothing is forgotten: the ones it held up start at once, and know when they were due.
		r := newRig(t, Config{Streams: []Stream{{Users: pace.Constant(1)}}, Duration: 6500 * time.Millisecond}, nil,
			func(p *puppet, _ context.Context) Next {
				if p.tasks == 2 {
					time.Sleep(3500 * time.Millisecond)
				}
				return Next{At: int64(p.tasks) * int64(time.Second)}
			})
		r.run(t)
		want := []time.Duration{0, 1000, 4500, 4500, 4500, 5000, 6000}
		for i := range want {
			want[i] *= time.Millisecond
			if i >= len(r.b.tasks) || (r.b.tasks[i]-want[i]).Abs() > 2*grain {
				t.Fatalf("tasks began at %v, want %v", r.b.tasks, want)
			}
			if r.b.due[i] != time.Duration(i)*time.Second {
				t.Errorf("task %d was due at %v, want %v", i, r.b.due[i], time.Duration(i)*time.Second)
			}
		}
	})
}

func TestOpenArrivalsComeWhateverTheSiteDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Streams: []Stream{{Rate: pace.Constant(100)}}, Duration: 10 * time.Second, MaxUsers: 1000}, nil,
			func(p *puppet, _ context.Context) Next {
				if now := p.now(); now > 3*time.Second && now < 5*time.Second { // the site freezes
					time.Sleep(5*time.Second - now)
				}
				return Next{}
			})
		r.run(t)
		var g stats.Gauges
		r.Gauges(&g)
		if g.Planned != 1000 || g.Sent != 1000 || g.Dropped != 0 || len(r.b.tasks) != 1000 {
			t.Fatalf("planned %d, sent %d, dropped %d, ran %d; want 1000 sent", g.Planned, g.Sent, g.Dropped, len(r.b.tasks))
		}
		if n := len(r.b.starts); n < 190 || n > 220 {
			t.Errorf("%d users were made, want about the 200 that the freeze held", n)
		}
	})
}

func TestTooManyArrivalsWaitThenDrop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Streams: []Stream{{Rate: pace.Constant(100)}}, Duration: 10 * time.Second, MaxUsers: 10, MaxWaiting: 50}, nil,
			func(p *puppet, _ context.Context) Next {
				time.Sleep(time.Second)
				return Next{}
			})
		r.run(t)
		var g stats.Gauges
		r.Gauges(&g)
		if g.Planned != 1000 || g.Sent+g.Dropped != g.Planned || g.Waiting != 0 {
			t.Errorf("planned %d, sent %d, dropped %d, waiting %d: every arrival must be sent or dropped", g.Planned, g.Sent, g.Dropped, g.Waiting)
		}
		if g.Sent < 100 || g.Sent > 110 {
			t.Errorf("sent %d, want about the 100 that ten users with tasks of 1 s can do in 10 s", g.Sent)
		}
		var dropped int64
		for _, s := range r.snaps {
			for i := range s.Rows {
				dropped += s.Rows[i].Dropped
			}
		}
		if dropped != g.Dropped {
			t.Errorf("the snapshots show %d dropped, the gauges %d", dropped, g.Dropped)
		}
		late := 0
		for i, at := range r.b.tasks {
			if at-r.b.due[i] > time.Second/2 {
				late++
			}
		}
		if late < 80 {
			t.Errorf("%d tasks knew that they began late, want nearly all: the queue must keep intended times", late)
		}
	})
}

func TestVisitsArriveAndLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Streams: []Stream{{Rate: pace.Constant(10), Visits: true}}, Duration: 10 * time.Second}, nil,
			func(p *puppet, _ context.Context) Next {
				if p.tasks == 3 {
					return Next{Leave: Visited}
				}
				return Next{At: int64(p.now() + 100*time.Millisecond)}
			})
		r.run(t)
		if len(r.b.starts) != 100 || r.b.stops != 100 {
			t.Errorf("%d users arrived and %d left, want 100 of each", len(r.b.starts), r.b.stops)
		}
		if n := len(r.b.tasks); n < 295 || n > 300 {
			t.Errorf("%d tasks, want 3 for each visit but the last ones", n)
		}
	})
}

func TestClosedVisitIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Streams: []Stream{{Users: pace.Constant(5)}}, Limited: true, Iterations: 100}, nil,
			func(p *puppet, _ context.Context) Next {
				if p.tasks == 2 {
					return Next{Leave: Visited}
				}
				return Next{}
			})
		sum := r.run(t)
		if len(r.b.tasks) != 100 || sum.Reason != "iterations" {
			t.Errorf("%d tasks, reason %q; want exactly the 100 iterations", len(r.b.tasks), sum.Reason)
		}
		if len(r.b.starts) < 50 {
			t.Errorf("%d users lived, want a fresh one for each finished visit", len(r.b.starts))
		}
	})
}

func TestStartIsTriedAgainWithALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Types: []Type{{StartTries: 3}}, Streams: []Stream{{Users: pace.Constant(4)}}, Duration: time.Hour},
			func(*puppet, context.Context) Next { return Next{Leave: Retry} }, nil)
		sum := r.run(t)
		var g stats.Gauges
		r.Gauges(&g)
		if g.StartFailed != 12 || g.Died != 4 || g.UsersStarted != 0 || len(r.b.tasks) != 0 {
			t.Errorf("%+v; want 4 users to die after 3 tries each", g)
		}
		if sum.Reason != "everybody has left" || sum.Elapsed > 10*time.Second {
			t.Errorf("%+v; want the run to end when nobody is left", sum)
		}
	})
}

func TestStopHasTwoSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cut := 0
		r := newRig(t, Config{Streams: []Stream{{Users: pace.Constant(10)}}, Duration: 5 * time.Second, StopTimeout: 2 * time.Second}, nil,
			func(p *puppet, ctx context.Context) Next {
				d := time.Second
				if p.number >= 5 {
					d = time.Hour
				}
				select {
				case <-time.After(d):
				case <-ctx.Done():
					p.b.mu.Lock()
					cut++
					p.b.mu.Unlock()
				}
				return Next{}
			})
		sum := r.run(t)
		if cut != 5 || r.b.stops != 10 || sum.Elapsed != 7*time.Second || sum.Stuck != 0 {
			t.Errorf("cut %d, stops %d, %+v; want the 5 long tasks cut after the 2 s of grace", cut, r.b.stops, sum)
		}
		if !r.snaps[len(r.snaps)-1].Final {
			t.Error("the last snapshot does not say that it is the last")
		}
	})
}

func TestUsersCanBeChangedWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Streams: []Stream{{Users: pace.Closed(10, 0)}}, Duration: 30 * time.Second}, nil, nil)
		var seen []int
		done := make(chan struct{})
		go func() {
			defer close(done)
			look := func() {
				var g stats.Gauges
				r.Gauges(&g)
				seen = append(seen, g.Users)
			}
			time.Sleep(2 * time.Second)
			look()
			if err := r.SetUsers(30, 10); err != nil {
				t.Error(err)
			}
			time.Sleep(1050 * time.Millisecond)
			look()
			time.Sleep(3 * time.Second)
			look()
			if err := r.SetUsers(5, 0); err != nil {
				t.Error(err)
			}
			time.Sleep(100 * time.Millisecond)
			look()
		}()
		r.run(t)
		<-done
		if want := []int{10, 21, 30, 5}; !slices.Equal(seen, want) {
			t.Errorf("users %v, want %v", seen, want)
		}
		if err := r.SetRate(5); err == nil {
			t.Error("a closed run took a rate")
		}
	})
}

func TestPauseStandsThePlanStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Streams: []Stream{{Rate: pace.Constant(10)}}, Duration: 10 * time.Second}, nil,
			func(*puppet, context.Context) Next { return Next{} })
		go func() {
			time.Sleep(4*time.Second + time.Millisecond)
			r.Pause()
			time.Sleep(5 * time.Second)
			r.Resume()
		}()
		sum := r.run(t)
		if len(r.b.tasks) != 100 || sum.Elapsed.Round(10*time.Millisecond) != 15*time.Second {
			t.Errorf("%d tasks in %v, want 100 in 15 s", len(r.b.tasks), sum.Elapsed)
		}
		for i, at := range r.b.tasks {
			if late := at - r.b.due[i]; late > 2*grain || late < 0 {
				t.Fatalf("task %d was %v late: a pause is no lateness", i, late)
			}
		}
	})
}

func TestSharesAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shape, err := pace.Stages(pace.Point{At: 0, Level: 0}, pace.Point{At: 4 * time.Second, Level: 37}, pace.Point{At: 8 * time.Second, Level: 3})
		if err != nil {
			t.Fatal(err)
		}
		const n = 3
		var numbers []int
		for i := range n {
			r := newRig(t, Config{Share: pace.Share{I: i, N: n}, Streams: []Stream{{Users: shape}}, Duration: 8 * time.Second}, nil, nil)
			r.run(t)
			numbers = append(numbers, r.b.nums...)
		}
		slices.Sort(numbers)
		for i := range 37 {
			if i >= len(numbers) || numbers[i] != i {
				t.Fatalf("user numbers over all workers: %v, want each of 0 to 36 once", numbers)
			}
		}
	})
}

func TestOneSnapshotASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Streams: []Stream{{Users: pace.Constant(3)}}, Duration: 4500 * time.Millisecond}, nil, nil)
		r.run(t)
		for i, s := range r.snaps {
			if s.Second != i || s.Seq != uint64(i+1) || s.Final != (i == len(r.snaps)-1) {
				t.Errorf("snapshot %d: second %d, number %d, final %v", i, s.Second, s.Seq, s.Final)
			}
		}
		if len(r.snaps) != 5 {
			t.Errorf("%d snapshots of 4.5 s, want 5", len(r.snaps))
		}
	})
}

func TestStubbornUserDoesNotHoldTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		r := newRig(t, Config{Streams: []Stream{{Users: pace.Constant(2)}}, Duration: time.Second, StopTimeout: time.Second}, nil,
			func(*puppet, context.Context) Next {
				<-release // ignores its context
				return Next{}
			})
		sum := r.run(t)
		if sum.Stuck != 2 {
			t.Errorf("%d users are said to be stuck, want 2", sum.Stuck)
		}
		close(release)
		synctest.Wait()
	})
}
