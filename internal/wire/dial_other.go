//go:build !linux

package wire

import "syscall"

// bindWithoutPort does nothing: only Linux can bind an address and leave the port for later.
func bindWithoutPort(string, string, syscall.RawConn) error { return nil }
