package hist

import (
	"math"
	"testing"
)

func upTo(n int64) *Hist {
	h := new(Hist)
	for v := int64(1); v <= n; v++ {
		h.Record(v)
	}
	return h
}

func TestRankRule(t *testing.T) {
	for _, c := range []struct {
		n    int64
		q    float64
		want int64
	}{
		{1, 0, 1},
		{1, 0.5, 1},
		{1, 1, 1},
		{2, 0.5, 1},
		{2, 0.51, 2},
		{10, 0.9, 9},
		{10, 0.91, 10},
		{10, 0.99, 10},
		{100, 0.07, 7},
		{100, 0.29, 29},
		{100, 0.57, 57}, // products that floating point makes a hair too large
		{1000, 0.999, 999},
		{1000, 0.9999, 1000},
		{1e9, 0.999999999, 999_999_999},
		{1e9 + 1, 0.5, 500_000_001},
		{5, -1, 1},
		{5, 2, 5},
		{5, math.NaN(), 1},
		{5, math.Inf(1), 5},
		{5, math.Inf(-1), 1},
	} {
		if got := rankOf(c.n, c.q); got != c.want {
			t.Errorf("rank of quantile %v of %d = %d, want %d", c.q, c.n, got, c.want)
		}
	}
}

// Quantiles of whole percentages of 100 values need no rounding in exact arithmetic.
func TestRankOfWholePercentages(t *testing.T) {
	for percent := range int64(101) {
		if got, want := rankOf(100, float64(percent)/100), max(percent, 1); got != want {
			t.Errorf("p%d of 100 values has rank %d, want %d", percent, got, want)
		}
	}
}

func TestIntervalRanks(t *testing.T) {
	for _, c := range []struct {
		n    int64
		q    float64
		j, k int64
		ok   bool
	}{
		{1000, 0.99, 983, 998, true},
		{1000, 0.999, 997, 1002, false}, // nothing bounds it from above
		{1000, 0.5, 469, 532, true},
		{100, 0.01, -1, 4, false},
	} {
		if j, k := QuantileRanks(c.n, c.q); j != c.j || k != c.k {
			t.Errorf("ranks of quantile %v of %d = %d to %d, want %d to %d", c.q, c.n, j, k, c.j, c.k)
		}
		h := upTo(c.n) // value = rank, in buckets of 8 at the most
		lo, hi, ok := h.Interval(c.q)
		if ok != c.ok {
			t.Errorf("interval of quantile %v of %d: ok = %t, want %t", c.q, c.n, ok, c.ok)
		}
		wantLo, wantHi := max(c.j, 1), min(c.k, c.n)
		if lo > wantLo || lo < wantLo-8 || hi < wantHi || hi > wantHi+8 {
			t.Errorf("interval of quantile %v of %d = %d to %d, want %d to %d or a bucket more", c.q, c.n, lo, hi, wantLo, wantHi)
		}
	}
}

func TestBeyond(t *testing.T) {
	for _, c := range []struct {
		n    int64
		q    float64
		want int64
	}{{1000, 0.99, 10}, {999, 0.99, 9}, {1000, 0.999, 1}, {10, 1, 0}, {10, 0.5, 5}} {
		if got := upTo(c.n).Beyond(c.q); got != c.want {
			t.Errorf("%d values beyond quantile %v of %d, want %d", got, c.q, c.n, c.want)
		}
	}
}

func TestQuantileWithEndlessWaits(t *testing.T) {
	h := upTo(90)
	for _, c := range []struct {
		endless int64
		q       float64
		want    int64
		beyond  bool
	}{
		{0, 0.9, 81, false},
		{10, 0.9, 90, false}, // rank 90 of 100
		{10, 0.91, 90, true},
		{10, 0.5, 50, false},
		{1_000_000, 0.5, 90, true},
		{-5, 1, 90, false},
	} {
		if got, beyond := h.QuantileWith(c.endless, c.q); got != c.want || beyond != c.beyond {
			t.Errorf("quantile %v with %d endless = %d, %t, want %d, %t", c.q, c.endless, got, beyond, c.want, c.beyond)
		}
	}
	var none Hist
	if got, beyond := none.QuantileWith(0, 0.5); got != 0 || beyond {
		t.Errorf("quantile of nothing = %d, %t", got, beyond)
	}
	if got, beyond := none.QuantileWith(3, 0.5); got != 0 || !beyond {
		t.Errorf("quantile of endless waits alone = %d, %t", got, beyond)
	}
}

func TestEmpty(t *testing.T) {
	var h, o Hist
	h.Merge(&o)
	h.Merge(nil)
	h.Subtract(&o)
	h.RecordN(5, 0)
	h.RecordN(5, -1)
	if !h.IsEmpty() || h.Quantile(0.5) != 0 || h.Mean() != 0 || h.Beyond(0.5) != 0 || h.CountAbove(0) != 0 || h.Clamped() != 0 || h.cells != nil {
		t.Errorf("an empty histogram knows something: %+v", h)
	}
	if _, _, ok := h.Interval(0.5); ok {
		t.Error("an empty histogram has an interval")
	}
	for b := range h.Buckets() {
		t.Errorf("an empty histogram has a bucket: %+v", b)
	}
}

func TestClampedValues(t *testing.T) {
	var h Hist
	h.Record(-7)
	h.Record(Limit + 12345)
	h.Record(math.MaxInt64)
	if h.Min() != 0 || h.Max() != math.MaxInt64 || h.Clamped() != 2 || h.Count() != 3 {
		t.Errorf("min %d, max %d, clamped %d, count %d", h.Min(), h.Max(), h.Clamped(), h.Count())
	}
	if got := h.Quantile(0.5); got != math.MaxInt64 {
		t.Errorf("a quantile among clamped values is %d: less than it may have been", got)
	}
	if h.Sum() != math.MaxInt64 {
		t.Errorf("the sum is %d: it wrapped", h.Sum())
	}
	var last Bucket
	for b := range h.Buckets() {
		last = b
	}
	if last != (Bucket{Low: Limit, High: math.MaxInt64, Count: 2}) {
		t.Errorf("the last bucket is %+v", last)
	}
}

func TestSubtractStopsAtZero(t *testing.T) {
	var h, o Hist
	h.RecordN(100, 5)
	h.RecordN(5000, 2)
	o.RecordN(100, 9)
	o.RecordN(77, 3)
	h.Subtract(&o)
	low, high := boundsOf(bucketOf(5000))
	if h.Count() != 2 || h.Min() != low || h.Max() != 5000 || h.Sum() < 2*low || h.Sum() > 2*high {
		t.Errorf("count %d, min %d, max %d, sum %d", h.Count(), h.Min(), h.Max(), h.Sum())
	}
	o.RecordN(5000, 2)
	if h.Subtract(&o); !h.IsEmpty() {
		t.Errorf("%d values left", h.Count())
	}
	if h.Record(1); h.Count() != 1 || h.Max() != 1 {
		t.Error("a histogram that was emptied does not start again")
	}
}

func TestResetAndClone(t *testing.T) {
	for _, n := range []int64{10, 100_000} { // a list, an array
		h := upTo(n)
		c := h.Clone()
		h.Reset()
		if !h.IsEmpty() || h.Max() != 0 || c.Count() != n || c.Max() != n {
			t.Errorf("after Reset: %d values; its clone has %d", h.Count(), c.Count())
		}
		if h.Record(3); h.Count() != 1 || h.Quantile(0.5) != 3 || c.Count() != n {
			t.Error("a histogram that was reset does not start again by itself")
		}
	}
}
