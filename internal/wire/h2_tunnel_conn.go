package wire

import (
	"errors"
	"io"
	"net"
	"os"
	"time"
)

// tell wakes those who wait.
func (t *tunnel) tell() {
	t.changed.Broadcast()
	if f := t.ready; f != nil {
		t.ready = nil
		go f() // not under the lock
	}
}

// writes reports whether both sides send: false for the body of an answer, and for none.
func (t *tunnel) writes() bool { return t != nil && len(t.protocol) > 0 }

// over2 is the tunnel that a stream is; nil for one with a connection of its own.
func (s *Stream) over2() *tunnel {
	t, _ := s.conn.(*tunnel)
	return t
}

// notify calls f once, on a goroutine of its own, when a Read would not wait: something came, or the end.
func (t *tunnel) notify(f func()) {
	t.h.mu.Lock()
	defer t.h.unlock()
	t.ready = f
	if !t.mustWait() {
		t.tell()
	}
}

// silent reports whether a Read would wait.
func (t *tunnel) silent() bool {
	t.h.mu.Lock()
	defer t.h.unlock()
	return t.mustWait()
}

// mustWait is silent for whoever holds the lock.
func (t *tunnel) mustWait() bool {
	return t.at == len(t.in) && !t.ended && t.err == nil && !t.closed
}

// Read waits for bytes of the peer. The error is io.EOF when the peer has ended the stream, os.ErrDeadlineExceeded after the deadline, and
// net.ErrClosed after Close.
func (t *tunnel) Read(b []byte) (int, error) {
	t.h.mu.Lock()
	defer t.h.unlock()
	for {
		switch {
		case t.closed:
			return 0, net.ErrClosed
		case t.readBy.passed:
			return 0, os.ErrDeadlineExceeded
		case len(b) == 0:
			return 0, nil
		case t.at < len(t.in):
			n := copy(b, t.in[t.at:])
			t.at += n
			if t.at == len(t.in) && cap(t.in) > smallBuffer { // a message that was large once is no reason to keep so much
				t.in, t.at = nil, 0
			}
			t.permit()
			return n, nil
		case t.ended:
			return 0, io.EOF
		case t.err != nil:
			return 0, t.err
		}
		t.changed.Wait()
	}
}

// permit lets the peer send again what was read, when that is worth a frame.
func (t *tunnel) permit() {
	s := &t.x.stream
	free := s.unacked - int64(len(t.in)-t.at)
	if free > streamWindow/4 && t.err == nil && !t.ended {
		t.h.renew(s.id, free)
		s.unacked -= free
		t.h.line.kick()
	}
}

// Write sends bytes as far as the peer permits, and waits until all are on their way.
func (t *tunnel) Write(b []byte) (int, error) {
	t.writing.Lock()
	defer t.writing.Unlock()
	t.h.mu.Lock()
	defer t.h.unlock()
	if err := t.writable(); err != nil || len(b) == 0 {
		return 0, err
	}
	s := &t.x.stream
	s.unsent = b
	t.h.uploads++
	t.h.pump()
	t.h.line.kick()
	for len(s.unsent) > 0 && t.writable() == nil {
		t.changed.Wait()
	}
	left := len(s.unsent)
	if left > 0 {
		s.unsent = nil
		t.h.uploads--
	} else {
		left, t.lost = t.lost, 0
	}
	t.counters.out.Add(int64(len(b) - left))
	if left > 0 {
		return len(b) - left, t.writable()
	}
	return len(b), nil
}

// writable says why nothing can be sent.
func (t *tunnel) writable() error {
	switch {
	case t.closed:
		return net.ErrClosed
	case t.err != nil:
		return t.err
	case t.writeBy.passed:
		return os.ErrDeadlineExceeded
	}
	return nil
}

// Close ends the stream, on both sides. Idempotent.
func (t *tunnel) Close() error {
	t.h.mu.Lock()
	first := !t.closed
	t.closed = true
	t.readBy.stop()
	t.writeBy.stop()
	if i := t.h.find(t.x.stream.id); first && i >= 0 {
		if t.writes() {
			t.h.out = appendFrame(t.h.begin(), 0, frameData, flagEndStream, t.x.stream.id)
		}
		if t.ended {
			t.h.end(i, nil)
			t.h.line.kick()
		} else { // nobody reads what would still come
			t.h.cancelStream(i, h2Cancel, nil)
		}
	}
	t.in, t.at = nil, 0
	t.tell()
	t.h.unlock()
	if first {
		t.conn.client.leaveTunnel(t.conn)
	}
	return nil
}

// LocalAddr is not known: the connection is shared.
func (t *tunnel) LocalAddr() net.Addr { return &net.TCPAddr{} }

// RemoteAddr is the address of the server, or of the proxy.
func (t *tunnel) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(t.conn.remote) }

// SetDeadline sets both deadlines; zero is none.
func (t *tunnel) SetDeadline(at time.Time) error {
	return errors.Join(t.SetReadDeadline(at), t.SetWriteDeadline(at))
}

// SetReadDeadline sets when Read fails; zero is never.
func (t *tunnel) SetReadDeadline(at time.Time) error { return t.setLimit(&t.readBy, at) }

// SetWriteDeadline sets when Write fails; zero is never.
func (t *tunnel) SetWriteDeadline(at time.Time) error { return t.setLimit(&t.writeBy, at) }

// tunnelLimit is one deadline of a tunnel.
type tunnelLimit struct {
	timer  *time.Timer
	passed bool
	turn   int // of the timer that counts
}

func (l *tunnelLimit) stop() {
	l.turn++
	if l.timer != nil {
		l.timer.Stop()
	}
}

func (t *tunnel) setLimit(l *tunnelLimit, at time.Time) error {
	t.h.mu.Lock()
	defer t.h.unlock()
	if t.closed {
		return net.ErrClosed
	}
	l.stop()
	left := time.Until(at)
	l.passed = !at.IsZero() && left <= 0
	if turn := l.turn; !at.IsZero() && left > 0 {
		l.timer = time.AfterFunc(left, func() {
			t.h.mu.Lock()
			defer t.h.unlock()
			if l.turn == turn {
				l.passed = true
				t.changed.Broadcast()
			}
		})
	}
	t.changed.Broadcast()
	return nil
}
