package wire

import (
	"io"
	"syscall"

	"golang.org/x/sys/unix"
)

// nothingYet is what a pipe says to crypto/tls when the kernel has nothing: a read may be tried again after a net.Error that is temporary,
// and what has come of a record so far is kept.
type nothingYet struct{}

func (nothingYet) Error() string   { return "nothing to read yet" }
func (nothingYet) Timeout() bool   { return true }
func (nothingYet) Temporary() bool { return true }

// errNothingYet is allocated once: it is compared for each answer.
var errNothingYet error = nothingYet{}

// h2epoll moves the bytes of an HTTP/2 connection by its poller, which reads, decrypts and understands what comes. Nobody waits in it.
type h2epoll struct {
	h       *h2conn
	l       *epollLink
	ahead   []byte // came with the last read, and TLS has not asked for it yet; none while nobody receives
	room    []byte // where that is, while answers of several requests are received; else nil
	at      int64  // when what the last read brought was looked at first; 0 before that
	empty   bool   // the last read took all there was
	ended   bool   // the peer will send no more: read to the end
	closed  bool
	blocked bool   // the poller tells when the kernel takes more
	pending []byte // what the kernel did not take
}

// speaks2 makes the pipe one that never blocks. The connection's first bytes may be in it, or in TLS, already.
func (p *epollPipe) speaks2(h *h2conn) error {
	d := h.e.h2workspace()
	defer h.e.h2workspaces.Put(d)
	h.mu.Lock() // the poller may see the first event before take returns
	defer h.unlock()
	line := &h2epoll{h: h}
	h.line = line
	l, err := p.b.takeFor(p.Conn, line)
	p.Conn = nil
	if err != nil {
		return err
	}
	p.l, p.line = l, line
	line.receive(d)
	return nil
}

// event is called by the poller. It reports whether there may be more to receive.
func (n *h2epoll) event(events uint32, d *h2workspace) (more bool) {
	n.h.mu.Lock()
	n.empty = false
	if events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		n.ended = true
	}
	if n.blocked && events&unix.EPOLLOUT != 0 {
		n.unblock()
	}
	p := n.l.poller
	n.h.over = &p.over
	more = n.receive(d)
	n.h.over = nil
	n.h.unlock()
	for i, x := range p.over {
		p.over[i] = nil
		x.serve(p)
	}
	p.over = p.over[:0]
	return more
}

// receive understands what there is, up to what one round permits, and reports whether there may be more. The lock is held.
func (n *h2epoll) receive(d *h2workspace) (more bool) {
	open := len(n.h.streams)
	if n.at = 0; open > 1 {
		n.room = d.ahead[:]
	}
	for total := 0; n.h.err == nil; {
		if more = total >= receiveRound && len(n.ahead) == 0; more {
			break
		}
		k, err := n.h.rw.Read(d.buf[:])
		if total += k; k > 0 {
			if n.at == 0 {
				n.at = n.h.e.Now()
			}
			n.h.took(d, d.buf[:k], n.at)
		}
		if err == errNothingYet {
			// Of several requests some are answered, and to understand that took a while: the other answers may be here by now. Then what their
			// users ask next leaves together with what these ask.
			if left := len(n.h.streams); left > 0 && left < open {
				open, n.empty = left, false
				continue
			}
			break
		}
		if err != nil {
			n.h.lost(err)
		}
	}
	n.room, n.ahead = nil, nil
	return more
}

// look reads what the poller may not have seen yet.
func (n *h2epoll) look() {
	d := n.h.e.h2workspace()
	n.empty = false
	n.receive(d)
	n.h.e.h2workspaces.Put(d)
}

// kick leaves what is to be sent to the poller, when that will run soon. Else it is sent here.
func (n *h2epoll) kick() {
	if !n.closed && !n.blocked && !n.l.poller.later(n.l) {
		n.h.flush()
	}
}

// burst is called by the poller at the end of its round.
func (n *h2epoll) burst() {
	n.h.mu.Lock()
	n.l.queued = false
	n.h.flush()
	n.h.unlock()
}

func (n *h2epoll) full() bool { return len(n.pending) > 0 }

func (n *h2epoll) last(b []byte) {
	if !n.full() {
		n.h.rw.Write(b)
	}
}

func (n *h2epoll) close() {
	n.h.rw.Close()
	n.closed, n.pending = true, nil
}

// read gives what the kernel has. TLS asks for little more than a record at a time: where several answers may have come, all that fits is fetched at
// once.
func (n *h2epoll) read(b []byte) (int, error) {
	if len(n.ahead) > 0 {
		k := copy(b, n.ahead)
		n.ahead = n.ahead[k:]
		return k, nil
	}
	if n.empty {
		return 0, errNothingYet
	}
	to := b
	if len(n.room) > len(b) {
		to = n.room
	}
	k, e := sysRead(int(n.l.fd), to)
	switch {
	case e == syscall.EAGAIN:
		n.empty = true
		return 0, errNothingYet
	case e != 0:
		return 0, e
	case k == 0:
		return 0, io.EOF
	}
	n.empty = k < len(to) && !n.ended
	n.at = 0
	if len(n.room) > len(b) {
		took := copy(b, to[:k])
		n.ahead = to[took:k]
		return took, nil
	}
	return k, nil
}

// write takes everything: crypto/tls does not recover from a write that fails.
func (n *h2epoll) write(b []byte) (int, error) {
	if n.closed {
		return 0, io.ErrClosedPipe
	}
	if len(n.pending) > 0 {
		n.pending = append(n.pending, b...)
		return len(b), nil
	}
	k, e := sysWrite(int(n.l.fd), b)
	if e == syscall.EAGAIN {
		k, e = 0, 0
	}
	if e != 0 {
		return 0, e
	}
	if k < len(b) {
		n.pending = append(n.pending, b[k:]...)
		if !n.blocked {
			n.blocked = true
			if err := n.l.register(unix.EPOLL_CTL_MOD, unix.EPOLLIN|unix.EPOLLOUT|unix.EPOLLRDHUP); err != nil {
				return 0, err
			}
		}
	}
	return len(b), nil
}

// unblock sends what had to wait.
func (n *h2epoll) unblock() {
	for len(n.pending) > 0 && !n.closed {
		k, e := sysWrite(int(n.l.fd), n.pending)
		if e == syscall.EAGAIN {
			return
		}
		if e != 0 {
			n.pending = nil
			n.h.cannotSend(e)
			break
		}
		n.pending = n.pending[k:]
	}
	n.pending, n.blocked = nil, false
	if n.closed {
		return
	}
	n.l.register(unix.EPOLL_CTL_MOD, unix.EPOLLIN|unix.EPOLLRDHUP)
	if n.h.pump(); len(n.h.out) > 0 {
		n.h.flush()
	}
}
