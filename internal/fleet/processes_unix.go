//go:build unix

package fleet

import (
	"math"
	"os/exec"
	"syscall"
)

// apart keeps the terminal's signals from a process.
func apart(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// spareFiles are those that a worker needs besides the connections of its users.
const spareFiles = 1000

// RoomForUsers is how many connected users a process of this machine has room for.
func RoomForUsers() int {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil || l.Max > math.MaxInt32 {
		return 100_000
	}
	return max(1, min(int(l.Max), 101_000)-spareFiles)
}
