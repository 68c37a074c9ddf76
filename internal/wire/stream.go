package wire

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// Stream is a connection that a request has opened and that speaks another protocol now, or the body of an answer that goes on. Between
// reads it holds no buffer. One goroutine may read while others write; Close may be called by anybody.
type Stream struct {
	Remote netip.AddrPort // the address that answered

	conn   net.Conn // bare, or TLS on it
	bare   *bareConn
	early  []byte    // came together with the header
	body   io.Reader // when the stream is a body
	e      *Engine
	client *Client
	next   *Stream // of the same client
	leave  func()  // says goodbye when the visitor goes; nil for none
	closed atomic.Bool
	more   atomic.Bool // there may be bytes that are no longer in the socket: early ones, or of TLS
	poll   pollState
}

func newStream(nc net.Conn) *Stream {
	b := &bareConn{Conn: nc}
	if sc, ok := nc.(syscall.Conn); ok {
		b.rc, _ = sc.SyscallConn()
	}
	return &Stream{conn: b, bare: b}
}

// bareConn is the socket below a stream. While Take looks whether something is there, a read of it does not wait.
type bareConn struct {
	net.Conn
	rc  syscall.RawConn // nil for a connection that is no socket
	fd  uintptr
	now bool // read fd, at once
}

func (b *bareConn) Read(p []byte) (int, error) {
	if b.now {
		return b.readNow(p)
	}
	return b.Conn.Read(p)
}

// errNotYet is what a read finds that does not wait. To crypto/tls it is a time-out, after which it goes on where it was.
var errNotYet error = notYet{}

type notYet struct{}

func (notYet) Error() string   { return "wire: nothing to read yet" }
func (notYet) Timeout() bool   { return true }
func (notYet) Temporary() bool { return true }

// Read reads as of any net.Conn.
func (s *Stream) Read(p []byte) (int, error) {
	if s.body != nil {
		return s.body.Read(p)
	}
	return s.readRaw(p)
}

func (s *Stream) readRaw(p []byte) (int, error) {
	if len(s.early) > 0 {
		n := copy(p, s.early)
		if s.early = s.early[n:]; len(s.early) == 0 {
			s.early = nil
		}
		return n, nil
	}
	return s.conn.Read(p)
}

type rawReader struct{ s *Stream }

func (r rawReader) Read(p []byte) (int, error) { return r.s.readRaw(p) }

// Take waits until something can be read, or the read deadline, and gives it in a buffer that is lent: Give ends the loan. While it waits it
// holds no buffer, where the platform permits.
func (s *Stream) Take() ([]byte, error) { return s.take(true) }

// TakeNow is Take that does not wait: nil without an error says that nothing is there. Only where Watch works.
func (s *Stream) TakeNow() ([]byte, error) {
	b, err := s.take(false)
	if err == errNotYet {
		err = nil
	}
	return b, err
}

func (s *Stream) take(wait bool) ([]byte, error) {
	if t := s.over2(); t != nil && !wait && t.silent() {
		return nil, errNotYet
	}
	if len(s.early) > 0 || s.body != nil || s.bare == nil || s.bare.rc == nil || !canReadNow {
		b := s.e.buffers.get(smallBuffer)
		n, err := s.Read(b)
		return s.lent(b, n, err)
	}
	var b []byte
	n := 0
	var err error
	// What can be had is looked for inside the callback: the runtime forgets readiness that was seen before it began.
	raw := s.bare.rc.Read(func(fd uintptr) bool {
		b = s.e.buffers.get(smallBuffer)
		s.bare.fd, s.bare.now = fd, true
		n, err = s.conn.Read(b)
		s.bare.now = false
		if n == 0 && errors.Is(err, errNotYet) {
			s.e.buffers.put(b)
			b, err = nil, errNotYet
			s.more.Store(false)
			return !wait
		}
		if s.conn != net.Conn(s.bare) {
			s.more.Store(true)
		}
		return true
	})
	if raw != nil {
		return nil, raw
	}
	return s.lent(b, n, err)
}

