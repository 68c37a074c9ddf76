package cli

import (
	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/report"
)

// The exit statuses; docs/exit-status.md says what each is for.
const (
	statusPassed      = int(report.Passed)
	statusFailures    = int(report.Failures)
	statusUsage       = int(report.Usage)
	statusInterrupted = int(report.Interrupted)
)

// ExitOptions is what decides an exit status besides the report.
type ExitOptions struct {
	AllowInvalid bool            // an INVALID verdict does not fail the run
	AfterFailed  bool            // the test's After returned an error
	ExportFailed bool            // a file that was asked for could not be written
	Comparison   *compare.Result // with the baseline; nil for none
}

// outcome is that of the report, or a regression where only the baseline shows that something is wrong.
func (o *ExitOptions) outcome(r *stampede.Report) report.Outcome {
	return report.OutcomeAgainst(r, o.Comparison, o.AllowInvalid)
}

// ExitStatus is what a finished run tells the shell. Of several reasons the first of these counts, because it makes those after it
// meaningless: interrupted (130), nothing measured (5), INVALID (6), a threshold (3), a regression (4), failures or an After that failed (1). A run that
// passed, and of which an export could not be written, ends with 2: whoever waits for the file must hear of it.
func ExitStatus(r *stampede.Report, o ExitOptions) int {
	status := int(o.outcome(r))
	switch {
	case status != statusPassed:
		return status
	case o.AfterFailed:
		return statusFailures
	case o.ExportFailed:
		return statusUsage
	}
	return status
}
