package testsite

import (
	"sync/atomic"
	"time"
)

// clock is the server's time: it counts from its making and stands still during a freeze. A freeze thereby delays everything by exactly
// what is left of it, as it does in a process that its host stops.
type clock struct {
	origin time.Time
	frozen atomic.Pointer[freezes] // nil until the first freeze, which keeps the fast path to one load
}

// freezes sums up all freezes so far. It is replaced, never changed.
type freezes struct {
	thaw time.Duration // real time at which the latest ends
	lost time.Duration // length of all, the current one in full
}

// since is the real time since the clock was made.
func (c *clock) since() time.Duration { return time.Since(c.origin) }

// freeze stops the clock for d from now. What overlaps a freeze already on adds only what outlasts it.
func (c *clock) freeze(d time.Duration) {
	for {
		old := c.frozen.Load()
		var next freezes
		if old != nil {
			next = *old
		}
		now := c.since()
		from, end := max(now, next.thaw), now+d
		if end <= from {
			return
		}
		next.lost += end - from
		next.thaw = end
		if c.frozen.CompareAndSwap(old, &next) {
			return
		}
	}
}

// at turns a real time, not in the past, into the clock's own.
func (c *clock) at(real time.Duration) time.Duration {
	f := c.frozen.Load()
	if f == nil {
		return real
	}
	return max(real, f.thaw) - f.lost
}

// real is the real time at which the clock shows t and is not frozen, unless another freeze comes.
func (c *clock) real(t time.Duration) time.Duration {
	f := c.frozen.Load()
	if f == nil {
		return t
	}
	return max(t+f.lost, f.thaw)
}
