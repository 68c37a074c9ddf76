package show

import (
	"strconv"
	"time"
)

// FewBeyond reports whether a quantile rests on fewer than ten samples beyond it, so that the next run may well give another. q is from
// 0 to 1, count the samples. The maximum and the minimum (q 1 and 0) are what they are and never in doubt.
func FewBeyond(q float64, count int64) bool {
	const enough, slack = 10, 1e-6 // 1-0.9 is a little less than 0.1
	return q > 0 && q < 1 && float64(count)*(1-q) < enough-slack
}

// Beyond reports whether a quantile lies beyond every time that was measured, because more than its share of the arrivals was dropped: a
// visitor who was never served waited longer than any other. count is the samples measured, dropped those that could not start.
func Beyond(q float64, count, dropped int64) bool {
	if dropped <= 0 || count < 0 {
		return false
	}
	const slack = 1e-9
	return float64(dropped)/float64(count+dropped) > 1-q+slack
}

// Quantile is a quantile with its doubt: "412 ms"; "1.97 s *" when fewer than ten samples lie beyond it; "> 2.10 s" (the maximum) when
// dropped arrivals reach into it; [None] without samples.
func Quantile(q float64, value, maximum time.Duration, count, dropped int64) string {
	switch {
	case count == 0:
		return None
	case Beyond(q, count, dropped):
		return "> " + Duration(maximum)
	case FewBeyond(q, count):
		return Duration(value) + " *"
	default:
		return Duration(value)
	}
}

// QuantileName is how a quantile from 0 to 1 is written: "p50", "p99.9".
func QuantileName(q float64) string {
	return "p" + strconv.FormatFloat(roundTo(q*100, 1e9), 'f', -1, 64)
}

// roundTo drops the binary dust of 0.999*100.
func roundTo(v, scale float64) float64 { return float64(int64(v*scale+0.5)) / scale }
