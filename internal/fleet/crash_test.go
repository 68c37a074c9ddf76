package fleet

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	others "github.com/stampede-load/stampede/internal/testsite/peer"
)

// crash ends a controller as kill -9 does: nobody is told, and nothing is written any more.
func crash(c *Controller) {
	c.srv.Shutdown()
	c.srv.WaitForShutdown()
	c.stop()
	c.done.Wait()
	c.mu.Lock()
	c.closed = true
	c.save = func(*state) error { return nil }
	c.mu.Unlock()
	c.nc.Close()
	c.lock.Close()
}

// newMortalCrowd is a crowd whose controller is to crash and to come back at the same port, which nobody else is given meanwhile.
func newMortalCrowd(t *testing.T, workers int) *crowd {
	t.Helper()
	c := newCrowdWith(t, workers, Options{Addr: fmt.Sprintf("127.0.0.1:%d", others.FreePort(t)), silence: unhurried})
	t.Cleanup(func() { c.c.Close() })
	return c
}

// again is a controller that goes on with the run of one that has crashed.
func (c *crowd) again() *stampede.Running {
	c.t.Helper()
	var err error
	before := c.c
	c.c, err = Listen(c.t.Context(), Options{Version: "1", Test: "haunted", Folder: before.folder, Resume: true, silence: before.opt.silence})
	if err != nil {
		c.t.Fatal(err)
	}
	job, driver, err := c.c.Resumed()
	if err != nil {
		c.t.Fatal(err)
	}
	plan := stampede.Plan{Test: haunted(), RunID: job.Run, Observers: []stampede.Observer{&seconds{t: c.t}}}
	if err := plan.Receive(job.Plan); err != nil {
		c.t.Fatal(err)
	}
	running, err := stampede.StartWith(c.t.Context(), plan, driver)
	if err != nil {
		c.t.Fatal(err)
	}
	return running
}

// begin starts a run whose controller is to crash.
func (c *crowd) begin(plan stampede.Plan) {
	c.t.Helper()
	d, err := c.c.Driver(Work{Command: "run"})
	if err != nil {
		c.t.Fatal(err)
	}
	plan.Test = haunted()
	if _, err = stampede.StartWith(c.t.Context(), plan, d); err != nil {
		c.t.Fatal(err)
	}
}

// A controller that is killed and started again finds its workers running, and every second of each.
func TestControllerCrashes(t *testing.T) {
	t.Parallel()
	c := newMortalCrowd(t, 3)
	c.begin(stampede.Plan{Rate: stampede.Level(200), Duration: 7 * time.Second})
	time.Sleep(2 * time.Second)
	crash(c.c)
	time.Sleep(time.Second)
	r, err := c.again().Wait()
	if err != nil {
		t.Fatal(err)
	}
	sums(t, r)
	if r.Planned != 1400 || r.Sent != 1400 || r.Lost != 0 || r.Run.Stopped != "time" || len(r.Workers) != 3 {
		t.Errorf("planned %d, sent %d, lost %d, %d workers, ended by %q: want all of 1400", r.Planned, r.Sent, r.Lost, len(r.Workers), r.Run.Stopped)
	}
}

// A worker that hears nothing stops by itself, keeps its last seconds, and delivers them when the controller is back.
func TestDeserted(t *testing.T) {
	t.Parallel()
	c := newMortalCrowd(t, 0)
	for _, name := range []string{"a", "b"} {
		c.joinWith(name, func(cfg *WorkerConfig) { cfg.patience.deserted = 5 * time.Second })
	}
	if _, err := c.c.Await(t.Context(), 2, time.Minute); err != nil {
		t.Fatal(err)
	}
	c.begin(stampede.Plan{Rate: stampede.Level(100), Duration: time.Minute})
	time.Sleep(2 * time.Second)
	crash(c.c)
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		stopped := 0
		for _, w := range c.all {
			w.mu.Lock()
			if p := w.part; p != nil {
				p.mu.Lock()
				if p.run != nil && isClosed(p.run.Done()) {
					stopped++
				}
				p.mu.Unlock()
			}
			w.mu.Unlock()
		}
		if stopped == 2 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the workers go on without a controller")
		}
	}
	r, err := c.again().Wait()
	if err != nil {
		t.Fatal(err)
	}
	sums(t, r)
	said := strings.Join(r.Verdict.Reasons, "\n")
	if r.Run.Stopped != desertedReason || r.Lost != 0 || r.Sent < 200 || !strings.Contains(said, "ended before the plan did") {
		t.Errorf("sent %d, lost %d, ended by %q; %s", r.Sent, r.Lost, r.Run.Stopped, said)
	}
}

// What waits for the stream longer than it may is given up, and the worker ends.
func TestDesertedForGood(t *testing.T) {
	t.Parallel()
	c := newMortalCrowd(t, 0)
	ended := make(chan error, 1)
	said := make(chan string, 100)
	c.joinWith("a", func(cfg *WorkerConfig) {
		cfg.patience.deserted, cfg.patience.deliver = 5*time.Second, time.Second // before the crash the controller may be held up, too
		cfg.Log = func(text string) { said <- text }
	})
	if _, err := c.c.Await(t.Context(), 1, time.Minute); err != nil {
		t.Fatal(err)
	}
	c.begin(stampede.Plan{Rate: stampede.Level(100), Duration: time.Minute})
	time.Sleep(time.Second)
	crash(c.c)
	go func() { c.wg.Wait(); ended <- nil }()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatal("the worker waits for ever")
	}
	all := ""
	for len(said) > 0 {
		all += <-said + "\n"
	}
	if !strings.Contains(all, "nothing was heard of the controller for 5s: the users stop") {
		t.Errorf("the worker said %q", all)
	}
}
