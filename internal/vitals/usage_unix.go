//go:build unix

package vitals

import (
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// processCPU is the processor time this process has used; negative when unknown.
func processCPU() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return -1
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// descriptorLimit is how many descriptors this process may open; 0 when unknown.
func descriptorLimit() int64 {
	var l unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &l) != nil {
		return 0
	}
	return int64(min(uint64(l.Cur), 1<<62))
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
