//go:build unix && !linux

package wire

import (
	"errors"
	"syscall"
)

func sysRead(fd int, p []byte) (int, syscall.Errno)  { return sysCall(syscall.Read, fd, p) }
func sysWrite(fd int, p []byte) (int, syscall.Errno) { return sysCall(syscall.Write, fd, p) }

func sysCall(call func(int, []byte) (int, error), fd int, p []byte) (int, syscall.Errno) {
	for {
		n, err := call(fd, p)
		if err == nil {
			return n, 0
		}
		e, ok := errors.AsType[syscall.Errno](err)
		if !ok {
			e = syscall.EIO
		}
		if e != syscall.EINTR {
			return 0, e
		}
	}
}
