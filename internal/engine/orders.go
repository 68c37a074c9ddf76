package engine

import (
	"time"

	"github.com/stampede-load/stampede/internal/pace"
)

// Order is a change of a run from a run time on. All workers of a fleet get the same orders for the same times, so that all keep to one plan,
// whenever the orders reach them.
type Order struct {
	At   time.Duration // run time
	Kind OrderKind

	Users     int        // OrderUsers: over all workers
	SpawnRate float64    // OrderUsers, OrderShare: users a second over all workers; 0 means at once
	Rate      float64    // OrderRate: arrivals a second over all workers
	Share     pace.Share // OrderShare: what is this worker's own from now on
	Moved     pace.Share // OrderShare: all that changes hands
	More      int64      // OrderMore: iterations that this worker may begin beyond what it had
	Reason    string     // OrderStop
}

// OrderKind says what an order changes.
type OrderKind uint8

// The kinds of orders.
const (
	OrderUsers OrderKind = iota + 1
	OrderRate
	OrderPause
	OrderResume
	OrderShare
	OrderStop
	OrderMore
)

// Take obeys an order when its time has come; one whose time is over takes hold as if it had come in time, as far as that can be. Orders are
// given in the order of their times. It returns at once.
func (e *Engine) Take(o Order) {
	e.mu.Lock()
	e.orders = append(e.orders, o)
	e.mu.Unlock()
	e.clock.kick()
}

// obey does what was ordered up to run time now, each at its own time, and returns when the next order takes hold. It is called by the clock
// goroutine.
func (e *Engine) obey(now int64) int64 {
	for {
		e.mu.Lock()
		if len(e.orders) == 0 || e.stopping {
			e.mu.Unlock()
			return never
		}
		o := e.orders[0]
		if int64(o.At) > now {
			e.mu.Unlock()
			return int64(o.At)
		}
		e.orders = e.orders[1:]
		plan := e.clock.planAt(int64(o.At))
		if o.Kind == OrderShare && o.Share.Empty() && now-int64(o.At) > int64(tooLate) {
			e.giveUp(plan - 1) // others have begun it, or it is lost
		} else {
			e.fireAll(plan - 1)
		}
		e.do(&o, plan)
		e.mu.Unlock()
	}
}

// fireAll begins everything that is due up to plan time now. mu is held.
func (e *Engine) fireAll(now int64) {
	for _, s := range e.streams {
		if s.open() {
			s.catchUp(now)
			continue
		}
		for s.fireLevels(now) <= now {
		}
	}
}

// giveUp drops what was due up to plan time now and was not begun. mu is held.
func (e *Engine) giveUp(now int64) {
	for _, s := range e.streams {
		if !s.open() {
			continue
		}
		if e.dry() {
			s.unplan(now - int64(s.spec.After))
			continue
		}
		for typ, n := range s.missed(time.Duration(now) - s.spec.After) {
			s.drop(typ, n)
		}
	}
}

// do carries one order out. mu is held. What does not fit the model of the run was refused by whoever gave the order.
func (e *Engine) do(o *Order, plan int64) {
	switch o.Kind {
	case OrderUsers:
		_ = e.setUsers(plan, o.Users, o.SpawnRate)
	case OrderRate:
		_ = e.setRate(plan, o.Rate)
	case OrderPause:
		e.clock.pauseSince(int64(o.At))
	case OrderResume:
		_, gap, _ := e.clock.resumeAt(int64(o.At))
		for _, s := range e.streams {
			s.delay(gap)
		}
	case OrderShare:
		e.reshare(plan, o.Share, o.Moved, o.SpawnRate)
	case OrderMore:
		e.more(o.More)
	case OrderStop:
		e.stopAt(o.Reason, int64(o.At))
	}
}
