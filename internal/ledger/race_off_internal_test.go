//go:build !race

package ledger

// racing says that the race detector makes everything ten times as slow: large tests are smaller then.
const racing = false
