package main

import (
	"os"
	"syscall"
)

// peak is the most memory that a process had at once, in MB.
func peak(p *os.ProcessState) int64 {
	u, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return u.Maxrss >> 10
}
