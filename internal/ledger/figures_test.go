package ledger

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
)

// BenchmarkFigures is one name of a thousand runs of ten names.
func BenchmarkFigures(b *testing.B) {
	ledger, runs := manyResults(b, 1000, 10)
	key := stats.Key{Type: "GET", Name: "Page 7"}
	for b.Loop() {
		if found, err := ledger.Figures(b.Context(), runs, key); err != nil || len(found) != len(runs) {
			b.Fatalf("%d figures, %v", len(found), err)
		}
	}
}

// TestFiguresOfManyRuns reads one name of a ledger of years. The bound is generous, for busy machines; the log says what it took.
func TestFiguresOfManyRuns(t *testing.T) {
	many := 10_000
	if testing.Short() || racing {
		many = 500
	}
	ledger, runs := manyResults(t, many, 10)
	begun := time.Now()
	found, err := ledger.Figures(t.Context(), runs, stats.Key{Type: "GET", Name: "Page 7"})
	took := time.Since(begun)
	t.Logf("%d figures in %v", len(found), took.Round(time.Millisecond))
	if err != nil || len(found) != many || took > 20*time.Second {
		t.Errorf("%d figures in %v, %v", len(found), took, err)
	}
	if f := found[runs[3].Number]; f.Requests != 2000 || f.Rate != 40 || f.P50 == 0 {
		t.Errorf("the figures of a run are %+v", f)
	}
}

// manyResults is a ledger of 50 s with so many names, each of which had 2,000 requests.
func manyResults(t testing.TB, many, names int) (*Ledger, []Run) {
	t.Helper()
	ledger, err := Open(t.Context(), filepath.Join(t.TempDir(), "runs.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ledger.Close(); err != nil {
			t.Error(err)
		}
	})
	var totals stats.Totals
	for i := range names {
		row := stats.Row{Key: stats.Key{Type: "GET", Name: fmt.Sprintf("Page %d", i)}, Count: 2000}
		for j := range int64(2000) {
			for _, h := range []func(int64){row.Service.Record, row.Response.Record, row.FirstByte.Record} {
				h(5e6 + j*j*20 + int64(i)*1000)
			}
			row.Lag.Record(j * 100)
		}
		totals.Rows = append(totals.Rows, row)
	}
	judged := ledger.packTotals(&totals, new(cleaner))
	runs := make([]Run, many)
	if err := ledger.change(t.Context(), func(tx *sql.Tx) error {
		for i := range runs {
			runs[i] = Run{
				State: Done, RunInfo: stampede.RunInfo{ID: fmt.Sprint(i), Started: time.Unix(int64(i), 0), PlanHash: "p"},
				Requests: int64(2000 * names), Rate: 2000 * float64(names) / 50,
			}
			if err := ledger.insertRun(t.Context(), tx, &runs[i], []byte("{}")); err != nil {
				return err
			}
			if err := ledger.exec(t.Context(), tx, "INSERT INTO result (run, meta, judged) VALUES (?, ?, ?)", runs[i].Number, []byte{0}, judged); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return ledger, runs
}
