package websocket

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/stampede-load/stampede/internal/wire"
)

// Send sends a message. It returns when the system has taken it, and makes no sample.
func (c *Conn) Send(ctx context.Context, m Message) error {
	switch {
	case m.err != nil:
		return m.err
	case ctx.Err() != nil:
		return cancelled(ctx)
	case !m.Binary && !utf8.Valid(m.Data):
		return errors.New("a message of text must be UTF-8: send it as Binary")
	}
	if err := c.write(m.opcode(), m.Data); err != nil {
		return err
	}
	c.mu.Lock()
	c.counts.Sent++
	c.mu.Unlock()
	return nil
}

// write sends one frame.
func (c *Conn) write(op opcode, payload []byte) error {
	if err := c.failure(); err != nil {
		return err
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.closing {
		return asFailure(ErrClosed)
	}
	return c.writeFrame(op, payload)
}

// writeFrame is write for whoever holds writing.
func (c *Conn) writeFrame(op opcode, payload []byte) error {
	// As for reading, a deadline is set once for many writes: they have between one and two times the limit.
	if now := time.Now(); c.cut.Swap(false) || c.writable.Sub(now) < c.Timeout {
		c.writable = now.Add(2 * c.Timeout)
		c.line.SetWriteDeadline(c.writable)
	}
	lent := c.line.Lend(len(payload) + maxHead)
	b := appendFrame(lent[:0], op, payload)
	n, err := c.line.Write(b)
	c.line.Give(lent)
	c.mu.Lock()
	c.counts.BytesOut += int64(n)
	c.mu.Unlock()
	if err == nil {
		return nil
	}
	if f := c.failure(); f != nil {
		return f
	}
	return wire.Lost(err)
}

// sendClose sends a close frame, if none was sent.
func (c *Conn) sendClose(code int, reason string) {
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.closing {
		return
	}
	c.closing = true
	_ = c.writeFrame(opClose, closePayload(code, reason)) // who is gone need not be told
}

// farewell is said when the user stops and the socket is still open, as a browser does whose tab is closed.
func (c *Conn) farewell() {
	if !c.writing.TryLock() {
		return // a write that is stuck
	}
	defer c.writing.Unlock()
	if c.closing || c.failure() != nil {
		return
	}
	c.closing = true
	c.cut.Store(false)
	c.writable = time.Now().Add(time.Second)
	c.line.SetWriteDeadline(c.writable)
	b := appendFrame(nil, opClose, closePayload(1001, ""))
	_, _ = c.line.Write(b)
}

// closeTimeout is how long Close waits for the site to agree.
const closeTimeout = 5 * time.Second

// Close closes the socket with code 1000 and waits, for up to 5 s, until the site has agreed. It makes no sample; the error says that the site
// did not agree in time. Closing what is closed is no error.
func (c *Conn) Close() error { return c.CloseWith(1000, "") }

// CloseWith is Close with a code and a reason of the test's own.
func (c *Conn) CloseWith(code int, reason string) error {
	if c.failure() != nil {
		return nil
	}
	c.sendClose(code, reason)
	err := c.wait(context.Background(), time.Now().Add(closeTimeout), func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.inbox = nil
		return false
	})
	silent := errors.Is(err, context.DeadlineExceeded)
	c.mu.Lock()
	c.ended = asFailure(ErrClosed)
	c.mu.Unlock()
	c.line.Close()
	c.unfollow()
	if silent {
		return fmt.Errorf("websocket: the site did not answer the close within %v", closeTimeout)
	}
	return nil
}

// unfollow lets go of the context that was followed last.
func (c *Conn) unfollow() {
	c.reading.Lock()
	defer c.reading.Unlock()
	if c.stop != nil {
		c.stop()
		c.stop, c.follows = nil, nil
	}
}
