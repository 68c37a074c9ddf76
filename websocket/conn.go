package websocket

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stampede-load/stampede/internal/wire"
)

const (
	defaultLimit   = 16 << 20
	defaultTimeout = 30 * time.Second
	defaultInbox   = 256
)

// Conn is an open socket. One goroutine at a time may receive (Receive, Expect, Exchange, Ping, Close); any may send. What it needs beyond its
// own memory, it borrows while something comes or goes.
type Conn struct {
	*shared
	line     *wire.Stream
	protocol string

	reading sync.Mutex // of whoever reads; guards in and the next four
	in      reader
	until   time.Time       // the read deadline in force; zero for none
	follows <-chan struct{} // of the context that ends a wait
	stop    func() bool     // ends following it
	wakeUp  func()          // wake as a value, made once

	mu     sync.Mutex // guards what follows
	inbox  []Message
	ended  error // why nothing more will come; nil while it may
	ponged string
	counts Counts
	told   Counts // what of them is in samples

	writing  sync.Mutex // of whoever writes; guards the next two
	writable time.Time  // the write deadline in force
	closing  bool       // a close frame was sent
	cut      atomic.Bool
	missed   atomic.Bool   // something came while somebody read
	pumped   bool          // a goroutine reads all the time
	news     chan struct{} // of it: look again
	pings    uint32
}

// shared is what sockets of one dialer and user have in common.
type shared struct {
	Dialer
	user User
}

// Counts is what a socket has carried. Bytes are those of frames, with their headers.
type Counts struct {
	Sent, Received       int64 // messages
	BytesOut, BytesIn    int64
	PingsAnswered, Pongs int64
	Dropped              int64 // messages that came while nobody waited for one, and were too many to keep
}

func newConn(d *Dialer, u User, line *wire.Stream, protocol string) *Conn {
	s := &shared{Dialer: *d, user: u}
	if s.Limit <= 0 {
		s.Limit = defaultLimit
	}
	if s.Timeout <= 0 {
		s.Timeout = defaultTimeout
	}
	if s.Inbox <= 0 {
		s.Inbox = defaultInbox
	}
	c := &Conn{shared: s, line: line, protocol: protocol}
	c.in = reader{limit: s.Limit, to: c}
	c.wakeUp = c.wake
	line.Farewell(func() { c.farewell() })
	if !line.Watch(c.wakeUp) {
		c.pumped, c.news = true, make(chan struct{}, 1)
		go c.pump()
	}
	return c
}

// Protocol is the subprotocol that the site chose; "" for none.
func (c *Conn) Protocol() string { return c.protocol }

// Counts is what the socket has carried so far.
func (c *Conn) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts
}

// message takes a message that is complete.
func (c *Conn) message(op opcode, data []byte) {
	m := Message{Data: data, Binary: op == opBinary}
	c.mu.Lock()
	c.counts.Received++
	c.inbox = append(c.inbox, m)
	c.mu.Unlock()
	if c.OnMessage != nil {
		c.OnMessage(m)
	}
}

// control takes a control frame.
func (c *Conn) control(op opcode, data []byte) error {
	switch op {
	case opPing:
		err := c.write(opPong, data)
		c.mu.Lock()
		c.counts.PingsAnswered++
		c.mu.Unlock()
		return err
	case opPong:
		c.mu.Lock()
		c.counts.Pongs++
		c.ponged = string(data)
		c.mu.Unlock()
		return nil
	}
	code, reason, err := parseClose(data)
	if err != nil {
		return err
	}
	c.sendClose(code, "")
	return &CloseError{Code: code, Reason: reason}
}

// took feeds the reader with what came, or ends the socket with what went wrong. It reports whether the socket goes on. The caller reads.
func (c *Conn) took(b []byte, err error) bool {
	if err == nil {
		c.mu.Lock()
		c.counts.BytesIn += int64(len(b))
		c.mu.Unlock()
		err = c.in.push(b)
		c.line.Give(b)
	} else {
		err = wire.Lost(err)
	}
	if err == nil {
		return true
	}
	c.end(err)
	return false
}

