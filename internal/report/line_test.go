package report

import (
	"strings"
	"testing"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/report/reporttest"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// TestLineOfInvalid: INVALID decides the status and hides nothing of what the site did.
func TestLineOfInvalid(t *testing.T) {
	r := reporttest.One()
	r.Judged.Total.Count, r.Judged.Total.Failures, r.Judged.Seconds = 1000, 250, 10
	key := r.Judged.Rows[0].Key
	r.Judged.Rows[0].Failures = 250
	r.Verdict.Level = verdict.Invalid
	r.Judged.Errors = []stats.ErrorRow{
		{Key: key, Kind: fault.Timeout, Text: "no answer within 30s", Count: 400},
		{Key: key, Kind: fault.Status, Text: "500 Internal Server Error", Count: 200},
		{Key: stats.Key{Type: stats.StepType, Name: "Buy"}, Kind: fault.Status, Text: "500 Internal Server Error", Count: 200},
	}
	if got := Line(r); !strings.HasPrefix(got, "INVALID, and FAILED: ") || !strings.Contains(got, "25.0 % failed") ||
		!strings.HasSuffix(got, "; the site failed: 500 Internal Server Error in 20.0 % of requests") {
		t.Errorf("%s", got)
	}
	r.Thresholds = []verdict.Result{{Expr: "failures < 1%", Judged: true}}
	if got := Line(r); !strings.HasPrefix(got, "INVALID, and FAILED: ") || !strings.Contains(got, "0 of 1 threshold") {
		t.Errorf("%s", got)
	}
	if got := OutcomeOf(r, false); got != Invalid {
		t.Errorf("%v decides, not INVALID", got)
	}
	r.Thresholds[0].Passed = true
	if got := Line(r); !strings.HasPrefix(got, "INVALID: ") || !strings.Contains(got, "the site failed") {
		t.Errorf("%s", got)
	}
	r.Judged.Errors = r.Judged.Errors[:1]
	if got := Line(r); strings.Contains(got, "the site failed") {
		t.Errorf("a missed time limit may be the generator's: %s", got)
	}
	r.Verdict.Level = verdict.Suspect
	if got := Line(r); strings.Contains(got, "INVALID") {
		t.Errorf("%s", got)
	}
}

// Users who could not start are told, and not hidden by requests of others that all went well.
func TestLineOfStartsThatFailed(t *testing.T) {
	r := &stampede.Report{StartFailed: 3, UsersStarted: 5, Judged: stats.Totals{Seconds: 1, Total: stats.Row{Count: 10}}}
	if got := Results(r); !strings.Contains(got, "0 % of requests failed, 3 starts failed") {
		t.Errorf("%s", got)
	}
	r.Judged.Total.Failures = 1 // now the requests say it
	if got := Results(r); !strings.Contains(got, "10.0 % failed") || strings.Contains(got, "starts") {
		t.Errorf("%s", got)
	}
}
