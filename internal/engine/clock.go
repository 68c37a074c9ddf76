package engine

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// clock fires what is due. Users wait in its heap; the streams are asked for their next time. All fields below mu are guarded by it.
type clock struct {
	e     *Engine
	alarm alarm

	mu      sync.Mutex
	heap    []entry // 4-ary, by due
	armed   int64   // what the alarm is set to
	opened  bool
	kicked  bool // since its last look: it looks again before it sleeps
	closed  bool
	paused  bool
	pauseAt int64
	fenced  bool  // a worker that did not run for seconds waits to hear whether its share is still its own
	shift   int64 // run time minus plan time: how long the run has stood still so far
	end     int64 // plan time at which the run began to stop; 0 before

	stands atomic.Bool  // paused, for those who do not hold mu
	stood  atomic.Int64 // shift, for the same
}

// entry is a parked user. It is stale, and ignored, when its turn no longer matches the user's.
type entry struct {
	due  int64
	s    *slot
	turn uint32
}

// alarm wakes the clock. set may be called from any goroutine; wait returns at or after the time last set, or earlier.
type alarm interface {
	open() error
	set(in time.Duration)
	wait()
	close()
}

const (
	never = math.MaxInt64
	// grain is the shortest sleep. Several things due within it are fired together: at 20,000 arrivals a second this saves most
	// wake-ups and costs at most so much lateness.
	grain = 100 * time.Microsecond
)

func newClock(e *Engine) *clock {
	c := &clock{e: e, armed: never}
	if e.cfg.Virtual {
		c.alarm = newTimerAlarm()
	} else {
		c.alarm = newAlarm()
	}
	return c
}

func (c *clock) open() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.alarm.open(); err != nil {
		return fmt.Errorf("engine: open the clock's timer: %w", err)
	}
	c.opened = true
	c.tellEnd()
	return nil
}

// close makes run return.
func (c *clock) close() {
	c.mu.Lock()
	c.closed = true
	c.ring(0)
	c.mu.Unlock()
}

// ring sets the alarm. Before the clock is open there is none, and its first look sees what is due. mu is held.
func (c *clock) ring(in time.Duration) {
	if c.opened {
		c.alarm.set(in)
	}
}

// park lets the user wait until due. The caller must not touch the slot afterwards.
func (c *clock) park(s *slot, due int64) {
	c.mu.Lock()
	s.turn++
	s.parked, s.unplanned = true, false
	c.push(entry{due, s, s.turn})
	if due < c.armed && !c.paused && !c.fenced && !c.closed {
		c.armed = due
		c.ring(time.Duration(due - c.e.Now()))
	}
	c.mu.Unlock()
}

// hold parks a user that was about to begin something while the plan stands still: it begins when the plan goes on, and what it was due for
// is due as much later. It reports false when the plan does not stand still (any more); else the caller must not touch the slot afterwards.
func (c *clock) hold(s *slot) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.paused {
		return false
	}
	s.turn++
	s.parked, s.unplanned = true, s.intended == 0
	due := s.intended
	if s.unplanned {
		due = c.pauseAt
	}
	c.push(entry{due, s, s.turn})
	return true
}

// unpark takes a waiting user out of the clock. It reports false when the user was not waiting (any more).
func (c *clock) unpark(s *slot) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !s.parked {
		return false
	}
	s.parked = false
	s.turn++
	return true
}

// unparkAll takes every waiting user out and returns them.
func (c *clock) unparkAll() []*slot {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []*slot
	for _, en := range c.heap {
		if en.s.parked && en.s.turn == en.turn {
			en.s.parked = false
			en.s.turn++
			all = append(all, en.s)
		}
	}
	c.heap = nil
	return all
}

// kick makes the clock look again: a stream has changed.
func (c *clock) kick() {
	c.mu.Lock()
	if c.opened && !c.closed {
		c.armed, c.kicked = 0, true
		c.alarm.set(0)
	}
	c.mu.Unlock()
}

