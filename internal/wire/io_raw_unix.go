//go:build unix

package wire

import (
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// rawBackend moves bytes with system calls of its own inside the callbacks of syscall.RawConn, while Go's netpoller does the waiting.
//
// net.Conn would try to read before it waits, and right after sending a request that finds nothing. Here the request is sent inside the
// callback of RawConn.Read, which then says "not ready": the goroutine waits without that useless call. It must be inside: the runtime
// forgets readiness seen before the callback began, so an answer that came between an ordinary write and the wait would never wake it.
type rawBackend struct{}

func openRaw(*Engine) (backend, error) { return rawBackend{}, nil }

func (rawBackend) name() string { return "raw" }
func (rawBackend) close()       {}

func (rawBackend) link(nc net.Conn) (link, error) {
	rc, err := rawConn(nc)
	if err != nil {
		return nil, err
	}
	return &rawLink{nc: nc, rc: rc}, nil
}

func (rawBackend) pipe(nc net.Conn) (pipe, error) {
	rc, err := rawConn(nc)
	if err != nil {
		return nil, err
	}
	p := &rawPipe{Conn: nc, rc: rc}
	p.step = p.move
	return p, nil
}

func rawConn(nc net.Conn) (syscall.RawConn, error) {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		nc.Close()
		return nil, fmt.Errorf("a %T has no descriptor: use the net back end", nc)
	}
	return sc.SyscallConn()
}

// rawStale is for how long, in ns, a connection must have been idle for a look at it to pay here. It is short because the end of the other
// side is among the readiness that the runtime forgets: a request would wait for an answer until its time is over. Who asks without a pause
// is not held up by it.
const rawStale = 1e6

type rawLink struct {
	nc   net.Conn
	rc   syscall.RawConn
	used bool // a request was sent on it
}

// rawStep is the callback of a request and what it has done.
type rawStep struct {
	call   func(fd uintptr) bool // step as a value, made once
	asking bool                  // the request is still to be sent
	eager  bool                  // try to receive right after that: the server may have spoken first, before anybody could wait for it
	n      int
	err    error
}

func (s *rawStep) init(x *exchange) { s.call = x.step }

// step sends or receives. It reports whether RawConn.Read is to return, with what it received.
func (x *exchange) step(fd uintptr) bool {
	s := &x.wait.raw
	if s.asking {
		s.asking = false
		more, err := x.send(int(fd))
		if more {
			return true // the rest must wait for room in the send buffer
		}
		if err == nil && !s.eager {
			x.releaseIfEmpty()
			return false
		}
		x.failed = err != nil
		s.err = err
	}
	n, e := sysRead(int(fd), x.room())
	switch {
	case e == syscall.EAGAIN && !x.failed:
		return false
	case n > 0:
		s.n, s.err = n, nil
	case s.err != nil: // sending had failed, and no answer explains it
	case e != 0:
		s.err = e
	default:
		s.err = io.EOF
	}
	return true
}

// send writes what is left of the request. It reports whether the kernel could not take all of it now.
func (x *exchange) send(fd int) (more bool, err error) {
	for x.sent < len(x.out)+len(x.rest) {
		p := x.out
		if x.sent >= len(x.out) {
			p = x.rest[x.sent-len(x.out):]
		} else {
			p = p[x.sent:]
		}
		n, e := sysWrite(fd, p)
		if e == syscall.EAGAIN {
			return true, nil
		}
		if e != 0 {
			return false, e
		}
		x.sent += n
	}
	return false, nil
}

func (l *rawLink) ask(x *exchange) (int, error) {
	s := &x.wait.raw
	s.asking, s.eager, s.n, s.err = true, !l.used, 0, nil
	l.used = true
	if err := l.rc.Read(s.call); err != nil {
		return 0, err
	}
	if x.workspace != nil && x.sent < len(x.out)+len(x.rest) && !x.failed {
		return l.askSlowly(x)
	}
	return s.n, s.err
}

