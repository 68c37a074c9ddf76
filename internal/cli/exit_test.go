package cli

import (
	"testing"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// TestExitStatus is the order of docs/exit-status.md: of several reasons the first counts.
func TestExitStatus(t *testing.T) {
	measured := stats.Totals{Total: stats.Row{Count: 100}}
	failing := stats.Totals{Total: stats.Row{Count: 100, Failures: 3}}
	invalid := verdict.Health{Level: verdict.Invalid}
	broken, held := verdict.Result{Expr: "p95 < 1s"}, verdict.Result{Expr: "failures < 5%", Passed: true}
	all := stampede.Report{Judged: failing, Verdict: invalid, Thresholds: []verdict.Result{broken}, Died: 1, Run: stampede.RunInfo{Interrupted: true}}
	worse := &compare.Result{Outcome: verdict.Regressed}
	without := func(change func(*stampede.Report)) stampede.Report {
		r := all
		change(&r)
		return r
	}
	finished := func(r *stampede.Report) { r.Run.Interrupted = false }
	for _, c := range []struct {
		name string
		r    stampede.Report
		o    ExitOptions
		want int
	}{
		{"all well", stampede.Report{Judged: measured}, ExitOptions{}, 0},
		{"everything wrong, and interrupted", all, ExitOptions{ExportFailed: true, AfterFailed: true}, 130},
		{"nothing measured", without(func(r *stampede.Report) { finished(r); r.Judged = stats.Totals{} }), ExitOptions{}, 5},
		{"invalid", without(finished), ExitOptions{ExportFailed: true}, 6},
		{"invalid allowed, a threshold broken", without(finished), ExitOptions{AllowInvalid: true, AfterFailed: true}, 3},
		{"suspect", stampede.Report{Judged: measured, Verdict: verdict.Health{Level: verdict.Suspect}}, ExitOptions{}, 0},
		{"failures", stampede.Report{Judged: failing}, ExitOptions{}, 1},
		{"failures that a threshold allows", stampede.Report{Judged: failing, Thresholds: []verdict.Result{held}}, ExitOptions{}, 0},
		{"users died", stampede.Report{Judged: measured, Died: 1}, ExitOptions{}, 1},
		{"nobody started", stampede.Report{Judged: measured, StartFailed: 1, Thresholds: []verdict.Result{held}}, ExitOptions{}, 1},
		{"After failed", stampede.Report{Judged: measured}, ExitOptions{AfterFailed: true, ExportFailed: true}, 1},
		{"worse than the baseline", stampede.Report{Judged: measured}, ExitOptions{Comparison: worse}, 4},
		{"worse, and failures", stampede.Report{Judged: failing}, ExitOptions{Comparison: worse, AfterFailed: true, ExportFailed: true}, 4},
		{"worse, and a threshold broken", without(finished), ExitOptions{Comparison: worse, AllowInvalid: true}, 3},
		{"worse, and invalid", without(finished), ExitOptions{Comparison: worse}, 6},
		{"not comparable", stampede.Report{Judged: measured}, ExitOptions{Comparison: &compare.Result{}}, 0},
		{"an export failed", stampede.Report{Judged: measured}, ExitOptions{ExportFailed: true}, 2},
		{"failures and an export failed", stampede.Report{Judged: failing}, ExitOptions{ExportFailed: true}, 1},
	} {
		if got := ExitStatus(&c.r, c.o); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
