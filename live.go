package stampede

import (
	"time"

	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Live is a run in progress, as a dashboard shows it. It is a copy, yours to keep.
type Live struct {
	Run     RunInfo
	Elapsed time.Duration
	Planned time.Duration // how long the run is meant to last; 0 when it has no end
	Phase   string
	State   string // "starting", "running", "paused", "stopping", "done"

	Users, Target, InFlight         int
	Sent, PlannedCount, Dropped     int64
	Waiting                         int64
	StartFailed, Died, UsersStarted int64

	Recent     []stats.Row // per name, over the last 10 s
	RecentAll  stats.Row
	RecentSpan time.Duration // how much time Recent covers (up to 10 s)
	Rows       []stats.Row   // per name, judged so far
	Total      stats.Row
	Whole      stats.Row // warm-up included
	Seconds    float64   // that Rows cover
	Errors     []stats.ErrorRow

	// One point a second, at most the last 600, for the little charts.
	History []Point

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
