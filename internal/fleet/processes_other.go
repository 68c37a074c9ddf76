//go:build !unix

package fleet

import "os/exec"

func apart(*exec.Cmd) {}

func start(c *exec.Cmd, _ bool) error { return c.Start() }

// RoomForUsers is how many connected users a process of this machine has room for.
func RoomForUsers() int { return 20_000 }
