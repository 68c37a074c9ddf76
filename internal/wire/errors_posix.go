//go:build !windows

package wire

import "syscall"

// errWSAReset is what Windows says when the peer resets; elsewhere it is the same as everybody's.
const errWSAReset = syscall.ECONNRESET
