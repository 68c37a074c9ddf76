//go:build unix

package testsite

import (
	"syscall"
	"time"
)

// cpuTime is the processor time this process has used, in user and system mode.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
