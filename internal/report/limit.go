package report

import (
	"fmt"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/limit"
)

// limitOutcome judges a search. Levels at which the rule breaks, and requests that fail there, are what was looked for and no failure of
// the run.
func limitOutcome(r *stampede.Report, allowInvalid bool) Outcome {
	a := r.Limit
	switch {
	case r.Run.Interrupted:
		return Interrupted
	case len(a.Steps) == 0 || r.Whole.Total.Count == 0:
		return Nothing
	case a.Whose == limit.Generator && !allowInvalid:
		return Invalid
	case a.Value == 0:
		return Threshold // it does not hold at the lowest load
	case a.Regressed():
		return Regression
	default:
		return Passed
	}
}

// LimitText is what a search found in a few words: "limit 1,240/s (1,180 to 1,300): p95 < 500ms".
func LimitText(a *limit.Answer) string {
	rule := ": " + a.Rule
	switch {
	case len(a.Steps) == 0:
		return "no level was measured" + rule
	case a.Value == 0 && a.Whose == limit.Generator:
		return "the generator was disturbed at " + limit.LoadText(a.High, a.Unit) + ", and nothing is known of the site" + rule
	case a.Value == 0:
		return "limit below " + limit.LoadText(a.High, a.Unit) + rule
	case a.Whose == limit.Nobody && a.Done:
		return "no limit up to " + limit.LoadText(a.Low, a.Unit) + rule
	case a.High == 0:
		return "limit above " + limit.LoadText(a.Low, a.Unit) + rule + "; the search did not end"
	}
	text := fmt.Sprintf("limit %s (%s to %s)%s", limit.LoadText(a.Value, a.Unit), format.Amount(a.Low, ""), format.Amount(a.High, ""), rule)
	if a.Whose == limit.Generator {
		text += "; it is the generator's: the site may do more"
	}
	if a.Beyond != "" && a.Whose == limit.Site {
		text += "; beyond it " + a.Beyond
	}
	if !a.Done {
		text += "; the search did not end"
	}
	return text
}
