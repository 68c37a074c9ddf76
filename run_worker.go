package stampede

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/engine"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
	"github.com/stampede-load/stampede/internal/vitals"
)

// WorkerOptions say which part of a run a worker has.
type WorkerOptions struct {
	Run         string
	Number      int
	Share       Share
	Start       time.Time // at which run time begins; may be in the future, or long ago for a worker that joins
	FirstSecond int       // the first second that it reports
	Iterations  int64     // its own, of a plan that wants a number of them
	PlanHash    string    // what the plan must be; empty for any
	Emit        func(*stats.Snapshot)
	Stalled     func() // the process did not run for seconds; nothing begins until GoOn. It must not wait
	Spent       func() // all iterations of the share have been begun. It must not wait
}

// WorkerRun is a worker's part of a run in progress. Its methods may be called from any goroutine.
type WorkerRun struct {
	run     *run
	merger  *stats.Merger // of its own seconds alone
	monitor *verdict.Monitor
	health  chan verdict.Health // holds the last
	done    chan struct{}
	ending  Ending
	err     error
}

// StartWorker begins a worker's part of a run. Test.Before and Test.After are the controller's, as are thresholds and observers.
func StartWorker(ctx context.Context, plan Plan, o WorkerOptions) (*WorkerRun, error) {
	plan.Share, plan.RunID, plan.Thresholds, plan.Test.Thresholds = o.Share, o.Run, nil, nil
	p, err := prepare(plan)
	if err != nil {
		return nil, err
	}
	if o.PlanHash != "" && p.info.PlanHash != o.PlanHash {
		return nil, fmt.Errorf("the plan of this worker has the hash %s, that of the controller %s: their tests or stampede.yaml differ; "+
			"build both from the same sources", p.info.PlanHash, o.PlanHash)
	}
	if err := p.checkCapacity(); err != nil {
		return nil, err
	}
	r, err := newRun(p, o.Start)
	if err != nil {
		return nil, err
	}
	r.worker = o.Number
	r.identify()
	if !plan.virtual {
		r.vitals = vitals.New()
	}
	w := &WorkerRun{
		run: r, merger: stats.NewMerger(stats.MergeOptions{Nobody: true}), health: make(chan verdict.Health, 1), done: make(chan struct{}),
		monitor: verdict.NewMonitor(verdict.MonitorOptions{Paced: r.paced, Open: r.model != Closed, Warmup: r.plan.Warmup}),
	}
	w.merger.Expect(o.Number, o.FirstSecond)
	w.health <- verdict.Health{}
	cfg := r.engineConfig(ctx, func(s *stats.Snapshot) {
		w.judge(s)
		o.Emit(s)
	})
	cfg.Iterations = o.Iterations
	cfg.Hold, cfg.FirstSecond, cfg.Stalled, cfg.Dry = true, o.FirstSecond, o.Stalled, o.Spent
	if r.engine, err = engine.New(cfg); err != nil {
		r.close()
		return nil, err
	}
	r.stopFn = r.engine.Stop
	go w.main()
	return w, nil
}

func (w *WorkerRun) main() {
	defer close(w.done)
	s, err := w.run.engine.Run()
	w.run.engine.Stop("failed")
	w.ending, w.err = w.run.ending(s), err
	w.ending.Pages, w.ending.Foreign = w.run.pictures.few(maxSentSpans), w.run.foreign.all()
	w.run.close()
}

// judge looks at the worker's own second: it knows first whether it can keep up.
func (w *WorkerRun) judge(s *stats.Snapshot) {
	w.merger.Add(s)
	for {
		sec, ok := w.merger.Next()
		if !ok {
			break
		}
		w.monitor.Add(sec.Came())
	}
	select {
	case <-w.health:
	default:
	}
	w.health <- w.monitor.Health()
}

// Health is the worker's verdict on itself.
func (w *WorkerRun) Health() verdict.Health {
	h := <-w.health
	select {
	case w.health <- h:
	default: // a newer one is there
	}
	return h
}

// Take obeys a change when its time has come.
func (w *WorkerRun) Take(c Change) { w.run.engine.Take(c) }

// Stop and Cancel are the two steps of stopping.
func (w *WorkerRun) Stop(reason string) { w.run.engine.Stop(reason) }

// Cancel ends the tasks too.
func (w *WorkerRun) Cancel(reason string) { w.run.engine.Cancel(reason) }

// Stopping is closed when the worker has begun to stop.
func (w *WorkerRun) Stopping() <-chan struct{} { return w.run.engine.Stopping() }

// Done is closed when all users have gone and the last snapshot was emitted.
func (w *WorkerRun) Done() <-chan struct{} { return w.done }

// Wait waits for that, and says how it ended.
func (w *WorkerRun) Wait() (Ending, error) {
	<-w.done
	return w.ending, w.err
}

// Now is the run time.
func (w *WorkerRun) Now() time.Duration { return time.Duration(w.run.now()) }

// GoOn says that what is this worker's own is known again, after Stalled.
func (w *WorkerRun) GoOn() { w.run.engine.GoOn() }

// Moving reports whether users are still to leave or to come after a change of the share.
func (w *WorkerRun) Moving() bool { return w.run.engine.Moving() }

// Pending reports whether changes wait for their time.
func (w *WorkerRun) Pending() bool { return w.run.engine.Pending() }

// Left reports whether all users have gone and none of the plan will come: it waits for others to be given to it.
func (w *WorkerRun) Left() bool { return w.run.engine.Left() }

// GiveBack gives up a part, from 0 to 1, of the iterations that the worker has not begun, and returns how many: they can be given to others.
func (w *WorkerRun) GiveBack(part float64) int64 { return w.run.engine.GiveBack(part) }

// Spent reports whether all iterations of the share have been begun: it waits for others to be given to it, or for the end.
func (w *WorkerRun) Spent() bool { return w.run.engine.Spent() }

// Gauges are the counts of now.
func (w *WorkerRun) Gauges(g *stats.Gauges) { w.run.engine.Gauges(g) }

// errNoTest is of a worker without a test.
var errNoTest = errors.New("this program has no test")

// Hash tells tests apart: the same hash means the same user types, tasks and weights. It cannot see what the tasks do.
func (t Test) Hash() (string, error) {
	if len(t.Users) == 0 {
		return "", errNoTest
	}
	p, err := prepare(Plan{Test: t, Host: "http://127.0.0.1"})
	if err != nil {
		return "", err
	}
	return p.testHash(), nil
}
