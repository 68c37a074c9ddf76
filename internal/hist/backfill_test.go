package hist

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func about(got, want float64, share float64) bool { return math.Abs(got-want) <= share*want }

// Gil Tene's example: a closed loop sees 10,000 answers of 1 ms in 100 s, and then one that takes 100 s. Whoever asks every 10 ms
// would have waited for half of the time.
func TestBackFillOfAStall(t *testing.T) {
	var raw Hist
	raw.RecordN(int64(time.Millisecond), 10_000)
	raw.Record(int64(100 * time.Second))
	if q := raw.Quantile(0.9999); !about(float64(q), 1e6, 0.005) {
		t.Errorf("raw p99.99 = %d ns, want 1 ms", q)
	}
	if !about(raw.Mean(), 10.999e6, 0.0001) {
		t.Errorf("raw mean = %v ns, want 10.999 ms", raw.Mean())
	}
	h := raw.BackFill(int64(10 * time.Millisecond))
	if h.Count() != 20_000 {
		t.Errorf("%d samples, want 20000", h.Count())
	}
	for _, c := range []struct {
		q    float64
		want time.Duration
	}{{0.5, time.Millisecond}, {0.75, 50 * time.Second}, {0.9, 80 * time.Second}, {0.99, 98 * time.Second}} {
		if got := h.Quantile(c.q); !about(float64(got), float64(c.want), 0.005) {
			t.Errorf("quantile %v = %v, want %v", c.q, time.Duration(got), c.want)
		}
	}
	if !about(h.Mean(), 25.0005e9, 0.0002) { // 25.003 s as a sum of steps, 25.0005 s as an area
		t.Errorf("mean = %v s, want 25.0005", h.Mean()/1e9)
	}
	if raw.Count() != 10_001 {
		t.Error("the estimate changed what was measured")
	}
}

// The correction is HDR's: value by value where a bucket is one value wide, and within the width of a bucket elsewhere.
func TestBackFillIsHDRs(t *testing.T) {
	for _, interval := range []int64{1, 3, 10, 100, 999} {
		r := rand.New(rand.NewPCG(1, 1))
		var h Hist
		hdr := oracle()
		for range 500 {
			v := int64(r.IntN(256))
			h.Record(v)
			if err := hdr.RecordCorrectedValue(v, interval); err != nil {
				t.Fatal(err)
			}
		}
		filled := h.BackFill(interval)
		if filled.Count() != hdr.TotalCount() {
			t.Errorf("interval %d: %d samples, HDR has %d", interval, filled.Count(), hdr.TotalCount())
		}
		if !about(filled.Mean(), hdr.Mean(), 0.005) {
			t.Errorf("interval %d: mean %v, HDR has %v", interval, filled.Mean(), hdr.Mean())
		}
		for _, q := range someShares[1 : len(someShares)-1] {
			rank := rankOf(filled.Count(), q)
			before, _ := filled.atRank(rank - 1) // HDR's rank rounds to the nearest
			if ours, theirs := filled.Quantile(q), hdr.ValueAtQuantile(100*q); theirs != ours && theirs != before {
				t.Errorf("interval %d: quantile %v = %d, HDR says %d", interval, q, ours, theirs)
			}
		}
	}
}

func TestBackFillOfTinyIntervals(t *testing.T) {
	var h Hist
	h.Record(int64(time.Hour))
	for _, interval := range []int64{-1, 0} {
		if f := h.BackFill(interval); f.Count() != 1 {
			t.Errorf("interval %d: %d samples", interval, f.Count())
		}
	}
	if f := h.BackFill(1); f.Count() != int64(time.Hour) || f.Min() != 1 { // 3.6e12 of them, one bucket at a time
		t.Errorf("interval 1 ns: %d samples from %d", f.Count(), f.Min())
	}
	if f := h.BackFill(2 * int64(time.Hour)); f.Count() != 1 {
		t.Errorf("an interval longer than the wait adds %d samples", f.Count()-1)
	}
}
