package fleet

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stampede-load/stampede/internal/stats"
)

// second100 is a second of a worker with a hundred names.
func second100(worker, second int, r *rand.Rand) *stats.Snapshot {
	s := &stats.Snapshot{Run: "r", Worker: worker, Seq: uint64(second + 1), Second: second}
	for n := range 100 {
		row := stats.Row{Key: stats.Key{Type: "GET", Name: fmt.Sprintf("/page/%03d", n)}, Count: 20}
		for range 20 {
			t := int64(20e6 * math.Exp(r.NormFloat64()))
			row.Service.Record(t)
			row.Response.Record(t + 10_000)
			row.Lag.Record(10_000)
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

// BenchmarkSecondOfOneOfAThousand is what a controller does for each second of each worker: a thousand of them a second must fit into a core.
func BenchmarkSecondOfOneOfAThousand(b *testing.B) {
	p, err := newPacker()
	if err != nil {
		b.Fatal(err)
	}
	u, err := newUnpacker()
	if err != nil {
		b.Fatal(err)
	}
	const workers = 1000
	r := rand.New(rand.NewPCG(1, 2))
	merger := stats.NewMerger(stats.MergeOptions{Workers: workers})
	model := second100(0, 0, r)
	bytes := 0
	second, worker := 0, 0
	for b.Loop() {
		model.Worker, model.Second = worker, second
		packed := p.pack(model, uint64(second+1))[0]
		bytes = len(packed)
		s, err := u.unpack(packed)
		if err != nil {
			b.Fatal(err)
		}
		merger.Add(s)
		if worker++; worker == workers {
			worker, second = 0, second+1
			merger.Next()
		}
	}
	b.ReportMetric(float64(bytes), "B/second")
}
