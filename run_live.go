package stampede

import (
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Live is a run in progress, as a dashboard shows it. It is a copy, yours to keep.
type Live struct {
	Run     RunInfo
	Elapsed time.Duration
	Planned time.Duration // how long the run is meant to last, pauses included; 0 when it has no end
	Stood   time.Duration // how long the run was paused so far, but for a pause that goes on
	Phase   string
	State   string // "running", "paused", "stopping", "done"

	Users, Target, InFlight         int
	Rate                            float64 // arrivals a second that the plan wants now; 0 in a closed model
	Sent, PlannedCount, Dropped     int64
	NotStarted                      int64
	Waiting                         int64 // arrivals that wait for a user
	Starting                        int64 // arrivals whose user is in OnStart, or about to begin
	Lost                            int64
	StartFailed, Died, UsersStarted int64
	Iterations                      int64 // tasks after which the run ends; 0 for no such end

	Recent     []stats.Row // per name, over the last 10 s
	RecentAll  stats.Row
	RecentSpan time.Duration // how much time Recent covers (up to 10 s)
	Rows       []stats.Row   // per name, judged so far
	Total      stats.Row
	Whole      stats.Row // warm-up included
	Seconds    float64   // that Rows cover
	Errors     []stats.ErrorRow
	Workers    []LiveWorker

	// One point a second, at most the last 600, for the little charts.
	History []Point

	// Servers are those that are watched, each with the series that are nearest to their limits now.
	Servers []ServerNow

	Verdict    verdict.Health
	Thresholds []verdict.Result
	Events     []Event
}

// Point is one second of a run in a few numbers.
type Point struct {
	Second                int
	Users                 int
	Rate, FailureRate     float64 // per second
	P50, P95, P99, LagP99 time.Duration
}

// Live is the run as it is now.
func (r *Running) Live() Live {
	c := r.collect
	var servers []ServerNow
	if r.servers != nil {
		servers = r.servers.Now(nearestSeries)
	}
	l := Live{Servers: servers, Elapsed: r.run.elapsed(), Stood: r.run.driver.Stood()}
	l.Iterations = r.run.plan.Iterations
	if r.run.length > 0 {
		l.Planned = r.run.length + l.Stood
	}
	var g stats.Gauges
	r.run.driver.Gauges(&g)
	l.Rate = r.run.driver.Rate()
	c.mu.Lock()
	defer c.mu.Unlock()
	l.Run = r.run.info // the end of the run writes into it
	l.Users, l.Target, l.InFlight = g.Users, g.Target, c.gauges.InFlight
	l.Sent, l.PlannedCount, l.Dropped, l.NotStarted = g.Sent, g.Planned, g.Dropped, g.NotStarted
	l.Waiting, l.Starting = g.Waiting-g.Starting, g.Starting
	l.StartFailed, l.Died, l.UsersStarted = g.StartFailed, g.Died, g.UsersStarted
	if l.State = r.state(c.ended); l.State == "stopping" {
		l.Users = max(l.Users, int(c.gauges.PeakUsers)) // what is told of the last second goes with the users that it had, and they leave now
	}
	l.Phase = c.phaseAt(l.Elapsed)
	l.Recent, l.RecentAll, l.RecentSpan = c.now()
	judged, whole := c.merger.Judged(), c.merger.Whole()
	l.Rows = cloneRows(judged.Rows)
	l.Total, l.Whole, l.Seconds = judged.Total.Clone(), whole.Total.Clone(), judged.Seconds
	l.Errors = slices.Clone(whole.Errors)
	l.Workers = c.members()
	l.Lost = c.gauges.Lost
	l.History = slices.Clone(c.points)
	l.Verdict = c.monitor.Health()
	l.Thresholds = slices.Clone(c.judge.Live())
	l.Events = slices.Clone(c.events)
	return l
}

func (r *Running) state(ended bool) string {
	switch {
	case ended:
		return "done"
	case isClosed(r.run.driver.Stopping()):
		return "stopping"
	case r.run.driver.Paused():
		return "paused"
	default:
		return "running"
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// now is what happened in the last seconds. mu is held.
func (c *collector) now() (rows []stats.Row, total stats.Row, span time.Duration) {
	byKey := map[stats.Key]int{}
	for _, sec := range c.recent {
		total.Add(&sec.Total)
		for i := range sec.Rows {
			row := &sec.Rows[i]
			at, known := byKey[row.Key]
			if !known {
				at = len(rows)
				byKey[row.Key] = at
				rows = append(rows, stats.Row{Key: row.Key})
			}
			rows[at].Add(row)
		}
	}
	return rows, total, time.Duration(len(c.recent)) * time.Second
}

// phaseAt is the last phase that has begun and not ended.
func (c *collector) phaseAt(t time.Duration) string {
	name := ""
	for _, p := range c.phases {
		if t >= p.From && (p.To == 0 || t < p.To) {
			name = p.Name
			if name == verdict.PhaseWarmup {
				break
			}
		}
	}
	return name
}

func cloneRows(rows []stats.Row) []stats.Row {
	out := make([]stats.Row, len(rows))
	for i := range rows {
		out[i] = rows[i].Clone()
	}
	return out
}
