package fleet

import (
	"errors"
	"fmt"
	"time"

	"github.com/stampede-load/stampede"
)

// Resumed is the run that a controller before this one had begun: its job, and a driver that goes on with it. Everything that workers
// reported is read again from the stream.
func (c *Controller) Resumed() (*Job, stampede.Driver, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.state.Run
	if s == nil || s.Start == 0 {
		return nil, nil, errors.New("fleet: the controller had no run when it ended: start a new one")
	}
	d := &drive{
		c: c, job: s.Job, start: s.Start, orders: s.Orders, resumed: true, tallies: newTallies(), stopping: make(chan struct{}), ended: make(chan struct{}),
	}
	for _, ms := range s.Members {
		p := c.peers[ms.Number]
		if p == nil {
			p = &peer{number: ms.Number, name: numberName(ms.Number), heard: time.Now(), state: peerReady}
			c.peers[ms.Number] = p
		}
		p.state = peerRunning
		d.members = append(d.members, &member{peer: p, index: ms.Index, weight: ms.Weight, gone: ms.Gone, due: ms.Due, left: time.Duration(ms.Left), problem: ms.Reason, ready: true, release: len(s.Orders)})
	}
	job := d.job
	return &job, d, nil
}

// again is Begin of a run that was begun before.
func (d *drive) again(collector *stampede.Collector) (time.Time, error) {
	c := d.c
	c.mu.Lock()
	defer c.mu.Unlock()
	d.collector = collector
	plan := collector.Plan()
	if d.spawn, d.iterate = plan.RecoverRate, plan.Iterations; d.spawn == 0 {
		d.spawn = plan.SpawnRate
	}
	if hash := collector.Info().PlanHash; hash != d.job.PlanHash {
		return time.Time{}, fmt.Errorf("fleet: the run was begun with the plan %s and this is %s: go on with the same program and settings", d.job.PlanHash, hash)
	}
	d.collector.SetStart(c.clock.when(d.start))
	if err := d.open(); err != nil {
		return time.Time{}, err
	}
	orders := d.orders
	for i, o := range orders {
		d.orders = orders[:i+1]
		d.last = time.Duration(o.At)
		switch o.Kind {
		case "join":
			m := d.members[o.Index]
			m.account, m.in, m.joined, m.from = collector.Account(stampede.NoShare()), true, time.Duration(o.At), o.First
			for _, before := range orders[:i] {
				m.take(change(before, nil, nil))
			}
			d.replay()
		case "leave":
			m := d.members[o.Index]
			if m.leaving = o.Drain; m.gone && !o.Drain && m.due == 0 { // it was written down before this was known
				m.due = m.account.Planned(time.Duration(o.At))
			}
			d.replay()
		case "more":
			if m := d.members[o.Index]; len(o.Given) == 0 {
				m.settled, m.begun = true, m.limit-sum(o.Counts)
			}
			d.raise(o)
		case "stop", "cancel":
			d.stopped, d.stopAt, d.reason = true, time.Now(), o.Reason
			d.enter(o)
			d.closeStopping()
		default:
			d.enter(o)
		}
	}
	for _, m := range d.members {
		d.meetAgain(m)
	}
	c.run = d
	return c.clock.when(d.start), d.trouble
}

// meetAgain expects a member that a controller before this one had. c.mu is held.
func (d *drive) meetAgain(m *member) {
	if !m.in {
		m.ready = false // it has not joined yet: it does when it says again that it is prepared
		return
	}
	d.expect(m)
	if m.gone {
		m.missing = true
		d.tellLost(m)
	}
}

// reread is how long seconds wait, after a controller has come back, for what the stream has of members that were lost before: without that they would be
// closed without them, as the stream has the others' seconds first, and count as late.
const reread = 2 * time.Second

// missNoLonger lets no second wait for members that were lost before this controller. c.mu is held.
func (d *drive) missNoLonger() {
	for _, m := range d.members {
		if m.missing {
			m.missing = false
			d.collector.Gone(m.index, m.due)
		}
	}
}
