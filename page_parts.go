package stampede

import (
	"sync"

	"github.com/stampede-load/stampede/internal/page"
	"github.com/stampede-load/stampede/internal/wire"
)

// The parts of a page need no goroutine while they are on their way. Who takes an answer, which is mostly the poller of its connection, shows it to
// package page and sends what is to be sent then, so that the answers of one round of the poller lead to sends that leave together.

// arrivals are the answers that have come and that nobody has looked at. Several may come at once: who finds nobody at work goes through them, so
// that the others need not wait.
type arrivals struct {
	mu   sync.Mutex
	list []*call
	from int  // those before are taken
	busy bool // somebody is at work
}

// add puts an answer behind the others; nil is none. It reports whether the caller is the one who goes through them, and then does not keep it.
func (a *arrivals) add(c *call) (mine bool) {
	a.mu.Lock()
	if mine = !a.busy; mine {
		a.busy = true
	} else if c != nil {
		a.list = append(a.list, c)
	}
	a.mu.Unlock()
	return mine
}

// next is the next answer for who goes through them; nil when there is none, and then another one may.
func (a *arrivals) next() (c *call) {
	a.mu.Lock()
	if a.from < len(a.list) {
		c, a.list[a.from] = a.list[a.from], nil
		a.from++
	} else {
		a.list, a.from, a.busy = a.list[:0], 0, false
	}
	a.mu.Unlock()
	return c
}

// partCall is the call of a part as the HTTP engine sees it.
type partCall call

// Ended takes the answer to a part.
func (p *partCall) Ended(err error, on wire.Loop) {
	c := (*call)(p)
	l := c.load
	c.err = err
	switch {
	case !l.arrivals.add(c):
	case on.Waits():
		l.mu.Lock()
		l.work(c, on)
	case l.heavy(c) || !l.mu.TryLock():
		go l.workOn(c)
	default:
		l.work(c, on)
	}
}

// heavyBody is how large a body is that is not looked at where others wait meanwhile.
const heavyBody = 32 << 10

// heavy reports whether an answer may take long to look at, and so is not looked at where others wait meanwhile.
func (l *pageLoad) heavy(c *call) bool {
	if l.u.run.watched {
		return true
	}
	if !c.part.NeedsBody() {
		return false
	}
	w := &c.resp.wire
	return w.Encoded() || len(w.Raw()) > heavyBody || !l.plan.Quick(c.part, w.Raw())
}

func (l *pageLoad) workOn(c *call) {
	l.mu.Lock()
	l.work(c, wire.Loop{})
}

// work goes through the answers that have come, c first, and sends what may be sent then. c is nil for a load that has just begun to send. The
// lock is held, and given up.
func (l *pageLoad) work(c *call, on wire.Loop) {
	for {
		own := l.goThrough(c, on)
		if own == nil {
			return
		}
		u, ctx := l.u, l.ctx // the load is not over before this request is
		pending, err := u.client.Start(ctx, &own.req, &own.resp.wire, (*partCall)(own), wire.Loop{})
		if pending {
			return
		}
		if own.err = err; !l.arrivals.add(own) {
			return
		}
		l.mu.Lock()
		c = own
	}
}

// goThrough is a turn of work. What it gives is a request that the caller, who may wait, is to send itself: so a goroutine that connections without
// a poller of ours have goes on with the next request.
func (l *pageLoad) goThrough(c *call, on wire.Loop) (own *call) {
	for {
		if c != nil {
			l.took(c)
		}
		for r := l.next(); r != nil; r = l.next() {
			if own != nil {
				l.launch(own, on)
			}
			if own = l.call(r); !on.Waits() {
				l.launch(own, on)
				own = nil
			}
		}
		over := l.plan.Over()
		c = l.arrivals.next()
		if c != nil && (on.Waits() || !l.heavy(c)) {
			continue
		}
		l.mu.Unlock()
		switch {
		case c != nil:
			go l.workOn(c)
		case over:
			select {
			case l.wake <- struct{}{}:
			default:
			}
		}
		return own
	}
}

// parts sends what the document asks for and waits until all is there.
func (l *pageLoad) parts() {
	l.mu.Lock()
	if l.arrivals.add(nil) {
		l.work(nil, wire.Loop{})
	} else {
		l.mu.Unlock() // who is at work sends them
	}
	for {
		l.mu.Lock()
		over := l.plan.Over()
		l.mu.Unlock()
		if over {
			return
		}
		<-l.wake
	}
}

// next is the next request that may be sent now. The lock is held.
func (l *pageLoad) next() *page.Request {
	if l.plan.Waiting() && (l.clock >= l.deadline || l.ctx.Err() != nil) {
		l.timedOut = l.timedOut || l.ctx.Err() == nil
		l.plan.Drop()
	}
	return l.plan.Next()
}

// launch sends the request of a part and waits for nothing. The lock is held.
func (l *pageLoad) launch(c *call, on wire.Loop) {
	pending, err := l.u.client.Launch(l.ctx, &c.req, &c.resp.wire, (*partCall)(c), on)
	if pending {
		return
	}
	if c.err = err; l.arrivals.add(c) { // nobody is at work
		go l.workOn(c)
	}
}

// call makes the request of a part. The lock is held.
func (l *pageLoad) call(r *page.Request) *call {
	u := l.u
	c := u.run.calls.Get().(*call)
	c.load, c.part = l, r
	n := u.run.partName(r, l.name)
	c.key, c.row = n.key, n.row
	l.fill(c, r)
	c.req.Discard = !r.NeedsBody() && !u.run.watched
	c.req.Header = c.fields
	if len(c.fields) == 0 {
		c.req.Header, c.req.Fixed = wireFields(r.Fields()), r.Hops() == 0
	}
	return c
}
