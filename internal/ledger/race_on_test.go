//go:build race

package ledger_test

// racing says that the race detector makes everything ten times as slow: large tests are smaller then.
const racing = true