// askSlowly sends what did not fit into the send buffer, as it gets room.
func (l *rawLink) askSlowly(x *exchange) (int, error) {
	var failed error
	err := l.rc.Write(func(fd uintptr) bool {
		more, err := x.send(int(fd))
		failed = err
		return !more
	})
	if err != nil {
		return 0, err
	}
	x.failed = failed != nil
	n, err := l.more(x)
	if x.failed && err != nil {
		return 0, failed
	}
	return n, err
}

func (l *rawLink) more(x *exchange) (int, error) {
	s := &x.wait.raw
	s.asking, s.n, s.err = false, 0, nil
	if err := l.rc.Read(s.call); err != nil {
		return 0, err
	}
	return s.n, s.err
}

func (l *rawLink) wait(*exchange) {} // more does
func (l *rawLink) alive(idle int64, once bool) bool {
	return idle < rawStale && !once || quiet(l.nc, true)
}
func (l *rawLink) wake()  { l.nc.Close() }
func (l *rawLink) close() { l.nc.Close() }
func (l *rawLink) rest()  {}

// rawPipe does the same below TLS. Once the handshake is over what TLS writes is kept until it reads, so that both can happen inside one
// callback.
type rawPipe struct {
	net.Conn
	rc      syscall.RawConn
	step    func(fd uintptr) bool // move as a value, made once
	defers  bool                  // keep what is written until the next read
	eager   bool                  // as in rawStep
	pending []byte
	sent    int
	into    []byte
	n       int
	err     error
}

// pipePending is how much TLS may write ahead of its next read: a large request must reach the kernel as it is encrypted.
const pipePending = 32 << 10

func (p *rawPipe) promote() error { p.defers, p.eager = true, true; return nil }
func (p *rawPipe) use(*exchange)  {}

func (p *rawPipe) Write(b []byte) (int, error) {
	if !p.defers {
		return p.Conn.Write(b)
	}
	if len(p.pending)+len(b) <= pipePending {
		p.pending = append(p.pending, b...)
		return len(b), nil
	}
	if err := p.flush(); err != nil {
		return 0, err
	}
	return p.Conn.Write(b)
}

// flush sends what is kept, waiting for room.
func (p *rawPipe) flush() error {
	_, err := p.Conn.Write(p.pending[p.sent:])
	p.pending, p.sent = nil, 0
	return err
}

func (p *rawPipe) Read(b []byte) (int, error) {
	if !p.defers {
		return p.Conn.Read(b)
	}
	p.into, p.n, p.err = b, 0, nil
	err := p.rc.Read(p.step)
	if err == nil && len(p.pending) > 0 { // the send buffer was full
		if err = p.flush(); err == nil {
			err = p.rc.Read(p.step)
		}
	}
	p.into = nil
	if err != nil {
		return 0, err
	}
	return p.n, p.err
}

func (p *rawPipe) move(fd uintptr) bool {
	if len(p.pending) > 0 {
		n, e := sysWrite(int(fd), p.pending[p.sent:])
		if e == 0 {
			if p.sent += n; p.sent < len(p.pending) {
				return true
			}
			p.keepSmall()
			if !p.eager {
				return false
			}
			p.eager = false
		} else if e == syscall.EAGAIN {
			return true
		} else {
			p.keepSmall() // the peer is gone; perhaps it said why
		}
	}
	n, e := sysRead(int(fd), p.into)
	switch {
	case e == syscall.EAGAIN:
		return false
	case e != 0:
		p.err = e
	case n == 0:
		p.err = io.EOF
	default:
		p.n = n
	}
	return true
}

// keepSmall empties the buffer of what is to be sent. An idle connection may keep a small one.
func (p *rawPipe) keepSmall() {
	if p.pending, p.sent = p.pending[:0], 0; cap(p.pending) > 1024 {
		p.pending = nil
	}
}

func (p *rawPipe) Close() error {
	if len(p.pending) > 0 { // the farewell of TLS
		p.Conn.SetWriteDeadline(time.Now().Add(time.Second))
		p.flush()
	}
	return p.Conn.Close()
}

func (p *rawPipe) alive(idle int64, once bool) bool {
	return idle < rawStale && !once || quiet(p.Conn, false)
}
func (p *rawPipe) wake() { p.Conn.Close() }
