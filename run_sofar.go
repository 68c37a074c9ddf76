package stampede

import (
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// SoFar is the report of a run as it stands: what [Running.Wait] would give if the run ended now, without the doubts that only an end can
// raise. It is a copy, yours to keep; of a run that is over it is the report itself.
func (r *Running) SoFar() *Report {
	select {
	case <-r.done:
		return r.report
	default:
	}
	c := r.collect
	c.mu.Lock()
	defer c.mu.Unlock()
	rep := c.figures()
	rep.Judged = ownTotals(rep.Judged)
	if rep.Whole = rep.Judged; r.run.plan.Warmup > 0 {
		rep.Whole = ownTotals(c.book.Whole())
	}
	rep.Series = c.series.Clone()
	rep.Phases = slices.Clone(c.phases)
	rep.Run.Duration = time.Duration(r.run.now())
	rep.InFlight = int64(c.gauges.InFlight)
	if r.run.model != Closed {
		rep.Run.Users = max(rep.Run.Users, c.peak)
	}
	rep.Thresholds = slices.Clone(c.judge.Live())
	rep.Verdict = c.monitor.Health()
	rep.Notices = c.steady.Notices()
	return rep
}

// ownTotals is totals that share nothing with a book.
func ownTotals(t stats.Totals) stats.Totals {
	t.Total, t.Rows, t.Errors = t.Total.Clone(), cloneRows(t.Rows), slices.Clone(t.Errors)
	return t
}

// Series is the course of the run so far, for reading while it goes on.
func (r *Running) Series() *stats.Series { return r.collect.series }
