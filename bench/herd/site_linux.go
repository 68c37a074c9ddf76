package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/netip"

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
		unix.EpollCtl(s.poll, unix.EPOLL_CTL_ADD, s.listener, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(s.listener)}),
	)
}

func (s *crowdSite) serve(ctx context.Context) error {
	events := make([]unix.EpollEvent, 512)
	for ctx.Err() == nil {
		n, err := unix.EpollWait(s.poll, events, 200)
		if err != nil && !errors.Is(err, unix.EINTR) {
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
		fd, _, err := unix.Accept4(s.listener, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		if err != nil {
			return
		}
		if unix.EpollCtl(s.poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}) != nil {
			_ = unix.Close(fd)
		}
	}
}

// answer reads a request, which comes in one piece from users as these, and answers it.
func (s *crowdSite) answer(fd int) {
	n, err := unix.Read(fd, s.buf)
	if errors.Is(err, unix.EAGAIN) {
		return
	}
	if n <= 0 || err != nil {
		_ = unix.Close(fd)
		return
	}
	for range bytes.Count(s.buf[:n], []byte("\r\n\r\n")) {
		if _, err := unix.Write(fd, theAnswer); err != nil {
			_ = unix.Close(fd)
			return
		}
	}
}
