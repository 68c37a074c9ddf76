package wire

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// epollBackend waits with epoll instances of its own, one per core. A connection is then no more than a descriptor and a word of state:
// the least memory for users that think.
//
// Each poller's epoll descriptor is registered with Go's netpoller in turn, so that an idle engine costs no thread and no CPU.
type epollBackend struct {
	pollers []*poller
	next    atomic.Uint32
	links   linkTable
	stopped atomic.Bool
}

func openEpoll(e *Engine) (backend, error) {
	b := &epollBackend{}
	for range runtime.GOMAXPROCS(0) {
		p, err := newPoller(b)
		if err != nil {
			b.close()
			return nil, fmt.Errorf("I/O epoll: %w; choose raw or net", err)
		}
		b.pollers = append(b.pollers, p)
	}
	for _, p := range b.pollers {
		e.work.Go(p.run)
	}
	return b, nil
}

func (b *epollBackend) name() string { return "epoll" }

func (b *epollBackend) close() {
	b.stopped.Store(true)
	for _, p := range b.pollers {
		p.file.Close()
	}
}

func (b *epollBackend) link(nc net.Conn) (link, error) {
	l, err := b.take(nc)
	if err != nil {
		return nil, err
	}
	return l, nil
}

// take makes a link of the descriptor below nc, and closes what Go keeps for it.
func (b *epollBackend) take(nc net.Conn) (*epollLink, error) {
	defer nc.Close()
	rc, err := rawConn(nc)
	if err != nil {
		return nil, err
	}
	l := &epollLink{owner: b}
	var dupErr error
	err = rc.Control(func(fd uintptr) {
		l.fd, dupErr = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0)
	})
	if err == nil {
		err = dupErr
	}
	if err != nil {
		return nil, err
	}
	l.poller = b.pollers[b.next.Add(1)%uint32(len(b.pollers))]
	b.links.add(l)
	if err := l.register(unix.EPOLL_CTL_ADD, unix.EPOLLIN|unix.EPOLLRDHUP); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// pollerBatch is how many connections a poller wakes before their requests run. Fewer cost more calls; with more, what the kernel and the
// request need of a connection has left the nearest cache between being polled and being read. docs/design/http-engine.md has the figures.
const pollerBatch = 32

// poller is one epoll instance and the goroutine that waits on it.
type poller struct {
	b      *epollBackend
	fd     int
	file   *os.File
	rc     syscall.RawConn
	n      int
	events [pollerBatch]unix.EpollEvent
}

func newPoller(b *epollBackend) (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil { // else package os would not give it to the netpoller
		unix.Close(fd)
		return nil, err
	}
	p := &poller{b: b, fd: fd, file: os.NewFile(uintptr(fd), "epoll")}
	if p.rc, err = p.file.SyscallConn(); err != nil {
		p.file.Close()
		return nil, err
	}
	return p, nil
}

// pollerPatience is how often a poller lets others run before it goes to sleep: under load there is always something again by then, and
// going to sleep and waking costs more than looking.
const pollerPatience = 2

func (p *poller) run() {
	idle := func(uintptr) bool {
		p.poll()
		return p.n > 0
	}
	looked := 0
	for !p.b.stopped.Load() {
		p.poll()
		if p.n == 0 {
			if looked++; looked <= pollerPatience {
				runtime.Gosched()
				continue
			}
			if p.rc.Read(idle) != nil {
				return // closed
			}
		}
		looked = 0
		for i := range p.events[:p.n] {
			ev := &p.events[i]
			if l := p.b.links.find(ev.Fd, ev.Pad); l != nil {
				l.event(ev.Events)
			}
		}
		runtime.Gosched() // the woken requests first
	}
}

// poll asks what is ready, without waiting.
func (p *poller) poll() {
	n, _, e := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), 0, 0, 0)
	if e != 0 {
		n = 0
	}
	p.n = int(n)
}