// end closes the connection because of err, which says that the site is gone, or what it did wrong.
func (c *Conn) end(err error) {
	if m, ok := err.(*mistake); ok {
		c.sendClose(m.code, "")
	}
	c.mu.Lock()
	if c.ended == nil {
		c.ended = asFailure(err)
	}
	c.mu.Unlock()
	c.line.Close()
}

// failure is why nothing more will come.
func (c *Conn) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// wait reads until done says so. It returns an error when the socket has ended, ctx has, or the time is up; what came before is in the inbox.
func (c *Conn) wait(ctx context.Context, due time.Time, done func() bool) error {
	if c.pumped {
		return c.waitForPump(ctx, due, done)
	}
	c.reading.Lock()
	defer c.release()
	for !done() {
		if err := c.failure(); err != nil {
			return err
		}
		if err := c.mayWait(ctx, due); err != nil {
			return err
		}
		b, err := c.line.Take()
		if err != nil && errors.Is(err, os.ErrDeadlineExceeded) {
			c.until = time.Time{}
			continue // mayWait says whose it was
		}
		if !c.took(b, err) && !done() {
			return c.failure()
		}
	}
	if c.failure() == nil {
		c.line.Watch(c.wakeUp)
	}
	return nil
}

// mayWait sets the read deadline and follows ctx. The caller reads.
func (c *Conn) mayWait(ctx context.Context, due time.Time) error {
	if done := ctx.Done(); done != c.follows {
		if c.stop != nil {
			c.stop()
		}
		c.follows, c.stop, c.until = done, nil, time.Time{}
		if done != nil {
			c.stop = context.AfterFunc(ctx, func() {
				c.cut.Store(true)
				c.line.SetDeadline(time.Unix(1, 0))
			})
		}
	}
	// A deadline is set once for many waits: one that is too early is set again when it has passed.
	if now := time.Now(); c.until.Before(now) || c.until.After(due) {
		c.until = due
		if !now.Before(due) {
			return c.giveUp(ctx)
		}
		c.line.SetReadDeadline(due)
	}
	if ctx.Err() != nil {
		c.until = time.Time{}
		return c.giveUp(ctx)
	}
	return nil
}

// giveUp says why a wait ends without what it was for.
func (c *Conn) giveUp(ctx context.Context) error {
	if !c.pumped {
		c.line.Watch(c.wakeUp)
	}
	if ctx.Err() != nil {
		return cancelled(ctx)
	}
	return tooLate(c.Timeout)
}

// wake is called when something came while nobody was reading.
func (c *Conn) wake() {
	if !c.reading.TryLock() {
		// Whoever reads takes it, unless he has just stopped to.
		if c.missed.Store(true); !c.reading.TryLock() {
			return
		}
		c.missed.Store(false)
	}
	defer c.release()
	if !c.until.IsZero() || c.cut.Load() {
		c.until = time.Time{}
		c.line.SetReadDeadline(c.until)
	}
	for {
		b, err := c.line.TakeNow()
		if b == nil && err == nil {
			break
		}
		if !c.took(b, err) {
			break
		}
	}
	c.trim()
	if c.failure() == nil {
		c.line.Watch(c.wakeUp)
	}
}

// release ends reading.
func (c *Conn) release() {
	c.reading.Unlock()
	if c.missed.Load() && c.missed.Swap(false) {
		c.line.Watch(c.wakeUp)
	}
}

// pump reads all the time, where nobody says when there is something to read.
func (c *Conn) pump() {
	for {
		b, err := c.line.Take()
		c.reading.Lock()
		on := c.took(b, err)
		c.reading.Unlock()
		select {
		case c.news <- struct{}{}:
		default:
			c.trim() // nobody looks
		}
		if !on {
			return
		}
	}
}

func (c *Conn) waitForPump(ctx context.Context, due time.Time, done func() bool) error {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	for !done() {
		if err := c.failure(); err != nil {
			return err
		}
		select {
		case <-c.news:
		case <-ctx.Done():
			return c.giveUp(ctx)
		case <-timer.C:
			return c.giveUp(ctx)
		}
	}
	return nil
}
