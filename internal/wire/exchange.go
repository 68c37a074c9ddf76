package wire

import (
	"context"
	"unsafe"

	"github.com/stampede-load/stampede/internal/fault"
)

// exchange is the state of one request from Do to Response.Release: what is asked, where the hops lead. Exchanges are pooled; an idle user
// has none. With a thousand requests under way each one has left the processor's caches by the time its answer comes, so an exchange is
// small, and what can be had warm is on the workspace.
type exchange struct {
	*workspace // nil while nothing is sent or received
	e          *Engine
	c          *Client
	conn       *conn // that carries the request; nil before and after
	req        *Request
	resp       *Response
	watch      *watch

	deadline int64 // of the whole request
	ctx      context.Context
	due      int64 // the time limit in force; 0 before the first
	hopSent  int64 // when this hop began
	sent     int   // bytes of out and rest that the kernel took; over HTTP/2 1 when anything was sent
	hops     int32
	own      overrides // what the caller's header fields replace
	failed   bool      // sending broke off: the answer, if any, came early
	foreign  bool      // a redirect left the host that was asked first: secrets stay behind
	bodyless bool      // a redirect turned the request into a GET
	firstDue bool      // the next time limit is that of the first byte
	logins   uint8     // answers to challenges of the site
	fresh    bool      // this hop is being sent again, on a connection that is newer than gone
	retried  bool      // some hop was

	wait   waiter // how the back end parks and wakes the goroutine
	at     location
	method string
	err    error // how the request ended

	retries int8
	gone    uint32 // the number of the connection on which the last attempt failed
	stream  stream // what an HTTP/2 connection knows of it

	// Of one that goes on without a goroutine: see Client.Start.
	follower  Follower // who is told of its end; nil when somebody waits for it
	loop      *poller  // whose goroutine goes on with it; nil when that may wait
	budget    int64    // how many bytes may have been received before others get their turn
	parked    bool     // it is left to the poller of its connection
	unasked   bool     // the request is still to be sent, by somebody who may wait
	postponed bool     // it needs a connection, for which somebody has to wait
}

// workspace is what an exchange works with while it sends or receives. It is lent for that time only, so a few workspaces serve any number of
// requests under way.
type workspace struct {
	answer
	out  []byte // the request of this hop
	rest []byte // the part of its body that was too large for out; the caller's

	wireIn    int64 // of this hop
	wireOut   int64
	decoded   []byte // the body after decompression
	decodeErr error
	undone    bool  // decoded is valid
	claimed   int64 // bytes of the engine's memory for large bodies that decoded has
}

func newExchange(e *Engine) *exchange {
	x := &exchange{e: e}
	x.wait.init(x)
	return x
}

func newWorkspace(e *Engine) *workspace {
	d := &workspace{out: make([]byte, 0, 1024)}
	d.pool = &e.buffers
	d.maxHeader, d.maxBody = e.cfg.MaxHeader, e.cfg.MaxBody
	return d
}

// outLimit is how large a request buffer may be to stay with a pooled workspace.
const outLimit = 32 << 10

// acquire makes sure that x has a workspace.
func (x *exchange) acquire() {
	if x.workspace == nil {
		x.workspace = x.e.workspaces.Get().(*workspace)
		x.answer.begin(x.method == "HEAD", x.req.Discard)
		if x.answer.maxBody = x.e.cfg.MaxBody; x.req.MaxBody > 0 {
			x.answer.maxBody = x.req.MaxBody
		}
	}
}

// releaseIfEmpty gives the workspace back if there is nothing of the answer on it yet.
func (x *exchange) releaseIfEmpty() {
	if x.workspace != nil && x.answer.buf == nil {
		x.leave()
	}
}

// leave gives the workspace and all buffers on it back.
func (x *exchange) leave() {
	d := x.workspace
	x.giveBackBody()
	d.answer.release()
	if cap(d.out) > outLimit {
		d.out = make([]byte, 0, 1024)
	}
	d.out, d.rest, d.wireIn, d.wireOut = d.out[:0], nil, 0, 0
	x.workspace = nil
	x.e.workspaces.Put(d)
}

// room is where the next bytes of the answer are to be received.
func (x *exchange) room() []byte {
	x.acquire()
	return x.answer.room()
}

// free gives the exchange and all its buffers back.
func (x *exchange) free() {
	if x.workspace != nil {
		x.leave()
	}
	x.c, x.req, x.resp, x.ctx, x.err, x.follower, x.loop = nil, nil, nil, nil, nil, nil, nil
	x.at = location{}
	x.e.exchanges.Put(x)
}

// giveBackBody ends the loan of the decompressed body.
func (x *exchange) giveBackBody() {
	if !x.undone {
		return
	}
	if x.decoded != nil && x.ownsDecoded() {
		x.e.buffers.put(x.decoded)
	}
	if x.claimed > 0 {
		x.e.large.Release(x.claimed)
	}
	x.decoded, x.decodeErr, x.undone, x.claimed = nil, nil, false, 0
}

// absoluteForm reports whether an HTTP proxy is asked for the site's page, and not for a tunnel to it.
func (x *exchange) absoluteForm() bool {
	via := x.at.origin.via
	return via != nil && via.socks == nil && !x.at.origin.secure && (x.e.cfg.HTTP != "h2c" || x.req.opens) && x.req.Upgrade == "" && x.req.Pool != CallPool
}

// methodName is the method as bytes, which must not be changed.
func (x *exchange) methodName() []byte {
	return unsafe.Slice(unsafe.StringData(x.method), len(x.method))
}

// clearHop makes x ready for the next hop, or for sending the same one again.
func (x *exchange) clearHop() {
	if x.workspace != nil {
		x.leave()
	}
	x.sent, x.failed, x.parked = 0, false, false
	x.stream.excess, x.stream.untouched, x.stream.ended, x.stream.stalled, x.stream.late = false, false, false, false, false
	t := &x.resp.Times
	t.FirstByte, t.Lookup, t.Connect, t.TLS = 0, 0, 0, 0
}

// limitError is what to say when somebody gave the request up.
func (x *exchange) limitError(why cause) *fault.Error {
	o := x.at.origin
	switch why {
	case cancelled:
		return cancelledError(context.Cause(x.ctx))
	case closed:
		return &fault.Error{Kind: fault.Cancelled, Text: "the run ended", Err: context.Canceled}
	}
	if x.firstDue {
		return &fault.Error{
			Kind: fault.FirstByteTimeout, Op: "read", Text: "no first byte from " + o.place() + " within " + x.e.cfg.FirstByteTimeout.String(),
			Err: context.DeadlineExceeded,
		}
	}
	return x.timeoutError()
}

// timeoutError says which part of the request used up its time.
func (x *exchange) timeoutError() *fault.Error {
	where := ": no answer"
	switch {
	case x.stream.stalled:
		where = ": it made no room for the request's body (flow control of HTTP/2)"
	case x.answer.stage > atHeader:
		where = ": the body was not complete"
	case x.answer.started():
		where = ": the header was not complete"
	}
	return &fault.Error{
		Kind: fault.Timeout, Op: "read", Text: x.at.origin.place() + " took longer than " + x.limit().String() + where, Err: context.DeadlineExceeded,
	}
}

func cancelledError(err error) *fault.Error {
	if err == nil {
		err = context.Canceled
	}
	f := &fault.Error{Kind: fault.Cancelled, Text: "the request was cancelled", Err: err}
	if isNetTimeout(err) {
		f.Text = "the deadline of the test's own context passed"
	}
	return f
}
