package wire

import (
	"context"
	"io"
	"net"
	"net/http/httputil"
	"slices"
	"strconv"

	"github.com/stampede-load/stampede/internal/fault"
)

// streamPool is the pool of connections that carry one stream and are never shared: see Request.Pool.
const streamPool = 1<<16 - 1

// Open makes a request whose answer goes on for as long as both like: with Request.Upgrade a connection that becomes one of another protocol
// (101), else the body of an answer as it comes. It returns when the header is complete; the time limits and ctx hold until then, and no
// longer. Other answers are read whole as by Do, and there is no stream: a status of 400 or above is no error here either, one below that
// does not switch protocols is. Redirects are followed unless the request says otherwise.
//
// Over HTTP/2 it is a stream of the visitor's connection to the site: an upgrade where there is one that offers it (RFC 8441), the body of an answer
// wherever ALPN agrees on HTTP/2. Else it has a connection of its own that speaks HTTP/1.1, dialled as every other: guard, name lookup, source
// address, proxy, TLS, with the visitor's cookies. Each hop of a redirect goes by what its own site speaks; of an upgrade over HTTP/2 none is
// followed, it is asked for over HTTP/1.1 then. Close the stream; what is open when the engine closes is closed with it.
func (c *Client) Open(ctx context.Context, req *Request, resp *Response) (*Stream, error) {
	req.opens = true
	x := c.begin(ctx, req, resp)
	s, err := x.openAll()
	x.err = err
	if err := x.end(); err != nil {
		if s != nil {
			s.Close()
		}
		return nil, err
	}
	return s, nil
}

// openAll follows the request from hop to hop.
func (x *exchange) openAll() (*Stream, error) {
	if err := x.prepare(); err != nil {
		return nil, err
	}
	for {
		if err := x.at.origin.err; err != nil {
			return nil, err
		}
		if x.hopSent = x.resp.Times.Sent; x.hops > 0 {
			x.hopSent = x.e.Now()
		}
		s, err := x.openOver2()
		if err == errNoTunnel {
			s, err = x.openOne()
		}
		if s != nil || err != nil {
			return s, err
		}
		if !x.redirected() || x.req.Stay {
			return nil, x.notSwitched()
		}
		if err := x.follow(); err != nil {
			return nil, err
		}
	}
}

// notSwitched is the failure of an answer that is a success and yet no stream.
func (x *exchange) notSwitched() error {
	if x.req.Upgrade == "" || x.answer.status >= 400 {
		return nil
	}
	return &fault.Error{
		Kind: fault.Protocol, Op: "read", Text: "the answer was " + strconv.Itoa(x.answer.status) + " and not a switch to " + x.req.Upgrade,
		Hint: "is this the right path, and does every proxy before it let " + x.req.Upgrade + " through?",
	}
}

// openOne sends one request on a connection of its own.
func (x *exchange) openOne() (*Stream, error) {
	x.clearHop()
	cn, err := x.c.dialStream(x)
	if err != nil {
		return nil, err
	}
	x.conn = cn
	x.acquire()
	x.answer.opening = true
	x.build()
	err = cn.roundTrip(x)
	x.conn = nil
	x.count()
	if err == nil && x.answer.cookies && !x.req.NoCookies {
		x.c.storeCookies(x)
	}
	if err != nil || !x.streams() {
		x.c.release(x, cn, false)
		return nil, err
	}
	return x.handOver(cn)
}

// streams reports whether what follows the header belongs to the stream.
func (x *exchange) streams() bool {
	if x.req.Upgrade != "" {
		return x.answer.status == 101
	}
	return x.answer.opened
}

// dialStream opens a connection that only x will use.
func (c *Client) dialStream(x *exchange) (*conn, error) {
	if x.e.life.Err() != nil {
		return nil, x.limitError(closed)
	}
	cn := &conn{client: c, origin: x.at.origin, pool: streamPool, dialing: true, number: c.e.opened.Add(1)}
	c.mu.Lock()
	cn.next, c.conns = c.conns, cn
	c.mu.Unlock()
	s := c.stripe()
	s.dials.Add(1)
	err := c.dial(x, cn, "")
	c.mu.Lock()
	cn.dialing = false
	if err == nil {
		if err = c.engage(x, cn); err != nil {
			defer cn.shut()
		}
	}
	if err != nil {
		s.dialFails.Add(1)
		c.unlink(cn)
	}
	c.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return cn, nil
}

// handOver makes the connection a stream. Nothing of HTTP looks at it any more.
func (x *exchange) handOver(cn *conn) (*Stream, error) {
	c := x.c
	c.mu.Lock()
	c.unwatch(x.watch)
	x.watch = nil
	cn.users--
	c.unlink(cn)
	c.mu.Unlock()
	x.e.conns.remove(cn)
	x.e.wheel.forget(cn)
	s := cn.link.(*streamLink).s
	s.e, s.client, s.Remote = x.e, c, cn.remote
	a := &x.answer
	s.early = slices.Clone(a.buf[a.at:a.have])
	s.more.Store(true)
	if x.req.Upgrade == "" {
		s.body = bodyOf(&a.framing, rawReader{s})
	}
	if !x.e.streams.add(s) {
		s.Close()
		return nil, x.limitError(closed)
	}
	return s, nil
}

// bodyOf reads a body as it comes.
func bodyOf(f *framing, r io.Reader) io.Reader {
	switch {
	case f.chunked:
		return httputil.NewChunkedReader(r)
	case f.length >= 0:
		return io.LimitReader(r, f.length)
	}
	return r
}

// streamLink is the connection of a stream while it still speaks HTTP.
type streamLink struct{ s *Stream }

func (l *streamLink) ask(x *exchange) (int, error)  { return askConn(l.s.conn, x) }
func (l *streamLink) more(x *exchange) (int, error) { return readConn(l.s.conn, x) }
func (l *streamLink) wait(*exchange)                {} // more does
func (l *streamLink) rest()                         {}
func (l *streamLink) alive(int64, bool) bool        { return true }
func (l *streamLink) wake()                         { l.s.bare.Close() }
func (l *streamLink) close()                        { l.s.conn.Close() }

// stream makes a link for a stream of a connection: through the proxy, and TLS with a server that is not offered HTTP/2, or none.
func (d *dialing) stream(nc net.Conn) error {
	s := newStream(nc)
	d.link = &streamLink{s}
	over, err := d.pass(s.bare)
	if err != nil {
		return err
	}
	if s.conn = over; !d.origin.secure {
		return nil
	}
	tc, err := d.clientTLS(over)
	if err != nil {
		return err
	}
	s.conn = tc
	return nil
}
