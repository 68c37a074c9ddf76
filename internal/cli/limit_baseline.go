package cli

import (
	"fmt"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/limit"
	"github.com/stampede-load/stampede/internal/report"
)

// lowerLimit says that a search found a lower limit than the baseline's, beyond what both leave open; "" when it did not, or there is nothing to
// compare.
func (o *options) lowerLimit(r *stampede.Report) string {
	before := o.plan.Baseline
	if r.Limit == nil || o.baseline == "" || before == nil || before.Limit == nil || !limit.Worse(*before.Limit, *r.Limit) {
		return ""
	}
	return fmt.Sprintf("REGRESSED: %s; run %s found %s", report.LimitText(r.Limit), before.Run.ID, report.LimitText(before.Limit))
}
