package wire

import (
	"errors"
	"io"
	"net/netip"
	"sync/atomic"

	"github.com/stampede-load/stampede/internal/fault"
)

// link is how a back end moves the bytes of one connection. All methods but wake are called by the goroutine that has the connection.
type link interface {
	// ask sends x.out and x.rest, then receives the first bytes into x.room(). It sets x.sent, and x.failed when sending broke off but
	// something could be received. The error is errWait when there is nothing to receive yet, unless it waits itself.
	ask(x *exchange) (int, error)
	// more receives further bytes into x.room(). The error may be errWait as with ask.
	more(x *exchange) (int, error)
	// wait returns when more should be tried, after errWait.
	wait(x *exchange)
	// rest forgets the request, which is over. An idle connection holds none: requests come from a pool, and what is held is not collected.
	rest()
	// alive reports whether the idle connection still looks usable. Looking may be worth a system call: it was idle for so many ns, and
	// once says that the request may not be sent twice.
	alive(idle int64, once bool) bool
	// wake ends a wait in ask or more, which then fails. Called from any goroutine, while the connection is in use.
	wake()
	close()
}

// conn is one connection of one client. Its size matters: it is what an idle user costs.
//
// What each request touches comes first and fills two cache lines; the allocator keeps a multiple of a line on its boundary.
type conn struct {
	// due is when the request in flight is to be given up, in ns since Config.Start; a cause once it was; 0 when there is none.
	due    atomic.Int64
	timer  timer
	watch  *watch // the context of the request in flight, or of an earlier one; nil when it cannot be cancelled
	link   link
	origin *origin

	used    int64   // when it became idle, ns since Config.Start
	h2      *h2conn // when it speaks HTTP/2; link is the same
	h3      *h3conn // when it speaks HTTP/3; link is the same
	next    *conn   // in the client's list
	served  int32   // requests begun on it
	users   int32   // requests on it now; more than 1 with HTTP/2 only
	number  uint32  // in the order in which the engine began to open them
	remote  netip.AddrPort
	pool    uint16 // see Request.Pool
	dialing bool
	via3    bool // by QUIC
	doomed  bool // to be closed when its request is done

	client        *Client
	before, after *conn // in the engine's list

	_ [20]byte
}

// stale is for how long, in ns, a connection must usually have been idle for a look at it to pay.
const stale = 500e6

// dead reports whether an HTTP/2 or HTTP/3 connection takes no further requests.
func (c *conn) dead() bool { return c.h2 != nil && !c.h2.usable() || c.h3 != nil && !c.h3.usable() }

// shared reports whether several requests at once may use it.
func (c *conn) shared() bool { return c.h2 != nil || c.h3 != nil }

// room reports whether one more may.
func (c *conn) room() bool { return c.h2 == nil || c.users < c.h2.most.Load() }

// giveUp ends the request in flight, if there is one, from another goroutine.
func (c *conn) giveUp(why cause) {
	if c.h2 != nil {
		c.h2.giveUp(why, func(*exchange) bool { return true })
		return
	}
	for {
		due := c.due.Load()
		if due <= 0 {
			return
		}
		if c.due.CompareAndSwap(due, int64(why)) {
			c.link.wake()
			return
		}
	}
}

// errWait says that nothing can be done before link.wait returns.
var errWait = errors.New("wire: wait for the site")

// roundTrip sends the request in x and receives the answer, as far as that goes without waiting.
func (c *conn) roundTrip(x *exchange) error {
	if err := c.start(x); err != nil {
		return err
	}
	n, err := c.link.ask(x)
	return c.receive(x, n, err)
}

// goOn is roundTrip after waiting.
func (c *conn) goOn(x *exchange) error {
	if x.unasked {
		x.unasked = false
		n, err := c.link.ask(x)
		return c.receive(x, n, err)
	}
	n, err := c.link.more(x)
	if c.h2 != nil {
		return err
	}
	return c.receive(x, n, err)
}

// receive takes what the link has got, and what else there is.
func (c *conn) receive(x *exchange, n int, err error) error {
	t := &x.resp.Times
	for err != errWait {
		if err == errBlocks {
			return err
		}
		x.acquire()
		x.wireOut = int64(x.sent)
		t.Done = x.e.Now()
		done := false
		if err == nil {
			x.wireIn += int64(n)
			if done, err = x.answer.took(n); t.FirstByte == 0 || x.answer.interims {
				c.firstByte(x)
			}
		} else if err == io.EOF {
			done = x.answer.eof()
		}
		if done {
			if c.finish() != notDue || x.failed || x.own&ownClose != 0 {
				x.answer.keep = false
			}
			return nil
		}
		if err != nil {
			return c.failed(x, err)
		}
		if x.loop != nil && x.wireIn > x.budget {
			return errBlocks // a large body must not make others wait
		}
		n, err = c.link.more(x)
	}
	x.releaseIfEmpty()
	return err
}

// start makes the connection subject to the request's time limits and context.
func (c *conn) start(x *exchange) error {
	due := x.deadline
	x.firstDue = false // it may be the second attempt
	if first := x.e.cfg.FirstByteTimeout; first > 0 {
		if t := x.e.Now() + int64(first); t < due {
			due, x.firstDue = t, true
		}
	}
	x.due = due
	c.due.Store(due)
	if w := c.watch; w != nil && w.fired.Load() {
		c.finish()
		return x.limitError(cancelled)
	}
	if x.e.conns.shut.Load() {
		c.finish()
		return x.limitError(closed)
	}
	x.e.wheel.ensure(c, due)
	return nil
}

// firstByte notes when the answer began to come. Interim answers are none: that is the header of the one that counts, also where hints came
// long before it.
func (c *conn) firstByte(x *exchange) {
	t := &x.resp.Times
	if x.answer.interims {
		x.answer.interims, t.FirstByte = false, 0
	}
	if !x.answer.begun() {
		return
	}
	t.FirstByte = t.Done
	if x.firstDue {
		c.firstByteCame(x)
	}
}

// firstByteCame lifts the time limit of the first byte.
func (c *conn) firstByteCame(x *exchange) {
	x.firstDue, x.due = false, x.deadline
	if due := c.due.Load(); due > 0 {
		c.due.CompareAndSwap(due, x.deadline)
	}
}

// finish ends the time limits. It says whether somebody gave the request up meanwhile.
func (c *conn) finish() cause {
	if why := c.due.Swap(0); why < 0 {
		return cause(why)
	}
	return notDue
}

// failed turns an error of the link into a failure.
func (c *conn) failed(x *exchange, err error) error {
	if why := c.finish(); why != notDue {
		return x.limitError(why)
	}
	f := transportError("read", c.origin, err)
	if f.Kind == fault.Reset && !x.answer.started() {
		f.Text, f.Hint = c.unanswered(x)
	}
	return f
}

// shut closes the connection. It is in no client's list any more.
func (c *conn) shut() {
	e := c.client.e
	e.conns.remove(c)
	e.wheel.forget(c)
	if c.link == nil {
		return
	}
	c.link.close()
	c.client.stripe().open.Add(-1)
}
