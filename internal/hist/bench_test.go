package hist

import (
	"math/rand/v2"
	"testing"
)

// second is a second of a busy name: 5,000 times around 20 ms.
func second() (*Hist, []int64) {
	r := rand.New(rand.NewPCG(1, 2))
	h, values := new(Hist), make([]int64, 4096)
	for i := range values {
		values[i] = shapes[0].draw(r)
	}
	for range 5000 {
		h.Record(shapes[0].draw(r))
	}
	return h, values
}

func BenchmarkAtomicRecord(b *testing.B) {
	var a Atomic
	_, values := second()
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		a.Record(values[i&4095])
		i++
	}
}

func BenchmarkAtomicRecordShared(b *testing.B) {
	var a Atomic
	_, values := second()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			a.Record(values[i&4095])
		}
	})
}

func BenchmarkAtomicDrain(b *testing.B) {
	var a Atomic
	_, values := second()
	b.ReportAllocs()
	for b.Loop() {
		for _, v := range values[:100] {
			a.Record(v)
		}
		var h Hist
		a.Drain(&h)
	}
}

func BenchmarkHistRecord(b *testing.B) {
	h, values := second()
	i := 0
	for b.Loop() {
		h.Record(values[i&4095])
		i++
	}
}

func BenchmarkMerge(b *testing.B) {
	h, _ := second()
	into := h.Clone()
	for b.Loop() {
		into.Merge(h)
	}
}

func BenchmarkMergeFewValues(b *testing.B) {
	into, values := second()
	var h Hist
	for _, v := range values[:20] {
		h.Record(v)
	}
	for b.Loop() {
		into.Merge(&h)
	}
}

func BenchmarkAppendBinary(b *testing.B) {
	h, _ := second()
	dst := h.AppendBinary(nil)
	b.ReportMetric(float64(len(dst)), "bytes")
	for b.Loop() {
		dst = h.AppendBinary(dst[:0])
	}
}

func BenchmarkDecode(b *testing.B) {
	h, _ := second()
	src := h.AppendBinary(nil)
	b.ReportAllocs()
	for b.Loop() {
		var d Hist
		if _, err := d.Decode(src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMergeBinary(b *testing.B) {
	h, _ := second()
	src := h.AppendBinary(nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.MergeBinary(src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkQuantile(b *testing.B) {
	h, _ := second()
	for b.Loop() {
		h.Quantile(0.99)
	}
}
