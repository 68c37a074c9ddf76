package wire

import (
	"runtime/debug"
	"sync/atomic"
	"time"
)

// tidier gives memory back to the system once a crowd has come. A handshake of TLS needs a deep stack and leaves garbage: where
// thousands come within seconds, that is more than what they keep, and stays with the process for minutes, as nothing is collected while
// the users think.
type tidier struct {
	shaking atomic.Int64 // handshakes, with all that is before them
	open    atomic.Int64 // connections over TLS that are open
	known   atomic.Int64 // how many there were at the last tidying
	begun   atomic.Bool
}

// manyNew is how many connections more than at the last time make it worth it.
const manyNew = 1000

// shaken is called at the end of a handshake.
func (e *Engine) shaken() {
	t := &e.tidier
	open := t.open.Load()
	if t.known.Load() > open {
		t.known.Store(open)
	}
	if t.shaking.Add(-1) > 0 || open-t.known.Load() < manyNew || !t.begun.CompareAndSwap(false, true) {
		return
	}
	if !e.begin(e.tidy) {
		t.begun.Store(false)
	}
}

// tidy waits until nobody has come for a second.
func (e *Engine) tidy() {
	t := &e.tidier
	defer t.begun.Store(false)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for before := int64(-1); ; {
		select {
		case <-e.life.Done():
			return
		case <-tick.C:
		}
		open := t.open.Load()
		if open == before && t.shaking.Load() == 0 {
			t.known.Store(open)
			debug.FreeOSMemory()
			return
		}
		before = open
	}
}
