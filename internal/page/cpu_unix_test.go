//go:build unix

package page

import (
	"syscall"
	"time"
)

// cpuTime is the processor's time that the tests have taken so far. It does not count the time in which others had the processor.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
