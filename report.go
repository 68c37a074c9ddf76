package stampede

import (
	"time"

	"github.com/stampede-load/stampede/internal/limit"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Report is the result of a run: everything that any export shows comes from it. It is yours.
type Report struct {
	Run        RunInfo
	Verdict    verdict.Health   // can the numbers be trusted?
	Thresholds []verdict.Result // did the site pass? In the order they were given

	Planned    int64         // arrivals (open) or tasks the plan wanted started: Sent + Dropped + NotStarted + Lost
	Sent       int64         // of those, started
	Dropped    int64         // of those, given up: no user was free in time
	NotStarted int64         // arrivals that were not started because their visitor never got through OnStart
	Lost       int64         // of those, never sent because the worker was lost that had to
	InFlight   int64         // requests that had begun and were cut off: by the end of the run, or of their user when there were to be fewer
	Oldest     time.Duration // how long the oldest of those had been waiting

	// Judged leaves the warm-up out and is what the headline, the thresholds and the tables show. Whole is everything; the two are the
	// same when there was no warm-up.
	Judged, Whole stats.Totals
	Series        *stats.Series // per name, over time

	UsersStarted int64 // users that got through OnStart
	StartFailed  int64 // times OnStart failed
	Died         int64 // users that ended for good by a failure
	PeakUsers    int

	Servers  []ServerFigures // what the servers said of themselves; nil when none was watched
	Suspects *Suspects       // which of their series gave way first; nil when none was watched
	Limit    *Limit          // of a search for the load at which a rule stops to hold; nil for any other run

	Phases      []verdict.Phase
	Events      []Event
	Workers     []Worker
	Tasks       []TaskShare   // how often tasks were picked, and how often their weights ask for; nil where none is picked by weight
	Pages       []PagePicture // of each page a load near the median, and the slowest
	Environment []Setting     // of the generator, for comparing runs: kernel, CPU, limits, Go
	Warnings    []string      // doubts about single figures: "p99.9 has 4 samples beyond it"
	Notices     []string      // about the site: "requests in flight grew by 40/s: the site is not keeping up"
}

// Limit is the answer of a search for the load at which a rule stops to hold.
type Limit = limit.Answer

// LimitStep is one level of a search.
type LimitStep = limit.Step

// RunInfo says which run it was.
type RunInfo struct {
	ID        string // sorts by start time
	Name      string // of the test
	Started   time.Time
	Duration  time.Duration // from start to the end of the last task: Load and the wait for the last answers
	Load      time.Duration // of it, how long there was load: up to when nothing more was asked for, pauses included; zero means all of it
	Users     int           // while it runs the highest number of users wanted; of a finished run the highest number that ran
	SpawnRate float64       // users per second; 0 means all at once
	UsersText string        // the shape of users as text: "500", "0:0,30s:500"; of a finished run with what it was changed to: "20, then 50"
	RateText  string        // the shape of arrivals as text, the same; "" in a closed model
	Host      string        // without user and password
	Seed      uint64
	Model     Model
	Paced     bool // the headline is response time; else service time
	PlanHash  string
	Version   string // of stampede
	IO        string // the back end that moved the bytes

	Changes, Focus, Notes string
	Links, Tags           []string

	Cost      float64 // USD that its machines came to while it went on; 0 when nobody said what they cost
	CostBasis string  // how that comes about, and whose prices they are

	Stopped     string // why it ended: "time", "iterations", "interrupted", "threshold ...", "stopped by the test"
	Interrupted bool
}

// Model is how load comes.
type Model string

// The models of load.
const (
	Closed     Model = "closed"      // a number of users, each waits for its answer
	Open       Model = "open"        // tasks start at a rate, whatever the site does
	PartlyOpen Model = "partly open" // users arrive at a rate, live a visit and leave
)

// Event is something that happened to a run, at a time since its start.
type Event struct {
	At   time.Duration
	Kind string // "start", "users", "rate", "pause", "resume", "phase", "threshold", "stop", "worker", "warning", "note", "failing", "recovered"
	Text string
}

// Worker is one process that ran users.
type Worker struct {
	Number int
	Name   string
	Host   string  // its machine, and the address it came from
	Weight float64 // its part of the load, in relation to the others'

	Users                        int     // most at once
	CPU                          float64 // mean share of its cores
	Planned, Sent, Dropped, Lost int64   // Lost is what it had to send and did not, because it was lost

	Verdict                      string // its own: VALID, SUSPECT, INVALID; "" when it gave none
	Reasons                      []string
	ClockOffset, ClockError, RTT time.Duration // its clock ahead of the controller's, how far that can be wrong, and the round trip
	Joined, Left                 time.Duration // in run time; Left is 0 of one that stayed to the end
	Reason                       string        // why it left
	Gone                         bool          // it was lost
	LastSecond                   int
}

// Setting is a named value.
type Setting struct{ Name, Value string }

// Drain is how long the run waited for the last answers when its load had ended.
func (i *RunInfo) Drain() time.Duration {
	if i.Load <= 0 {
		return 0
	}
	return max(0, i.Duration-i.Load)
}

// Headline says which time the tables show: response time when a plan decides when requests are sent, else service time.
func (r *Report) Headline() string {
	if r.Run.Paced {
		return "response"
	}
	return "service"
}

// HadWarmup reports whether the whole run is more than its judged part.
func (r *Report) HadWarmup() bool {
	return r.Whole.Seconds != r.Judged.Seconds || r.Whole.Total.Count != r.Judged.Total.Count || len(r.Whole.Rows) != len(r.Judged.Rows)
}
