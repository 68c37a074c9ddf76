package wire

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
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
	outs    sync.Pool // *[outSize]byte
	stopped atomic.Bool
	noRing  bool // for tests
}

func openEpoll(e *Engine) (backend, error) {
	b := &epollBackend{noRing: e.cfg.noRing}
	for range runtime.GOMAXPROCS(0) {
		p, err := newPoller(b)
		if err != nil {
			b.close()
			for _, p := range b.pollers { // which do not run yet
				p.close()
			}
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
		p.file.SetDeadline(time.Unix(1, 0)) // wakes it; who closes the file is the one that uses its number
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
func (b *epollBackend) take(nc net.Conn) (*epollLink, error) { return b.takeFor(nc, nil) }

// takeFor is take for a line that the poller reads.
func (b *epollBackend) takeFor(nc net.Conn, line *h2epoll) (*epollLink, error) {
	defer nc.Close()
	rc, err := rawConn(nc)
	if err != nil {
		return nil, err
	}
	l := &epollLink{line: line}
	var dupErr error
	err = rc.Control(func(fd uintptr) {
		n, err := unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0)
		l.fd, dupErr = int32(n), err
	})
	if err == nil {
		err = dupErr
	}
	if err != nil {
		return nil, err
	}
	l.poller = b.pollers[b.next.Add(1)%uint32(len(b.pollers))]
	if line != nil {
		line.l = l
	}
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
	b         *epollBackend
	fd        int
	file      *os.File
	rc        syscall.RawConn
	n         int
	events    [pollerBatch]unix.EpollEvent
	unread    []*h2epoll   // had more than one round takes
	workspace *h2workspace // for what the poller reads itself

	ring  *ring        // nil where io_uring is not permitted
	burst []*epollLink // what is being sent
	over  []*exchange  // ended over HTTP/2, and were left to the poller

	_      [64]byte
	queue  atomic.Pointer[epollLink] // what is to be sent at the end of the round
	asleep epollLink                 // marks a queue whose poller sleeps
}

// close gives back what the poller has.
func (p *poller) close() {
	p.file.Close()
	if p.ring != nil {
		p.ring.close()
	}
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
	p := &poller{b: b, fd: fd, file: os.NewFile(uintptr(fd), "epoll"), workspace: new(h2workspace), burst: make([]*epollLink, 0, ringSize)}
	if p.rc, err = p.file.SyscallConn(); err != nil {
		p.file.Close()
		return nil, err
	}
	if !b.noRing {
		if r, err := newRing(); err == nil { // else write(2) does
			p.ring = r
		}
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
	defer p.close()
	looked := 0
	for !p.b.stopped.Load() {
		p.flush()
		p.poll()
		if p.n == 0 && len(p.unread) == 0 {
			if looked++; looked <= pollerPatience {
				runtime.Gosched()
				continue
			}
			if !p.sleep() {
				continue
			}
			err := p.rc.Read(idle)
			p.wakeUp()
			if err != nil {
				return // closed
			}
		}
		looked = 0
		p.readOn()
		p.warm()
		for i := range p.events[:p.n] {
			ev := &p.events[i]
			if l := p.b.links.find(ev.Fd, ev.Pad); l != nil {
				p.event(l, ev.Events)
			}
		}
		runtime.Gosched() // the woken requests first
	}
}

func (p *poller) event(l *epollLink, events uint32) {
	if l.line == nil {
		l.event(events)
	} else if l.line.event(events, p.workspace) {
		p.unread = append(p.unread, l.line)
	}
}

// readOn goes on with connections that had more than one round takes.
func (p *poller) readOn() {
	rest := p.unread
	p.unread = nil
	for _, line := range rest {
		if line.event(0, p.workspace) {
			p.unread = append(p.unread, line)
		}
	}
}

// crowd is how many connections can be in use before what their requests touch, some 8 KB each with the kernel's part, does not fit a usual
// second-level cache.
const crowd = 200

func (b *epollBackend) crowded() bool { return canPrefetch && b.links.open.Load() > crowd }

// warm fetches what the requests of a batch will touch, all at once. Of a thousand requests under way each has left the processor's caches
// by the time its answer comes; woken one by one, each would wait for memory some fifty times.
func (p *poller) warm() {
	if p.n < 2 || !p.b.crowded() {
		return
	}
	var links [pollerBatch]*epollLink
	for i := range p.events[:p.n] {
		l := p.b.links.slot(int(p.events[i].Fd)).Load()
		links[i] = l
		prefetch(uintptr(unsafe.Pointer(l)), 2)
	}
	for _, l := range links[:p.n] {
		// A link that waits keeps its trail until this poller wakes it: one that is given up never waits again.
		if l != nil && l.state.Load()&linkWaiting != 0 {
			l.cold.fetch()
		}
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
