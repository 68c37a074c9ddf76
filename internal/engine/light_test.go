package engine

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
	"github.com/stampede-load/stampede/internal/stats"
)

// rower is a user whose tasks go on by themselves: each ends after a while, on a goroutine that serves all of them.
type rower struct {
	r    *boat
	seat Seat
}

// boat is what rowers share. What ends is told by one goroutine, as a poller does.
type boat struct {
	mu           sync.Mutex
	takes        time.Duration
	wait         time.Duration
	tasks, there int
	due          []int64
	stops        int
	most, now    int
	ends         chan func()
	e            *Engine
}

func (r *rower) Start(context.Context, int64) Next { return Next{} }
func (r *rower) Attach(s Seat) bool                { r.seat = s; return true }
func (r *rower) CutOff()                           {}
func (r *rower) Exited()                           {}

func (r *rower) Stop(context.Context, bool) {
	r.r.mu.Lock()
	defer r.r.mu.Unlock()
	r.r.stops++
}

func (r *rower) Iterate(ctx context.Context, intended int64) Next {
	b := r.r
	b.mu.Lock()
	b.tasks++
	b.now++
	b.most = max(b.most, b.now)
	b.due = append(b.due, intended)
	b.mu.Unlock()
	go func() {
		timer := time.NewTimer(b.takes)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		b.ends <- func() {
			b.mu.Lock()
			b.now--
			b.mu.Unlock()
			next := Next{}
			if b.wait > 0 {
				next.At = b.e.Now() + int64(b.wait)
			}
			r.seat.GoOn(next, true)
		}
	}()
	return Next{Later: true}
}

func (r *rower) IterateThere(ctx context.Context, intended int64) Next {
	r.r.mu.Lock()
	r.r.there++
	r.r.mu.Unlock()
	return r.Iterate(ctx, intended)
}

// row runs a plan with rowers in virtual time.
func row(t *testing.T, cfg Config, b *boat, meanwhile func(e *Engine)) Summary {
	t.Helper()
	var sum Summary
	synctest.Test(t, func(t *testing.T) {
		cfg.Virtual, cfg.Start, cfg.Recorder, cfg.Emit = true, time.Now(), stats.NewRecorder(stats.Options{}), func(*stats.Snapshot) {}
		cfg.Types = []Type{{Name: "rower", New: func(int) User { return &rower{r: b} }}}
		for i := range cfg.Streams {
			cfg.Streams[i].Pick = func(int) int { return 0 }
		}
		b.ends = make(chan func())
		loop := make(chan struct{})
		go func() {
			defer close(loop)
			for f := range b.ends {
				f()
			}
		}()
		e, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		b.e = e
		if meanwhile != nil {
			go meanwhile(e)
		}
		if sum, err = e.Run(); err != nil {
			t.Fatal(err)
		}
		if b.now != 0 || sum.Stuck != 0 {
			t.Errorf("%d tasks go on after the end, %d are stuck", b.now, sum.Stuck)
		}
		close(b.ends)
		<-loop
	})
	return sum
}

func users(n int) []Stream { return []Stream{{Users: pace.Constant(float64(n))}} }

func TestLightGoesOn(t *testing.T) {
	b := &boat{takes: 100 * time.Millisecond}
	row(t, Config{Streams: users(10), Duration: 10 * time.Second, StopTimeout: time.Second}, b, nil)
	// Those that end in the last moment of the run may still begin another.
	if b.tasks < 1000 || b.tasks > 1010 || b.there != b.tasks-10 || b.stops != 10 || b.most != 10 {
		t.Errorf("%d tasks, %d begun where the one before ended, %d users stopped, %d at once", b.tasks, b.there, b.stops, b.most)
	}
}

func TestLightIterations(t *testing.T) {
	b := &boat{takes: 30 * time.Millisecond}
	sum := row(t, Config{Streams: users(7), Limited: true, Iterations: 100, StopTimeout: time.Second}, b, nil)
	if b.tasks != 100 || b.stops != 7 || sum.Reason != "iterations" {
		t.Errorf("%d tasks, %d users stopped, %q", b.tasks, b.stops, sum.Reason)
	}
}

