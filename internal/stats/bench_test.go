package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
)

func BenchmarkRecord(b *testing.B) {
	for _, c := range []struct {
		name string
		s    Sample
	}{
		{"unplanned", Sample{Sent: ms, FirstByte: 2 * ms, BytesIn: 1000, BytesOut: 200, Decoded: 800}},
		{"planned", Sample{Intended: ms / 2, Sent: ms, FirstByte: 2 * ms, BytesIn: 1000, BytesOut: 200, Decoded: 800}},
		{"failed", Sample{Sent: ms, FirstByte: 2 * ms, Fault: 13, Status: 503, Err: "503 Service Unavailable"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			r := NewRecorder(Options{})
			k := Key{"GET", "Logged In Fan Club"}
			b.ReportAllocs()
			for i := int64(0); b.Loop(); i += 977 {
				c.s.Done = 3*ms + i&0xfffff
				r.Record(0, k, &c.s)
			}
		})
	}
}

func BenchmarkFindKey(b *testing.B) {
	r := NewRecorder(Options{})
	k := Key{"GET", "Logged In Fan Club"}
	for b.Loop() {
		r.names.find(k)
	}
}

func BenchmarkBeginEnd(b *testing.B) {
	r := NewRecorder(Options{})
	for b.Loop() {
		r.Begin(0, 1e9)
		r.End(0, 1e9, 2e9)
	}
}

// busy is a second of so many names, each with n successes around 20 ms, planned or not.
func busy(names, n int, planned bool, second int) *Snapshot {
	r := NewRecorder(Options{Shards: 2})
	rng := rand.New(rand.NewPCG(1, uint64(second)))
	for i := range names * n {
		s := Sample{Sent: int64(second)*1e9 + 10*ms, BytesIn: 5000, BytesOut: 300, Decoded: 20_000}
		if planned {
			s.Intended = s.Sent - 20_000 - rng.Int64N(50_000)
		}
		s.FirstByte = s.Sent + int64(1.5e7*math.Exp(0.5*rng.NormFloat64()))
		s.Done = s.FirstByte + 5*ms
		r.Record(i, Key{"GET", fmt.Sprintf("page %d", i%names)}, &s)
	}
	s := drained(r, 0, second)
	return s
}

// The memory of a series: bytes for one name and one second, by how much happened in it.
func BenchmarkSeriesBytes(b *testing.B) {
	for _, planned := range []bool{false, true} {
		for _, n := range []int{1, 10, 100, 1000, 5000} {
			b.Run(fmt.Sprintf("planned=%t/samples=%d", planned, n), func(b *testing.B) {
				var bytes, rows int
				for b.Loop() {
					s := NewSeries(SeriesOptions{})
					merger := NewMerger(MergeOptions{})
					for second := range 3 {
						merger.Add(busy(10, n, planned, second))
					}
					for _, sec := range merger.closeAll() {
						s.Add(sec)
					}
					bytes, rows = s.Bytes(), 3*10
				}
				b.ReportMetric(float64(bytes)/float64(rows), "bytes/row")
			})
		}
	}
}

// The memory of a recorder for one name in one shard.
func BenchmarkRecorderBytes(b *testing.B) {
	for _, planned := range []bool{false, true} {
		b.Run(fmt.Sprintf("planned=%t", planned), func(b *testing.B) {
			const names = 200
			var before, after runtime.MemStats
			var r *Recorder
			for b.Loop() {
				r = nil
				runtime.GC()
				runtime.ReadMemStats(&before)
				r = NewRecorder(Options{Shards: 1})
				rng := rand.New(rand.NewPCG(1, 1))
				for i := range names * 500 {
					s := Sample{Sent: 10 * ms}
					if planned {
						s.Intended = s.Sent - 20_000 - rng.Int64N(50_000)
					}
					s.FirstByte = s.Sent + int64(1.5e7*math.Exp(0.5*rng.NormFloat64()))
					s.Done = s.FirstByte + 5*ms
					r.Record(0, Key{"GET", fmt.Sprint(i % names)}, &s)
				}
				runtime.GC()
				runtime.ReadMemStats(&after)
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/names, "bytes/name")
			runtime.KeepAlive(r)
		})
	}
}

func BenchmarkDrain(b *testing.B) {
	r := NewRecorder(Options{Shards: 2})
	rng := rand.New(rand.NewPCG(1, 1))
	b.ReportAllocs()
	for second := 0; b.Loop(); second++ {
		b.StopTimer()
		for i := range 200 * 50 {
			s := Sample{Sent: ms, FirstByte: ms + int64(1.5e7*math.Exp(0.5*rng.NormFloat64()))}
			s.Done = s.FirstByte + 5*ms
			r.Record(i, Key{"GET", fmt.Sprintf("page %d", i%200)}, &s)
		}
		b.StartTimer()
		drained(r, 0, second)
	}
}

func BenchmarkEncodeSnapshot(b *testing.B) {
	s := busy(100, 50, true, 0)
	dst := s.AppendBinary(nil)
	b.ReportMetric(float64(len(dst)), "bytes")
	b.ReportAllocs()
	for b.Loop() {
		dst = s.AppendBinary(dst[:0])
	}
}

func BenchmarkDecodeSnapshot(b *testing.B) {
	src := busy(100, 50, true, 0).AppendBinary(nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeSnapshot(src); err != nil {
			b.Fatal(err)
		}
	}
}

// What a controller does for one snapshot of 100 names and 20 samples each: decode, merge, and its part of closing the second.
func BenchmarkControllerSnapshot(b *testing.B) {
	const workers = 1000
	src := busy(100, 20, true, 0).AppendBinary(nil)
	merger, series := NewMerger(MergeOptions{Workers: workers}), NewSeries(SeriesOptions{})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s, err := DecodeSnapshot(src)
		if err != nil {
			b.Fatal(err)
		}
		s.Worker, s.Second, s.Seq = i%workers, i/workers, uint64(i/workers+1)
		merger.Add(s)
		for sec, ok := merger.Next(); ok; sec, ok = merger.Next() {
			series.Add(sec)
		}
	}
}

// A window of ten seconds over 200 names, as a dashboard asks for it each second.
func BenchmarkRecent(b *testing.B) {
	s, merger := NewSeries(SeriesOptions{}), NewMerger(MergeOptions{})
	for second := range 20 {
		merger.Add(busy(200, 50, true, second))
	}
	for _, sec := range merger.closeAll() {
		s.Add(sec)
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Recent(10 * time.Second)
	}
}
