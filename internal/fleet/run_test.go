package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
)

// ghost is a user without a site: it counts itself.
type ghost struct{ stampede.User }

func (g *ghost) Haunt(context.Context) error {
	return g.Record("GHOST", "haunt", func() error { return nil })
}

func haunted() stampede.Test {
	return stampede.Test{Name: "haunted", Users: []stampede.UserType{
		stampede.Users(stampede.Spec[ghost]{
			Name: "Ghost", Wait: stampede.Constant(100 * time.Millisecond), Tasks: []stampede.Task[ghost]{{Name: "haunt", Do: (*ghost).Haunt}},
		}),
	}}
}

// crowd is a controller and workers in one process, over a real server.
type crowd struct {
	t   *testing.T
	c   *Controller
	mu  sync.Mutex
	all []*Worker
	wg  sync.WaitGroup

	after []func() // when everybody has gone
}

func newCrowd(t *testing.T, workers int) *crowd { return newCrowdWith(t, workers, Options{}) }

// unhurried is for tests in which nobody is to be lost: a busy machine may let a worker say nothing for some seconds.
const unhurried = time.Minute

// newPatientCrowd is newCrowd where no worker is given up.
func newPatientCrowd(t *testing.T, workers int) *crowd {
	return newCrowdWith(t, workers, Options{silence: unhurried})
}

// newWatchfulCrowd is newCrowd where a worker is given up when its connection is closed, and never because it is slow.
func newWatchfulCrowd(t *testing.T, workers int) *crowd {
	return newCrowdWith(t, workers, Options{silence: unhurried, shut: silenceShut})
}

func newCrowdWith(t *testing.T, workers int, o Options) *crowd {
	t.Helper()
	o.Test = "haunted"
	c := &crowd{t: t, c: controllerFor(t, o)}
	for i := range workers {
		c.join(fmt.Sprint("w", i), 0)
	}
	if _, err := c.c.Await(t.Context(), workers, time.Minute); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.c.Close()
		c.wg.Wait()
		for _, f := range c.after {
			f()
		}
	})
	return c
}

// join starts a worker whose clock is set apart.
func (c *crowd) join(name string, ahead time.Duration) *Worker {
	c.t.Helper()
	return c.joinWith(name, func(cfg *WorkerConfig) { cfg.Ahead = ahead })
}

// joinWith starts a worker that differs from others.
func (c *crowd) joinWith(name string, change func(*WorkerConfig)) *Worker {
	c.t.Helper()
	cfg := WorkerConfig{
		URL: c.c.JoinURL(), Name: name, Version: "1", Test: "haunted", Folder: c.t.TempDir(),
		Prepare: prepareHaunted,
	}
	change(&cfg)
	w, err := Join(c.t.Context(), cfg)
	if err != nil {
		c.t.Fatal(err)
	}
	c.mu.Lock()
	c.all = append(c.all, w)
	c.mu.Unlock()
	c.wg.Go(func() { _ = w.Run(context.Background()) }) // the report tells how it went
	return w
}

// run runs a plan on the workers. meanwhile gets the run when it has begun.
func (c *crowd) run(plan stampede.Plan, meanwhile func(*stampede.Running)) (*stampede.Report, error) {
	c.t.Helper()
	d, err := c.c.Driver(Work{Command: "run"})
	if err != nil {
		c.t.Fatal(err)
	}
	plan.Test = haunted()
	running, err := stampede.StartWith(c.t.Context(), plan, d)
	if err != nil {
		c.t.Fatal(err)
	}
	if meanwhile != nil {
		meanwhile(running)
	}
	return running.Wait()
}

// leave ends a worker without a word: what it has not delivered is gone with it.
func (c *crowd) leave(w *Worker) {
	w.nc.Close()
	w.gone <- errors.New("cut")
}

// sums checks the arithmetic of a report.
func sums(t *testing.T, r *stampede.Report) {
	t.Helper()
	if r.Planned != r.Sent+r.Dropped+r.NotStarted+r.Lost {
		t.Errorf("planned %d, sent %d, dropped %d, not started %d, lost %d", r.Planned, r.Sent, r.Dropped, r.NotStarted, r.Lost)
	}
	var planned, sent, lost int64
	for _, w := range r.Workers {
		planned, sent, lost = planned+w.Planned, sent+w.Sent, lost+w.Lost
	}
	if planned != r.Planned || sent != r.Sent || lost != r.Lost {
		t.Errorf("the workers have %d planned, %d sent, %d lost; the run %d, %d, %d", planned, sent, lost, r.Planned, r.Sent, r.Lost)
	}
	// What a lost worker had begun when it spoke last was sent, and nobody knows its answer: at most one request of each of its users.
	most := int64(0)
	if slices.ContainsFunc(r.Workers, func(w stampede.Worker) bool { return w.Gone }) {
		most = 10
	}
	if unknown := r.Sent - r.Whole.Total.Count; unknown < 0 || unknown > most {
		t.Errorf("%d samples of %d sent, %d in flight", r.Whole.Total.Count, r.Sent, r.InFlight)
	}
}

