package hist

import (
	"iter"
	"math"
	"math/bits"
)

// Hist counts times in nanoseconds. The zero value is empty, ready for use and 40 bytes small: the counts are made when the first value
// comes. A Hist has one owner; it may be moved, but two copies must not both be used: see Clone.
//
// Counts and sums saturate at the largest int64 instead of wrapping. (The sum of all times does so after 292 years of waiting, which
// a million stalled users reach in two and a half hours.)
type Hist struct {
	n, sum   int64
	min, max int64 // valid when n > 0
	cells    *cells
}

// Bucket is a run of values that are counted together: those from Low to High, both included, in nanoseconds.
type Bucket struct {
	Low, High int64
	Count     int64
}

// Record counts one value. Negative values count as 0, values of Limit and more are clamped as Limit says.
func (h *Hist) Record(ns int64) { h.RecordN(ns, 1) }

// RecordN counts a value n times. Nothing happens when n <= 0.
func (h *Hist) RecordN(ns, n int64) {
	if n <= 0 {
		return
	}
	ns = max(ns, 0)
	h.grow(n, mulSat(ns, n), ns, ns)
	h.store().add(bucketOf(ns), n)
}

// grow adds to everything but the buckets.
func (h *Hist) grow(n, sum, lo, hi int64) {
	if h.n == 0 {
		h.min, h.max = lo, hi
	} else {
		h.min, h.max = min(h.min, lo), max(h.max, hi)
	}
	h.n = addSat(h.n, n)
	h.sum = addSat(h.sum, sum)
}

// store is the buckets, made when there are none.
func (h *Hist) store() *cells {
	if h.cells == nil {
		h.cells = new(cells)
	}
	return h.cells
}

// Merge adds all that o counted; o is not changed. A nil o is empty.
func (h *Hist) Merge(o *Hist) {
	if o.IsEmpty() {
		return
	}
	h.grow(o.n, o.sum, o.min, o.max)
	h.store().merge(o.cells)
}

// Subtract takes away what o counted: the successes are all minus the failures. No bucket goes below zero: what o has more than h is
// ignored. The minimum and the maximum stay exact as long as their buckets keep a value, and are the bounds of a bucket otherwise.
func (h *Hist) Subtract(o *Hist) {
	if o.IsEmpty() || h.n == 0 {
		return
	}
	for b, n := range o.cells.all() {
		h.n -= h.cells.take(b, n)
	}
	if h.n <= 0 {
		h.Reset()
		return
	}
	first, last, _ := h.cells.used()
	if bucketOf(h.min) != first {
		h.min, _ = boundsOf(first)
	}
	if bucketOf(h.max) != last {
		_, h.max = boundsOf(last)
	}
	h.sum = min(max(h.sum-o.sum, mulSat(h.min, h.n)), mulSat(h.max, h.n))
}

// Reset makes the histogram empty and keeps its memory for the next values.
func (h *Hist) Reset() {
	c := h.cells
	if c != nil {
		c.reset()
	}
	*h = Hist{cells: c}
}

// Clone is a copy that shares nothing.
func (h *Hist) Clone() Hist {
	if h.IsEmpty() {
		return Hist{}
	}
	c := *h
	c.cells = h.cells.clone()
	return c
}

// IsEmpty reports whether nothing was counted. A nil Hist is empty.
func (h *Hist) IsEmpty() bool { return h == nil || h.n == 0 }

// Count is the number of values.
func (h *Hist) Count() int64 { return h.n }

// Sum is the sum of all values in ns.
func (h *Hist) Sum() int64 { return h.sum }

// Min is the smallest value in ns, 0 when empty.
func (h *Hist) Min() int64 { return h.min }

// Max is the largest value in ns, also when it was clamped; 0 when empty.
func (h *Hist) Max() int64 { return h.max }

// Mean is the mean of all values in ns, 0 when empty.
func (h *Hist) Mean() float64 {
	if h.n == 0 {
		return 0
	}
	return float64(h.sum) / float64(h.n)
}

// Clamped is the number of values of Limit and more.
func (h *Hist) Clamped() int64 {
	if h.n == 0 || h.max < Limit {
		return 0
	}
	return h.cells.get(over)
}

// Buckets yields the buckets that counted something, from low to high. The histogram must not change meanwhile. The bucket of clamped
// values goes from Limit to Max.
func (h *Hist) Buckets() iter.Seq[Bucket] {
	return func(yield func(Bucket) bool) {
		if h.IsEmpty() {
			return
		}
		for b, n := range h.cells.all() {
			low, high := boundsOf(b)
			if b == over {
				high = h.max
			}
			if !yield(Bucket{Low: low, High: high, Count: n}) {
				return
			}
		}
	}
}

// Equal reports whether both counted the same: same buckets, sum, minimum and maximum.
func (h *Hist) Equal(o *Hist) bool {
	if h.IsEmpty() || o.IsEmpty() {
		return h.IsEmpty() && o.IsEmpty()
	}
	if h.n != o.n || h.sum != o.sum || h.min != o.min || h.max != o.max {
		return false
	}
	for b, n := range h.cells.all() {
		if o.cells.get(b) != n {
			return false
		}
	}
	return true // both have as many values, so o has none elsewhere
}

// addSat is a + b for a, b >= 0, at most the largest int64.
func addSat(a, b int64) int64 {
	if s := a + b; s >= 0 {
		return s
	}
	return math.MaxInt64
}

// mulSat is a * b for a, b >= 0, at most the largest int64.
func mulSat(a, b int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi != 0 || lo > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(lo)
}
