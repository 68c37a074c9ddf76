//go:build !unix

package testsite

import "time"

// cpuTime is not known here.
func cpuTime() time.Duration { return 0 }
