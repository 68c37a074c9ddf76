package format

import (
	"math"
	"strconv"
	"time"
)

// Quantile is a quantile with its doubt: "412 ms"; "1.97 s *" when few samples lie beyond it, so that the next run may well give
// another; "> 2.10 s" when the truth lies beyond the largest time that was measured, because dropped arrivals count as endless.
func Quantile(value time.Duration, few, beyond bool) string {
	switch {
	case beyond:
		return "> " + Duration(value)
	case few:
		return Duration(value) + " *"
	default:
		return Duration(value)
	}
}

// QuantileName is how a quantile from 0 to 1 is written: "p50", "p99.9".
func QuantileName(q float64) string {
	const dust = 1e9 // 0.999*100 is 99.90000000000001
	return "p" + strconv.FormatFloat(math.Round(q*100*dust)/dust, 'f', -1, 64)
}
