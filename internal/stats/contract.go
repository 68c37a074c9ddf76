package stats

import (
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/hist"
)

// StepType is the Type of a row that times several requests as one. Rows of this type are reported beside the requests and are never
// part of a total.
const StepType = "STEP"

// Key names what is measured: the type (GET, STEP, SQL) and the name that groups.
type Key struct {
	Type, Name string
}

// Sample is one measured operation. Times are nanoseconds since the start of the run (monotonic). It is owned by the caller; the
// recorder copies what it needs.
type Sample struct {
	Intended  int64 // when the plan wanted it sent; 0 (or equal to Sent) when nothing planned it: lag is then not recorded
	Sent      int64 // when the generator began it, before name lookup and connect
	FirstByte int64 // first byte of the answer; 0 when there was none
	Done      int64 // end of the answer, or of the wait for it
	BytesIn   int64 // on the wire, header and body
	BytesOut  int64
	Decoded   int64      // size of the body after decompression, when it was looked at; else the size as received
	Fault     fault.Kind // fault.None is success
	Status    int        // HTTP status, 0 when there was none
	Err       string     // the grouped text of the failure; "" is success
}

// FaultCount counts the failures of one kind and status. Status is 0 unless Kind is fault.Status.
type FaultCount struct {
	Kind   fault.Kind
	Status int
	Count  int64
}

// Row is what is known of one name over some stretch of time. Rows add up: see Add. The zero value is an empty row.
//
// Service and Response hold successes and timeouts (at the time waited), so quick errors cannot flatter the headline and slow ones
// cannot vanish from it; Failed holds every failure, timeouts included. See docs/truth.md.
type Row struct {
	Key
	Count, Failures, Timeouts int64 // Failures includes Timeouts
	Dropped                   int64 // arrivals that could not start
	BytesIn, BytesOut         int64
	Decoded                   int64

	Service   hist.Hist // Done - Sent
	Response  hist.Hist // Done - Intended (equal to service for samples that nothing planned)
	Lag       hist.Hist // Sent - Intended, planned samples only
	FirstByte hist.Hist // FirstByte - Sent
	Failed    hist.Hist // Done - Intended of failures

	Faults []FaultCount // sorted by Kind, then Status
}

// ErrorRow is one group of failures: same key, same text.
type ErrorRow struct {
	Key
	Kind        fault.Kind
	Text        string
	Count       int64
	First, Last time.Duration // since the start of the run
	Stack       string        // for panics, else ""
	Workers     []int         // which workers saw it, ascending
}

// Gauges are the counts of a worker at the end of a second, and its own health during it.
type Gauges struct {
	Users    int // users running
	Target   int // users wanted by the plan
	InFlight int // requests begun and not done

	// Totals since the start of the run.
	Planned, Sent, Dropped int64
	Waiting                int64 // arrivals due, not yet started and not dropped (still queued)
	StartFailed            int64 // OnStart failures
	UsersStarted           int64 // users that got through OnStart
	Died                   int64 // users that ended for good by a fault

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
	Run    string
	Worker int
	Seq    uint64 // 1, 2, 3 ... per worker; a repeated (Worker, Seq) is merged once
	Second int    // index since the start of the run: covers [Second, Second+1) s
	Rows   []Row  // names with activity in this second, sorted by Type, Name
	Errors []ErrorRow
	Gauges Gauges
	Final  bool // the last of this worker
}
