//go:build linux && (amd64 || arm64)

package wire

// canPrefetch reports whether prefetch does anything.
const canPrefetch = true

// prefetch asks the processor for some cache lines of 64 bytes, from the one that holds p on, and does not wait for them. Any address will
// do: one that nothing is mapped at is ignored.
//
//go:noescape
func prefetch(p uintptr, lines int)

// goroutine is the address of the runtime's record of the calling goroutine.
//
//go:noescape
func goroutine() uintptr
