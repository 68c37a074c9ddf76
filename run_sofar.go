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
		rep.Whole = ownTotals(c.merger.Whole())
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

// ownTotals is totals that share nothing with a merger.
func ownTotals(t stats.Totals) stats.Totals {
	t.Total, t.Rows, t.Errors = t.Total.Clone(), cloneRows(t.Rows), slices.Clone(t.Errors)
	return t
}

// Series is the course of the run so far, for reading while it goes on.
func (r *Running) Series() *stats.Series { return r.collect.series }

// Progress is how far a run is, in a few numbers that cost nothing.
type Progress struct {
	State   string        // "running", "paused", "stopping", "done"
	Elapsed time.Duration // since the start
	Length  time.Duration // how long the run is meant to last, pauses included; 0 when it has no end
	Phase   string
	Users   int
	Target  int     // users that the plan wants now
	Rate    float64 // arrivals a second that the plan wants now; 0 in a closed model
	Sent    int64   // arrivals or tasks begun since the start
}

// Progress is how far the run is now.
func (r *Running) Progress() Progress {
	p := Progress{Elapsed: r.run.elapsed(), Rate: r.run.driver.Rate()}
	stood := r.run.driver.Stood()
	if r.run.length > 0 {
		p.Length = r.run.length + stood
	}
	var g stats.Gauges
	r.run.driver.Gauges(&g)
	p.Users, p.Target, p.Sent = g.Users, g.Target, g.Sent
	c := r.collect
	c.mu.Lock()
	defer c.mu.Unlock()
	p.State, p.Phase = r.state(c.ended), c.phaseAt(p.Elapsed)
	return p
}

// Info says which run it is. Its Duration is zero while the run goes on.
func (r *Running) Info() RunInfo {
	r.collect.mu.Lock() // its end may be written now
	defer r.collect.mu.Unlock()
	return r.run.info
}
