package ledger_test

import (
	"path/filepath"
	"testing"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/ledger/ledgertest"
	"github.com/stampede-load/stampede/internal/stats"
)

// BenchmarkRecord is one second of 200 names, ten requests each, from the observer's call to the disk, with its share of the blocks and of
// rolling up: a load of 2,000/s. A run has one such second each second, so 20 ms/op are 2 % of one core.
func BenchmarkRecord(b *testing.B) {
	led, err := ledger.Open(b.Context(), filepath.Join(b.TempDir(), "runs.db"), ledger.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer led.Close()
	s := ledgertest.Make(ledgertest.Load{Names: 200, Seconds: 60, Paced: true})
	r := led.Record(ledger.Header{}, ledger.RecorderOptions{})
	r.Begin(s.Info)
	at := 0
	for b.Loop() {
		sec := *s.Seconds[at%60]
		sec.Index, sec.Final = at, false
		r.Second(&sec)
		if err := r.Flush(b.Context()); err != nil {
			b.Fatal(err)
		}
		at++
	}
	if err := r.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkObserve is the part of that which the run itself waits for.
func BenchmarkObserve(b *testing.B) {
	led, err := ledger.Open(b.Context(), filepath.Join(b.TempDir(), "runs.db"), ledger.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer led.Close()
	s := ledgertest.Make(ledgertest.Load{Names: 200, Seconds: 2, Paced: true})
	r := led.Record(ledger.Header{}, ledger.RecorderOptions{MaxBytes: 1 << 20}) // full at once: nothing but the copy is timed
	for b.Loop() {
		r.Second(s.Seconds[0])
	}
	b.ReportMetric(float64(r.Lost())/float64(b.N), "lost/op")
}

// BenchmarkOpen is what a program pays to find its ledger.
func BenchmarkOpen(b *testing.B) {
	where := filepath.Join(b.TempDir(), "runs.db")
	for b.Loop() {
		led, err := ledger.Open(b.Context(), where, ledger.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := led.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWindow is a quantile of one name over any ten minutes of an hour.
func BenchmarkWindow(b *testing.B) {
	led, err := ledger.Open(b.Context(), filepath.Join(b.TempDir(), "runs.db"), ledger.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer led.Close()
	s := ledgertest.Make(ledgertest.Load{Names: 10, Seconds: 3600})
	r := led.Record(ledger.Header{}, ledger.RecorderOptions{MaxBytes: 1 << 30})
	s.Tell(r, len(s.Seconds))
	if err := r.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
	run, err := led.Find(b.Context(), "last")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		row, err := led.Window(b.Context(), run, stats.Key{Type: "GET", Name: "Page 003"}, 1234, 1834)
		if err != nil || row.Service.Quantile(0.99) == 0 {
			b.Fatal(err)
		}
	}
}
