package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// Client is one visitor: its connections, cookies and TLS sessions. It has no goroutine and, between requests, no buffers. All methods
// may be called concurrently.
type Client struct {
	e      *Engine
	number int

	mu      sync.Mutex
	conns   *conn               // most recently used first
	waiting *turn               // requests that wait for one of the connections, in order
	watch   *watch              // of the context that the last request came with
	jar     atomic.Pointer[jar] // nil until the first cookie
	first   watch               // room for the first watch; most clients never need another
	last    *turn
	tls     *tls.Config
	alt     *alternative // sites that speak HTTP/3 too

	challenge atomic.Pointer[challenge] // the last one, of a site that wants Digest authentication; here the struct is two whole cache lines
}

// Client makes the client of the user with that number, which decides its source address. It allocates nothing more until the first
// request.
func (e *Engine) Client(number int) *Client { return &Client{e: e, number: number} }

// Do makes a request: it finds or opens a connection, sends, receives the whole answer, and follows redirects. The error is a *fault.Error
// and speaks of transport only: a status of 400 or above is none. Response.Times is filled in also when an error is returned.
//
// It is safe for concurrent use with distinct Request and Response. The goroutine that calls it does all the work but name lookup and
// connecting, which have their own.
func (c *Client) Do(ctx context.Context, req *Request, resp *Response) error {
	x := c.begin(ctx, req, resp)
	if c.e.cfg.lean {
		return x.awaited()
	}
	for x.advance() == waits {
		// Everything that was needed to get here has left the stack: a waiting user's is cold when it goes on, and each line of it counts.
		x.conn.link.wait(x)
	}
	return x.end()
}

// begin makes the exchange of a request.
func (c *Client) begin(ctx context.Context, req *Request, resp *Response) *exchange {
	resp.Release()
	x := c.e.exchanges.Get().(*exchange)
	x.c, x.req, x.resp, x.ctx = c, req, resp, ctx
	*resp = Response{response: response{x: x}}
	if resp.Times.Sent = req.Begun; req.Begun == 0 {
		resp.Times.Sent = c.e.Now()
	}
	return x
}

// end makes the response of it.
func (x *exchange) end() error {
	x.acquire() // nothing was sent when the request itself was wrong
	x.resp.fill(x)
	if x.err != nil {
		return x.fail(x.err)
	}
	return nil
}

// fail makes the error of a request. The header and body of a failed answer are not shown.
func (x *exchange) fail(err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		f = &fault.Error{Kind: fault.Other, Text: err.Error(), Err: err}
	}
	r := x.resp
	r.Times.Done = x.e.Now()
	if f.Kind.IsTimeout() && x.due > 0 {
		// The visitor waited until the limit; by how much the wheel was late is not the site's doing.
		r.Times.Done = min(r.Times.Done, x.due)
	}
	r.Release()
	return f
}

func (x *exchange) limit() time.Duration {
	if x.req.Timeout > 0 {
		return x.req.Timeout
	}
	return x.e.cfg.Timeout
}

// advance follows the request from hop to hop as far as it goes without waiting for the site.
func (x *exchange) advance() outcome {
	var err error
	switch {
	case x.conn != nil:
		x.acquire() // here, and not where the first bytes come: less stack
		err = x.conn.goOn(x)
	case x.postponed:
		x.postponed = false
		err = x.try()
	default:
		if err = x.prepare(); err == nil {
			err = x.hop()
		}
	}
	for err != errWait {
		if err == errLeft {
			return left
		}
		if err == errBlocks {
			return blocks
		}
		cn := x.conn
		if cn == nil { // it did not get as far as that
			x.err = err
			return over
		}
		x.conn = nil
		x.count()
		again := err != nil && x.mayRetry(err) && ((!x.fresh || x.resp.Reused) && x.retries < retryMost || x.stream.late && x.retries < lateMost)
		x.gone = cn.number
		x.c.release(x, cn, err == nil && x.answer.keep)
		switch {
		case again:
			err = x.retry()
		case err != nil && !x.leads(err):
			x.err = err
			return over
		default:
			if x.answer.cookies && !x.req.NoCookies {
				x.c.storeCookies(x)
			}
			if x.e.cfg.HTTP == "auto+3" {
				x.c.learnAlternatives(x)
			}
			if x.answer.status == 401 && x.challenged() {
				err = x.hop()
				continue
			}
			if !x.redirected() || x.req.Stay {
				return over
			}
			if err = x.follow(); err == nil {
				err = x.hop()
			}
		}
	}
	return waits
}

