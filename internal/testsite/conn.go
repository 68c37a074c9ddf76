package testsite

import (
	"net"
	"time"
)

// The size of a connection's read buffer: a usual request fits the first, nothing may outgrow the last.
const (
	firstBuffer = 512
	lastBuffer  = 64 << 10
)

// conn is one connection, served by one goroutine.
type conn struct {
	server *Server
	tcp    *net.TCPConn
	stream net.Conn // tcp itself, or TLS over it
	buf    []byte
	start  int         // buf[start:end] was read and not used
	end    int         //
	timer  *time.Timer // for waits, made when first needed
}

// serve answers requests until the connection ends. The reason is of no interest: whoever is on the other end knows it.
func (c *conn) serve() {
	defer c.server.forget(c)
	for {
		h, err := c.next()
		if err != nil {
			c.refuse(err)
			return
		}
		if !c.answer(h) || h.close {
			return
		}
	}
}

// next reads a request head, and drops the body of the request, which no behaviour looks at.
func (c *conn) next() (head, error) {
	for {
		h, size, err := parseHead(c.buf[c.start:c.end])
		if err != nil {
			return h, err
		}
		if size > 0 {
			c.start += size
			return h, c.skip(h.length)
		}
		if err := c.fill(); err != nil {
			return h, err
		}
	}
}

// fill reads more bytes behind those not used yet.
func (c *conn) fill() error {
	if c.start == c.end {
		c.start, c.end = 0, 0
	}
	if c.end == len(c.buf) {
		next := c.buf
		if c.start == 0 {
			if len(c.buf) == lastBuffer {
				return errTooLarge
			}
			next = make([]byte, 2*len(c.buf))
		}
		c.end = copy(next, c.buf[c.start:c.end])
		c.start, c.buf = 0, next
	}
	n, err := c.stream.Read(c.buf[c.end:])
	c.end += n
	if n > 0 {
		return nil
	}
	return err
}

// skip drops n bytes of input. The head before them stays readable as long as they are in the buffer already; a longer body is read into
// a buffer of its own.
func (c *conn) skip(n int64) error {
	have := min(n, int64(c.end-c.start))
	c.start += int(have)
	if n -= have; n == 0 {
		return nil
	}
	scratch := make([]byte, min(n, lastBuffer))
	for n > 0 {
		m, err := c.stream.Read(scratch[:min(n, int64(len(scratch)))])
		if err != nil && m == 0 {
			return err
		}
		n -= int64(m)
	}
	return nil
}

// refuse tells the client what was wrong with its request, if that is why reading ended.
func (c *conn) refuse(err error) {
	switch err {
	case errMalformed, errLength, errTooLarge:
		_, _ = c.stream.Write(newPage(err.Error(), "text/plain", "Connection: close\r\n", nil).bytes)
	}
}

// send writes an answer and reports whether the connection can go on.
func (c *conn) send(h head, p *page) bool {
	b := p.bytes
	if string(h.method) == "HEAD" {
		b = b[:p.head]
	}
	_, err := c.stream.Write(b)
	return err == nil
}

// reset ends the connection with a TCP reset: a socket that lingers for zero seconds sends one when it is closed.
func (c *conn) reset() {
	_ = c.tcp.SetLinger(0) // the close that follows reports nothing either
	_ = c.tcp.Close()
}

// until waits for a time on the server's clock, to a tenth of a millisecond, and reports false if the server closes first.
func (c *conn) until(t time.Duration) bool {
	clock := &c.server.clock
	for {
		left := clock.real(t) - clock.since()
		switch {
		case left <= 0:
			return true
		case left > timerBlur:
			if !c.sleep(left - timerBlur) {
				return false
			}
		default:
			pause(left)
		}
	}
}

// timerBlur is how late a timer of the Go runtime may be: its poller counts in whole milliseconds. The rest of a wait is left to the
// operating system.
const timerBlur = 1200 * time.Microsecond

// sleep waits for d and reports false if the server closes first.
func (c *conn) sleep(d time.Duration) bool {
	if c.timer == nil {
		c.timer = time.NewTimer(d)
	} else {
		c.timer.Reset(d)
	}
	select {
	case <-c.timer.C:
		return true
	case <-c.server.closing:
		c.timer.Stop()
		return false
	}
}
