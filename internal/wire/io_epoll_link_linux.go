package wire

import (
	"io"
	"net"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// What a link knows, as bits of its state.
const (
	linkReady   = 1 << iota // something happened since the last look
	linkEnded               // the peer will send no more; stays
	linkWoken               // the request was given up; stays
	linkWaiting             // the goroutine of the request waits for a token
)

// epollLink is a descriptor in a poller. It fills two cache lines: what an event needs, and what the request needs that it wakes.
type epollLink struct {
	poller  *poller
	fd      int32
	mark    int32
	state   atomic.Uint32
	burst   atomic.Uint32 // where the bytes stand that were left to the poller
	filled  bool          // the last read filled its buffer: there may be more without another event
	queued  bool          // it is in the poller's queue
	trouble uint8         // what became of the bytes that were left to it
	outLen  uint16        // of out
	outFrom uint16        // see trouble
	out     *[outSize]byte
	who     *exchange  // the request that waits; valid while linkWaiting is set
	line    *h2epoll   // of a connection that the poller reads; nil while requests read for themselves
	behind  *epollLink // the next in the poller's queue

	cold trail // of the request that waits; valid while linkWaiting is set
}

func (l *epollLink) register(op int, events uint32) error {
	return unix.EpollCtl(l.poller.fd, op, int(l.fd), &unix.EpollEvent{Events: events | unix.EPOLLET, Fd: l.fd, Pad: l.mark})
}

// event is called by the poller. A request that was left to it goes on here.
func (l *epollLink) event(events uint32) {
	bits := uint32(linkReady)
	if events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		bits |= linkEnded
	}
	switch x := l.ends(bits); {
	case x == nil:
	case x.parked:
		x.serve(l.poller)
	default:
		x.wait.wake <- struct{}{}
	}
}

// tell sets bits, and sees to it that the waiting request goes on if these are the first to end its wait. Anybody may call it.
func (l *epollLink) tell(bits uint32) {
	switch x := l.ends(bits); {
	case x == nil:
	case x.parked:
		go x.elsewhere()
	default:
		x.wait.wake <- struct{}{}
	}
}

// ends sets bits, and gives the waiting request if these are the first to end its wait.
func (l *epollLink) ends(bits uint32) *exchange {
	old := l.state.Or(bits)
	if old&linkWaiting == 0 || old&(linkReady|linkEnded|linkWoken) != 0 {
		return nil
	}
	return l.who
}

// look reports whether something may have happened since the last look. The error says that the request was given up.
func (l *epollLink) look() (bool, error) {
	s := l.state.Load()
	if s&linkWoken != 0 {
		return false, net.ErrClosed
	}
	if s&(linkReady|linkWaiting) != 0 {
		// A token is sent only for the first of the bits that end a wait: until they are cleared there is none to come.
		s = l.state.And(^uint32(linkReady | linkWaiting))
	}
	return s&(linkReady|linkEnded) != 0, nil
}

// wait returns when there is reason to look again.
func (l *epollLink) wait(x *exchange) {
	s := l.state.Load()
	if s&(linkReady|linkEnded|linkWoken) != 0 {
		return
	}
	l.who = x
	if l.poller.b.crowded() {
		l.cold.leave(x)
	}
	if l.state.CompareAndSwap(s, s|linkWaiting) {
		<-x.wait.wake
	}
}

// await waits until something happened, or the request was given up.
func (l *epollLink) await(x *exchange) error {
	for {
		if ok, err := l.look(); ok || err != nil {
			return err
		}
		l.wait(x)
	}
}

func (l *epollLink) ask(x *exchange) (int, error) {
	l.filled = false
	if len(x.rest) == 0 && x.sent == 0 && l.leave(x) {
		x.sent = len(x.out)
		if x.loop != nil {
			return 0, errWait // what became of it is for the link's own poller to see
		}
		return l.more(x)
	}
	l.settle(x.loop)
	for {
		more, err := x.send(int(l.fd))
		if err != nil {
			return l.early(x, err)
		}
		if x.loop != nil {
			if x.unasked = more; more {
				return 0, errBlocks
			}
			return 0, errWait
		}
		if !more {
			return l.more(x)
		}
		if l.ended() {
			return l.early(x, io.EOF)
		}
		if err := l.awaitRoom(x); err != nil {
			return 0, err
		}
	}
}

// ended reports whether the peer will send no more. What it has said is here: waiting for room to go on sending to it brings nothing, and
// would not be waiting, as this is reason enough to look again.
func (l *epollLink) ended() bool { return l.state.Load()&linkEnded != 0 }

// early looks for an answer that came although the request could not be sent to its end.
func (l *epollLink) early(x *exchange, err error) (int, error) {
	x.failed = true
	if n, e := sysRead(int(l.fd), x.room()); e == 0 && n > 0 {
		l.filled = true
		return n, nil
	}
	return 0, err
}

// awaitRoom waits until the send buffer has room. That needs another event than usual, and may swallow one that told of received bytes:
// the next read does not wait for it.
func (l *epollLink) awaitRoom(x *exchange) error {
	if err := l.register(unix.EPOLL_CTL_MOD, unix.EPOLLIN|unix.EPOLLOUT|unix.EPOLLRDHUP); err != nil {
		return err
	}
	err := l.await(x)
	l.filled = true
	if e := l.register(unix.EPOLL_CTL_MOD, unix.EPOLLIN|unix.EPOLLRDHUP); err == nil {
		err = e
	}
	return err
}

func (l *epollLink) more(x *exchange) (int, error) {
	if x.loop != nil && l.trouble != troubleNone {
		return 0, errBlocks
	}
	for {
		if !l.filled {
			if ok, err := l.look(); !ok {
				if err == nil {
					err = errWait
				}
				return 0, err
			}
			if l.trouble != troubleNone {
				return l.troubled(x)
			}
		}
		n, err := l.receive(x.room())
		if err != errAgain {
			return n, err
		}
	}
}

// errAgain says that there is nothing to receive now.
const errAgain = syscall.EAGAIN

func (l *epollLink) receive(p []byte) (int, error) {
	n, e := sysRead(int(l.fd), p)
	l.filled = e == 0 && n == len(p)
	if e != 0 {
		return 0, e
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (l *epollLink) alive(_ int64, once bool) bool { return l.quiet(true, once) }
func (l *epollLink) wake()                         { l.tell(linkWoken) }
func (l *epollLink) rest()                         { l.who = nil }

// quiet looks at an idle link. What the poller has seen nearly always tells enough. Worth a system call is something that was received since
// the last request, and may have been its end; and what a busy poller may not have seen yet, when the request may be sent only once.
func (l *epollLink) quiet(plain, once bool) bool {
	s := l.state.Load()
	return s&linkEnded == 0 && (s&linkReady == 0 && !once || quietFD(int(l.fd), plain))
}

func (l *epollLink) close() {
	l.drop()
	l.poller.b.links.remove(l)
	unix.Close(int(l.fd)) // which takes it out of the poller
}