// run fires what is due until close. It is the clock goroutine.
func (c *clock) run() {
	defer c.alarm.close()
	var due []*slot
	for {
		next := int64(never)
		c.mu.Lock()
		now := c.e.Now()
		c.kicked = false
		if c.closed {
			c.mu.Unlock()
			return
		}
		stalled := c.stalledAt(now)
		c.mu.Unlock()
		if stalled {
			c.e.cfg.Stalled()
		}
		ordered := c.e.obey(now)
		c.mu.Lock()
		paused, plan, shift := c.paused, c.planNow(now), c.shift
		due = due[:0]
		held := paused || c.fenced
		if !held {
			due, next = c.popDue(due, now)
		}
		c.mu.Unlock()

		for _, s := range due {
			c.e.pool.give(s)
		}
		if !held {
			if at := c.e.fireStreams(plan); at != never {
				next = min(next, at+shift)
			}
		}
		c.sleep(min(next, ordered))
		c.alarm.wait()
	}
}

// sleep sets the alarm for next, or for anything earlier that was parked meanwhile. The alarm is only ever set under mu: a later setting
// must not undo an earlier time that somebody else just asked for.
func (c *clock) sleep(next int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.heap) > 0 && !c.paused && !c.fenced {
		next = min(next, c.heap[0].due)
	}
	if c.closed || c.kicked {
		next = 0
	}
	c.armed = next
	if next == never {
		c.ring(time.Hour)
		return
	}
	c.ring(max(grain, time.Duration(next-c.e.Now())))
}

// popDue moves the users that are due into dst and returns when the next one is. mu is held.
func (c *clock) popDue(dst []*slot, now int64) ([]*slot, int64) {
	for len(c.heap) > 0 {
		top := c.heap[0]
		if top.turn != top.s.turn || !top.s.parked {
			c.pop()
			continue
		}
		if top.due > now {
			return dst, top.due
		}
		c.pop()
		top.s.parked = false
		if top.s.intended = top.due; top.s.unplanned {
			top.s.intended = 0
		}
		dst = append(dst, top.s)
	}
	return dst, never
}

// pause stands the plan still, and says since when, in run time. It reports false when it already stood.
func (c *clock) pause() (since int64, ok bool) {
	return c.pauseSince(c.e.Now())
}

// pauseSince is pause from a run time on.
func (c *clock) pauseSince(at int64) (since int64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.paused {
		return 0, false
	}
	c.paused, c.pauseAt = true, at
	c.stands.Store(true)
	c.tellEnd()
	return c.pauseAt, true
}

// resume lets the plan go on where it stood: everything is due later by the length of the pause. It returns when that began, in run time, and
// its length, and reports false when the plan did not stand still.
func (c *clock) resume() (since, gap int64, stood bool) { return c.resumeAt(c.e.Now()) }

// resumeAt is resume at a run time.
func (c *clock) resumeAt(at int64) (since, gap int64, stood bool) {
	c.mu.Lock()
	if !c.paused {
		c.mu.Unlock()
		return 0, 0, false
	}
	since = c.pauseAt
	gap = max(0, at-since)
	c.paused = false
	c.stands.Store(false)
	c.shift += gap
	c.stood.Store(c.shift)
	c.tellEnd()
	for i := range c.heap {
		if c.heap[i].due != never { // those who wait for iterations are due when there are some
			c.heap[i].due += gap
		}
	}
	c.mu.Unlock()
	c.kick()
	return since, gap, true
}

// push and pop keep a 4-ary heap: half the depth of a binary one, and its four children share a cache line.
func (c *clock) push(en entry) {
	h := append(c.heap, en)
	i := len(h) - 1
	for i > 0 {
		p := (i - 1) / 4
		if h[p].due <= en.due {
			break
		}
		h[i] = h[p]
		i = p
	}
	h[i] = en
	c.heap = h
}

func (c *clock) pop() {
	h := c.heap
	n := len(h) - 1
	last := h[n]
	h[n] = entry{}
	h = h[:n]
	c.heap = h
	if n == 0 {
		return
	}
	i := 0
	for {
		child := 4*i + 1
		if child >= n {
			break
		}
		best := child
		for j := child + 1; j < min(child+4, n); j++ {
			if h[j].due < h[best].due {
				best = j
			}
		}
		if h[best].due >= last.due {
			break
		}
		h[i] = h[best]
		i = best
	}
	h[i] = last
}
