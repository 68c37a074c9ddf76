//go:build unix

package fleet

import (
	"math"
	"os/exec"
	"syscall"
)

// apart keeps the terminal's signals from a process.
func apart(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// crowdNice is how much further back than others the processes of a crowd stand, where there are not processors enough: their controller, which is one
// among so many, has to be heard by all.
const crowdNice = 5

// start starts a process, which is one of a crowd or not.
func start(c *exec.Cmd, crowd bool) error {
	if !crowd {
		return c.Start()
	}
	defer slackTimers()()
	err := c.Start()
	if err == nil {
		_ = syscall.Setpriority(syscall.PRIO_PGRP, c.Process.Pid, crowdNice) // it works without
	}
	return err
}

// spareFiles are those that a worker needs besides the connections of its users.
const spareFiles = 100

// RoomForUsers is how many connected users a process of this machine has room for: with more than four fifths of its files open it is in doubt.
func RoomForUsers() int {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil || l.Max > math.MaxInt32 {
		return 100_000
	}
	return max(1, min(int(l.Max)/5*4, 100_000+spareFiles)-spareFiles)
}
