// Package hist is a log-linear histogram of times in HDR's layout: 128 steps in each power of two, so a quantile is within
// 0.4 % of the true value from 1 us to over 1 h. It holds no clock.
//
// A [Hist] has one owner and is not safe for concurrent use. An [Atomic] is what many goroutines record into on the hot path; its
// one reader drains it into a Hist, and nothing is lost or counted twice.
package hist
