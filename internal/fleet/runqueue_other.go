//go:build !linux

package fleet

import "time"

// runQueueWait is not known here.
func runQueueWait(int) time.Duration { return -1 }
