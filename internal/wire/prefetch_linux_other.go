//go:build linux && !amd64 && !arm64

package wire

const canPrefetch = false

func prefetch(uintptr, int) {}

func goroutine() uintptr { return 0 }
