//go:build !unix

package page

import "time"

// cpuTime is not known here: what is measured with it is not looked at.
func cpuTime() time.Duration { return 0 }
