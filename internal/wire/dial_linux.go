package wire

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// bindWithoutPort lets the kernel choose the port of a bound socket when it connects: then ports are used once per destination and not
// once for all, and the search for a free one is short. Where the kernel does not know the option nothing is lost but that.
func bindWithoutPort(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	})
}
