package stampede

import (
	"cmp"
	"math"
	"time"

	"github.com/stampede-load/stampede/internal/engine"
	"github.com/stampede-load/stampede/internal/pace"
	"github.com/stampede-load/stampede/internal/stats"
)

// Collector is where a Driver learns what to carry out, and where it puts what its workers report. Its methods may be called from any
// goroutine.
type Collector struct {
	run     *run
	collect *collector
}

// Plan is what is to be carried out, with all defaults filled in. It is only read.
func (d *Collector) Plan() *Plan { return &d.run.plan }

// Info is which run it is.
func (d *Collector) Info() *RunInfo { return &d.run.info }

// Length is how long the plan lasts, without pauses; 0 when it has no end.
func (d *Collector) Length() time.Duration { return d.run.length }

// Account opens the account of a share, of part of the load.
func (d *Collector) Account(share Share) *Account {
	r := d.run
	return engine.NewAccount(engine.Config{
		Streams: r.streams, Share: share, Poisson: r.plan.Poisson, Seed: r.plan.Seed, Duration: r.length,
	})
}

// Demand is how many users the plan wants at once, at most: in an open run so many as it may have.
func (d *Collector) Demand() int {
	return d.run.mostUsers()
}

// ClosedUsers is how many users the plan wants at once, at most, where no arrivals bring any; 0 where some do.
func (d *Collector) ClosedUsers() int {
	for _, s := range d.run.streams {
		if s.Users == nil {
			return 0
		}
	}
	return d.run.mostUsers()
}

func (p *prepared) mostUsers() int {
	n, open := 0, false
	for _, s := range p.streams {
		if s.Users != nil {
			n += int(math.Ceil(s.Users.Max()))
		} else {
			open = true
		}
	}
	if open {
		n += cmp.Or(p.plan.MaxUsers, 10_000)
	}
	return n
}

// Add takes a snapshot in. It reports false for one that was there before, or that makes no sense.
func (d *Collector) Add(s *stats.Snapshot) bool { return d.collect.add(s) }

// Expect says that a worker reports from a second on; seconds wait for it.
func (d *Collector) Expect(w Worker, second int) {
	d.collect.mu.Lock()
	defer d.collect.mu.Unlock()
	d.collect.merger.Expect(w.Number, second)
	d.collect.member(w.Number).meet(&w)
	name := w.Name
	if w.Host != "" {
		name += " (" + w.Host + ")"
	}
	d.collect.monitor.Name(w.Number, name)
}

// Tell changes what is known of a worker besides its snapshots. f is called with the worker while nobody else looks at it.
func (d *Collector) Tell(number int, f func(*LiveWorker)) {
	d.collect.mu.Lock()
	defer d.collect.mu.Unlock()
	f(&d.collect.member(number).LiveWorker)
}

// Gone says that nothing more is waited for of a worker, and how many arrivals were due of its share up to the moment at which others took it
// over: what it has not reported of them is lost, until it reports it after all.
func (d *Collector) Gone(number int, due int64) { d.collect.gone(number, due) }

// Rest is what a worker had to send, and what became of it, as far as it has reported.
func (d *Collector) Rest(number int) stats.Gauges {
	d.collect.mu.Lock()
	defer d.collect.mu.Unlock()
	g, _ := d.collect.merger.Rest(number)
	return g
}

// Reported is what a worker has told so far of itself, seconds that are not closed yet among it.
func (d *Collector) Reported(number int) stats.Gauges {
	d.collect.mu.Lock()
	defer d.collect.mu.Unlock()
	return d.collect.merger.Reported(number)
}

// Overdue closes all seconds up to one, whoever has not reported them: they are merged later, and marked.
func (d *Collector) Overdue(second int) { d.collect.overdue(second) }

// Behind are the workers that the next second waits for, and which second that is.
func (d *Collector) Behind() (workers []int, second int) {
	d.collect.mu.Lock()
	defer d.collect.mu.Unlock()
	return d.collect.merger.Behind(), d.collect.merger.Open()
}

// Event notes something that happened now.
func (d *Collector) Event(kind, text string) { d.collect.event(kind, text) }

// Doubt makes the run SUSPECT for a reason that only its driver knows.
func (d *Collector) Doubt(reason string) {
	d.collect.mu.Lock()
	defer d.collect.mu.Unlock()
	d.collect.monitor.Doubt(reason)
}

// Gauges are the counts of the last closed second.
func (d *Collector) Gauges() stats.Gauges {
	d.collect.mu.Lock()
	defer d.collect.mu.Unlock()
	return d.collect.gauges
}

// DealOf deals a load to workers by their weights, in thousandths.
func DealOf(weights []int64) (*pace.Deal, error) { return pace.NewDeal(weights) }

// NoShare is the share of a worker that has not begun, or has been drained.
func NoShare() Share { return pace.Nothing() }

// The kinds of a Change.
const (
	ChangeUsers  = engine.OrderUsers
	ChangeRate   = engine.OrderRate
	ChangePause  = engine.OrderPause
	ChangeResume = engine.OrderResume
	ChangeShare  = engine.OrderShare
	ChangeStop   = engine.OrderStop
	ChangeMore   = engine.OrderMore
)

// gone takes note that a worker reports no more.
func (c *collector) gone(number int, due int64) {
	c.mu.Lock()
	c.merger.Gone(number, due)
	closed := c.closeSeconds()
	c.mu.Unlock()
	c.announce(closed)
}

// overdue closes seconds without those who have not reported them.
func (c *collector) overdue(second int) {
	c.mu.Lock()
	c.merger.Force(second)
	closed := c.closeSeconds()
	c.mu.Unlock()
	c.announce(closed)
}

// member is what is known of a worker. mu is held.
func (c *collector) member(number int) *member {
	known := c.workers[number]
	if known == nil {
		known = newMember(number)
		c.workers[number] = known
	}
	return known
}

// SetStart says when run time begins, as soon as that is agreed.
func (d *Collector) SetStart(at time.Time) { d.run.start = at }
