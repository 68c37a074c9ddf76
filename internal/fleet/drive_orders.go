package fleet

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/pace"
)

// change makes an order of the log a change of one worker's run. share and moved are those of a deal that has seen it; both are nil for one
// who has no part in it.
func change(o Order, share, moved *stampede.Share) (stampede.Change, bool) {
	c := stampede.Change{At: time.Duration(o.At), Users: o.Users, SpawnRate: o.Rate, Rate: o.Rate, Reason: o.Reason}
	switch o.Kind {
	case "users":
		c.Kind = stampede.ChangeUsers
	case "rate":
		c.Kind = stampede.ChangeRate
	case "pause":
		c.Kind = stampede.ChangePause
	case "resume":
		c.Kind = stampede.ChangeResume
	case "stop":
		c.Kind = stampede.ChangeStop
	case "join", "leave":
		if share == nil {
			return c, false
		}
		c.Kind, c.Share, c.Moved = stampede.ChangeShare, *share, *moved
	default:
		return c, false
	}
	return c, true
}

// follower derives from the log what is one worker's own.
type follower struct {
	index int
	deal  *pace.Deal
}

func newFollower(index int, weights []int64) (*follower, error) {
	deal, err := stampede.DealOf(weights)
	return &follower{index: index, deal: deal}, err
}

// follow is what an order changes for the worker; false when it changes nothing.
func (f *follower) follow(o Order) (stampede.Change, bool, error) {
	if o.Kind == "more" {
		c := stampede.Change{At: time.Duration(o.At), Kind: stampede.ChangeMore, More: o.countOf(f.index)}
		return c, c.More > 0, nil
	}
	if o.Kind != "join" && o.Kind != "leave" {
		c, ok := change(o, nil, nil)
		return c, ok, nil
	}
	before := f.deal.Share(f.index)
	var moved stampede.Share
	var err error
	if o.Kind == "join" {
		moved, err = f.deal.Join(o.Index, o.Weight)
	} else {
		moved, err = f.deal.Leave(o.Index)
	}
	if err != nil {
		return stampede.Change{}, false, fmt.Errorf("fleet: order %d: %w", o.Number, err)
	}
	share := f.deal.Share(f.index)
	if before.Empty() && share.Empty() {
		return stampede.Change{}, false, nil
	}
	c, ok := change(o, &share, &moved)
	return c, ok, nil
}

// halt gives the order to stop, once. c.mu is held.
func (d *drive) halt(reason, kind string) {
	if d.reason == "" {
		d.reason = reason
	}
	switch {
	case d.over, d.start == 0:
		return
	case kind == "cancel" && !d.cancelled:
		d.cancelled, d.stopped = true, true
	case kind == "stop" && !d.stopped:
		d.stopped = true
	default:
		return
	}
	d.stopAt = time.Now()
	d.enter(d.give(Order{Kind: kind, Reason: reason}))
	d.closeStopping()
}

// enter puts an order that is the same for all in the accounts. c.mu is held.
func (d *drive) enter(o Order) {
	c, ok := change(o, nil, nil)
	if !ok {
		return
	}
	d.whole.Take(c)
	d.paused.Store(d.whole.Paused())
	d.stood.Store(int64(d.whole.Stood()))
	for _, m := range d.members {
		m.take(c, m.account != nil)
	}
}

// take enters a change in a member's account.
func (m *member) take(c stampede.Change, ok bool) {
	if ok && m.account != nil {
		m.account.Take(c)
	}
}

// change is an order as an account takes it. c.mu is held.
func (d *drive) change(o Order, share, moved *stampede.Share) (stampede.Change, bool) {
	return change(o, share, moved)
}

// replay enters the last order, which moved shares, in the accounts of all. c.mu is held.
func (d *drive) replay() {
	o := d.orders[len(d.orders)-1]
	deal, err := d.dealBefore(len(d.orders) - 1)
	if err != nil {
		d.trouble = err
		return
	}
	var moved stampede.Share
	if o.Kind == "join" {
		moved, err = deal.Join(o.Index, o.Weight)
	} else {
		moved, err = deal.Leave(o.Index)
	}
	if err != nil {
		d.trouble = fmt.Errorf("fleet: order %d: %w", o.Number, err)
		return
	}
	shares := deal.Shares()
	for _, m := range d.members {
		if m.account == nil {
			continue
		}
		share, has := shares[m.index]
		if !has {
			share = stampede.NoShare()
		}
		c, ok := change(o, &share, &moved)
		m.take(c, ok)
	}
}

