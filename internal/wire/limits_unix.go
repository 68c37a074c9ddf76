//go:build unix

package wire

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// RaiseDescriptorLimit lifts the soft limit of open files to the hard one. It returns both as they are then; the error says why the soft
// one stayed below.
func RaiseDescriptorLimit() (soft, hard uint64, err error) {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return 0, 0, fmt.Errorf("wire: read the limit of open files: %w", err)
	}
	was := r
	if r.Cur < r.Max {
		r.Cur = r.Max
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
			return uint64(was.Cur), uint64(was.Max), fmt.Errorf("wire: raise the limit of open files from %d to %d: %w", was.Cur, was.Max, err)
		}
	}
	return uint64(r.Cur), uint64(r.Max), nil
}

// supply asks the system.
func supply() (s Supply) {
	var r syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r) == nil {
		s.Descriptors = uint64(r.Cur)
	}
	// Linux only; elsewhere the file is missing and the number stays unknown.
	if b, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range"); err == nil {
		var low, high int
		if _, err := fmt.Sscan(strings.TrimSpace(string(b)), &low, &high); err == nil && high >= low {
			s.Ports = high - low + 1
		}
	}
	return s
}
