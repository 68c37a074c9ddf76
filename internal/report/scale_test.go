package report

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/report/reporttest"
)

func TestManyNames(t *testing.T) {
	r := reporttest.Many(10_000)
	for _, e := range exports() {
		var b bytes.Buffer
		if err := e.write(&b, r); err != nil {
			t.Fatalf("%s: %v", e.name, err)
		}
		if lines := bytes.Count(b.Bytes(), []byte("\n")); e.name == "stats.csv" && lines != 10_002 {
			t.Errorf("%s: %d lines", e.name, lines)
		}
	}
	back, err := ReadJSON(bytes.NewReader(jsonOf(t, r, JSONOptions{Series: true})))
	if err != nil {
		t.Fatal(err)
	}
	if len(back.Judged.Rows) != 10_000 || !back.Judged.Total.Response.Equal(&r.Judged.Total.Response) {
		t.Error("the names did not come back")
	}
}

// twoHours is a run of two hours and 200 names.
func twoHours(rate int) *stampede.Report {
	return reporttest.Make(reporttest.Options{Names: 200, Seconds: 7200, Rate: rate, Stretch: reporttest.RolledUp(7200)})
}

// allExports is every file that a run can leave behind, the JSON with its series.
func allExports() []export {
	return append(exports(), export{"series.json", func(w io.Writer, r *stampede.Report) error { return WriteJSON(w, r, JSONOptions{Series: true}) }, nil})
}

// Exports walk the series: what they hold in memory does not grow with the length of the run.
func TestExportMemoryIsBounded(t *testing.T) {
	const limit = 200 << 20
	r := twoHours(1)
	for _, e := range allExports() {
		if peak := peakOf(t, func() error { return e.write(io.Discard, r) }); peak > limit {
			t.Errorf("%s takes %d MB", e.name, peak>>20)
		} else {
			t.Logf("%s: %d MB", e.name, peak>>20)
		}
	}
}

// peakOf is how much more memory is in use at the worst moment of f than before it, seen every few milliseconds.
func peakOf(t *testing.T, f func() error) uint64 {
	t.Helper()
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, peak := m.HeapAlloc, uint64(0)
	done := make(chan error, 1)
	go func() { done <- f() }()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			return peak
		case <-ticker.C:
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc-min(m.HeapAlloc, before))
		}
	}
}

// BenchmarkExport is two hours of 200 names into each kind of file.
func BenchmarkExport(b *testing.B) {
	r := twoHours(10)
	for _, e := range allExports() {
		b.Run(e.name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				n := counter(0)
				if err := e.write(&n, r); err != nil {
					b.Fatal(err)
				}
				size = int(n)
			}
			b.ReportMetric(float64(size)/1e6, "MB")
		})
	}
	b.Run("read series.json", func(b *testing.B) {
		var file bytes.Buffer
		if err := WriteJSON(&file, r, JSONOptions{Series: true}); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := ReadJSON(bytes.NewReader(file.Bytes())); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// counter counts what is written to it.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func ExampleLine() {
	fmt.Println(Line(reporttest.One()))
	// Output: PASSED: 1 user: 0.10/s, p95 1.08 ms *, 0 % failed, VALID
}
