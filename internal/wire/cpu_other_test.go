//go:build !unix

package wire

import "time"

// cpuTime is unknown here.
func cpuTime() time.Duration { return 0 }
