package wire

import (
	"context"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// turn is a request that waits for one of its client's connections.
type turn struct {
	origin *origin
	pool   uint16
	next   *turn
	ready  chan struct{} // one value: look again
}

// acquire finds an idle connection of the client, opens one, or waits when there are as many as a browser opens to a host. fresh demands
// a new one, or one that is shared and newer than the one on which the request failed.
func (c *Client) acquire(x *exchange, fresh bool) (*conn, error) {
	o := x.at.origin
	for {
		c.mu.Lock()
		if fresh {
			c.leaveShared(o, x.req.Pool, x.gone)
		}
		port3, via3 := "", false
		if (c.e.cfg.HTTP == "3" || c.alt != nil) && x.req.Pool != CallPool {
			port3, via3 = c.speaks3(o, x.hopSent)
		}
		cn, open, idle := c.find(o, x.req.Pool, via3)
		if idle != nil && idle.dead() {
			c.unlink(idle)
			c.mu.Unlock()
			idle.shut()
			continue
		}
		if x.loop != nil && (cn == nil || fresh || !cn.follows()) {
			c.mu.Unlock()
			return nil, errBlocks
		}
		if cn != nil && (!fresh || cn.shared()) {
			if alive, err := c.reuse(x, cn); alive || err != nil {
				return cn, err
			}
			continue
		}
		if open < c.e.cfg.MaxConnsPerHost || idle != nil && fresh {
			if open >= c.e.cfg.MaxConnsPerHost {
				c.unlink(idle)
			} else {
				idle = nil
			}
			cn = &conn{client: c, origin: o, pool: x.req.Pool, dialing: true, via3: via3, number: c.e.opened.Add(1)}
			cn.next, c.conns = c.conns, cn
			c.mu.Unlock()
			if idle != nil {
				idle.shut()
			}
			ready, err := c.open(x, cn, port3)
			if err != nil && via3 && !isOver(err) && c.lost3(o, x.e.Now()) {
				continue // the usual way
			}
			if ready != nil || err != nil {
				return ready, err
			}
			fresh = false // there is another one by now
			continue
		}
		t := c.queue(o, x.req.Pool)
		c.mu.Unlock()
		if err := c.await(x, t); err != nil {
			return nil, err
		}
	}
}

// reuse gives an idle connection, or one that is shared, to a request, and reports whether it still looks usable. It unlocks.
func (c *Client) reuse(x *exchange, cn *conn) (alive bool, err error) {
	err, idle := c.engage(x, cn), x.hopSent-cn.used
	c.mu.Unlock()
	if err != nil {
		return false, err
	}
	if !cn.link.alive(idle, !x.req.idempotent()) {
		c.release(x, cn, false)
		return false, nil
	}
	return true, nil
}

// find looks for a connection to o that can take a request. It also counts those that are open or being opened, and gives one that is
// idle, a dead one first.
func (c *Client) find(o *origin, pool uint16, via3 bool) (usable *conn, open int, idle *conn) {
	shared := !c.perRequest(pool) // may several requests have one HTTP/2 connection?
	for cn := c.conns; cn != nil; cn = cn.next {
		if !cn.origin.same(o) || cn.pool != pool || cn.via3 != via3 || cn.doomed || cn.users > 0 && cn.dead() {
			continue
		}
		if open++; cn.dialing {
			if shared && (via3 || pool == CallPool || o.h2.Load()) {
				open = waitForIt // it will take them all
			}
			continue
		}
		if cn.users == 0 && (idle == nil || !idle.dead()) {
			idle = cn
		}
		switch {
		case cn.dead():
		case shared && !cn.room():
			open = waitForIt
		case usable == nil && (cn.users == 0 || shared && cn.shared()):
			usable = cn
		}
	}
	return usable, open, idle
}

// waitForIt is more connections than a client may have.
const waitForIt = 1 << 20

// leaveShared sees to it that the HTTP/2 and HTTP/3 connections to o take no further requests, up to the one with that number: one that was
// opened since may be the one that another request needed, for the same reason. The lock is held.
func (c *Client) leaveShared(o *origin, pool uint16, last uint32) {
	for cn := c.conns; cn != nil; cn = cn.next {
		switch {
		case cn.dialing || !cn.origin.same(o) || cn.pool != pool || int32(cn.number-last) > 0:
		case cn.h2 != nil:
			cn.h2.state.Or(h2Leaving)
		case cn.h3 != nil:
			cn.h3.left.Store(true)
		}
	}
}

// hasH2 reports whether another HTTP/2 connection to the same origin can take requests. The lock is held.
func (c *Client) hasH2(not *conn) bool {
	for cn := c.conns; cn != nil; cn = cn.next {
		if cn != not && !cn.dialing && cn.h2 != nil && cn.origin.same(not.origin) && cn.pool == not.pool && !cn.doomed && !cn.dead() {
			return true
		}
	}
	return false
}

// roomChanged lets the requests that wait for a connection to o look again.
func (c *Client) roomChanged(o *origin, pool uint16) {
	c.mu.Lock()
	var all *turn
	if c.waiting != nil {
		all = c.nextTurn(o, pool, false)
	}
	c.mu.Unlock()
	wakeTurns(all)
}

// open dials for a connection that stands in the list already, so that its place is taken. It gives none when there is another HTTP/2
// connection by now: before anybody knows that a server speaks HTTP/2, several may be dialled at once.
func (c *Client) open(x *exchange, cn *conn, port3 string) (*conn, error) {
	s := c.stripe()
	s.dials.Add(1)
	err := c.dial(x, cn, port3)
	c.mu.Lock()
	cn.dialing = false
	needless := err == nil && cn.h2 != nil && !c.perRequest(cn.pool) && c.hasH2(cn)
	if needless {
		c.unlink(cn)
		defer cn.shut()
	} else if err == nil {
		if err = c.engage(x, cn); err != nil {
			defer cn.shut()
		}
	}
	if err != nil {
		c.unlink(cn)
	}
	next := c.nextTurn(cn.origin, cn.pool, err != nil || !cn.shared())
	c.mu.Unlock()
	wakeTurns(next)
	if err != nil {
		s.dialFails.Add(1)
		return nil, err
	}
	if needless {
		return nil, nil
	}
	return cn, nil
}

// engage gives the connection to a request. The lock is held.
func (c *Client) engage(x *exchange, cn *conn) error {
	w, err := c.watchOf(x.ctx)
	if err != nil {
		return err
	}
	if w != nil {
		w.requests++
	}
	x.watch = w
	if cn.users++; cn.users == 1 {
		cn.watch = w
	}
	cn.served++
	x.resp.Reused, x.resp.Remote = cn.served > 1, cn.remote
	return nil
}

// release takes a connection back after a request; keep says whether it can serve another one.
func (c *Client) release(x *exchange, cn *conn, keep bool) {
	each := c.perRequest(cn.pool)
	keep = keep && !each
	if !cn.shared() {
		cn.link.rest()
	}
	c.mu.Lock()
	c.unwatch(x.watch)
	x.watch = nil
	cn.users--
	cn.used = x.resp.Times.Done
	if cn.doomed || !keep && (!cn.shared() || each) || cn.dead() {
		cn.doomed = true
		if cn.users == 0 { // until then a done context must find it
			c.unlink(cn)
		}
	} else if c.conns != cn {
		c.unlink(cn)
		cn.next, c.conns = c.conns, cn
	}
	var next *turn
	if c.waiting != nil {
		next = c.nextTurn(cn.origin, cn.pool, true)
	}
	last := cn.doomed && cn.users == 0
	c.mu.Unlock()
	wakeTurns(next)
	if last {
		cn.shut()
	}
}

// unlink takes cn out of the list. It reports whether it was there.
func (c *Client) unlink(cn *conn) bool {
	for p := &c.conns; *p != nil; p = &(*p).next {
		if *p == cn {
			*p, cn.next = cn.next, nil
			return true
		}
	}
	return false
}

// retire closes a connection when no request uses it any more.
func (c *Client) retire(cn *conn) {
	c.mu.Lock()
	cn.doomed = true
	idle := cn.users == 0 && !cn.dialing && c.unlink(cn)
	c.mu.Unlock()
	if idle {
		cn.shut()
	}
}

// queue puts a request behind those that wait. The lock is held.
func (c *Client) queue(o *origin, pool uint16) *turn {
	t := &turn{origin: o, pool: pool, ready: make(chan struct{}, 1)}
	if c.last == nil {
		c.waiting = t
	} else {
		c.last.next = t
	}
	c.last = t
	return t
}

// nextTurn takes the first request that waits for a connection of that pool to o out of the queue, or all of them. The lock is held.
func (c *Client) nextTurn(o *origin, pool uint16, one bool) *turn {
	var taken *turn
	tail := &taken
	c.last = nil
	for p := &c.waiting; *p != nil; {
		t := *p
		if t.origin.same(o) && t.pool == pool && (!one || taken == nil) {
			*p, t.next = t.next, nil
			*tail, tail = t, &t.next
			continue
		}
		c.last, p = t, &t.next
	}
	return taken
}

func wakeTurns(t *turn) {
	for t != nil {
		next := t.next
		t.next = nil
		t.ready <- struct{}{}
		t = next
	}
}

// await waits for a turn.
func (c *Client) await(x *exchange, t *turn) error {
	begun := x.e.Now()
	timer := time.NewTimer(time.Duration(x.deadline - begun))
	defer timer.Stop()
	var err error
	select {
	case <-t.ready:
	case <-timer.C:
		x.due = x.deadline
		err = &fault.Error{
			Kind: fault.Timeout, Op: "wait", Text: "no connection to " + x.at.origin.place() + " became free within " + x.limit().String(),
			Hint: "the user asks for more at once than its connections can carry", Err: context.DeadlineExceeded,
		}
	case <-x.ctx.Done():
		err = cancelledError(context.Cause(x.ctx))
	case <-x.e.life.Done():
		err = x.limitError(closed)
	}
	waited := x.e.Now() - begun
	x.resp.Times.Wait += time.Duration(waited)
	c.stripe().blocked.Add(waited)
	if err != nil {
		c.leave(t)
	}
	return err
}

// leave takes a request out of the queue that waits no longer; a turn it was given meanwhile goes to the next.
func (c *Client) leave(t *turn) {
	c.mu.Lock()
	var next *turn
	select {
	case <-t.ready:
		next = c.nextTurn(t.origin, t.pool, true)
	default:
		c.last = nil
		for p := &c.waiting; *p != nil; {
			if *p == t {
				*p = t.next
				continue
			}
			c.last, p = *p, &(*p).next
		}
	}
	c.mu.Unlock()
	wakeTurns(next)
}

// isOver reports whether a failure leaves nothing to try: the request was cancelled, or its whole time is over.
func isOver(err error) bool {
	k := fault.Of(err)
	return k == fault.Cancelled || k == fault.Timeout
}
