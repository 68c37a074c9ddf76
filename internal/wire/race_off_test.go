//go:build !race

package wire

// racing says that the race detector makes everything ten times slower.
const racing = false
