package wire

import (
	"net"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/stampede-load/stampede/internal/fault"
)

// h2conn is one HTTP/2 connection (RFC 9113), which several requests of its client may share, each as a stream.
//
// Whoever has something to send appends frames to out; the line sends them, together as far as possible. Whoever has received something
// reads it with the lock held: frames of an answer go straight into the exchange of its request, whose goroutine sleeps from when the
// request was handed over (ask) to the end of the stream (end), the only time that it is woken.
type h2conn struct {
	mu      sync.Mutex
	e       *Engine
	client  *Client
	origin  *origin
	c       *conn  // nil until the dial is over
	line    h2line // moves the bytes
	rw      net.Conn
	streams []*exchange // in the order of their ids
	few     [1]*exchange

	h2send
	h2receive

	arrived chan struct{} // closed when the first SETTINGS have come; nil when nobody waits for them

	err   *fault.Error // why nothing more can be sent or received
	last  uint32       // the last stream that the peer will answer
	code  h2code       // of its GOAWAY
	most  atomic.Int32 // how many streams the peer permits at once
	state atomic.Uint32

	over *[]*exchange // while the poller reads: requests that were left to it and have ended; guarded by mu
}

// Bits of the state of a connection, for those who do not hold its lock.
const (
	h2Dead    = 1 << iota // nothing moves any more
	h2Leaving             // what is under way ends as usual, and nothing new begins
)

// streamsAtFirst is how many streams browsers open before they know how many the server permits.
const streamsAtFirst = 100

// h2line is how a back end moves the bytes of an HTTP/2 connection. The connection's lock is held at each call.
type h2line interface {
	// kick says that there is something to send: now, or a little later together with more.
	kick()
	// full reports that the kernel takes no more for now. The line will call flush when it does.
	full() bool
	// last sends what explains the end of the connection, as far as that goes without waiting. close follows.
	last(b []byte)
	// look receives what is there already.
	look()
	close()
}

// stream is what an HTTP/2 connection knows of a request. Until its end it is guarded by the lock of the connection, and so is the answer.
type stream struct {
	id        uint32
	headed    bool  // the header of the answer came
	hinted    bool  // early hints came, and the caller was told
	excess    bool  // it was begun when the server permitted fewer, as it said later
	untouched bool  // the server says that it has not looked at the request, or it was not sent
	late      bool  // nothing was sent: the connection had gone by then
	ended     bool  // the server has ended it, alone: its connection is not to blame
	stalled   bool  // when it was given up, the server had no room for the request's body
	why       cause // who gave it up; notDue when nobody did
	window    int64 // how much of the body may be sent
	unsent    []byte
	unacked   int64 // bytes received that no WINDOW_UPDATE told
	length    int64 // the Content-Length of the answer; -1 without
	in, out   int64 // bytes of its frames
	err       error
	done      chan struct{} // one value: the end; nil before somebody waits
	tunnel    *tunnel       // of another protocol, or asked for; else nil
}

func newH2(d *dialing, rw net.Conn) *h2conn {
	h := &h2conn{e: d.e, client: d.client, origin: d.origin, rw: rw, last: streamLimit}
	h.streams = h.few[:0]
	h.next, h.window, h.initial, h.maxFrame = 1, windowAtOnce, windowAtOnce, frameLimit
	h.dec.Allow(tableWindow)
	h.most.Store(streamsAtFirst)
	h.out = appendPreface(h.borrow(), d.e.cfg.MaxHeader)
	return h
}

// speak2 makes an HTTP/2 connection of rw, which is the pipe or TLS above it.
func (d *dialing) speak2(rw net.Conn, p pipe) error {
	h := newH2(d, rw)
	if own, ok := p.(interface{ speaks2(h *h2conn) error }); ok {
		if err := own.speaks2(h); err != nil {
			return transportError("dial", d.origin, err)
		}
	} else if !startNet(h, p) {
		return cancelledError(nil)
	}
	d.h2, d.link = h, h
	return nil
}

// belongs tells the connection its place among those of its client.
func (h *h2conn) belongs(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.c, c.h2 = c, h
}

// usable reports whether new requests may be sent on it.
func (h *h2conn) usable() bool { return h.state.Load() == 0 }

