package wire

import (
	"context"
	"sync/atomic"
	"unsafe"
)

// watch ends the requests of one client when the context they came with is done. A client keeps the watch of the context it saw last, so
// that a user whose tasks all get the same context registers with it once and not at each request.
type watch struct {
	ctx      context.Context
	requests int32 // in flight
	fired    atomic.Bool
	done     <-chan struct{}
	stop     func() bool
}

// watchOf finds or makes the watch of a context; nil when the context cannot be cancelled. The lock is held.
func (c *Client) watchOf(ctx context.Context) (*watch, error) {
	if c.watch != nil && identical(c.watch.ctx, ctx) {
		return c.watch, nil
	}
	done := ctx.Done()
	if done == nil {
		return nil, nil
	}
	if c.watch != nil && c.watch.done == done { // the same one with other values
		return c.watch, nil
	}
	if ctx.Err() != nil {
		return nil, cancelledError(context.Cause(ctx))
	}
	c.forgetWatch()
	w := &c.first
	if w.ctx != nil { // it has watched before, and a request may still look at it
		w = new(watch)
	}
	w.ctx, w.done = ctx, done
	w.stop = context.AfterFunc(ctx, func() { c.cancel(w) })
	c.watch = w
	return w, nil
}

// identical reports whether two contexts are the same object, without looking at it: == would panic for some types.
func identical(a, b context.Context) bool {
	return *(*[2]unsafe.Pointer)(unsafe.Pointer(&a)) == *(*[2]unsafe.Pointer)(unsafe.Pointer(&b))
}

// forgetWatch makes the client's watch end with its last request. The lock is held.
func (c *Client) forgetWatch() {
	w := c.watch
	c.watch = nil
	if w != nil && w.requests == 0 {
		w.stop()
	}
}

// unwatch is called when a request under w is done. The lock is held.
func (c *Client) unwatch(w *watch) {
	if w == nil {
		return
	}
	if w.requests--; w.requests == 0 && w != c.watch {
		w.stop()
	}
}

// cancel ends the requests in flight under w.
func (c *Client) cancel(w *watch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	// A request that is about to start looks at fired after it has set due; this looks at due after it has set fired.
	w.fired.Store(true)
	for cn := c.conns; cn != nil; cn = cn.next {
		if cn.dialing {
			continue
		}
		if cn.h2 != nil {
			cn.h2.giveUp(cancelled, func(x *exchange) bool { return x.watch == w })
		} else if cn.watch == w {
			cn.giveUp(cancelled)
		}
	}
}
