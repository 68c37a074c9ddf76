package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/ledger"
)

// TestRunsTable lists runs on terminals of many widths: no line is wider, and what came out of a run is always to be seen.
func TestRunsTable(t *testing.T) {
	long := ledger.Run{State: ledger.Done, Results: "500 users: 1,204/s, p95 412 ms, 0.2 % failed, VALID, 3 of 3 thresholds", RunInfo: stampede.RunInfo{
		ID: "20261102-190000-3f9a", Started: time.Date(2026, 11, 2, 19, 0, 0, 0, time.UTC), Changes: "the cache of the session store is off, and 🎟️",
		Focus: "log in", Users: 500, RateText: "0:0,30s:500,5m:500", Notes: "two\nlines", Links: []string{"https://wiki.example.org/a/very/long/page"},
	}}
	short := ledger.Run{State: ledger.Imported, RunInfo: stampede.RunInfo{ID: "20260102-000000-cafe0123", Started: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}}
	for _, columns := range []int{0, 40, 60, 80, 100, 120, 160, 200, 300} {
		for _, runs := range [][]ledger.Run{{long}, {short}, {short, long}} {
			table := runsTable(runs, columns)
			for line := range strings.Lines(table) {
				if w := ansi.StringWidth(strings.TrimSuffix(line, "\n")); columns > 0 && w > columns {
					t.Errorf("on %d columns a line has %d: %s", columns, w, line)
				}
			}
			for i := range runs {
				if !strings.Contains(table, runs[i].ID) || !strings.Contains(table, runs[i].Started.Format("2006-01-02")) {
					t.Errorf("on %d columns run %s is not there:\n%s", columns, runs[i].ID, table)
				}
				if !strings.Contains(table, runs[i].Results[:min(len(runs[i].Results), 26)]) {
					t.Errorf("on %d columns the results are not there:\n%s", columns, table)
				}
			}
			if strings.Contains(table, "two\nlines") {
				t.Errorf("a text of two lines takes two lines:\n%s", table)
			}
		}
	}
}
