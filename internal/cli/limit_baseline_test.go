package cli

import (
	"strings"
	"testing"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/limit"
	"github.com/stampede-load/stampede/internal/report"
)

// TestLowerLimit: a limit is a regression when its interval lies below the baseline's, and only then.
func TestLowerLimit(t *testing.T) {
	found := func(low, value, high float64, whose limit.Whose) *stampede.Report {
		return &stampede.Report{Limit: &limit.Answer{
			Rule: "p95 < 500ms", Unit: "/s", Low: low, Value: value, High: high, Whose: whose, Done: true, Steps: []limit.Step{{Load: low, Holds: true}, {Load: high}},
		}}
	}
	before := found(1180, 1240, 1300, limit.Site)
	before.Run.ID = "run-1"
	other := found(900, 940, 980, limit.Site)
	other.Limit.Rule = "p95 < 200ms"
	for _, c := range []struct {
		name string
		now  *stampede.Report
		want string
	}{
		{"lower", found(900, 940, 980, limit.Site), "REGRESSED: limit 940/s (900 to 980): p95 < 500ms; run run-1 found limit 1,240/s (1,180 to 1,300): p95 < 500ms"},
		{"lower, and their intervals touch", found(1100, 1150, 1200, limit.Site), ""},
		{"higher", found(1400, 1450, 1500, limit.Site), ""},
		{"of the generator", found(500, 520, 540, limit.Generator), ""},
		{"of another rule", other, ""},
		{"no search", &stampede.Report{}, ""},
	} {
		c.now.Limit = limitBeside(c.now.Limit, before)
		if got := lowerLimit(c.now); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	alone := found(1, 2, 3, limit.Site)
	if alone.Limit = limitBeside(alone.Limit, nil); lowerLimit(alone) != "" {
		t.Errorf("without a baseline: %q", lowerLimit(alone))
	}
}

// TestLowerLimitEnds: the last line, the line of the result and the status of a search say the same, and what is worse than a regression goes
// before it.
func TestLowerLimitEnds(t *testing.T) {
	search := func(holds, worse bool) *stampede.Report {
		r := &stampede.Report{Limit: &limit.Answer{
			Rule: "p95 < 500ms", Unit: "/s", Low: 900, Value: 940, High: 980, Whose: limit.Site, Done: true, Steps: []limit.Step{{Load: 900, Holds: holds}, {Load: 980}},
			Earlier: &limit.Earlier{Run: "run-1", Worse: worse},
		}}
		if !holds {
			r.Limit.Low, r.Limit.Value = 0, 0
		}
		r.Whole.Total.Count = 100
		return r
	}
	for _, c := range []struct {
		name   string
		r      *stampede.Report
		how    ExitOptions
		word   string
		status int
	}{
		{"found", search(true, false), ExitOptions{}, "PASSED: ", 0},
		{"lower than before", search(true, true), ExitOptions{}, "REGRESSED: ", 4},
		{"and a file could not be written", search(true, true), ExitOptions{ExportFailed: true}, "REGRESSED: ", 4},
		{"it does not hold at all", search(false, true), ExitOptions{}, "FAILED: ", 3},
	} {
		line := (&display{}).lastLine(c.r, &c.how)
		if status := ExitStatus(c.r, c.how); status != c.status || !strings.HasPrefix(line, c.word+"limit ") {
			t.Errorf("%s: status %d, %q", c.name, status, line)
		}
		if kept := report.Line(c.r) + "\n"; kept != line {
			t.Errorf("%s: the result says %q, the last line %q", c.name, kept, line)
		}
	}
}
