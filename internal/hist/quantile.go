package hist

import "math"

// z95 is the two-sided 95 % point of the normal distribution.
const z95 = 1.96

// rankOf is ceil(q n), at least 1 and at most n. The product is rounded first where floating point made it a hair too large: 0.07 of
// 100 is rank 7, not 8.
func rankOf(n int64, q float64) int64 {
	switch r := q * float64(n); {
	case q >= 1:
		return n
	case r > 1: // false for NaN
		return min(int64(math.Ceil(r-r*1e-14)), n)
	default:
		return 1
	}
}

// Quantile is the value in ns at rank ceil(q n): the smallest value that at least a share q of all values do not exceed. It is the
// middle of its bucket, so within 0.4 % of the true one, and never outside Min to Max; the first and the last rank are exact.
// q <= 0 is Min, q >= 1 is Max; an empty histogram gives 0.
func (h *Hist) Quantile(q float64) int64 {
	if h.IsEmpty() {
		return 0
	}
	return middle(h.atRank(rankOf(h.n, q)))
}

// atRank is the least and the greatest that the value at a rank can be. Ranks out of range are the nearest in range; the first and the
// last are known exactly. What was clamped is given as the maximum, never as less than it may have been.
func (h *Hist) atRank(rank int64) (low, high int64) {
	switch {
	case rank <= 1:
		return h.min, h.min
	case rank >= h.n:
		return h.max, h.max
	}
	b := h.cells.atRank(rank, h.n)
	if b == over {
		return h.max, h.max
	}
	low, high = boundsOf(b)
	return max(low, h.min), min(high, h.max)
}

// middle is the value that stands for a range: at most half a bucket away from any value in it.
func middle(low, high int64) int64 { return low + (high-low)/2 }

// Beyond is the number of values with a rank above that of quantile q. A quantile with fewer than ten of them rests on chance and is
// printed with a mark.
func (h *Hist) Beyond(q float64) int64 {
	if h.IsEmpty() {
		return 0
	}
	return h.n - rankOf(h.n, q)
}

// CountAbove is the number of values greater than ns. Values in the same bucket as ns, so within 0.8 % of it, count as not greater,
// unless the minimum says otherwise.
func (h *Hist) CountAbove(ns int64) int64 {
	switch {
	case h.IsEmpty() || ns >= h.max:
		return 0
	case ns < h.min:
		return h.n
	}
	var above int64
	limit := bucketOf(max(ns, 0))
	for b, n := range h.cells.all() {
		if b > limit {
			above += n
		}
	}
	return above
}

// QuantileRanks is the 95 % interval of quantile q of n independent values, as ranks from 1:
//
//	j = floor(nq - z sqrt(nq(1-q)))    k = ceil(nq + z sqrt(nq(1-q))) + 1    z = 1.96
//
// j < 1 means that there is no lower bound, k > n that there is no upper one: the sample is too small to know.
func QuantileRanks(n int64, q float64) (j, k int64) {
	np := float64(n) * q
	d := z95 * math.Sqrt(math.Max(0, np*(1-q)))
	return int64(math.Floor(np - d)), int64(math.Ceil(np+d)) + 1
}

// Interval is where quantile q lies with 95 % confidence, by ranks: see QuantileRanks. A bound that does not exist is given as Min or
// Max, and ok is false. It assumes independent values; in a run they are not quite, so take it as the least doubt there is.
func (h *Hist) Interval(q float64) (lo, hi int64, ok bool) {
	if h.IsEmpty() {
		return 0, 0, false
	}
	j, k := QuantileRanks(h.n, q)
	lo, _ = h.atRank(j)
	_, hi = h.atRank(k)
	return lo, hi, j >= 1 && k <= h.n
}

// QuantileWith is quantile q of the values together with so many that never ended: arrivals that could not even start count as
// infinitely long. When the quantile lies among those, ns is the maximum, and beyond says that the truth is greater.
func (h *Hist) QuantileWith(endless int64, q float64) (ns int64, beyond bool) {
	all := addSat(h.n, max(endless, 0))
	if all == 0 {
		return 0, false
	}
	rank := rankOf(all, q)
	if rank > h.n {
		return h.max, true
	}
	return middle(h.atRank(rank)), false
}
