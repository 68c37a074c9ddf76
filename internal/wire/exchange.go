package wire

import (
	"context"

	"github.com/stampede-load/stampede/internal/fault"
)

// exchange is the state of one request from Do to Response.Release: what is sent, what is received, where the hops lead. Exchanges are
// pooled; an idle user has none.
type exchange struct {
	answer
	e    *Engine
	c    *Client
	req  *Request
	resp *Response
	ctx  context.Context
	wait waiter // how the back end parks and wakes the goroutine

	out    []byte // the request of this hop
	rest   []byte // the part of its body that was too large for out; the caller's
	sent   int    // bytes of both that the kernel took
	failed bool   // sending broke off: the answer, if any, came early

	at       location
	method   string
	hops     int
	foreign  bool // a redirect left the host that was asked first: secrets stay behind
	bodyless bool // a redirect turned the request into a GET

	own       overrides // what the caller's header fields replace
	deadline  int64     // of the whole request
	due       int64     // the time limit in force; 0 before the first
	firstDue  bool      // the next time limit is that of the first byte
	hopSent   int64     // when this hop began
	watch     *watch
	retried   bool
	wireIn    int64 // of this hop
	wireOut   int64
	decoded   []byte // the body after decompression
	decodeErr error
	undone    bool // decoded is valid
}

func newExchange(e *Engine) *exchange {
	x := &exchange{e: e, out: make([]byte, 0, 1024)}
	x.answer.pool = &e.buffers
	x.answer.maxHeader, x.answer.maxBody = e.cfg.MaxHeader, e.cfg.MaxBody
	x.wait.init(x)
	return x
}

// outLimit is how large a request buffer may be to stay with a pooled exchange.
const outLimit = 32 << 10

// free gives the exchange and all its buffers back.
func (x *exchange) free() {
	x.giveBackBody()
	x.answer.release()
	if cap(x.out) > outLimit {
		x.out = make([]byte, 0, 1024)
	}
	x.c, x.req, x.resp, x.ctx, x.rest = nil, nil, nil, nil, nil
	x.at = location{}
	x.e.exchanges.Put(x)
}

// giveBackBody ends the loan of the decompressed body.
func (x *exchange) giveBackBody() {
	if x.undone && x.decoded != nil && x.ownsDecoded() {
		x.e.buffers.put(x.decoded)
	}
	x.decoded, x.decodeErr, x.undone = nil, nil, false
}

func (x *exchange) absoluteForm() bool { return x.e.cfg.Proxy != nil && !x.at.origin.secure }

// clearHop makes x ready for the next hop, or for sending the same one again.
func (x *exchange) clearHop() {
	x.giveBackBody()
	x.answer.release()
	x.answer.begin(x.method == "HEAD", x.req.Discard)
	x.sent, x.failed, x.wireIn, x.wireOut = 0, false, 0, 0
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
