// Package hist is a log-linear histogram of times in HDR's layout: 256 buckets of 1 ns, then 128 buckets in each power of two, up to
// 73 minutes. It holds no clock.
//
// A bucket is at most 1/128 of its own value wide, and a quantile is answered with the middle of its bucket, so it lies within 0.4 %
// of the true value, from 256 ns to 73 minutes; below that it is exact. Count, sum, minimum and maximum are kept exactly.
// Histograms merge without loss in any order: the percentiles of a fleet, of a minute, of a whole run come from merged buckets and
// never from other percentiles.
//
// # Who owns what
//
// A [Hist] has one owner and is not safe for concurrent use. An [Atomic] is what many goroutines record into on the hot path; one
// reader at a time drains it into a Hist, and nothing is lost or counted twice. Between processes a Hist travels in the form of
// [Hist.AppendBinary], about one byte for each bucket in use.
package hist
