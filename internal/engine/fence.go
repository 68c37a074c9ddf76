package engine

import "time"

// stall is how late the clock of a worker may wake before the worker counts as one that did not run: it was stopped, or its machine slept. By
// then others may have taken its share over, and it must not begin what they have begun.
const stall = 2 * time.Second

// stalledAt reports whether the clock woke so late, and keeps it from firing until GoOn. mu is held.
func (c *clock) stalledAt(now int64) bool {
	if c.e.cfg.Stalled == nil || c.fenced || c.armed == never || c.armed <= 0 || now-c.armed < int64(stall) {
		return false
	}
	c.fenced = true
	return true
}

// GoOn says that a worker which did not run for seconds knows what is its own again.
func (e *Engine) GoOn() {
	e.clock.mu.Lock()
	fenced := e.clock.fenced
	e.clock.fenced = false
	e.clock.mu.Unlock()
	if fenced {
		e.clock.kick()
	}
}

// tooLate is how long after its time a worker may hear that its share is gone and still begin what was due before.
const tooLate = time.Second

// Moving reports whether users are still to leave or to come after a change of the share.
func (e *Engine) Moving() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.streams {
		if len(s.moves) > 0 {
			return true
		}
	}
	return false
}

// Pending reports whether orders wait for their time.
func (e *Engine) Pending() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.orders) > 0
}
