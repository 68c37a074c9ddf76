package fleet

import (
	"context"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// WorkerConfig is what a worker is.
type WorkerConfig struct {
	URL      JoinURL
	Name     string        // empty leaves it to the controller
	Weight   float64       // in relation to others; 0 means its cores
	IdleExit time.Duration // leave after so long without a run; 0 means never
	Version  string
	Test     string            // hash of its test; empty for the stock program
	Binary   string            // hash of its program
	Cost     string            // what it costs in USD an hour, and how that comes about, as serve --cost has it; empty: nobody knows
	Folder   string            // where fetched files are kept
	Log      func(text string) // what happens, for people; nil drops it

	// Prepare makes a plan of a job, in a folder that holds its files. undo is called when the run is over; it may be nil.
	Prepare func(ctx context.Context, j *Job, folder string) (plan stampede.Plan, undo func(), err error)

	// Start starts the users of a part of a run. nil means stampede.StartWorker; benchmarks put workers there that only report.
	Start func(context.Context, stampede.Plan, stampede.WorkerOptions) (PartRun, error)

	// Packed gives the packed form of a snapshot of a worker that Start put there, which reports the same each second: a thousand of those on one
	// machine would else spend their time packing it. nil packs it as ever.
	Packed func(*stats.Snapshot) []byte

	// For tests and benchmarks: its clock is set apart, and runs too fast by so many parts of a million.
	Ahead time.Duration
	Drift int64

	patience patience // tests: how long it waits for the controller; the zero value means as long as it should
}

// PartRun is a worker's part of a run in progress. stampede.WorkerRun says what each of its methods does.
type PartRun interface {
	Take(stampede.Change)
	Stop(reason string)
	Cancel(reason string)
	Stopping() <-chan struct{}
	Done() <-chan struct{}
	Wait() (stampede.Ending, error)
	Now() time.Duration
	GoOn()
	GiveBack(part float64) int64
	Moving() bool
	Pending() bool
	Left() bool
	Spent() bool
	Health() verdict.Health
}

// patience is how long a worker waits for a controller that says nothing.
type patience struct {
	deserted time.Duration // then it stops its users
	deliver  time.Duration // so long after that it tries to deliver what it has
}

func (p patience) orUsual() patience {
	if p.deserted == 0 {
		p.deserted = deserted
	}
	if p.deliver == 0 {
		p.deliver = deliverMost
	}
	return p
}

// desertedReason is why a worker's part ended that heard nothing of the controller.
const desertedReason = "the controller is gone"

// How a worker behaves when the controller says nothing.
const (
	beatEvery    = time.Second
	beatPatience = beatEvery * 3 / 2 // for the answer, before the next
	deserted     = 15 * time.Second  // it stops its users
	deliverMost  = 10 * time.Minute  // it still tries to deliver what it has
	joinPatience = 30 * time.Second  // at first
)