// ask hands over a request. The error is errWait, or the request was not sent.
func (h *h2conn) ask(x *exchange) (int, error) {
	s := &x.stream
	follows := x.follower != nil && h.c.follows()
	if s.done == nil && !follows {
		s.done = make(chan struct{}, 1)
	}
	*s = stream{done: s.done, tunnel: s.tunnel, length: -1}
	x.parked = follows
	x.build2()
	x.due, x.firstDue = x.deadline, false
	if first := h.e.cfg.FirstByteTimeout; first > 0 {
		if t := h.e.Now() + int64(first); t < x.due {
			x.due, x.firstDue = t, true
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.state.Load() != 0 {
		s.untouched, s.late = true, true
		return 0, h.gone()
	}
	h.streams = append(h.streams, x)
	if due := h.c.due.Load(); due == 0 || x.due < due {
		h.c.due.Store(x.due)
	}
	// Cancel and Close look for streams after they have set fired or shut; this looks at those after it has become a stream.
	why := notDue
	if x.watch != nil && x.watch.fired.Load() {
		why = cancelled
	} else if h.e.conns.shut.Load() {
		why = closed
	}
	if why != notDue {
		h.remove(len(h.streams) - 1)
		return 0, x.limitError(why)
	}
	h.e.wheel.ensure(h.c, x.due)
	h.send(x)
	x.releaseIfEmpty()
	if follows {
		return 0, errLeft
	}
	return 0, errWait
}

// gone is the failure of a request that comes too late.
func (h *h2conn) gone() *fault.Error {
	if h.err != nil {
		return h.err
	}
	return h.closedError(h.code, false)
}

// wait returns when the stream has ended.
func (h *h2conn) wait(x *exchange) { <-x.stream.done }

func (h *h2conn) rest() {} // it forgets a request when its stream ends

// more says how the stream has ended.
func (h *h2conn) more(x *exchange) (int, error) {
	s := &x.stream
	x.wireIn, x.wireOut = s.in, s.out
	x.sent = int(min(s.out, 1))
	if x.resp.Times.Done == 0 || s.err != nil || s.why != notDue {
		x.resp.Times.Done = h.e.Now()
	}
	if s.why != notDue {
		return 0, x.limitError(s.why)
	}
	x.answer.keep = s.err == nil
	return 0, s.err
}

// find is the place of an open stream; -1 for none.
func (h *h2conn) find(id uint32) int {
	if len(h.streams) == 1 && h.streams[0].stream.id == id {
		return 0
	}
	i, ok := slices.BinarySearchFunc(h.streams, id, func(x *exchange, id uint32) int { return int(int64(x.stream.id) - int64(id)) })
	if !ok {
		return -1
	}
	return i
}

// remove takes a stream out. From here on its exchange belongs to whoever waits for it.
func (h *h2conn) remove(i int) {
	s := &h.streams[i].stream
	if len(s.unsent) > 0 {
		s.unsent = nil
		h.uploads--
	}
	h.streams = slices.Delete(h.streams, i, i+1)
	if len(h.streams) == 0 {
		if h.c.due.Store(0); cap(h.streams) > 8 {
			h.few[0] = nil
			h.streams = h.few[:0]
		}
	}
}

// end ends a stream and wakes its request.
func (h *h2conn) end(i int, err error) {
	x := h.streams[i]
	unsent := len(x.stream.unsent)
	h.remove(i)
	x.stream.err = err
	if t := tunnelOf(x); t != nil {
		t.over(err, unsent)
		return
	}
	switch {
	case !x.parked:
		x.stream.done <- struct{}{}
	case h.over != nil:
		*h.over = append(*h.over, x)
	default:
		go func() {
			h.mu.Lock() // who holds it may be the one that has just begun the request
			begun := x.elsewhere
			h.mu.Unlock()
			begun()
		}()
	}
}

// cancelStream ends a stream that the server still believes in.
func (h *h2conn) cancelStream(i int, code h2code, err error) {
	h.out = appendNumber(h.begin(), frameReset, h.streams[i].stream.id, uint32(code))
	h.cancels++
	h.end(i, err)
	h.line.kick()
}

// giveUp ends the streams that which chooses, on behalf of somebody else than their goroutines.
func (h *h2conn) giveUp(why cause, which func(x *exchange) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.streams) - 1; i >= 0; i-- {
		if x := h.streams[i]; which(x) {
			x.stream.why = why
			x.stream.stalled = len(x.stream.unsent) > 0 && (h.window <= 0 || x.stream.window <= 0)
			h.cancelStream(i, h2Cancel, nil)
		}
	}
}

// expire gives up the streams whose time is over.
func (h *h2conn) expire(now int64) {
	h.giveUp(expired, func(x *exchange) bool { return x.due <= now })
	h.mu.Lock()
	defer h.mu.Unlock()
	next := int64(0)
	for _, x := range h.streams {
		if tunnelOf(x) == nil && (next == 0 || x.due < next) {
			next = x.due
		}
	}
	if h.c.due.Store(next); next > 0 {
		h.e.wheel.ensure(h.c, next)
	}
}

// fail ends the connection, with all its streams. Those whose answer has begun get another error, unless that is nil.
func (h *h2conn) fail(err, late *fault.Error) {
	if h.err != nil {
		return
	}
	h.err = err
	h.state.Or(h2Dead)
	h.roomChanged = true
	h.tellArrived()
	for i := len(h.streams) - 1; i >= 0; i-- {
		s := &h.streams[i].stream
		s.untouched = s.untouched || s.id > h.last
		if s.headed && late != nil {
			h.end(i, late)
		} else {
			h.end(i, err)
		}
	}
	h.flushLast()
	h.giveBack()
	h.line.close()
}

// die ends the connection because of what the peer did, and tells it.
func (h *h2conn) die(code h2code, text string) {
	h.out = appendGoAway(h.begin(), code)
	h.fail(h.wrong(text), nil)
}

// shut closes the connection, on behalf of its owner.
func (h *h2conn) shut(why cause) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, x := range h.streams {
		x.stream.why = why
	}
	h.fail(h.closedError(h2NoError, false), nil)
}

// unlock releases the lock after something was received, and lets the requests that wait for a place look again if that changed their
// chances.
func (h *h2conn) unlock() {
	changed := h.roomChanged && h.c != nil
	h.roomChanged = false
	h.mu.Unlock()
	if changed {
		h.client.roomChanged(h.origin, h.c.pool)
	}
}

// The rest of link: time limits and closing go by other ways.

func (h *h2conn) wake()  {}
func (h *h2conn) close() { h.shut(closed) }

// alive looks whether the server has ended the connection, which a busy poller may not have seen yet, when the request may be sent only
// once.
func (h *h2conn) alive(_ int64, once bool) bool {
	if once {
		h.mu.Lock()
		if h.err == nil {
			h.line.look()
		}
		h.unlock()
	}
	return h.usable()
}
