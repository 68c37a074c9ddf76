//go:build !unix

package fleet

import "os/exec"

func apart(*exec.Cmd) {}

// RoomForUsers is how many connected users a process of this machine has room for.
func RoomForUsers() int { return 20_000 }
