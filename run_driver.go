package stampede

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/engine"
	"github.com/stampede-load/stampede/internal/stats"
)

// Driver carries a run out: this process, or a fleet of workers. What makes a run of what it brings (seconds, totals, verdict, report) is the
// same for both. Its methods may be called from any goroutine.
type Driver interface {
	// Begin gets everybody ready who is to run users. It says at which moment run time begins; an error means that nothing was started.
	Begin(ctx context.Context, d *Collector) (start time.Time, err error)
	// Run drives to the end, and puts what it learns on the collector that Begin was given.
	Run() (Ending, error)
	// Stop and Cancel are the two steps of stopping; they return at once. Stopping is closed when the first was taken.
	Stop(reason string)
	Cancel(reason string)
	Stopping() <-chan struct{}

	SetUsers(n int, spawnRate float64) error
	SetRate(perSecond float64) error
	Pause() (at time.Duration, ok bool)
	Resume() (at, by time.Duration, ok bool)
	Paused() bool
	Stood() time.Duration // without a pause that goes on
	Rate() float64        // arrivals a second that the plan wants now; 0 in a closed run

	// Gauges are the counts of now.
	Gauges(*stats.Gauges)
}

// Ending is how a run, or a worker's part of it, came to its end.
type Ending struct {
	Reason  string
	Elapsed time.Duration // to the end of the last task
	LoadEnd time.Duration // run time from which nothing more was asked for; zero means Elapsed
	Stuck   int           // users whose tasks ignored their cancelled context
	Made    []int64       // users made of each user type, in the order of the plan
	Picked  []int64       // how often each task was begun that is picked by weight, in the order of the plan
	IO      string        // what moved the bytes; "" when it is known already

	// Of a worker, what its users saw of pages: pictures, and by page the hosts that are not the run's with how many parts each would have had.
	Pages   []PagePicture
	Foreign map[string]map[string]int
}

// Change is a change of a run that holds from a run time on.
type Change = engine.Order

// Account is what a share of a run comes to, worked out without sending anything.
type Account = engine.Account

// StartWith is Start with somebody else to carry the run out.
func StartWith(ctx context.Context, plan Plan, d Driver) (*Running, error) {
	p, err := ready(ctx, plan)
	if err != nil {
		return nil, err
	}
	r := &run{prepared: p, start: time.Now(), remote: true}
	r.identify()
	c, err := newCollector(r)
	if err != nil {
		return nil, err
	}
	if r.start, err = d.Begin(ctx, &Collector{run: r, collect: c}); err != nil {
		return nil, err
	}
	r.info.Started = r.start
	return r.begin(ctx, c, d), nil
}

// ready does what comes before a run, and checks its plan.
func ready(ctx context.Context, plan Plan) (*prepared, error) {
	if before := plan.Test.Before; before != nil {
		if err := hook(func() error { return before(ctx, &plan) }); err != nil {
			return nil, fmt.Errorf("before the run: %w", err)
		}
	}
	p, err := prepare(plan)
	return p, errors.Join(err, plan.checkBaseline())
}

// hook calls Test.Before or Test.After. A panic becomes an error that says where: it must not take the results of a run with it.
func hook(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			e := panicked(p)
			err = fmt.Errorf("%w\n%s", e, e.stack)
		}
	}()
	return f()
}

// identify gives the run its name.
func (r *run) identify() {
	r.info.Started = time.Now()
	r.info.ID = newRunID(r.info.Started)
	if r.plan.RunID != "" {
		r.info.ID = r.plan.RunID
	}
}

// begin tells the observers of the run and lets the driver go.
func (r *run) begin(ctx context.Context, c *collector, d Driver) *Running {
	r.driver, r.stopFn = d, d.Stop
	running := &Running{going: &going{run: r, collect: c, done: make(chan struct{})}}
	running.patience, running.hurry = context.WithCancel(context.Background())
	running.watchServers()
	c.begin()
	go running.main(ctx)
	return running
}

// local is the driver that is this process: a fleet of one, with share 1 of 1.
type local struct {
	*engine.Engine
	run *run
}

// Begin has nobody to get ready.
func (l *local) Begin(context.Context, *Collector) (time.Time, error) { return l.run.start, nil }

// Run runs the engine.
func (l *local) Run() (Ending, error) {
	s, err := l.Engine.Run()
	return l.run.ending(s), err
}

// ending is how the users of this process ended.
func (r *run) ending(s engine.Summary) Ending {
	e := Ending{Reason: s.Reason, Elapsed: s.Elapsed, LoadEnd: s.LoadEnd, Stuck: s.Stuck, IO: r.wire.Backend()}
	for i := range r.made {
		e.Made = append(e.Made, r.made[i].Load())
	}
	e.Picked = r.picked()
	return e
}
