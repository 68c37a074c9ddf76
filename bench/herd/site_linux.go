package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// theAnswer is what the site says to everything.
var theAnswer = []byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n")

// site answers on many connections with a few bytes of memory for each: one thread, one buffer. Several share a port.
func site(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("site", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:18080", "where to listen")
	if err := flags.Parse(args); err != nil {
		return err
	}
	at, err := netip.ParseAddrPort(*addr)
	if err != nil {
		return err
	}
	s := &crowdSite{buf: make([]byte, 16<<10)}
	if err := s.listen(at); err != nil {
		return err
	}
	fmt.Println("listening")
	return s.serve(ctx)
}

type crowdSite struct {
	listener, poll int
	buf            []byte
}

func (s *crowdSite) listen(at netip.AddrPort) (err error) {
	if s.listener, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0); err != nil {
		return err
	}
	if s.poll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	return errors.Join(
		unix.SetsockoptInt(s.listener, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1),
		unix.SetsockoptInt(s.listener, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1),
		unix.Bind(s.listener, &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}),
		unix.Listen(s.listener, 4096),
		unix.SetNonblock(s.poll, true),
		unix.EpollCtl(s.poll, unix.EPOLL_CTL_ADD, s.listener, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(s.listener)}),
	)
}

// call is a system call that does not block.
//
//go:uintptrescapes
func call(number uintptr, a ...uintptr) (int, unix.Errno) {
	var args [6]uintptr
	copy(args[:], a)
	n, _, e := unix.RawSyscall6(number, args[0], args[1], args[2], args[3], args[4], args[5])
	return int(n), e
}

// serve waits in the runtime's poller, which the kernel's own for the connections is put into, and tells the scheduler of no call, since none blocks: for a
// thread that may wait in the kernel another one would look many times a second, in each of fifty processes.
func (s *crowdSite) serve(ctx context.Context) error {
	file := os.NewFile(uintptr(s.poll), "connections")
	defer file.Close()
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = file.SetReadDeadline(time.Now()) })() // which ends the wait below
	events := make([]unix.EpollEvent, 512)
	for ctx.Err() == nil {
		n := 0
		waited := conn.Read(func(fd uintptr) bool {
			var e unix.Errno
			n, e = call(unix.SYS_EPOLL_PWAIT, fd, uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)))
			if err = nil; e != 0 {
				err = e
			}
			return n > 0 || err != nil
		})
		switch {
		case ctx.Err() != nil:
			return nil
		case waited != nil:
			return waited
		case err != nil && !errors.Is(err, unix.EINTR):
			return err
		}
		for i := range max(0, n) {
			if fd := int(events[i].Fd); fd == s.listener {
				s.accept()
			} else {
				s.answer(fd)
			}
		}
	}
	return nil
}

func (s *crowdSite) accept() {
	for {
		fd, e := call(unix.SYS_ACCEPT4, uintptr(s.listener), 0, 0, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		if e != 0 {
			return
		}
		event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}
		if _, e := call(unix.SYS_EPOLL_CTL, uintptr(s.poll), unix.EPOLL_CTL_ADD, uintptr(fd), uintptr(unsafe.Pointer(&event))); e != 0 {
			_ = unix.Close(fd)
		}
	}
}

// answer reads a request, which comes in one piece from users as these, and answers it.
func (s *crowdSite) answer(fd int) {
	n, e := call(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&s.buf[0])), uintptr(len(s.buf)))
	if e == unix.EAGAIN {
		return
	}
	if n <= 0 || e != 0 {
		_ = unix.Close(fd)
		return
	}
	for range bytes.Count(s.buf[:n], []byte("\r\n\r\n")) {
		if _, e := call(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&theAnswer[0])), uintptr(len(theAnswer))); e != 0 {
			_ = unix.Close(fd)
			return
		}
	}
}
