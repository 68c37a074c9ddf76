package wire

import (
	"context"
	"errors"
	"math"
	"net"
	"sync"
	"time"
)

// errNoTunnel says that the client has no HTTP/2 connection to the site which carries other protocols: open one of HTTP/1.1 instead.
var errNoTunnel = errors.New("wire: no HTTP/2 connection to the site that carries other protocols")

// openOver2 sends one request of Open on an HTTP/2 connection of the client: of an upgrade by extended CONNECT (RFC 8441), and else of an answer
// that goes on. As a browser does, an upgrade uses a connection that is there, and dials one only when Config.HTTP is "2" or "h2c"; an answer has
// any that ALPN agrees on. Where there is none, and where the server does not offer it, the error is errNoTunnel, and x is as it was before. An
// answer that is no stream gives nil, and no error. Closing the stream ends it on both sides.
func (x *exchange) openOver2() (*Stream, error) {
	upgrade := x.req.Upgrade != ""
	if !upgrade && !x.mayOver2() {
		return nil, errNoTunnel
	}
	if upgrade && (!validToken(x.req.Upgrade) || len(x.req.Body) > 0) {
		return nil, requestError("a tunnel has the name of a protocol, and no body")
	}
	if x.e.life.Err() != nil {
		return nil, x.limitError(closed)
	}
	x.fresh = false
	x.clearHop()
	method := x.method
	conn := x.c.bodyConn
	if upgrade {
		x.method, conn = "CONNECT", x.c.tunnelConn
	}
	t, err := x.tunnel(conn)
	if err == nil && t == nil && upgrade && x.answer.status < 400 {
		err = errNoTunnel
	}
	if err == errNoTunnel {
		x.method = method
	}
	if t == nil || err != nil {
		return nil, err
	}
	s := &Stream{conn: t, e: x.e, client: x.c, Remote: t.conn.remote}
	if !x.e.streams.add(s) {
		s.Close()
		return nil, x.limitError(closed)
	}
	return s, nil
}

// tunnel asks for a stream of another protocol, or for an answer that goes on; nil is none.
func (x *exchange) tunnel(find func(*exchange) (*conn, error)) (*tunnel, error) {
	cn, err := find(x)
	if err != nil {
		return nil, err
	}
	t := newTunnel(cn, x.req.Upgrade)
	x.conn = cn
	x.acquire()
	x.stream.tunnel = t
	if _, err = cn.h2.ask(x); err == errWait {
		cn.h2.wait(x)
		x.acquire()
		_, err = cn.h2.more(x)
	}
	x.stream.tunnel, x.conn = nil, nil
	x.count()
	if t.x == nil {
		x.c.release(x, cn, err == nil && x.answer.keep)
		t = nil
	} else {
		x.c.mu.Lock()
		x.c.unwatch(x.watch)
		x.watch = nil
		x.c.mu.Unlock()
	}
	if err != nil {
		if x.stream.untouched {
			err = errNoTunnel
		}
		return nil, err
	}
	if x.answer.cookies && !x.req.NoCookies {
		x.c.storeCookies(x)
	}
	return t, nil
}

// tunnelConn finds the connection for a tunnel.
func (c *Client) tunnelConn(x *exchange) (cn *conn, err error) {
	if x.e.cfg.HTTP == "2" && x.at.origin.secure || x.e.cfg.HTTP == "h2c" {
		if cn, err = c.acquire(x, false); err != nil {
			return nil, err
		}
	} else {
		c.mu.Lock()
		if cn, _, _ = c.find(x.at.origin, x.req.Pool, false); cn == nil || cn.h2 == nil {
			c.mu.Unlock()
			return nil, errNoTunnel
		}
		alive, err := c.reuse(x, cn)
		if err != nil {
			return nil, err
		}
		if !alive {
			return nil, errNoTunnel
		}
	}
	offered, err := cn.h2.offersTunnels(x)
	if offered {
		return cn, nil
	}
	if c.release(x, cn, true); err == nil {
		err = errNoTunnel
	}
	return nil, err
}

// mayOver2 reports whether the settings let a request speak HTTP/2.
func (x *exchange) mayOver2() bool {
	how := x.e.cfg.HTTP
	return how != "1.1" && how != "3" && len(x.body()) == 0
}