// Users that wait between their tasks are in the clock's heap meanwhile, and their next task is timed from when it was due.
func TestLightWaits(t *testing.T) {
	b := &boat{takes: 100 * time.Millisecond, wait: 900 * time.Millisecond}
	row(t, Config{Streams: users(3), Duration: 10 * time.Second, StopTimeout: time.Second}, b, nil)
	if b.tasks != 30 || b.there != 0 || b.stops != 3 {
		t.Errorf("%d tasks, %d begun where the one before ended, %d users stopped", b.tasks, b.there, b.stops)
	}
	for i, due := range b.due {
		if want := time.Duration(i/3) * time.Second; time.Duration(due) != want {
			t.Errorf("task %d was due at %v, want %v", i, time.Duration(due), want)
		}
	}
}

// Arrivals are begun by users that are free, and those that find none wait for one.
func TestLightArrivals(t *testing.T) {
	b := &boat{takes: 500 * time.Millisecond}
	row(t, Config{Streams: []Stream{{Rate: pace.Constant(10)}}, Duration: 10 * time.Second, MaxUsers: 4, StopTimeout: 20 * time.Second}, b, nil)
	if b.most != 4 || b.there == 0 || b.stops != 4 {
		t.Errorf("%d at once, %d begun where the one before ended, %d users stopped", b.most, b.there, b.stops)
	}
	if b.tasks < 76 || b.tasks > 100 {
		t.Errorf("%d arrivals were begun", b.tasks)
	}
}

// Nothing begins while the run stands still.
func TestLightPause(t *testing.T) {
	b := &boat{takes: 100 * time.Millisecond}
	row(t, Config{Streams: users(5), Duration: 10 * time.Second, StopTimeout: time.Second}, b, func(e *Engine) {
		time.Sleep(2050 * time.Millisecond)
		e.Pause()
		time.Sleep(time.Second)
		b.mu.Lock()
		before := b.tasks
		b.mu.Unlock()
		time.Sleep(time.Minute)
		b.mu.Lock()
		if b.tasks != before || b.now != 0 {
			t.Errorf("%d tasks were begun while the run stood still; %d go on", b.tasks-before, b.now)
		}
		b.mu.Unlock()
		e.Resume()
	})
	if b.tasks < 490 || b.tasks > 510 || b.stops != 5 {
		t.Errorf("%d tasks, %d users stopped", b.tasks, b.stops)
	}
}

// Stopping has two steps: what has begun may end, and is cancelled when that takes too long.
func TestLightStop(t *testing.T) {
	for _, tt := range []struct{ takes, elapsed time.Duration }{{time.Second, 6 * time.Second}, {time.Hour, 8 * time.Second}} {
		b := &boat{takes: tt.takes}
		sum := row(t, Config{Streams: users(5), StopTimeout: 3 * time.Second}, b, func(e *Engine) {
			time.Sleep(5 * time.Second)
			e.Stop("enough")
		})
		if sum.Elapsed.Round(time.Second) > tt.elapsed || b.stops != 5 {
			t.Errorf("tasks of %v: %v, %d users stopped", tt.takes, sum.Elapsed, b.stops)
		}
	}
}

// A load that changes by hand lets users go after their task, and brings others.
func TestLightChange(t *testing.T) {
	b := &boat{takes: 100 * time.Millisecond}
	row(t, Config{Streams: users(10), Duration: 10 * time.Second, StopTimeout: time.Second}, b, func(e *Engine) {
		time.Sleep(2 * time.Second)
		if err := e.SetUsers(2, 0); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		b.mu.Lock()
		if b.now != 2 || b.stops != 8 {
			t.Errorf("%d tasks go on, %d users have left", b.now, b.stops)
		}
		b.mu.Unlock()
		if err := e.SetUsers(20, 0); err != nil {
			t.Error(err)
		}
	})
	if b.most != 20 || b.stops != 28 {
		t.Errorf("%d at once, %d stopped", b.most, b.stops)
	}
}