// lent is what was read: bytes or an error.
func (s *Stream) lent(b []byte, n int, err error) ([]byte, error) {
	if n > 0 {
		return b[:n], nil
	}
	if b != nil {
		s.e.buffers.put(b)
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return nil, err
}

// Lend lends a buffer of at least n bytes, for writing.
func (s *Stream) Lend(n int) []byte { return s.e.buffers.get(n) }

// Give takes a buffer back that Take or Lend gave.
func (s *Stream) Give(b []byte) { s.e.buffers.put(b) }

// Write writes as of any net.Conn.
func (s *Stream) Write(p []byte) (int, error) { return s.conn.Write(p) }

// Close closes the connection. Idempotent.
func (s *Stream) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	if s.e != nil { // else it is still a request's
		s.e.idle.forget(s)
		s.e.streams.remove(s)
		if s.over2() == nil { // else the connection is not the stream's own
			s.client.stripe().open.Add(-1)
		}
	}
	if tc, ok := s.conn.(*tls.Conn); ok {
		tc.SetWriteDeadline(time.Now().Add(time.Second)) // for its farewell
	}
	return s.conn.Close()
}

// LocalAddr is the local address.
func (s *Stream) LocalAddr() net.Addr { return s.conn.LocalAddr() }

// RemoteAddr is the remote address: the proxy's, when there is one.
func (s *Stream) RemoteAddr() net.Addr { return s.conn.RemoteAddr() }

// SetDeadline is that of net.Conn.
func (s *Stream) SetDeadline(t time.Time) error { return s.conn.SetDeadline(t) }

// SetReadDeadline is that of net.Conn.
func (s *Stream) SetReadDeadline(t time.Time) error { return s.conn.SetReadDeadline(t) }

// SetWriteDeadline is that of net.Conn.
func (s *Stream) SetWriteDeadline(t time.Time) error { return s.conn.SetWriteDeadline(t) }

// Lost turns the error of a read or write into a failure whose text groups.
func Lost(err error) *fault.Error {
	const who = "the site"
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &fault.Error{Kind: fault.Timeout, Op: "read", Text: who + " said nothing in time", Err: err}
	case isReset(err):
		return &fault.Error{Kind: fault.Reset, Op: "read", Text: who + " closed the connection", Err: err}
	}
	return transportError("read", &origin{socket: who}, err)
}

// Farewell sets what is done when the visitor goes and the stream is still open, before it is closed.
func (s *Stream) Farewell(f func()) { s.leave = f }

// streams knows every open stream by its client.
type streams struct {
	mu   sync.Mutex
	open map[*Client]*Stream
	shut bool
}

// add reports false when the engine is closed already.
func (r *streams) add(s *Stream) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shut {
		return false
	}
	if r.open == nil {
		r.open = map[*Client]*Stream{}
	}
	s.next = r.open[s.client]
	r.open[s.client] = s
	return true
}

func (r *streams) remove(s *Stream) {
	r.mu.Lock()
	defer r.mu.Unlock()
	first, ok := r.open[s.client]
	if !ok {
		return
	}
	for p := &first; *p != nil; p = &(*p).next {
		if *p == s {
			*p, s.next = s.next, nil
			break
		}
	}
	if first == nil {
		delete(r.open, s.client)
		return
	}
	r.open[s.client] = first
}

// closeOf closes the streams that a visitor who goes has left open.
func (r *streams) closeOf(c *Client) {
	r.mu.Lock()
	var all []*Stream
	for s := r.open[c]; s != nil; s = s.next {
		all = append(all, s)
	}
	r.mu.Unlock()
	for _, s := range all {
		if s.leave != nil {
			s.leave()
		}
		s.Close()
	}
}

func (r *streams) closeAll() {
	r.mu.Lock()
	r.shut = true
	var all []*Stream
	for _, first := range r.open {
		for s := first; s != nil; s = s.next {
			all = append(all, s)
		}
	}
	r.mu.Unlock()
	for _, s := range all {
		s.Close()
	}
}

// CloseStreams closes the streams that the visitor has left open; each says its farewell first.
func (c *Client) CloseStreams() { c.e.streams.closeOf(c) }