// seconds notes what closes, and checks each.
type seconds struct {
	t    *testing.T
	last int
}

func (s *seconds) Begin(stampede.RunInfo) {}
func (s *seconds) Event(stampede.Event)   {}
func (s *seconds) End(*stampede.Report)   {}
func (s *seconds) Second(x *stampede.Second) {
	if x.Index != s.last {
		s.t.Errorf("second %d closed after %d", x.Index, s.last-1)
	}
	s.last++
	g := &x.Gauges
	if g.Planned != g.Sent+g.Dropped+g.NotStarted+g.Waiting+g.Lost {
		s.t.Errorf("second %d: planned %d, sent %d, dropped %d, not started %d, waiting %d, lost %d", x.Index, g.Planned, g.Sent, g.Dropped, g.NotStarted, g.Waiting, g.Lost)
	}
}

// Three workers, one with a clock of 1970, are one run: all that was planned is sent once.
func TestOneRunOfMany(t *testing.T) {
	t.Parallel()
	c := newPatientCrowd(t, 2)
	c.join("old", -time.Duration(time.Now().UnixNano()))
	if _, err := c.c.Await(t.Context(), 3, time.Minute); err != nil {
		t.Fatal(err)
	}
	r, err := c.run(stampede.Plan{Rate: stampede.Level(100), Duration: 3 * time.Second, Observers: []stampede.Observer{&seconds{t: t}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	sums(t, r)
	for _, w := range c.c.Workers() {
		if !strings.Contains(w.Host, "127.0.0.1") {
			t.Errorf("%s is said to be at %q: its connection was not found", w.Name, w.Host)
		}
	}
	if r.Planned != 300 || r.Run.Stopped != "time" || len(r.Workers) != 3 {
		t.Errorf("planned %d by %d workers, ended by %q", r.Planned, len(r.Workers), r.Run.Stopped)
	}
	for _, w := range r.Workers {
		if w.Planned != 100 {
			t.Errorf("%s planned %d", w.Name, w.Planned)
		}
		if w.Name == "old" && w.ClockOffset > -50*365*24*time.Hour {
			t.Errorf("its clock is known to be %v ahead", w.ClockOffset)
		}
	}
	// The workers stay for the next one.
	if r, err = c.run(stampede.Plan{Users: stampede.Level(6), Iterations: 30, Duration: time.Minute}, nil); err != nil {
		t.Fatal(err)
	}
	sums(t, r)
	if r.Sent != 30 {
		t.Errorf("%d iterations, want 30 over all", r.Sent)
	}
}

// A worker that is gone from one moment to the next leaves its load to the others; one that comes takes its part; nothing is sent twice, and
// what nobody sent is counted.
func TestWorkersComeAndGo(t *testing.T) {
	t.Parallel()
	c := newWatchfulCrowd(t, 3)
	r, err := c.run(stampede.Plan{Rate: stampede.Level(200), Duration: 9 * time.Second, Observers: []stampede.Observer{&seconds{t: t}}}, func(run *stampede.Running) {
		time.Sleep(1500 * time.Millisecond)
		if err := run.SetRate(300); err != nil {
			t.Error(err)
		}
		c.leave(c.all[0])
		untilLost(run)
		run.Pause() // the plan stands still until the next one is there, however long that takes
		c.join("late", 0)
		untilOne(run, func(w stampede.LiveWorker) bool { return w.Name == "late" && w.State == "running" })
		run.Resume()
		time.Sleep(time.Second)
		if err := c.c.Drain("w1", ""); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	sums(t, r)
	changed := 0.0 // when the rate was, in seconds
	for _, e := range r.Events {
		if e.Kind == "rate" {
			changed = e.At.Seconds()
		}
	}
	if want := 200*changed + 300*(9-changed); changed == 0 || float64(r.Planned) < want-150 || float64(r.Planned) > want+60 { // it reaches the workers a little later
		t.Errorf("planned %d, want about %.0f: %v", r.Planned, want, r.Events)
	}
	state := map[string]string{}
	for _, w := range r.Workers {
		state[w.Name] = w.Reason
	}
	if state["w0"] == "" || !strings.Contains(state["w1"], "drained") || state["w2"] != "" || state["late"] != "" || len(r.Workers) != 4 {
		t.Errorf("%v", state)
	}
	silent := 0.0
	for _, w := range r.Workers {
		if w.Name == "w0" {
			silent = w.Left.Seconds() - changed
		}
	}
	if most := 100 * (silent + 3); r.Lost == 0 || float64(r.Lost) > most {
		t.Errorf("%d lost, want at most %.0f: what w0 had to send after its last word, and before the others took over", r.Lost, most)
	}
}

// What a lost worker, and one that leaves, have left undone of a number of iterations is done by the others, once.
func TestIterationsOfOthers(t *testing.T) {
	t.Parallel()
	c := newWatchfulCrowd(t, 3)
	r, err := c.run(stampede.Plan{Users: stampede.Level(9), Iterations: 600, Duration: 2 * time.Minute, Observers: []stampede.Observer{&seconds{t: t}}}, func(run *stampede.Running) {
		time.Sleep(500 * time.Millisecond)
		run.Pause() // so that there is something left when it is missed: all of it takes little more than six seconds
		c.leave(c.all[0])
		untilLost(run)
		run.Resume()
		if err := c.c.Drain("w1", ""); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	sums(t, r)
	if r.Sent != 600 || r.Run.Stopped != "iterations" || r.Lost != 0 {
		t.Errorf("%d iterations, %d lost, ended by %q: want 600", r.Sent, r.Lost, r.Run.Stopped)
	}
	for _, w := range r.Workers {
		if w.Name == "w2" && w.Sent <= 200 { // a third was its own
			t.Errorf("%s did %d: what the others left undone is its own", w.Name, w.Sent)
		}
	}
}

// Who joins a run with a number of iterations gets its part of those that are left, and none is done twice.
func TestJoinWithIterations(t *testing.T) {
	t.Parallel()
	c := newPatientCrowd(t, 2)
	r, err := c.run(stampede.Plan{Users: stampede.Level(9), Iterations: 300, Duration: 2 * time.Minute, Observers: []stampede.Observer{&seconds{t: t}}}, func(run *stampede.Running) {
		time.Sleep(200 * time.Millisecond)
		run.Pause() // so that there is something left when it has joined: all of it takes little more than three seconds
		c.join("late", 0)
		untilOne(run, func(w stampede.LiveWorker) bool { return w.Name == "late" })
		time.Sleep(time.Second)
		run.Resume()
	})
	if err != nil {
		t.Fatal(err)
	}
	sums(t, r)
	if r.Sent != 300 || r.Run.Stopped != "iterations" || r.Lost != 0 || len(r.Workers) != 3 {
		t.Fatalf("%d iterations, %d lost, ended by %q, %d workers: want 300", r.Sent, r.Lost, r.Run.Stopped, len(r.Workers))
	}
	for _, w := range r.Workers {
		if w.Sent < 10 {
			t.Errorf("%s did %d of 300", w.Name, w.Sent)
		}
	}
}

// slow is a ghost that takes its time.
type slow struct{ stampede.User }

func (g *slow) Haunt(ctx context.Context) error {
	return g.Record("GHOST", "haunt", func() error {
		select {
		case <-time.After(400 * time.Millisecond):
		case <-ctx.Done():
		}
		return nil
	})
}

// A worker whose requests take longer than the others' is named.
func TestUnequalWorkers(t *testing.T) {
	t.Parallel()
	c := newPatientCrowd(t, 2)
	c.joinWith("far", func(cfg *WorkerConfig) {
		cfg.Prepare = func(_ context.Context, j *Job, _ string) (stampede.Plan, func(), error) {
			p := stampede.Plan{Test: haunted()}
			p.Test.Users = []stampede.UserType{stampede.Users(stampede.Spec[slow]{
				Name: "Ghost", Wait: stampede.Constant(100 * time.Millisecond), Tasks: []stampede.Task[slow]{{Name: "haunt", Do: (*slow).Haunt}},
			})}
			err := p.Receive(j.Plan)
			return p, nil, err
		}
	})
	if _, err := c.c.Await(t.Context(), 3, time.Minute); err != nil {
		t.Fatal(err)
	}
	r, err := c.run(stampede.Plan{Rate: stampede.Level(150), Duration: 4 * time.Second}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, reason := range r.Verdict.Reasons {
		if strings.Contains(reason, "its network or its machine is the reason") {
			named = append(named, reason)
		}
	}
	if len(named) != 1 || !strings.HasPrefix(named[0], "far (") {
		t.Errorf("named are %q; the verdict says %q; the workers: %+v; the mean is %v", named, r.Verdict.Reasons, r.Workers, time.Duration(r.Whole.Total.Service.Mean()))
	}
}

// What a worker sends that is not its own, or makes no sense, is not counted, and said.
func TestHostileWorker(t *testing.T) {
	t.Parallel()
	c := newPatientCrowd(t, 2)
	r, err := c.run(stampede.Plan{Rate: stampede.Level(50), Duration: 3 * time.Second}, func(run *stampede.Running) {
		w, id := c.all[0], run.Live().Run.ID
		p, err := newPacker()
		if err != nil {
			t.Error(err)
			return
		}
		forged := func(worker, second int, run string) []byte {
			s := &stats.Snapshot{Run: run, Worker: worker, Seq: 1000, Second: second, Rows: []stats.Row{{Key: stats.Key{Type: "GET", Name: "forged"}, Count: 1e6}}}
			return p.pack(s, 1000)[0]
		}
		for _, b := range [][]byte{
			[]byte("garbage"), make([]byte, 400<<10), forged(1, 0, id), forged(7, 0, id), forged(-1, 0, id), forged(0, 1<<30, id), forged(0, 0, "another run"),
		} {
			if err := w.nc.Publish(snapSubject(w.number, id), b); err != nil {
				t.Error(err)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	sums(t, r)
	if r.Planned != 150 || !strings.Contains(strings.Join(r.Verdict.Reasons, "\n"), "what makes no sense") {
		t.Errorf("planned %d, verdict %v", r.Planned, r.Verdict.Reasons)
	}
}
