//go:build !race

package report

import (
	"bytes"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/report/reporttest"
)

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
