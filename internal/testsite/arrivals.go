package testsite

import (
	"math"
	"slices"
	"sync/atomic"
	"time"
)

// arrivals remembers when requests arrived, up to a limit; beyond it only counts. Adding takes no lock and allocates nothing.
type arrivals struct {
	count atomic.Int64
	times []atomic.Int64 // nanoseconds since the server's origin, plus one: zero means not written yet
}

// newArrivals makes room for n times; none if n is negative.
func newArrivals(n int) arrivals { return arrivals{times: make([]atomic.Int64, max(n, 0))} }

// add notes an arrival and returns its number, from 0.
func (a *arrivals) add(t time.Duration) int64 {
	n := a.count.Add(1) - 1
	if n < int64(len(a.times)) {
		a.times[n].Store(int64(t) + 1)
	}
	return n
}

// reset forgets everything. Requests that arrive meanwhile may be counted or not.
func (a *arrivals) reset() {
	n := min(a.count.Swap(0), int64(len(a.times)))
	for i := range n {
		a.times[i].Store(0)
	}
}

// sorted is a copy of the times kept, in order. Two connections may have noted theirs in the other order.
func (a *arrivals) sorted() []time.Duration {
	n := min(a.count.Load(), int64(len(a.times)))
	times := make([]time.Duration, 0, n)
	for i := range n {
		if t := a.times[i].Load(); t > 0 {
			times = append(times, time.Duration(t-1))
		}
	}
	slices.Sort(times)
	return times
}

// perSecond counts the arrivals in each second, counted from the first.
func perSecond(sorted []time.Duration) []int64 {
	if len(sorted) == 0 {
		return nil
	}
	first := sorted[0]
	counts := make([]int64, (sorted[len(sorted)-1]-first)/time.Second+1)
	for _, t := range sorted {
		counts[(t-first)/time.Second]++
	}
	return counts
}

// Gaps describes the times between one arrival and the next.
type Gaps struct {
	Count     int64         `json:"count"`
	Mean      time.Duration `json:"mean_ns"`
	Median    time.Duration `json:"median_ns"`
	P99       time.Duration `json:"p99_ns"`
	P999      time.Duration `json:"p99_9_ns"`
	Max       time.Duration `json:"max_ns"`
	Histogram []Bin         `json:"histogram"` // in steps of 1, 2, 5; bins without a gap are left out
}

// Bin counts the gaps up to a size that are larger than the bin before.
type Bin struct {
	UpTo  time.Duration `json:"up_to_ns"`
	Count int64         `json:"count"`
}

// gaps measures the gaps between sorted times. All figures are zero when there is none.
func gaps(sorted []time.Duration) Gaps {
	if len(sorted) < 2 {
		return Gaps{}
	}
	all := make([]time.Duration, len(sorted)-1)
	for i := range all {
		all[i] = sorted[i+1] - sorted[i]
	}
	slices.Sort(all)
	return Gaps{
		Count:     int64(len(all)),
		Mean:      (sorted[len(sorted)-1] - sorted[0]) / time.Duration(len(all)),
		Median:    quantile(all, .5),
		P99:       quantile(all, .99),
		P999:      quantile(all, .999),
		Max:       all[len(all)-1],
		Histogram: bins(all),
	}
}

// quantile is the smallest value that at least the share q of all values do not exceed (nearest rank).
func quantile(sorted []time.Duration, q float64) time.Duration {
	rank := int(math.Ceil(q*float64(len(sorted)) - 1e-9)) // 0.999 * 1000 is a little more than 999
	return sorted[max(rank, 1)-1]
}

// bins counts sorted values in steps of 1, 2, 5, 10 us and so on.
func bins(sorted []time.Duration) []Bin {
	var result []Bin
	edge, step := time.Microsecond, 0
	for i := 0; i < len(sorted); {
		from := i
		for i < len(sorted) && sorted[i] <= edge {
			i++
		}
		if i > from {
			result = append(result, Bin{UpTo: edge, Count: int64(i - from)})
		}
		if step%3 == 1 {
			edge = edge / 2 * 5
		} else {
			edge *= 2
		}
		step++
	}
	return result
}
