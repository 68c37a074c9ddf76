//go:build unix

package wire

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// quiet reports whether an idle connection still looks usable: see quietFD.
func quiet(nc net.Conn, plain bool) bool {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return true
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	usable := false
	err = rc.Control(func(fd uintptr) { usable = quietFD(int(fd), plain) })
	return usable && err == nil
}

// quietFD reports whether the peer of an idle connection has neither closed it nor said anything that nobody asked for: on a plain
// connection that would be taken for the answer to the next request. Below TLS it may also be a session ticket, which is no reason to part.
func quietFD(fd int, plain bool) bool {
	var b [recordHeader]byte
	n, _, err := unix.Recvfrom(fd, b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	if err != nil {
		return err == unix.EAGAIN || err == unix.EWOULDBLOCK || err == unix.EINTR
	}
	return n > 0 && !plain && !farewell(b[:n])
}

// recordHeader is the length of what stands before each TLS record: type, version and the length of what follows.
const recordHeader = 5

// farewell reports whether a TLS record is an alert. TLS 1.3 disguises its type, but not its length: two bytes of alert, one of type and the
// tag of 16 bytes that all its ciphers have (RFC 8446, 5.2). Through a proxy that TLS is spoken with, the site's alert lies in a record of the
// proxy's.
func farewell(b []byte) bool {
	const (
		alert, data = 21, 23
		alert13     = 2 + 1 + 16
		alert12     = 2 + 8 + 16
		inner13     = recordHeader + 1 + 16
		inner12     = recordHeader + 8 + 16
	)
	if len(b) != recordHeader || b[0] != data || b[3] != 0 {
		return len(b) == recordHeader && b[0] == alert
	}
	switch b[4] {
	case alert13, alert13 + inner13, alert13 + inner12, alert12 + inner12: // the third is also TLS 1.2 in 1.3
		return true
	}
	return false
}
