package cli

import (
	"fmt"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/limit"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/verdict"
)

// limitBeside is an answer with the search that it was held against, where there was one for the same.
func limitBeside(now *stampede.Limit, before *stampede.Report) *stampede.Limit {
	if now == nil || before == nil || before.Limit == nil || before.Limit.Sought() != now.Sought() {
		return now
	}
	was := before.Limit
	now.Earlier = &limit.Earlier{
		Run: before.Run.ID, Value: was.Value, Low: was.Low, High: was.High, Text: report.LimitText(was), Worse: limit.Worse(*was, *now),
	}
	return now
}

// lowerLimit says that a search found a lower limit than the baseline's, beyond what both leave open; "" when it did not, or there is nothing to
// compare.
func lowerLimit(r *stampede.Report) string {
	if !r.Limit.Regressed() {
		return ""
	}
	return fmt.Sprintf("%s: %s; run %s found %s", verdict.Regressed, report.LimitText(r.Limit), r.Limit.Earlier.Run, r.Limit.Earlier.Text)
}
