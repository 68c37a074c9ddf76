//go:build !linux

package testsite

import (
	"runtime"
	"time"
)

// pause waits for d, to a few microseconds on an idle machine, at the price of a processor. It is meant for about a millisecond.
func pause(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		runtime.Gosched()
	}
}
