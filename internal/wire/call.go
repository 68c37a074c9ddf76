package wire

import (
	"context"
	"strconv"
)

// CallPool is the pool (Request.Pool) of connections for calls, as gRPC makes them: they speak HTTP/2 at once, whatever Config.HTTP says and
// also without TLS, one of them carries all calls to a site, and Config.Fresh does not close it. Their requests do not tell the length of the
// body, and of their answers the trailers are kept.
const CallPool uint16 = 1<<16 - 2

// StreamReset is why a server ended a stream of HTTP/2: the code of its RST_STREAM (RFC 9113, 7). It is the cause of a *fault.Error.
type StreamReset uint32

// Error is the name of the code: "REFUSED_STREAM".
func (c StreamReset) Error() string { return h2code(c).String() }

// Target is that of the engine, for the client's own requests.
func (c *Client) Target(base string) (*Target, error) { return c.e.Target(base) }

// Connect sees to it that there is a connection for req, without sending it, and that the site has answered in HTTP/2. The error is as of Do; resp
// has the times and the address, and no status. It is for requests of CallPool.
func (c *Client) Connect(ctx context.Context, req *Request, resp *Response) error {
	x := c.begin(ctx, req, resp)
	x.err = x.connect()
	return x.end()
}

func (x *exchange) connect() error {
	if x.req.Pool != CallPool {
		return requestError("pool " + strconv.Itoa(int(x.req.Pool)) + " has connections of other kinds")
	}
	if err := x.prepare(); err != nil {
		return err
	}
	if err := x.at.origin.err; err != nil {
		return err
	}
	if x.e.life.Err() != nil {
		return x.limitError(closed)
	}
	x.hopSent = x.resp.Times.Sent
	x.clearHop()
	cn, err := x.c.acquire(x, false)
	if err != nil {
		return err
	}
	err = cn.h2.greeted(x)
	x.resp.Times.Done = x.e.Now()
	x.c.release(x, cn, err == nil)
	return err
}

// perRequest reports whether a connection of that pool is closed after one request.
func (c *Client) perRequest(pool uint16) bool {
	return c.e.cfg.Fresh == PerRequest && pool != CallPool
}

// at2 reports whether a connection speaks HTTP/2 without asking what the site likes.
func (d *dialing) at2() bool { return d.calls || d.e.cfg.HTTP == "h2c" }

// Trailers calls yield for each field behind the body of an answer to a request of CallPool, until it returns false. The bytes are the
// engine's, until Release.
func (r *Response) Trailers(yield func(name, value []byte) bool) {
	if r.x != nil {
		text := answer{fields: r.x.answer.behind}
		text.each(yield)
	}
}

// trailed keeps the fields behind the body.
func (a *answer) trailed(head *h2head) { a.behind = append(a.behind[:0], head.text...) }
