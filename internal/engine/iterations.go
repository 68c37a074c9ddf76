package engine

import (
	"math"
	"sync/atomic"
)

// Of a number of iterations each worker may begin its part. One that has begun all of its own stops, when it is alone. Among others it waits: a
// worker that is lost, or leaves, had some left, and those are dealt out again. Until then it is dry: its users stay where they are, with their
// connections, and arrivals that come due are not planned, as they would not be in a run that has ended.

// allowance is how many iterations an engine may begin, and has begun.
type allowance struct {
	limit    atomic.Int64
	claimed  atomic.Int64 // begun, or given back
	returned int64        // given back; guarded by Engine.mu
	rest     atomic.Int64 // run time at which the last task ended, or was begun, once all had been begun
}

// spent reports whether all iterations have been begun.
func (e *Engine) spent() bool { return e.cfg.Limited && e.claimed.Load() >= e.limit.Load() }

// dry reports whether all iterations have been begun, and more may come.
func (e *Engine) dry() bool { return e.cfg.Hold && e.spent() }

// claim takes one iteration from the limit. It reports false when none is left. The last one ends the run, unless more may come.
func (e *Engine) claim() bool {
	if !e.cfg.Limited {
		return true
	}
	for {
		n, limit := e.claimed.Load(), e.limit.Load()
		if n < limit && !e.claimed.CompareAndSwap(n, n+1) {
			continue
		}
		switch {
		case n+1 < limit:
		case !e.cfg.Hold:
			e.Stop("iterations")
		case n+1 == limit:
			e.runDry()
		}
		return n < limit
	}
}

// runDry notes that none is left to begin for now, and says so.
func (e *Engine) runDry() {
	raise(&e.rest, e.Now())
	if e.cfg.Dry != nil {
		e.cfg.Dry()
	}
}

// Spent reports whether all iterations of this worker have been begun, and no order waits that could bring more.
func (e *Engine) Spent() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.dry() && len(e.orders) == 0
}

// awaitsMore keeps a user that found no iteration left. It reports false when the user goes on: there are more, or it has to leave, or an arrival
// waited for it.
func (e *Engine) awaitsMore(s *slot) bool {
	if s.stream.open() {
		return !s.stream.release(s)
	}
	if !e.clock.holdDry(s) {
		return false
	}
	// Stop may have looked for waiting users just before this one became one.
	return !(s.leaving.Load() || e.isStopping()) || !e.clock.unpark(s)
}

// GiveBack gives up a part, from 0 to 1, of the iterations that this worker may begin and has not begun, and returns how many: it will never begin
// those. It is for workers among others.
func (e *Engine) GiveBack(part float64) int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.cfg.Limited || !e.cfg.Hold {
		return 0
	}
	for {
		begun, limit := e.claimed.Load(), e.limit.Load()
		n := min(int64(math.Round(float64(limit-begun)*part)), limit-begun)
		if n <= 0 {
			return 0
		}
		if !e.claimed.CompareAndSwap(begun, begun+n) {
			continue
		}
		e.returned += n
		if begun+n == limit {
			e.runDry()
		}
		return n
	}
}

// begun is how many iterations this worker has begun. mu is held.
func (e *Engine) begun() int64 { return e.claimed.Load() - e.returned }

// more allows n further iterations. mu is held.
func (e *Engine) more(n int64) {
	e.limit.Add(n)
	if !e.spent() {
		e.clock.wakeDry()
	}
}

// holdDry parks a user until there are more iterations. It reports false when there are some; else the caller must not touch the slot afterwards.
func (c *clock) holdDry(s *slot) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.e.dry() {
		return false
	}
	s.turn++
	s.parked, s.unplanned = true, s.intended == 0
	c.push(entry{never, s, s.turn})
	return true
}

// wakeDry lets go on who waited for iterations. What they were due for is due now: nothing had planned it while there was none.
func (c *clock) wakeDry() {
	c.mu.Lock()
	due := c.e.Now()
	if c.paused {
		due = c.pauseAt
	}
	var waiting []entry
	for _, en := range c.heap {
		if en.due == never && en.s.parked && en.s.turn == en.turn {
			waiting = append(waiting, entry{due, en.s, en.turn + 1})
		}
	}
	for _, en := range waiting { // the old entries are stale now
		en.s.turn = en.turn
		c.push(en)
	}
	c.mu.Unlock()
	c.kick()
}

// unplan takes what waits, and what is due up to a time of the stream, out of the plan: all iterations have been begun. mu is held.
func (s *stream) unplan(now int64) {
	for typ := range s.queues {
		n := int64(s.queues[typ].len())
		s.queues[typ] = queue{}
		s.e.waiting -= n
		s.e.surplus += n
	}
	left := max(0, s.plannedBy(now+int64(s.spec.After))-s.arrivals.Taken())
	s.arrivals.Skip(left)
	s.e.surplus += left
}

// dryLook is how often a stream of arrivals looks whether there are iterations again, in ns. An order that brings some wakes it, too.
const dryLook = 100e6

// passOver is fireArrivals while no iteration is left. mu is held.
func (s *stream) passOver(now int64) int64 {
	s.unplan(now)
	if _, _, ok := s.arrivals.Peek(); !ok {
		s.over = !s.steered
		return never
	}
	return now + int64(s.spec.After) + dryLook
}
