package ledger_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/ledger/ledgertest"
	"github.com/stampede-load/stampede/internal/stats"
)

// TestAnHourOfAHundredNames holds the promises of docs/ledger.md on what a large run takes. The times are generous: a busy machine must
// not fail them; BenchmarkLedger measures.
func TestAnHourOfAHundredNames(t *testing.T) {
	load := ledgertest.Load{Names: 100, Seconds: 3600, Rate: 10, Paced: true}
	if testing.Short() || racing {
		load.Seconds = 120
	}
	where := filepath.Join(t.TempDir(), "runs.db")
	led, _ := opened(t, where)
	s := ledgertest.Make(load)
	r := led.Record(ledger.Header{}, ledger.RecorderOptions{MaxBytes: 1 << 30})
	begun := time.Now()
	r.Begin(s.Info)
	for i, sec := range s.Seconds {
		r.Second(sec)
		if i%10 == 9 { // about as it comes
			if err := r.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("an hour was written in %v", time.Since(begun).Round(time.Millisecond))
	const patience = 10 // for machines that do other things too; a stall of some seconds comes on top
	limit := func(what string, most time.Duration, f func() error) {
		t.Helper()
		begun := time.Now()
		err := f()
		took := time.Since(begun)
		t.Logf("%s took %v", what, took.Round(time.Millisecond))
		if err != nil || took > patience*most+10*time.Second {
			t.Errorf("%s took %v, want less than %v (%v)", what, took, patience*most+10*time.Second, err)
		}
	}
	limit("closing", time.Second, func() error {
		r.End(s.Report)
		return r.Close(t.Context())
	})
	var run *ledger.Run
	limit("what runs show needs", 300*time.Millisecond, func() (err error) {
		if run, err = led.Find(t.Context(), "last"); err == nil {
			_, err = led.Result(t.Context(), run)
		}
		return err
	})
	for what, key := range map[string]stats.Key{"a quantile of a name over the hour": {Type: "GET", Name: "Page 050"}, "one of all": {}} {
		limit(what, 200*time.Millisecond, func() error {
			row, err := led.Window(t.Context(), run, key, 0, 0)
			if err == nil && row.Count == 0 {
				err = errors.New("it is empty")
			}
			return err
		})
	}
	limit("the whole report", 10*time.Second, func() error {
		_, err := led.Report(t.Context(), run)
		return err
	})
	if err := led.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(where)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("on disk: %.1f MB", float64(info.Size())/1e6)
	if info.Size() > 25e6 {
		t.Errorf("it takes %.1f MB on disk, want less than 25", float64(info.Size())/1e6)
	}
}
