//go:build !unix

package vitals

import (
	"strconv"
	"time"
)

func processCPU() time.Duration { return -1 }
func descriptorLimit() int64    { return 0 }
func itoa(n int64) string       { return strconv.FormatInt(n, 10) }