// bodyConn finds the connection for an answer that goes on: one that is there, or another one where the site has not said yet what it speaks.
func (c *Client) bodyConn(x *exchange) (*conn, error) {
	o := x.at.origin
	if !o.secure && c.e.cfg.HTTP != "h2c" {
		return nil, errNoTunnel
	}
	c.mu.Lock()
	for cn := c.conns; cn != nil; cn = cn.next {
		if !cn.dialing && cn.h2 == nil && cn.h3 == nil && cn.origin.same(o) && cn.pool == x.req.Pool {
			c.mu.Unlock()
			return nil, errNoTunnel // it speaks HTTP/1.1
		}
	}
	c.mu.Unlock()
	cn, err := c.acquire(x, false)
	if err == nil && cn.h2 == nil {
		c.release(x, cn, true)
		err = errNoTunnel
	}
	if err != nil {
		return nil, err
	}
	return cn, nil
}

// offersTunnels reports whether the server takes extended CONNECT.
func (h *h2conn) offersTunnels(x *exchange) (bool, error) {
	if err := h.greeted(x); err != nil {
		return false, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.connects, nil
}

// greeted waits until the server has said what it permits: its first SETTINGS, for which a connection that was just made has to wait.
func (h *h2conn) greeted(x *exchange) error {
	h.mu.Lock()
	if !h.settled && h.err == nil {
		if h.arrived == nil {
			h.arrived = make(chan struct{})
		}
		arrived := h.arrived
		h.line.kick() // the preface may still wait for the first request
		h.unlock()
		timer := time.NewTimer(time.Duration(x.deadline - x.e.Now()))
		defer timer.Stop()
		select {
		case <-arrived:
		case <-timer.C:
			x.due = x.deadline
			x.acquire()
			return x.timeoutError()
		case <-x.ctx.Done():
			return cancelledError(context.Cause(x.ctx))
		case <-x.e.life.Done():
			return x.limitError(closed)
		}
		h.mu.Lock()
	}
	defer h.unlock()
	if h.err != nil {
		return h.err
	}
	return nil
}

// tellArrived wakes those who wait for the first SETTINGS, or learn that none will come. The lock is held.
func (h *h2conn) tellArrived() {
	if h.arrived != nil {
		close(h.arrived)
		h.arrived = nil
	}
}

// tunnel is a stream of another protocol, or an answer that goes on. All of it is guarded by the lock of the connection.
type tunnel struct {
	h        *h2conn
	conn     *conn
	protocol []byte    // none for the body of an answer that goes on: nothing can be written, as the request is over
	x        *exchange // its place among the streams, from when it is open; made for it and never lent
	changed  sync.Cond
	writing  sync.Mutex // one Write at a time

	in       []byte // what came and was not read
	at       int    // how much of in was
	ended    bool   // the peer will send no more
	closed   bool   // by its owner
	err      error  // why it is over
	lost     int    // bytes of a Write that were not sent when it was over
	ready    func() // to be told when there is something to read
	readBy   tunnelLimit
	writeBy  tunnelLimit
	counters *stripe
}

func newTunnel(cn *conn, protocol string) *tunnel {
	t := &tunnel{h: cn.h2, conn: cn, protocol: []byte(protocol), counters: cn.client.stripe()}
	t.changed.L = &cn.h2.mu
	return t
}

// openTunnel puts a tunnel into the place of the request that asked for it, and wakes that.
func (h *h2conn) openTunnel(i int) {
	x := h.streams[i]
	t := x.stream.tunnel
	t.x = &exchange{e: h.e, c: x.c, conn: x.conn, due: math.MaxInt64, stream: x.stream}
	t.x.stream.done = nil
	h.streams[i] = t.x
	if len(h.streams) == 1 {
		h.c.due.Store(0)
	}
	x.stream.done <- struct{}{}
}

// tunnelOf is the tunnel that an entry of the streams is; nil for a request, also for one that asks for a tunnel.
func tunnelOf(x *exchange) *tunnel {
	if t := x.stream.tunnel; t != nil && t.x == x {
		return t
	}
	return nil
}

// took takes what came.
func (t *tunnel) took(b []byte) {
	if t.at > 0 && t.at == len(t.in) {
		t.in, t.at = t.in[:0], 0
	}
	t.in = append(t.in, b...)
	t.counters.in.Add(int64(len(b)))
	t.tell()
}

// over is called when the stream is no more.
func (t *tunnel) over(err error, unsent int) {
	if err == nil {
		err = net.ErrClosed
	}
	t.err, t.lost = err, unsent
	t.tell()
}

// leaveTunnel takes a connection back from a tunnel.
func (c *Client) leaveTunnel(cn *conn) {
	c.mu.Lock()
	cn.users--
	cn.used = c.e.Now()
	cn.doomed = cn.doomed || cn.dead()
	last := cn.doomed && cn.users == 0
	if last {
		c.unlink(cn)
	}
	var next *turn
	if c.waiting != nil {
		next = c.nextTurn(cn.origin, cn.pool, true)
	}
	c.mu.Unlock()
	wakeTurns(next)
	if last {
		cn.shut()
	}
}
