//go:build unix

package command

import (
	"os/exec"
	"syscall"
)

// own puts a program into a process group of its own, which is ended with it.
func own(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
}

// end ends what a program left behind in its group.
func end(c *exec.Cmd) {
	if c.Process != nil {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) // there is nothing left, as a rule
	}
}
