package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
)

// Work is what a run is besides its plan: the command line, for the workers to read again.
type Work struct {
	Command  string
	Args     []string
	Settings map[string][]string
	Files    map[string]string // name for the workers, to the path here
}

// drive carries one run out on the workers of a controller. It is a stampede.Driver. Everything is guarded by Controller.mu; the collector may be
// called while it is held, and calls nobody back but Stop.
type drive struct {
	c         *Controller
	collector *stampede.Collector
	job       Job

	start   int64 // of run time, on the controller's clock; 0 before it is agreed
	members []*member
	orders  []Order
	last    time.Duration // run time of the last order
	whole   *stampede.Account
	spawn   float64 // users a second when they move
	iterate int64   // iterations that the plan wants; 0 for no limit

	reason    string // why it stops
	stopping  chan struct{}
	ended     chan struct{} // everybody has
	stopped   bool          // an order to stop was given
	stopAt    time.Time     // when
	over      bool
	cancelled bool
	crowded   bool // it was said that there are too few users for one more worker
	trouble   error
	resumed   bool
	tallies   *tallies // of whoever takes in what the stream brings, until that is over
	paused    atomic.Bool
	stood     atomic.Int64
	rate      atomic.Uint64 // bits
}

// member is a worker of the run.
type member struct {
	*peer
	index    int
	weight   int64
	account  *stampede.Account
	release  int // the last order that it may know
	in       bool
	gone     bool // lost: nothing is waited for
	leaving  bool
	due      int64
	ready    bool
	problem  string
	ended    *Ended
	from     int // first second
	joined   time.Duration
	lostAt   time.Time     // when it was
	left     time.Duration // the same in run time
	missing  bool          // it was gone before this controller, and seconds still wait for what the stream has of it
	limit    int64         // iterations that it may begin
	settled  bool          // what it left undone of them is dealt out again
	begun    int64         // iterations that it had begun when that was done
	taken    int64         // iterations that it gave back, and others have now
	warned   bool
	reported Beat
}

// lead is how far in the future an order takes hold: time for all to hear of it.
const lead = 300 * time.Millisecond

// preparing is how long workers may take to get ready for a run.
const preparing = 60 * time.Second

// late is how long a second may wait for a worker that is alive.
const late = 5 * time.Second

