package report

import (
	"slices"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Outcome is how a run ended, as one word for people and one exit status for programs.
type Outcome int

// The outcomes; the number is the exit status. 2 (usage) is not known from a report alone, and 4 only of a search for a limit: see [OutcomeAgainst].
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
	case Regression:
		return "REGRESSED"
	case Interrupted:
		return "INTERRUPTED"
	case Invalid:
		return "INVALID"
	default:
		return "FAILED"
	}
}

// OutcomeOf judges a report. When several things are wrong the first of these decides, because it makes the ones after it meaningless:
// interrupted, nothing measured, INVALID, a threshold, a lower limit than before, failures. [OutcomeAgainst] knows of other regressions too. allowInvalid
// ignores an INVALID verdict.
func OutcomeOf(r *stampede.Report, allowInvalid bool) Outcome {
	if r.Limit != nil {
		return limitOutcome(r, allowInvalid)
	}
	switch {
	case r.Run.Interrupted:
		return Interrupted
	case r.Judged.Total.Count == 0: // a warm-up alone judges nothing
		return Nothing
	case r.Verdict.Level == verdict.Invalid && !allowInvalid:
		return Invalid
	case passedThresholds(r) < len(r.Thresholds):
		return Threshold
	case judgesOf(r).unjudged(r) || judgesOf(r).unserved(r) || nobodyStarted(r):
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

// judges is the thresholds of a run, asked which failures they judge.
type judges []*verdict.Rule

func judgesOf(r *stampede.Report) judges {
	var j judges
	for i := range r.Thresholds {
		if rule, err := verdict.Parse(r.Thresholds[i].Expr); err == nil {
			j = append(j, rule)
		}
	}
	return j
}

// failure reports whether a threshold says how many failures of these requests by this cause are too many.
func (j judges) failure(k stats.Key, kind fault.Kind, status int) bool {
	for _, rule := range j {
		if rule.JudgesFailures(k, kind, status) {
			return true
		}
	}
	return false
}

// all reports whether a threshold judges the failures of all requests by every cause. It judges users that died, and failures of the
// test's own code, too: they have no row that another threshold could name.
func (j judges) all() bool { return j.failure(stats.Key{}, fault.None, 0) }

// unserved reports whether arrivals were not started and no threshold says how many may be: one on dropped, or one on all failures where it was
// a failure that kept them out.
func (j judges) unserved(r *stampede.Report) bool {
	if r.NotStarted == 0 || slices.ContainsFunc(j, (*verdict.Rule).JudgesDropped) {
		return false
	}
	return r.StartFailed == 0 || !j.all()
}

// left is how many failures of a row no threshold judges. What made a request of a step fail is that request's, where thresholds part one
// request from another; an error of the step's own is the step's.
func (j judges) left(row *stats.Row) int64 {
	if j.all() || j.failure(row.Key, fault.None, 0) {
		return 0
	}
	step := row.Apart() && len(j) > 0
	left := row.Failures
	for _, f := range row.Faults {
		if step && f.Kind != fault.Other || j.failure(row.Key, f.Kind, f.Status) {
			left -= f.Count
		}
	}
	return max(left, 0)
}

// unjudged reports whether something went wrong that no threshold judges. A threshold decides for the requests and the causes it names,
// and one failed request in a million does not fail a run whose rule allows it; of what it does not name it says nothing.
func (j judges) unjudged(r *stampede.Report) bool {
	if j.all() {
		return false
	}
	left := r.Judged.Total.Failures
	for i := range r.Judged.Rows {
		row := &r.Judged.Rows[i]
		if row.Apart() { // no part of the total
			left += j.left(row)
		} else {
			left -= row.Failures - j.left(row)
		}
	}
	return left > 0 || userTrouble(r) != ""
}
