package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/show"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Line is a run in one line, for the end of a log: "PASSED: 500 users: 1,204/s, p95 412 ms, 0.2 % failed, VALID, 3 of 3 thresholds".
func Line(r *stampede.Report) string { return LineAgainst(r, nil) }

// LineAgainst is [Line] of a run that was compared with a baseline; c is nil when there was none.
func LineAgainst(r *stampede.Report, c *compare.Result) string {
	return OutcomeAgainst(r, c, false).String() + ": " + Results(r)
}

// Results is the same without the word of judgement, as the ledger keeps it in its Results column.
func Results(r *stampede.Report) string {
	total := &r.Judged.Total
	var parts []string
	if total.Count == 0 {
		parts = append(parts, "nothing was measured")
	} else {
		parts = append(parts, show.Rate(total.Rate(r.Judged.Seconds)))
		if p95 := at(r, total, 0.95); p95 != show.None { // every request failed
			parts = append(parts, "p95 "+p95)
		}
		parts = append(parts, show.Percent(total.FailureShare())+" failed")
	}
	if r.Dropped > 0 {
		parts = append(parts, show.Count(r.Dropped)+" dropped")
	}
	parts = append(parts, r.Verdict.Level.String())
	switch n := len(r.Thresholds); {
	case n == 0:
	case r.Run.Interrupted && !slices.ContainsFunc(r.Thresholds, func(t verdict.Result) bool { return t.Judged }):
		parts = append(parts, show.Plural(int64(n), "threshold", "thresholds")+" not judged")
	default:
		parts = append(parts, fmt.Sprintf("%d of %s", passedThresholds(r), show.Plural(int64(n), "threshold", "thresholds")))
	}
	return load(r) + ": " + strings.Join(parts, ", ")
}

// load is what was asked of the site: "500 users", "500/s", "rate 0:0,30s:500".
func load(r *stampede.Report) string {
	if r.Run.Model == stampede.Closed || r.Run.RateText == "" {
		return show.Plural(int64(r.Run.Users), "user", "users")
	}
	text, plain := show.Arrivals(r.Run.RateText)
	if text = show.Text(text, 40); plain {
		return text
	}
	return "rate " + text
}
