package report

import (
	"regexp"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Outcome is how a run ended, as one word for people and one exit status for programs.
type Outcome int

// The outcomes; the number is the exit status. 2 (usage) and 4 (regression, see [OutcomeAgainst]) are not known from a report alone.
const (
	Passed      Outcome = 0
	Failures    Outcome = 1   // requests failed or users died, and no threshold judged that
	Usage       Outcome = 2   // wrong flags or configuration: there was no run
	Threshold   Outcome = 3   // a threshold failed
	Regression  Outcome = 4   // worse than the baseline
	Nothing     Outcome = 5   // no request was measured
	Invalid     Outcome = 6   // the verdict is INVALID
	Interrupted Outcome = 130 // stopped by Ctrl-C or a signal; the report covers what was done until then
)

// String is the word that a result line begins with.
func (o Outcome) String() string {
	switch o {
	case Passed:
		return "PASSED"
	case Interrupted:
		return "INTERRUPTED"
	case Invalid:
		return "INVALID"
	default:
		return "FAILED"
	}
}

// OutcomeOf judges a report. When several things are wrong the first of these decides, because it makes the ones after it meaningless:
// interrupted, nothing measured, INVALID, a threshold, failures. [OutcomeAgainst] knows of regressions too. allowInvalid ignores an INVALID verdict.
func OutcomeOf(r *stampede.Report, allowInvalid bool) Outcome {
	switch {
	case r.Run.Interrupted:
		return Interrupted
	case r.Judged.Total.Count == 0: // a warm-up alone judges nothing
		return Nothing
	case r.Verdict.Level == verdict.Invalid && !allowInvalid:
		return Invalid
	case passedThresholds(r) < len(r.Thresholds):
		return Threshold
	case troubled(r) && (!failuresJudged(r) || nobodyStarted(r)):
		return Failures
	default:
		return Passed
	}
}

func passedThresholds(r *stampede.Report) int {
	n := 0
	for i := range r.Thresholds {
		if r.Thresholds[i].Passed {
			n++
		}
	}
	return n
}

// troubled reports whether a request failed, a user died or could not begin, or the test's own code failed.
func troubled(r *stampede.Report) bool {
	return r.Judged.Total.Failures > 0 || r.Died > 0 || r.StartFailed > 0 || ownFailures(r) > 0
}

// ownFailures is how often the test's own code failed in a task: panics and errors that belong to no request, and so are in no row.
func ownFailures(r *stampede.Report) int64 {
	var n int64
	for i := range r.Judged.Errors {
		e := &r.Judged.Errors[i]
		if e.Kind != fault.Start && r.Judged.Row(e.Key) == nil {
			n += e.Count
		}
	}
	return n
}

// nobodyStarted reports whether every user failed in OnStart. No threshold on failures makes that a success.
func nobodyStarted(r *stampede.Report) bool { return r.StartFailed > 0 && r.UsersStarted == 0 }

var (
	quoted      = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\[[^\]]*\]`)
	failureRule = regexp.MustCompile(`\b(?:failures|failed)\b`)
)

// failuresJudged reports whether any threshold says how many failures are too many: then it decides, and one failed request in a
// million does not fail a run whose rule allows it. Names in quotes or brackets say nothing of the rule.
func failuresJudged(r *stampede.Report) bool {
	for i := range r.Thresholds {
		if failureRule.MatchString(quoted.ReplaceAllString(r.Thresholds[i].Expr, "")) {
			return true
		}
	}
	return false
}
