package wire

import "syscall"

// errWSAReset is what Windows says when the peer resets; syscall.ECONNRESET is an invented number there.
const errWSAReset = syscall.Errno(10054)
