package ledger_test

import (
	"path/filepath"
	"testing"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/ledger/ledgertest"
	"github.com/stampede-load/stampede/internal/stats"
)

// What runs are compared by is what the whole course says, of paced runs and of others.
func TestHeadlines(t *testing.T) {
	for _, paced := range []bool{false, true} {
		led, _ := opened(t, filepath.Join(t.TempDir(), "runs.db"))
		s := ledgertest.Make(ledgertest.Load{Names: 3, Seconds: 90, Paced: paced})
		r := led.Record(ledger.Header{}, ledger.RecorderOptions{MaxBytes: 1 << 30})
		s.Tell(r, len(s.Seconds))
		if err := r.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		run, err := led.Find(t.Context(), "last")
		if err != nil {
			t.Fatal(err)
		}
		names, err := led.Names(t.Context(), run)
		if err != nil || len(names) == 0 {
			t.Fatalf("%d names, %v", len(names), err)
		}
		for _, key := range append(names, stats.Key{}) {
			want, err := led.Course(t.Context(), run, key, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			got, err := led.Headlines(t.Context(), run, key)
			if err != nil || len(got) != len(want) || len(got) == 0 {
				t.Fatalf("%v: %d points of %d, %v", key, len(got), len(want), err)
			}
			for i := range want {
				w, g := &want[i], &got[i]
				if g.From != w.From || g.Width != w.Width || g.Lasted != w.Lasted || g.Row.Key != w.Row.Key || g.Row.Count != w.Row.Count ||
					g.Row.Failures != w.Row.Failures || g.Row.Dropped != w.Row.Dropped || !g.Row.Headline(paced).Equal(w.Row.Headline(paced)) {
					t.Fatalf("%v, point %d: %+v, want %+v", key, i, g, w)
				}
			}
		}
		whole, err := led.Report(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		totals, err := led.Totals(t.Context(), run)
		if err != nil || totals.Series != nil || totals.Run.ID != whole.Run.ID || totals.Judged.Total.Count != whole.Judged.Total.Count || len(totals.Phases) != len(whole.Phases) {
			t.Errorf("%+v, %v", totals, err)
		}
		if err := led.Close(); err != nil {
			t.Error(err)
		}
	}
}