// retry sends the request of this hop once more.
func (x *exchange) retry() error {
	if x.retries++; !x.stream.late { // else it has not been sent yet
		x.fresh, x.retried = !x.stream.excess, true
		x.c.stripe().stale.Add(1)
	}
	return x.try()
}

// prepare looks at the request.
func (x *exchange) prepare() (err error) {
	x.hops, x.foreign, x.bodyless, x.retried, x.firstDue, x.due, x.retries, x.logins = 0, false, false, false, false, 0, 0, 0
	x.deadline = x.resp.Times.Sent + int64(x.limit())
	if x.method = x.req.Method; x.method == "" {
		x.method = "GET"
	}
	if x.own, err = x.e.vet(x.method, x.req); err != nil {
		return err
	}
	if base := x.req.Base; base != nil && plainPath(x.req.URL) {
		x.at = base.below(x.req.URL)
	} else if err := x.locate(); err != nil {
		return err
	}
	if x.own&ownHost != 0 {
		return x.e.fence.named(x.req.Header, x.at.origin)
	}
	return nil
}

// locate is apart from prepare for the size of its frame.
//
//go:noinline
func (x *exchange) locate() (err error) {
	x.at, err = x.e.locate(x.req.Base, x.req.URL)
	return err
}

// hop sends one request and begins to receive its answer.
func (x *exchange) hop() error {
	if err := x.at.origin.err; err != nil {
		return err
	}
	if x.e.life.Err() != nil {
		return x.limitError(closed)
	}
	x.fresh = false
	x.hopSent = x.resp.Times.Sent
	if x.hops > 0 || x.logins > 0 {
		x.hopSent = x.e.Now()
	}
	return x.try()
}

// try sends it, for the first time or on a newer connection after the first had gone stale.
func (x *exchange) try() error {
	x.clearHop()
	cn, err := x.c.acquire(x, x.fresh)
	if err != nil {
		x.postponed = err == errBlocks
		return err
	}
	x.conn = cn
	x.acquire()
	if cn.h2 != nil {
		_, err = cn.h2.ask(x)
		return err
	}
	if cn.h3 != nil {
		return cn.h3.roundTrip(x)
	}
	x.build()
	return cn.roundTrip(x)
}

func (c *Client) stripe() *stripe { return c.e.stripe(c.number) }

// count adds the bytes of a hop, or of a failed attempt at one, to the totals.
func (x *exchange) count() {
	s := x.c.stripe()
	s.in.Add(x.wireIn)
	s.out.Add(x.wireOut)
	x.resp.WireIn += x.wireIn
	x.resp.WireOut += x.wireOut
}

// retryMost is how often a request is sent again that the server had not looked at. One that comes too late for a connection has not been sent, and
// may look for another one lateMost times.
const (
	retryMost = 3
	lateMost  = 8
)

// mayRetry reports whether the failure is that of a connection the server had closed while it was idle: no byte of an answer came, and
// either the server cannot have acted on the request or doing so twice is harmless (RFC 9110, 9.2.2).
func (x *exchange) mayRetry(err error) bool {
	if x.stream.untouched { // the server says so (RFC 9113, 6.8 and 8.7), or the connection was gone before
		return true
	}
	if x.stream.ended || !x.resp.Reused || x.answer.started() || fault.Of(err) != fault.Reset {
		return false
	}
	return x.sent == 0 || x.req.idempotent()
}

// EndIteration closes the connections when Config.Fresh is PerIteration; else it does nothing.
func (c *Client) EndIteration() {
	if c.e.cfg.Fresh == PerIteration {
		c.Close()
	}
}

// Close closes the client's idle connections, and those in use when their request is done. The client can be used again.
func (c *Client) Close() {
	c.mu.Lock()
	var idle *conn
	for cn, next := c.conns, (*conn)(nil); cn != nil; cn = next {
		next = cn.next
		if cn.users == 0 && !cn.dialing {
			c.unlink(cn)
			cn.next, idle = idle, cn
		} else {
			cn.doomed = true
		}
	}
	c.forgetWatch()
	c.mu.Unlock()
	for idle != nil {
		next := idle.next
		idle.next = nil
		idle.shut()
		idle = next
	}
}
