package hist

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// shapes are distributions of times as sites have them, and as they should not.
var shapes = []struct {
	name string
	draw func(*rand.Rand) int64
}{
	{"lognormal around 20 ms", func(r *rand.Rand) int64 { return int64(2e7 * math.Exp(r.NormFloat64())) }},
	{"exponential 1 ms", func(r *rand.Rand) int64 { return int64(1e6 * r.ExpFloat64()) }},
	{"constant", func(*rand.Rand) int64 { return 1_234_567 }},
	{"two humps", func(r *rand.Rand) int64 {
		return int64(1e5+1e4*r.NormFloat64()) + int64(r.IntN(2))*int64(3*time.Second)
	}},
	{"one in a thousand stalls", func(r *rand.Rand) int64 {
		if r.IntN(1000) == 0 {
			return int64(r.IntN(int(time.Hour)))
		}
		return int64(1e6 + r.IntN(1000))
	}},
	{"even over all magnitudes", func(r *rand.Rand) int64 { return int64(math.Exp2(r.Float64() * topBits)) }},
	{"tiny", func(r *rand.Rand) int64 { return int64(r.IntN(300)) }},
}

var someShares = []float64{0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1}

func TestQuantilesAgainstSortedValues(t *testing.T) {
	for _, shape := range shapes {
		for _, n := range []int{1, 2, 3, 10, 99, 100, 101, 1000, 20_000} {
			r := rand.New(rand.NewPCG(7, uint64(n)))
			values := make([]int64, n)
			var h Hist
			for i := range values {
				values[i] = max(0, shape.draw(r))
				h.Record(values[i])
			}
			checkAgainst(t, shape.name, &h, values)
		}
	}
}

// checkAgainst compares everything a histogram can say with the sorted values.
func checkAgainst(t *testing.T, name string, h *Hist, values []int64) {
	t.Helper()
	values = slices.Clone(values)
	slices.Sort(values)
	n := len(values)
	var sum int64
	for _, v := range values {
		sum += v
	}
	if h.Count() != int64(n) || h.Sum() != sum || h.Min() != values[0] || h.Max() != values[n-1] {
		t.Fatalf("%s: count, sum, min, max = %d %d %d %d, want %d %d %d %d",
			name, h.Count(), h.Sum(), h.Min(), h.Max(), n, sum, values[0], values[n-1])
	}
	for _, q := range someShares {
		want := values[max(0, int(math.Ceil(q*float64(n)*(1-1e-15)))-1)]
		got := h.Quantile(q)
		if off := math.Abs(float64(got - want)); off > 0.005*float64(want) && want < Limit {
			t.Errorf("%s: quantile %v of %d = %d, want %d: %.2f %% off", name, q, n, got, want, 100*off/float64(want))
		}
		if got < values[0] || got > values[n-1] {
			t.Errorf("%s: quantile %v of %d = %d is outside %d to %d", name, q, n, got, values[0], values[n-1])
		}
	}
	for _, limit := range []int64{-1, 0, values[0], values[n/2], values[n-1]} {
		got, low, high := h.CountAbove(limit), int64(0), int64(0)
		for _, v := range values {
			if v > limit {
				high++
				if bucketOf(v) > bucketOf(max(limit, 0)) || limit < values[0] {
					low++
				}
			}
		}
		if got < low || got > high {
			t.Errorf("%s: %d of %d values above %d, want %d to %d", name, got, n, limit, low, high)
		}
	}
}

// hdrhistogram-go was written by others from the same description. Its quantiles are the highest values of their buckets.
func TestQuantilesAgainstHDR(t *testing.T) {
	for _, shape := range shapes {
		r := rand.New(rand.NewPCG(3, 4))
		var h Hist
		hdr := oracle()
		for range 10_000 {
			v := min(max(0, shape.draw(r)), Limit-1)
			h.Record(v)
			if err := hdr.RecordValue(v); err != nil {
				t.Fatal(err)
			}
		}
		for _, q := range someShares[1 : len(someShares)-1] {
			if ours, theirs := h.Quantile(q), hdr.ValueAtQuantile(100*q); bucketOf(ours) != bucketOf(theirs) {
				t.Errorf("%s: quantile %v = %d, HDR says %d", shape.name, q, ours, theirs)
			}
		}
		again := oracle() // as an export does it
		for b := range h.Buckets() {
			if err := again.RecordValues(b.Low, b.Count); err != nil {
				t.Fatal(err)
			}
		}
		if !again.Equals(hdr) {
			t.Errorf("%s: the buckets, recorded into HDR, are not what HDR recorded", shape.name)
		}
	}
}

// FuzzHist records the same values into one histogram, into two that are merged, and through the wire, and compares all with the sorted
// values.
func FuzzHist(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8}, uint8(1))
	f.Add(binary.LittleEndian.AppendUint64(nil, uint64(Limit)), uint8(0))
	f.Add(make([]byte, 4096), uint8(200))
	f.Fuzz(func(t *testing.T, data []byte, split uint8) {
		var values []int64
		for i := 0; i+8 <= len(data) && i < 1<<14; i += 8 {
			word := binary.LittleEndian.Uint64(data[i:])
			values = append(values, int64(word>>(22+word%41))) // every magnitude
		}
		if len(values) == 0 {
			return
		}
		var whole, left, right Hist
		for i, v := range values {
			whole.Record(v)
			if uint8(i*31) < split {
				left.Record(v)
			} else {
				right.Record(v)
			}
		}
		checkAgainst(t, "whole", &whole, values)
		travelled := new(Hist)
		if rest, err := travelled.Decode(left.AppendBinary(nil)); err != nil || len(rest) != 0 {
			t.Fatalf("decode: %v, %d bytes left", err, len(rest))
		}
		if !travelled.Equal(&left) {
			t.Fatal("decode(encode(h)) is not h")
		}
		right.Merge(travelled)
		if !right.Equal(&whole) || !whole.Equal(&right) {
			t.Fatal("the merge is not the whole")
		}
		right.Subtract(&left)
		if right.Count() != whole.Count()-left.Count() || right.Sum() != whole.Sum()-left.Sum() {
			t.Fatalf("whole less left has count %d and sum %d", right.Count(), right.Sum())
		}
	})
}
