//go:build unix

package lamp

import (
	"os/exec"
	"syscall"
)

// own puts a program into a process group of its own, so that it can be ended with its children.
func own(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// end sends a signal to the group of a program; one that is gone already needs none.
func end(c *exec.Cmd, s syscall.Signal) { _ = syscall.Kill(-c.Process.Pid, s) }
