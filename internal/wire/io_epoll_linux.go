package wire

import (
	"fmt"
	"io"
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

// linkTable finds links by descriptor without a lock. An event carries the descriptor and a mark: one that was fetched before its
// connection closed must not reach another that has the descriptor now.
type linkTable struct {
	mu    sync.Mutex
	parts atomic.Pointer[[]*linkPart]
	made  int32
}

type linkPart [1024]atomic.Pointer[epollLink]

func (t *linkTable) add(l *epollLink) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var parts []*linkPart
	if p := t.parts.Load(); p != nil {
		parts = *p
	}
	i := l.fd / len(linkPart{})
	if i >= len(parts) {
		grown := make([]*linkPart, i+1)
		for j := copy(grown, parts); j < len(grown); j++ {
			grown[j] = new(linkPart)
		}
		parts = grown
		t.parts.Store(&grown)
	}
	t.made++
	l.mark = t.made
	parts[i][l.fd%len(linkPart{})].Store(l)
}

func (t *linkTable) slot(fd int) *atomic.Pointer[epollLink] {
	return &(*t.parts.Load())[fd/len(linkPart{})][fd%len(linkPart{})]
}

func (t *linkTable) find(fd, mark int32) *epollLink {
	if l := t.slot(int(fd)).Load(); l != nil && l.mark == mark {
		return l
	}
	return nil
}

// What a link knows, as bits of its state.
const (
	linkReady   = 1 << iota // something happened since the last look
	linkEnded               // the peer will send no more; stays
	linkWoken               // the request was given up; stays
	linkWaiting             // the goroutine of the request waits for a token
)

// epollLink is a descriptor in a poller.
type epollLink struct {
	owner  *epollBackend
	poller *poller
	fd     int
	mark   int32
	state  atomic.Uint32
	filled bool          // the last read filled its buffer: there may be more without another event
	token  chan struct{} // of the request that waits; valid while linkWaiting is set

	_ [16]byte // to one cache line
}

func (l *epollLink) register(op int, events uint32) error {
	return unix.EpollCtl(l.poller.fd, op, l.fd, &unix.EpollEvent{Events: events | unix.EPOLLET, Fd: int32(l.fd), Pad: l.mark})
}

// event is called by the poller.
func (l *epollLink) event(events uint32) {
	bits := uint32(linkReady)
	if events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		bits |= linkEnded
	}
	l.tell(bits)
}

// tell sets bits, and gives the waiting goroutine its token if these are the first to end its wait.
func (l *epollLink) tell(bits uint32) {
	old := l.state.Or(bits)
	if old&linkWaiting != 0 && old&(linkReady|linkEnded|linkWoken) == 0 {
		l.token <- struct{}{}
	}
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
	l.token = x.wait.wake
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
	for {
		more, err := x.send(l.fd)
		if err != nil {
			return l.early(x, err)
		}
		if !more {
			return l.more(x)
		}
		if err := l.awaitRoom(x); err != nil {
			return 0, err
		}
	}
}

// early looks for an answer that came although the request could not be sent to its end.
func (l *epollLink) early(x *exchange, err error) (int, error) {
	x.failed = true
	if n, e := sysRead(l.fd, x.room()); e == 0 && n > 0 {
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
	for {
		if !l.filled {
			if ok, err := l.look(); !ok {
				if err == nil {
					err = errWait
				}
				return 0, err
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
	n, e := sysRead(l.fd, p)
	l.filled = e == 0 && n == len(p)
	if e != 0 {
		return 0, e
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (l *epollLink) alive(bool) bool { return l.state.Load()&linkEnded == 0 }
func (l *epollLink) wake()           { l.tell(linkWoken) }

func (l *epollLink) close() {
	l.owner.links.slot(l.fd).Store(nil)
	unix.Close(l.fd) // which takes it out of the poller
}

// epollPipe lies below TLS. The handshake runs on the connection as it was dialled, as it may end in HTTP/2, which net/http speaks; then
// the descriptor moves to the poller.
type epollPipe struct {
	net.Conn // nil after promote
	b        *epollBackend
	l        *epollLink
	x        *exchange
}

func (b *epollBackend) pipe(nc net.Conn) (pipe, error) { return &epollPipe{Conn: nc, b: b}, nil }

func (p *epollPipe) promote() (err error) {
	p.l, err = p.b.take(p.Conn)
	p.Conn = nil
	return err
}

func (p *epollPipe) use(x *exchange) {
	p.x = x
	p.l.filled = false
}

func (p *epollPipe) Read(b []byte) (int, error) {
	if p.l == nil {
		return p.Conn.Read(b)
	}
	for {
		if !p.l.filled {
			if err := p.l.await(p.x); err != nil {
				return 0, err
			}
		}
		n, err := p.l.receive(b)
		if err != errAgain {
			return n, err
		}
	}
}

func (p *epollPipe) Write(b []byte) (int, error) {
	if p.l == nil {
		return p.Conn.Write(b)
	}
	sent := 0
	for {
		n, e := sysWrite(p.l.fd, b[sent:])
		if e != 0 && e != syscall.EAGAIN {
			return sent, e
		}
		if e == 0 {
			sent += n
		}
		if sent == len(b) || p.x == nil { // without a request it is TLS's farewell, which may get lost
			return sent, nil
		}
		if err := p.l.awaitRoom(p.x); err != nil {
			return sent, err
		}
	}
}

// Close is called by the owner alone, also by way of TLS.
func (p *epollPipe) Close() error {
	if p.l == nil {
		return p.Conn.Close()
	}
	p.l.close()
	return nil
}

func (p *epollPipe) SetDeadline(t time.Time) error {
	if p.l == nil {
		return p.Conn.SetDeadline(t)
	}
	return nil // the wheel does that
}

func (p *epollPipe) SetReadDeadline(t time.Time) error {
	if p.l == nil {
		return p.Conn.SetReadDeadline(t)
	}
	return nil
}

func (p *epollPipe) SetWriteDeadline(t time.Time) error {
	if p.l == nil {
		return p.Conn.SetWriteDeadline(t)
	}
	return nil
}

func (p *epollPipe) alive(long bool) bool { return p.l.alive(long) }
func (p *epollPipe) wake()                { p.l.wake() }
