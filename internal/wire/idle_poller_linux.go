package wire

import (
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// idlePoller watches streams that nobody reads, with one epoll instance and one goroutine for all of them. Its descriptor is registered with
// Go's netpoller in turn, so that it costs no thread while nothing happens.
type idlePoller struct {
	e      *Engine
	mu     sync.Mutex
	fd     int
	file   *os.File // nil until the first stream is watched
	broken bool     // there is none to be had
	shut   bool
	known  map[int32]*Stream
	soon   []*Stream
	timer  *time.Timer
}

func (l *idlePoller) watch(s *Stream, f func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shut || s.closed.Load() {
		return true // nothing will come any more, and nobody is to wait for it
	}
	if l.file == nil && !l.begin(s.e) {
		return false
	}
	w := &s.poll
	w.f, w.since = f, time.Duration(s.e.Now())
	if !w.soon && !w.armed {
		w.soon = true
		l.soon = append(l.soon, s)
		if len(l.soon) == 1 {
			l.timer.Reset(idleAfter)
		}
	}
	return true
}

// begin makes the epoll instance. The lock is held.
func (l *idlePoller) begin(e *Engine) bool {
	if l.broken {
		return false
	}
	l.broken = true // until it works
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return false
	}
	if err := unix.SetNonblock(fd, true); err != nil { // else package os would not give it to the netpoller
		unix.Close(fd)
		return false
	}
	file := os.NewFile(uintptr(fd), "epoll")
	rc, err := file.SyscallConn()
	if err != nil || !e.begin(func() { l.run(rc) }) {
		file.Close()
		return false
	}
	l.e, l.fd, l.file, l.known, l.broken = e, fd, file, map[int32]*Stream{}, false
	l.timer = time.AfterFunc(time.Hour, l.sweep)
	l.timer.Stop()
	return true
}

// sweep takes over the streams that have been left alone for long enough.
func (l *idlePoller) sweep() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shut {
		return
	}
	now := time.Duration(l.e.Now())
	kept := l.soon[:0]
	for _, s := range l.soon {
		switch {
		case s.closed.Load():
			s.poll.soon = false
		case now-s.poll.since < idleAfter:
			kept = append(kept, s)
		default:
			s.poll.soon = false
			if s.more.Load() { // what the socket cannot tell of
				go s.poll.f()
			} else {
				l.arm(s)
			}
		}
	}
	clear(l.soon[len(kept):])
	if l.soon = kept; len(kept) > 0 {
		l.timer.Reset(idleAfter / 2)
	} else {
		l.soon = nil
	}
}

// arm looks at a stream until something happens there. The lock is held.
func (l *idlePoller) arm(s *Stream) {
	w := &s.poll
	err := s.bare.rc.Control(func(fd uintptr) {
		op := unix.EPOLL_CTL_MOD
		if !w.known {
			op = unix.EPOLL_CTL_ADD
		}
		w.fd = int32(fd)
		ev := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLONESHOT, Fd: int32(fd)}
		if unix.EpollCtl(l.fd, op, int(fd), &ev) == nil {
			w.known, w.armed = true, true
			l.known[w.fd] = s
		}
	})
	if err != nil || !w.armed { // somebody closes it; else it would wait for ever
		go w.f()
	}
}

func (l *idlePoller) forget(s *Stream) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.poll.known {
		delete(l.known, s.poll.fd)
		s.poll.known, s.poll.armed = false, false
	}
}

func (l *idlePoller) run(rc syscall.RawConn) {
	events := make([]unix.EpollEvent, 128)
	for {
		n := 0
		err := rc.Read(func(fd uintptr) bool {
			n, _ = unix.EpollWait(int(fd), events, 0)
			return n > 0
		})
		if err != nil {
			return // closed
		}
		l.mu.Lock()
		for _, ev := range events[:n] {
			if s := l.known[ev.Fd]; s != nil && s.poll.armed {
				s.poll.armed = false
				go s.poll.f()
			}
		}
		l.mu.Unlock()
	}
}

func (l *idlePoller) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shut = true
	if l.file != nil {
		l.timer.Stop()
		l.file.Close()
	}
	l.soon = nil
}
