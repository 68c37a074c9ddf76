package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Line is a run in one line, for the end of a log: "PASSED: 500 users: 1,204/s, p95 412 ms, 0.2 % failed, VALID, 3 of 3 thresholds".
func Line(r *stampede.Report) string { return LineAgainst(r, nil) }

// LineAgainst is [Line] of a run that was compared with a baseline; c is nil when there was none.
func LineAgainst(r *stampede.Report, c *compare.Result) string {
	return Word(r, c, false) + ": " + Results(r) + Cause(r)
}

// Word is what a result line begins with: the word of the outcome. An INVALID run that failed says both, for a generator that was late
// makes no site answer 500; what of it depends on times cannot be told apart.
func Word(r *stampede.Report, c *compare.Result, allowInvalid bool) string {
	outcome := OutcomeAgainst(r, c, allowInvalid)
	if outcome == Invalid {
		if rest := OutcomeOf(r, true); rest == Threshold || rest == Failures {
			return outcome.String() + ", and " + rest.String()
		}
	}
	return outcome.String()
}

// Cause is the failure that an INVALID run has most of, to put behind its line: "; the site failed: 500 Internal Server Error in 25 % of
// requests". It is "" for other runs, and where the generator itself may be the cause.
func Cause(r *stampede.Report) string {
	if r.Verdict.Level != verdict.Invalid {
		return ""
	}
	var most *stats.ErrorRow
	for i := range r.Judged.Errors {
		e := &r.Judged.Errors[i]
		if r.Judged.Row(e.Key) != nil && e.Type != stats.StepType && siteFault(e.Kind) && (most == nil || e.Count > most.Count) {
			most = e
		}
	}
	if most == nil {
		return ""
	}
	count := int64(0) // under all names
	for i := range r.Judged.Errors {
		if e := &r.Judged.Errors[i]; e.Kind == most.Kind && e.Text == most.Text && e.Type != stats.StepType {
			count += e.Count
		}
	}
	return fmt.Sprintf("; the site failed: %s in %s of requests", format.Text(most.Text, 80), format.Percent(float64(count)/float64(max(1, r.Judged.Total.Count))))
}

// siteFault reports whether a failure is the site's whatever the generator did: an answer that says so or is none. A generator that stands
// still misses time limits, and a server may then close what was too slow.
func siteFault(k fault.Kind) bool {
	return k == fault.Status || k == fault.Check || k == fault.Refused || k == fault.TLS || k == fault.Protocol || k == fault.TooLarge || k == fault.Redirect
}

// Results is the same without the word of judgement, as the ledger keeps it in its Results column.
func Results(r *stampede.Report) string {
	if r.Limit != nil {
		return LimitText(r.Limit)
	}
	total := &r.Judged.Total
	var parts []string
	if total.Count == 0 {
		parts = append(parts, "nothing was measured")
	} else {
		parts = append(parts, format.Rate(total.Rate(r.Judged.Seconds)))
		if p95 := at(r, total, 0.95); p95 != format.None { // every request failed
			parts = append(parts, "p95 "+p95)
		}
		parts = append(parts, failed(r))
	}
	if r.Dropped > 0 {
		parts = append(parts, format.Count(r.Dropped)+" dropped")
	}
	if r.NotStarted > 0 {
		parts = append(parts, format.Count(r.NotStarted)+" not started")
	}
	if r.Lost > 0 {
		parts = append(parts, format.Count(r.Lost)+" lost")
	}
	parts = append(parts, r.Verdict.Level.String())
	switch n := len(r.Thresholds); {
	case n == 0:
	case r.Run.Interrupted && !slices.ContainsFunc(r.Thresholds, func(t verdict.Result) bool { return t.Judged }):
		parts = append(parts, format.Plural(int64(n), "threshold", "thresholds")+" not judged")
	default:
		parts = append(parts, fmt.Sprintf("%d of %s", passedThresholds(r), format.Plural(int64(n), "threshold", "thresholds")))
	}
	return load(r) + ": " + strings.Join(parts, ", ")
}

// failed is the share of requests that failed. Where none did and users could not start, "0 % failed" alone would be half of the truth.
func failed(r *stampede.Report) string {
	share := format.Percent(r.Judged.Total.FailureShare())
	if r.StartFailed > 0 && r.Judged.Total.Failures == 0 {
		return share + " of requests failed, " + format.Plural(r.StartFailed, "start", "starts") + " failed"
	}
	return share + " failed"
}

// load is what the site got: "500 users", "402 of 1,500 users", "20, then 50 users", "500/s", "rate 0:0,30s:500".
func load(r *stampede.Report) string {
	if r.Run.Model == stampede.Closed || r.Run.RateText == "" {
		return format.Users(r.Run.Users, format.Text(r.Run.UsersText, 60))
	}
	text, plain := format.Arrivals(r.Run.RateText)
	if text = format.Text(text, 40); plain {
		return text
	}
	return "rate " + text
}
