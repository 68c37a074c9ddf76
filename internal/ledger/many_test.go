package ledger

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
)

// TestTenThousandRuns lists a ledger of years. The bound is generous, for busy machines; the log says what it took.
func TestTenThousandRuns(t *testing.T) {
	ledger, err := Open(t.Context(), filepath.Join(t.TempDir(), "runs.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ledger.Close()
	runs := 10_000
	if testing.Short() || racing {
		runs = 1_000
	}
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := ledger.change(t.Context(), func(tx *sql.Tx) error {
		for i := range runs {
			r := Run{State: Done, Results: "500 users: 1,204/s, p95 412 ms, 0.2 % failed, VALID, 3 of 3 thresholds", Verdict: "VALID", RunInfo: stampede.RunInfo{
				ID: fmt.Sprintf("run-%05d", i), Name: "Tour announcement", Started: start.Add(time.Duration(i) * time.Hour), Users: 500, SpawnRate: 20,
				Changes: "a change that was made since the last time", Focus: "log in", PlanHash: fmt.Sprint(i % 10), Links: []string{"https://example.org/"},
			}}
			if err := ledger.insertRun(t.Context(), tx, &r, []byte("{}")); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]Filter{"all": {}, "one plan": {Plan: "3"}, "the latest": {Limit: 20}, "since": {Since: start.Add(time.Duration(runs*9/10) * time.Hour)}} {
		begun := time.Now()
		found, err := ledger.Runs(t.Context(), f)
		took := time.Since(begun)
		t.Logf("%s: %d runs in %v", name, len(found), took.Round(time.Millisecond))
		if err != nil || took > 20*time.Second || len(found) == 0 {
			t.Errorf("%s: %d runs in %v, %v", name, len(found), took, err)
		}
	}
	begun := time.Now()
	if _, err := ledger.Find(t.Context(), "run-00777"); err != nil {
		t.Error(err)
	}
	t.Logf("one of them was found in %v", time.Since(begun).Round(time.Microsecond))
}
