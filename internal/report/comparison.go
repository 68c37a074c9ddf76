package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/verdict"
)

// RegressedTag marks a run in the ledger that was worse than the baseline it was held against: all that is left of that comparison later on.
const RegressedTag = "regressed"

// OutcomeAgainst is [OutcomeOf] of a run that was compared with a baseline: a regression ranks between a threshold and failures. c is nil
// when there was none; then a run that has [RegressedTag] was worse when it ended.
func OutcomeAgainst(r *stampede.Report, c *compare.Result, allowInvalid bool) Outcome {
	outcome := OutcomeOf(r, allowInvalid)
	worse := c == nil && slices.Contains(r.Run.Tags, RegressedTag) || c != nil && c.Outcome == verdict.Regressed
	if worse && (outcome == Passed || outcome == Failures) {
		return Regression
	}
	return outcome
}

// comparedRow is a row of a comparison as the tables of exports have it.
type comparedRow struct {
	label, figure, old, fresh, change, interval, outcome string
}

// comparedRows is what changed and what all requests together did, at most so many rows; left is how many more changed.
func comparedRows(c *compare.Result, most int) (rows []comparedRow, left int) {
	for i := range c.Rows {
		row := &c.Rows[i]
		for k := range row.Figures {
			f := &row.Figures[k]
			changed := f.Outcome == verdict.Regressed || f.Outcome == verdict.Improved
			switch {
			case !changed && i > 0:
				continue
			case len(rows) >= most:
				left++
				continue
			}
			rows = append(rows, comparedRow{
				compare.Label(row.Key), f.Name, f.Text(f.Old), f.Text(f.New), f.ChangeText(f.Change), f.IntervalText(), c.Word(f),
			})
		}
	}
	return rows, left
}

// sideText names the runs of a side: "20261102-190000-51c0 (2026-11-02 19:00, cache off)".
func sideText(runs []stampede.RunInfo) string {
	parts := make([]string, len(runs))
	for i := range runs {
		r := &runs[i]
		parts[i] = r.ID + " (" + r.Started.Format("2006-01-02 15:04")
		if r.Changes != "" {
			parts[i] += ", " + format.Text(r.Changes, 60)
		}
		parts[i] += ")"
	}
	return strings.Join(parts, ", ")
}

// differenceText is a difference in one line.
func differenceText(d *compare.Difference) string {
	return fmt.Sprintf("%s: %s before, %s now: %s", d.What, d.Old, d.New, d.Advice)
}
