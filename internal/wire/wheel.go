package wire

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"time"
)

const (
	tick       = 4e6  // ns; a limit is noticed at most this late, and then the goroutine must still be scheduled
	wheelSlots = 8192 // one turn of the wheel is 33 s
)

// wheel gives up requests whose time is over.
//
// A request does not enter and leave it: each connection stays queued, at the latest for when its last request was due, while requests
// come and go and only change conn.due. When the wheel comes to a connection it looks: no request, then the connection leaves the wheel;
// a later due time, then it is queued again; else the request is given up. So a keep-alive connection costs the wheel one visit per
// timeout, whatever it carries, and a request one atomic load.
type wheel struct {
	e *Engine

	mu     sync.Mutex
	slots  [wheelSlots]*conn
	filled [wheelSlots / 64]uint64 // which slots hold something
	next   int64                   // the first tick that was not looked at
	asleep int64                   // the tick that turn sleeps for

	wakeUp chan struct{}
	quit   chan struct{}
}

// timer is the place of a connection in the wheel.
type timer struct {
	at             atomic.Int64 // ns when the wheel will look at it; 0 when it is not queued
	earlier, later *conn        // neighbours in its slot
}

const never = 1<<63 - 1

func (w *wheel) init(e *Engine) {
	w.e, w.asleep = e, never
	w.next = max(0, e.Now()) / tick // a worker may be made before the moment at which its run begins
	w.wakeUp, w.quit = make(chan struct{}, 1), make(chan struct{})
}

// ensure sees to it that the wheel looks at c when due has passed. conn.due must have been set before.
func (w *wheel) ensure(c *conn, due int64) {
	if at := c.timer.at.Load(); at != 0 && at <= due+tick {
		return
	}
	w.queue(c, due)
}

func (w *wheel) queue(c *conn, due int64) {
	w.mu.Lock()
	at := c.timer.at.Load()
	if at != 0 && at <= due+tick {
		w.mu.Unlock()
		return
	}
	if at != 0 {
		w.unlink(c)
	}
	t := w.link(c, due)
	early := t < w.asleep
	w.mu.Unlock()
	if early {
		select {
		case w.wakeUp <- struct{}{}:
		default:
		}
	}
}

// link puts c into the slot of the first tick after due, or the last of this turn. The lock is held.
func (w *wheel) link(c *conn, due int64) int64 {
	t := due/tick + 1
	t = max(min(t, w.e.Now()/tick+wheelSlots-1), w.next)
	i := t % wheelSlots
	c.timer.at.Store(t * tick)
	c.timer.earlier, c.timer.later = nil, w.slots[i]
	if c.timer.later != nil {
		c.timer.later.timer.earlier = c
	}
	w.slots[i] = c
	w.filled[i/64] |= 1 << (i % 64)
	return t
}

// unlink takes c out of its slot. The lock is held.
func (w *wheel) unlink(c *conn) {
	t := &c.timer
	i := t.at.Load() / tick % wheelSlots
	if t.earlier != nil {
		t.earlier.timer.later = t.later
	} else {
		w.slots[i] = t.later
	}
	if t.later != nil {
		t.later.timer.earlier = t.earlier
	}
	if w.slots[i] == nil {
		w.filled[i/64] &^= 1 << (i % 64)
	}
	t.earlier, t.later = nil, nil
	t.at.Store(0)
}

// forget takes a connection out that is about to be closed.
func (w *wheel) forget(c *conn) {
	if c.timer.at.Load() == 0 {
		return
	}
	w.mu.Lock()
	if c.timer.at.Load() != 0 {
		w.unlink(c)
	}
	w.mu.Unlock()
}

// turn is the wheel's goroutine.
func (w *wheel) turn() {
	sleep := time.NewTimer(time.Hour)
	defer sleep.Stop()
	var late []*conn
	for {
		now := w.e.Now()
		var wait time.Duration
		late, wait = w.advance(now, late[:0])
		for i, c := range late {
			c.expire(now)
			late[i] = nil
		}
		sleep.Reset(wait)
		select {
		case <-sleep.C:
		case <-w.wakeUp:
		case <-w.quit:
			return
		}
	}
}

func (w *wheel) stop() { close(w.quit) }

// advance looks at all slots up to now. It gives the connections whose request is late, and how long to sleep.
func (w *wheel) advance(now int64, late []*conn) ([]*conn, time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	last := max(0, now) / tick
	for t := w.nextFilled(w.next); t <= last; t = w.nextFilled(t + 1) {
		w.next = max(w.next, t+1)
		for c := w.slots[t%wheelSlots]; c != nil; {
			following := c.timer.later
			w.unlink(c) // which sets timer.at to 0 before due is read: see ensure
			if due := c.due.Load(); due > now {
				w.link(c, due)
			} else if due > 0 {
				late = append(late, c)
			}
			c = following
		}
	}
	w.next = max(w.next, last+1)
	w.asleep = w.nextFilled(w.next)
	if w.asleep == never {
		return late, time.Hour
	}
	return late, time.Duration(max(0, w.asleep*tick-now))
}

// nextFilled is the first tick from t on whose slot holds something; never when none does. The lock is held.
func (w *wheel) nextFilled(t int64) int64 {
	for off := int64(0); off < wheelSlots; {
		i := (t + off) % wheelSlots
		word := w.filled[i/64] >> (i % 64)
		if word == 0 {
			off += 64 - i%64
			continue
		}
		if off += int64(bits.TrailingZeros64(word)); off < wheelSlots {
			return t + off
		}
	}
	return never
}

// expire gives up the request in flight when it is due.
func (c *conn) expire(now int64) {
	if c.h2 != nil {
		c.h2.expire(now)
		return
	}
	if due := c.due.Load(); due > 0 && due <= now && c.due.CompareAndSwap(due, int64(expired)) {
		c.link.wake()
	}
}
