package pace

import (
	"math/bits"
	"time"
)

// Spread is where in its period user k starts its cadence: in [0, period), so that users paced at one period do not fire together.
// Golden-ratio steps keep the users even at every number of them: the gaps between any first n are of at most three lengths, the
// longest less than 2.7 times the shortest.
func Spread(k int, period time.Duration) time.Duration {
	if period <= 0 {
		return 0
	}
	const golden = 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio
	at, _ := bits.Mul64(uint64(k)*golden, uint64(period))
	return time.Duration(at)
}
