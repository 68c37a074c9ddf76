//go:build !unix

package command

import "os/exec"

func own(*exec.Cmd) {}

func end(*exec.Cmd) {}
