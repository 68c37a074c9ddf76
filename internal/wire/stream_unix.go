//go:build unix

package wire

import (
	"io"
	"syscall"
)

// canReadNow says that a read that does not wait is possible here.
const canReadNow = true

func (b *bareConn) readNow(p []byte) (int, error) {
	for {
		n, e := sysRead(int(b.fd), p)
		switch {
		case e == syscall.EAGAIN:
			return 0, errNotYet
		case e == syscall.EINTR:
			continue
		case e != 0:
			return 0, e
		case n == 0 && len(p) > 0:
			return 0, io.EOF
		}
		return n, nil
	}
}
