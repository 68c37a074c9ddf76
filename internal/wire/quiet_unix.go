//go:build unix

package wire

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// quiet reports whether an idle connection still looks usable: the peer has not closed it. Bytes that nobody asked for count as closed on
// a plain connection; below TLS they may be a session ticket.
func quiet(nc net.Conn, plain bool) bool {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return true
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	var n int
	err2 := rc.Control(func(fd uintptr) {
		var b [1]byte
		n, _, err = unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	})
	switch {
	case err2 != nil:
		return false
	case err != nil:
		return err == unix.EAGAIN || err == unix.EWOULDBLOCK || err == unix.EINTR
	}
	return n > 0 && !plain
}
