package hist

import (
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestAtomicIsExact(t *testing.T) {
	for _, shape := range shapes {
		r := rand.New(rand.NewPCG(5, 6))
		var a Atomic
		var want, got Hist
		for i := range 30_000 {
			v := shape.draw(r)
			a.Record(v)
			want.Record(v)
			if i%7919 == 0 {
				a.Drain(&got)
			}
		}
		a.Drain(&got)
		if !got.Equal(&want) {
			t.Errorf("%s: drained count %d, sum %d, %d to %d, want %d, %d, %d to %d", shape.name,
				got.Count(), got.Sum(), got.Min(), got.Max(), want.Count(), want.Sum(), want.Min(), want.Max())
		}
		before := got.Count()
		if a.Drain(&got); got.Count() != before {
			t.Errorf("%s: an idle drain found %d values", shape.name, got.Count()-before)
		}
	}
}

func TestAtomicExtremes(t *testing.T) {
	for _, v := range []int64{-1, 0, 1, 255, 256, nearLimit - 1, nearLimit, Limit, math.MaxInt64} {
		var a Atomic
		var h Hist
		a.Record(v)
		a.Drain(&h)
		if v = max(v, 0); h.Min() != v || h.Max() != v || h.Sum() != v || h.Count() != 1 {
			t.Errorf("one value of %d: min %d, max %d, sum %d, count %d", v, h.Min(), h.Max(), h.Sum(), h.Count())
		}
	}
}

// A word that is half full, in its count or in its sum, is taken away before it runs over.
func TestAtomicSpills(t *testing.T) {
	for _, c := range []struct{ v, n int64 }{
		{3, 1 << 20},             // 2^19 values
		{nearLimit - 1, 1 << 18}, // 2^17 distances of 26 bits
	} {
		var a Atomic
		var got, want Hist
		for range c.n {
			a.Record(c.v)
		}
		a.Drain(&got)
		want.RecordN(c.v, c.n)
		if !got.Equal(&want) {
			t.Errorf("%d times %d: count %d, sum %d, want %d", c.n, c.v, got.Count(), got.Sum(), c.n*c.v)
		}
	}
}

// A maximum whose value is not there yet stays for the drain that finds the value.
func TestAtomicExtremesOfValuesInTheMaking(t *testing.T) {
	var a Atomic
	var first, second Hist
	a.Record(1000)
	raise(&a.max, 900_000) // a recording goroutine stands between its two steps
	raise(&a.min, math.MaxInt64-7)
	a.Drain(&first)
	if first.Max() != 1000 || first.Min() != 1000 {
		t.Errorf("first drain from %d to %d, want 1000", first.Min(), first.Max())
	}
	a.Record(900_000)
	a.Record(900_001)
	a.Record(7)
	a.Record(7)
	a.Drain(&second)
	if second.Max() != 900_001 || second.Min() != 7 {
		t.Errorf("second drain from %d to %d, want 7 to 900001", second.Min(), second.Max())
	}
}

// Recording and draining at once loses nothing and doubles nothing.
func TestAtomicConcurrently(t *testing.T) {
	const goroutines, each = 8, 40_000
	var a Atomic
	var recording sync.WaitGroup
	var running atomic.Int32
	wants := make([]Hist, goroutines)
	running.Store(goroutines)
	for g := range goroutines {
		recording.Go(func() {
			defer running.Add(-1)
			r := rand.New(rand.NewPCG(9, uint64(g)))
			for range each {
				v := shapes[4].draw(r)
				a.Record(v)
				wants[g].Record(v)
			}
		})
	}
	var got Hist
	for running.Load() > 0 {
		var part Hist
		a.Drain(&part)
		if !part.IsEmpty() && (part.Sum() < part.Min()*part.Count() || part.Sum() > part.Max()*part.Count()) {
			t.Errorf("one drain: %d values from %d to %d with sum %d", part.Count(), part.Min(), part.Max(), part.Sum())
		}
		got.Merge(&part)
	}
	recording.Wait()
	a.Drain(&got)
	var want Hist
	for i := range wants {
		want.Merge(&wants[i])
	}
	if !got.Equal(&want) {
		t.Errorf("drained count %d, sum %d, %d to %d, want %d, %d, %d to %d",
			got.Count(), got.Sum(), got.Min(), got.Max(), want.Count(), want.Sum(), want.Min(), want.Max())
	}
}

func TestBudgets(t *testing.T) {
	var a Atomic
	var h, o Hist
	a.Record(int64(time.Millisecond))
	for v := int64(1); v < 1<<36; v += v/8 + 1 {
		h.Record(v)
		o.Record(v)
	}
	dst := h.AppendBinary(nil)
	for name, f := range map[string]func(){
		"Atomic.Record":     func() { a.Record(int64(time.Millisecond)) },
		"Hist.Record":       func() { h.Record(int64(time.Millisecond)) },
		"Hist.Merge":        func() { h.Merge(&o) },
		"Hist.Quantile":     func() { h.Quantile(0.99) },
		"Hist.AppendBinary": func() { dst = h.AppendBinary(dst[:0]) },
	} {
		if n := testing.AllocsPerRun(1000, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}