// Driver makes a driver of a run on the workers that are ready when it begins.
func (c *Controller) Driver(w Work) (stampede.Driver, error) {
	d := &drive{c: c, tallies: newTallies(), stopping: make(chan struct{}), ended: make(chan struct{})}
	d.job = Job{Command: w.Command, Args: w.Args, Settings: w.Settings}
	for name, path := range w.Files {
		f, err := c.files.put(name, path)
		if err != nil {
			return nil, err
		}
		d.job.Files = append(d.job.Files, f)
	}
	slices.SortFunc(d.job.Files, func(a, b File) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return d, nil
}

// Begin sends the job to everybody, waits until all are ready, and agrees on the start.
func (d *drive) Begin(ctx context.Context, collector *stampede.Collector) (time.Time, error) {
	if d.resumed {
		return d.again(collector)
	}
	if err := d.hire(collector); err != nil {
		return time.Time{}, err
	}
	if err := d.prepared(ctx); err != nil {
		d.dismiss(err.Error())
		return time.Time{}, err
	}
	c := d.c
	c.mu.Lock()
	defer c.mu.Unlock()
	wait := lead
	for _, m := range d.members {
		wait = max(wait, 4*time.Duration(m.last.RTT))
	}
	d.start = c.clock.now() + int64(wait)
	d.collector.SetStart(c.clock.when(d.start))
	for _, m := range d.members {
		d.expect(m)
	}
	d.give(Order{Kind: "start", Start: d.start})
	if d.trouble != nil {
		return time.Time{}, d.trouble
	}
	return c.clock.when(d.start), nil
}

// hire makes members of all who are ready.
func (d *drive) hire(collector *stampede.Collector) error {
	c, plan := d.c, collector.Plan()
	raw, err := plan.Carry()
	if err != nil {
		return fmt.Errorf("fleet: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.place()
	peers := c.ready()
	switch {
	case c.run != nil:
		return errors.New("fleet: a run goes on already: wait for its end, or stop it")
	case len(peers) == 0:
		return errors.New("fleet: no worker is there: start some, and wait for them")
	case collector.Demand() < len(peers):
		return fmt.Errorf("fleet: %d workers for %s: some would have nothing to do; use fewer workers or more users", len(peers),
			format.Plural(int64(collector.Demand()), "user", "users"))
	}
	d.collector = collector
	d.job.Run, d.job.Plan, d.job.PlanHash = collector.Info().ID, raw, collector.Info().PlanHash
	d.spawn, d.iterate = plan.RecoverRate, plan.Iterations
	if d.spawn == 0 {
		d.spawn = plan.SpawnRate
	}
	for i, p := range peers {
		d.job.Weights = append(d.job.Weights, p.hello.Weight)
		d.members = append(d.members, &member{peer: p, index: i, weight: p.hello.Weight})
		p.state = peerRunning
	}
	if err := d.open(); err != nil {
		return err
	}
	c.run = d
	for _, m := range d.members {
		c.call(m.number, &Answer{Now: c.clock.now(), Run: d.job.Run}) // it asks for its job at once
	}
	return c.keep()
}

// open opens the accounts of those who are there at the start. c.mu is held.
func (d *drive) open() error {
	deal, err := stampede.DealOf(d.job.Weights)
	if err != nil {
		return fmt.Errorf("fleet: %w", err)
	}
	for i, share := range deal.Shares() {
		d.members[i].account, d.members[i].in = d.collector.Account(share), true
	}
	d.whole = d.collector.Account(stampede.Share{})
	for i, n := range portions(d.iterate, d.counts(deal.Shares(), d.collector.ClosedUsers())) {
		d.members[i].limit = n
	}
	return nil
}

// prepared waits until all members are ready.
func (d *drive) prepared(ctx context.Context) error {
	deadline := time.NewTimer(preparing)
	defer deadline.Stop()
	c := d.c
	for {
		c.mu.Lock()
		waiting, wake := "", c.wake
		var errs []error
		for _, m := range d.members {
			switch {
			case m.gone:
				errs = append(errs, fmt.Errorf("fleet: %s was lost before the run began: %s", m.name, m.problem))
			case m.problem != "":
				errs = append(errs, fmt.Errorf("fleet: %s (%s) cannot take part: %s", m.name, m.host(), m.problem))
			case !m.ready:
				waiting = m.name
			}
		}
		c.mu.Unlock()
		switch {
		case len(errs) > 0:
			return errors.Join(errs...)
		case waiting == "":
			return nil
		}
		select {
		case <-wake:
		case <-deadline.C:
			return fmt.Errorf("fleet: %s did not get ready within %v", waiting, preparing)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// dismiss ends a run that did not begin.
func (d *drive) dismiss(why string) {
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	if d.start == 0 {
		d.give(Order{Kind: "cancel", Reason: why})
	}
	d.release()
}

// release makes everybody ready for the next run. c.mu is held.
func (d *drive) release() {
	for _, m := range d.members {
		if m.state == peerRunning || m.state == peerLeaving {
			m.state = peerReady
		}
	}
	d.c.run, d.c.finished = nil, true
	_ = d.c.keep() // the next change writes it too
	d.c.changed()
}

// expect tells the collector of a member. c.mu is held.
func (d *drive) expect(m *member) {
	d.collector.Expect(stampede.Worker{
		Number: m.index, Name: m.name, Host: m.host(), Weight: float64(m.weight) / 1000, Joined: m.joined,
		ClockOffset: time.Duration(-m.last.Offset), ClockError: time.Duration(m.last.Error), RTT: time.Duration(m.last.RTT),
	}, m.from)
}

// now is run time. c.mu is held.
func (d *drive) now() time.Duration { return time.Duration(d.c.clock.now() - d.start) }

// when is the run time for the next order: soon, and not before the one before it. c.mu is held.
func (d *drive) when() time.Duration {
	wait := lead
	for _, m := range d.members {
		if m.in && !m.gone {
			wait = max(wait, min(4*time.Duration(m.last.RTT), 2*time.Second))
		}
	}
	if d.start == 0 {
		return 0
	}
	return max(d.last, max(0, d.now())+wait)
}

// give adds an order to the log, keeps it and tells everybody. c.mu is held.
func (d *drive) give(o Order) Order {
	return d.giveBut(o, func(*member) bool { return false })
}

// giveBut is give, but for those who have to wait: see releaseWaiting. c.mu is held.
func (d *drive) giveBut(o Order, waits func(*member) bool) Order {
	o.Number = len(d.orders) + 1
	if o.Kind != "start" && o.At == 0 {
		o.At = int64(d.when())
	}
	d.last = time.Duration(o.At)
	d.orders = append(d.orders, o)
	if err := d.c.keep(); err != nil && d.trouble == nil {
		d.trouble = err
	}
	for _, m := range d.members {
		if m.release == o.Number-1 && !waits(m) {
			m.release = o.Number
		}
	}
	d.tell()
	return o
}

// tell sends each member what it may know and does not. c.mu is held.
func (d *drive) tell() {
	for _, m := range d.members {
		if m.in && !m.gone && m.reported.Known < m.release {
			a := &Answer{Now: d.c.clock.now()}
			d.answer(m, a)
			d.c.call(m.number, a)
		}
	}
}

// answer adds to an answer what a member may know. c.mu is held.
func (d *drive) answer(m *member, a *Answer) {
	a.Run = d.job.Run
	if known := m.reported.Known; known < m.release && known >= 0 {
		a.Orders = slices.Clone(d.orders[min(known, len(d.orders)):min(m.release, len(d.orders))])
	}
}

// Gauges are the counts of the last second, and of the plan now.
func (d *drive) Gauges(g *stats.Gauges) { *g = d.collector.Gauges() }

// Run takes seconds in until everybody has ended.
func (d *drive) Run() (stampede.Ending, error) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	in, err := newIntake(d)
	if err != nil {
		return d.ending(), err
	}
	done, err := d.c.seconds.read(ctx, d.job.Run, in.take)
	if err != nil {
		in.close()
		return d.ending(), fmt.Errorf("fleet: read the stream of snapshots: %w", err)
	}
	<-d.ended
	done()
	in.close()
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	d.missNoLonger()
	d.sayClocks()
	d.sayBeyond()
	d.sayIterations()
	d.sayUnheard()
	if d.reason == desertedReason {
		d.collector.Doubt(fmt.Sprintf("the workers heard nothing of the controller for %v, and ended before the plan did", deserted))
	}
	d.sayUnequal()
	d.release()
	_ = d.c.seconds.purge(ctx, d.job.Run) // it was all read; what is left goes with the folder
	return d.ending(), d.trouble
}
