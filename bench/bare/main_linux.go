// Command bare is the least that a generator can do: on one thread it waits in epoll, reads what came, and writes the same request again. It looks
// at nothing but how many bytes there are, and keeps no figures. What it costs a request is the kernel's price on this machine.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// batch is how many connections one call gives at most, as many as this project's poller takes.
const batch = 32

// bare is the state of one run.
type bare struct {
	request []byte
	size    int // of an answer, with its header
	epoll   int
	left    []int // of the answer that each descriptor waits for
	buf     [64 << 10]byte
}

func main() {
	host := flag.String("host", "", "base URL of the site")
	path := flag.String("path", "/page", "what it asks for")
	users := flag.Int("users", 64, "connections")
	length := flag.Duration("t", 5*time.Second, "length")
	flag.Parse()
	runtime.LockOSThread()
	if err := run(*host, *path, *users, *length); err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}

func run(host, path string, users int, length time.Duration) error {
	u, err := url.Parse(host)
	if err != nil {
		return err
	}
	b := &bare{left: make([]int, users+64)}
	b.request = []byte("GET " + path + " HTTP/1.1\r\nHost: " + u.Host + "\r\nCookie: session=0123456789abcdef\r\n\r\n")
	if b.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	for range users {
		if err := b.connect(u.Host); err != nil {
			return err
		}
	}
	end := time.Now().Add(length)
	var events [batch]unix.EpollEvent
	for time.Now().Before(end) {
		n, err := unix.EpollWait(b.epoll, events[:], 100)
		if err != nil && err != unix.EINTR {
			return err
		}
		for i := range max(n, 0) {
			if err := b.answer(events[i].Fd); err != nil {
				return err
			}
		}
	}
	return nil
}

// connect opens a connection and sends its first request. The first connection of all learns how long an answer is.
func (b *bare) connect(addr string) error {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	if b.size == 0 {
		if b.size, err = b.measure(nc); err != nil {
			return err
		}
	}
	f, err := nc.(*net.TCPConn).File()
	if err != nil {
		return err
	}
	nc.Close()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	f.Close()
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err == nil {
		err = unix.EpollCtl(b.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLET, Fd: int32(fd)})
	}
	if err != nil {
		return err
	}
	for fd >= len(b.left) {
		b.left = append(b.left, 0)
	}
	return b.ask(int32(fd))
}

// measure asks once and says how many bytes the answer has.
func (b *bare) measure(nc net.Conn) (int, error) {
	if _, err := nc.Write(b.request); err != nil {
		return 0, err
	}
	for got := 0; ; {
		n, err := nc.Read(b.buf[got:])
		if err != nil {
			return 0, err
		}
		got += n
		head, _, whole := bytes.Cut(b.buf[:got], []byte("\r\n\r\n"))
		if !whole {
			continue
		}
		_, after, told := bytes.Cut(bytes.ToLower(head), []byte("content-length: "))
		line, _, _ := bytes.Cut(after, []byte("\r"))
		body, err := strconv.Atoi(string(line))
		if !told || err != nil {
			return 0, fmt.Errorf("the answer does not say how long it is: %q", head)
		}
		if size := len(head) + 4 + body; got >= size {
			return size, nil
		}
	}
}

func (b *bare) ask(fd int32) error {
	b.left[fd] = b.size
	n, _, e := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&b.request[0])), uintptr(len(b.request)))
	if e != 0 || int(n) != len(b.request) {
		return fmt.Errorf("write: %d bytes, %w", n, e)
	}
	return nil
}

// answer reads what came, and asks again when that was all.
func (b *bare) answer(fd int32) error {
	n, _, e := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&b.buf[0])), uintptr(len(b.buf)))
	switch {
	case e == syscall.EAGAIN:
		return nil
	case e != 0 || n == 0:
		return fmt.Errorf("read: %d bytes, %w", n, e)
	}
	if b.left[fd] -= int(n); b.left[fd] > 0 {
		return nil
	}
	return b.ask(fd)
}