// dealBefore is the deal after the first orders of the log. c.mu is held.
func (d *drive) dealBefore(orders int) (*pace.Deal, error) {
	deal, err := stampede.DealOf(d.job.Weights)
	if err != nil {
		return nil, err
	}
	for _, o := range d.orders[:orders] {
		switch o.Kind {
		case "join":
			_, err = deal.Join(o.Index, o.Weight)
		case "leave":
			_, err = deal.Leave(o.Index)
		}
		if err != nil {
			return nil, fmt.Errorf("fleet: order %d: %w", o.Number, err)
		}
	}
	return deal, nil
}

// Stop is the first step of stopping.
func (d *drive) Stop(reason string) {
	go d.order(reason, "stop")
}

// order halts the run from a goroutine of its own: a threshold may ask for it while the collector is at work.
func (d *drive) order(reason, kind string) {
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	d.halt(reason, kind)
	d.check()
}

// Cancel is both steps.
func (d *drive) Cancel(reason string) {
	go d.order(reason, "cancel")
}

// Stopping is closed when the run has begun to stop.
func (d *drive) Stopping() <-chan struct{} { return d.stopping }

// errStopping means that a change came too late.
var errStopping = errors.New("the run is coming to its end, and nothing more starts")

// SetUsers changes the number of users, at the same run time on all workers.
func (d *drive) SetUsers(n int, spawnRate float64) error {
	return d.alter(Order{Kind: "users", Users: n, Rate: spawnRate})
}

// SetRate changes the arrivals per second, at the same run time on all workers.
func (d *drive) SetRate(perSecond float64) error {
	return d.alter(Order{Kind: "rate", Rate: perSecond})
}

func (d *drive) alter(o Order) error {
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	if d.stopped || isClosed(d.stopping) {
		return errStopping
	}
	o.At = int64(d.when())
	c, _ := change(o, nil, nil)
	if err := errors.Join(d.whole.Check(c), d.checkUsers(c)); err != nil {
		return err
	}
	d.enter(d.give(o))
	return d.trouble
}

// Pause stands the plan still.
func (d *drive) Pause() (at time.Duration, ok bool) {
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	if d.stopped || isClosed(d.stopping) || d.whole.Paused() {
		return 0, false
	}
	o := d.give(Order{Kind: "pause"})
	d.enter(o)
	return time.Duration(o.At), true
}

// Resume goes on.
func (d *drive) Resume() (at, by time.Duration, ok bool) {
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	if d.stopped || isClosed(d.stopping) || !d.whole.Paused() {
		return 0, 0, false
	}
	before, since := d.whole.Stood(), d.pausedAt()
	d.enter(d.give(Order{Kind: "resume"}))
	return since, d.whole.Stood() - before, true
}

// pausedAt is when the pause began that goes on. c.mu is held.
func (d *drive) pausedAt() time.Duration {
	for i := len(d.orders) - 1; i >= 0; i-- {
		if d.orders[i].Kind == "pause" {
			return time.Duration(d.orders[i].At)
		}
	}
	return 0
}

// Paused reports whether the plan stands still.
func (d *drive) Paused() bool {
	return d.paused.Load()
}

// Stood is how long it stood still before.
func (d *drive) Stood() time.Duration {
	return time.Duration(d.stood.Load())
}

// Rate is how many arrivals a second the plan wants now. Whoever asks while orders are being given gets the answer of before: an observer
// may.
func (d *drive) Rate() float64 {
	if d.c.mu.TryLock() {
		d.rate.Store(math.Float64bits(d.whole.Rate(max(d.last, d.now()))))
		d.c.mu.Unlock()
	}
	return math.Float64frombits(d.rate.Load())
}

// keep is the run as it is written down. c.mu is held.
func (d *drive) keep() *runState {
	s := &runState{Job: d.job, Start: d.start, Orders: d.orders}
	for _, m := range d.members {
		s.Members = append(s.Members, memberState{m.number, m.index, m.weight, m.gone, m.due, int64(m.left), m.lostReason()})
	}
	return s
}
