package stats

import (
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// ErrorRow is one group of failures: same key, kind and text. Detail is what the first of them said to its reader, and is no part of what
// makes a group: pages differ each time.
type ErrorRow struct {
	Key
	Kind        fault.Kind
	Text        string
	Count       int64
	First, Last time.Duration // since the start of the run
	Detail      string        // the title or message of the first failed answer; "" when it had none
	Stack       string        // for panics, else ""
	Workers     []int         // which workers saw it, ascending
}

// Said is the text with what the first failed answer said: "500 Internal Server Error: Error establishing a database connection".
func (e *ErrorRow) Said() string {
	if e.Detail == "" {
		return e.Text
	}
	return e.Text + ": " + e.Detail
}

// compare orders by key, kind and text.
func (e *ErrorRow) compare(o *ErrorRow) int {
	if c := e.Key.Compare(o.Key); c != 0 {
		return c
	}
	if e.Kind != o.Kind {
		return int(e.Kind) - int(o.Kind)
	}
	switch {
	case e.Text < o.Text:
		return -1
	case e.Text > o.Text:
		return 1
	default:
		return 0
	}
}

// Gauges are the counts of a worker at the end of a second, and its own health during it.
type Gauges struct {
	Users    int // users there are, those in OnStart among them
	Target   int // users wanted by the plan
	InFlight int // requests begun and not done

	// Totals since the start of the run.
	Planned      int64 // arrivals due (open), or tasks begun (closed): at any moment Sent + Dropped + NotStarted + Waiting + Lost
	Sent         int64 // of those, begun
	Dropped      int64 // of those, given up: no user was free in time
	NotStarted   int64 // of those, never begun because their visitor never got through OnStart
	Lost         int64 // of those, never sent because the worker was lost that had to
	Waiting      int64 // of those, still waiting: for a user, for their user's OnStart, for the clock
	Starting     int64 // of those waiting, given to a user: it is in OnStart, or about to begin
	StartFailed  int64 // OnStart failures
	UsersStarted int64 // users that got through OnStart
	Died         int64 // users that ended for good by a fault
	CutOff       int64 // requests under way that the end of the run, or of their user's part in it, cut off
	Oldest       int64 // ns, how long the oldest of those had been under way; the most of all workers
	OwnFailed    int64 // failures of the test's own code that belong to no request, but for those of OnStart
	Loaded       int64 // ns of the run in which the plan went on: without pauses, and up to the moment at which it began to stop; the most of all workers

	Iterations int64 // tasks begun, where the plan wants a number of them; else 0

	PeakUsers int64 // the most users at any moment of this second

	// During this second, of the generator itself.
	CPU        float64 // share of the cores it may use, 0 to 1; negative when unknown
	MachineCPU float64 // busy share of the busiest core of the machine, 0 to 1; negative when unknown
	WakeLate   int64   // ns, worst oversleep of the hiccup ticker
	WakeP99    int64   // ns, p99 oversleep of the hiccup ticker
	GCPause    int64   // ns, longest stop
	SchedP99   int64   // ns, p99 of goroutine scheduling latency
	Throttled  int64   // ns, cgroup cpu.stat throttled time in this second
	RSS        int64   // bytes
	FDs, FDMax int64
	Goroutines int64
	Blocked    int64 // ns users waited for a connection or a free user
	InFlightNS int64 // sum over requests of time in flight during this second, ns (Little's law: N = InFlightNS/1e9)
}

// Snapshot is one second of one worker. It adds up with others in any order and any split. A decoded Snapshot is the caller's own.
type Snapshot struct {
	Run     string
	Worker  int
	Seq     uint64        // 1, 2, 3 ... per worker; a repeated (Worker, Seq) is merged once
	Second  int           // index since the start of the run: covers [Second, Second+1) s
	Taken   time.Duration // since the start of the run: when it was drained; zero means at the end of its second
	Rows    []Row         // names with activity in this second, sorted by Type, Name
	Earlier []Part        // what was answered in this second, after the load, and belongs to earlier ones; ascending
	Errors  []ErrorRow    // what happened in this second, sorted by Type, Name, Kind, Text
	Gauges  Gauges
	Final   bool // the last of this worker
	More    bool // a part: more of the same second follows, under the next number
}
