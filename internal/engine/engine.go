// Package engine owns every goroutine that runs a user. It takes shapes (internal/pace) and behaviours, starts and stops users and
// arrivals when they are due, and emits one snapshot a second.
//
// # The flow
//
// The clock goroutine sleeps until the next thing is due: a user's wait is over, a shape wants one user more, an arrival comes. It gives
// the user to a runner, a pooled goroutine, which runs one task. When the task says when the next one is due, the user is
// parked in the clock's heap and the runner is free for another: a user that waits has no goroutine and no stack.
//
// # Time
//
// Everything is timed from the plan. A user that wakes late is told when it should have woken, so that the lateness is measured and not
// hidden; an arrival that finds no free user keeps its intended time while it queues.
//
// # Pausing
//
// A pause stands the plan's time still. The clock fires nothing, and whoever is about to begin something is parked in its heap. When the plan
// goes on, all that waits is due later by the length of the pause.
//
// # Stopping
//
// Stop starts nothing more and lets tasks end; after StopTimeout the contexts are cancelled. Every user that got through its start gets
// its Stop, with a context that still works. Run returns after every goroutine it started has ended, or after it has given up on those
// that ignore their context (Summary.Stuck).
package engine

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
	"github.com/stampede-load/stampede/internal/stats"
)

// User is one simulated visitor. The engine calls one method at a time.
type User interface {
	// Start prepares the user. intended is when it was due, in ns since the start of the run; the first request it makes is timed from
	// there.
	Start(ctx context.Context, intended int64) Next
	// Iterate runs one task. intended is when the task was due, 0 when nothing planned it.
	Iterate(ctx context.Context, intended int64) Next
	// Stop ends the user. It is called once for each user whose Start was called, also when that failed; started tells.
	Stop(ctx context.Context, started bool)
	// CutOff says that the context of the task under way is about to be cancelled, because the load has fewer users now. It may be called
	// while another method runs.
	CutOff()
	// Exited says that the code of Start, Iterate or Stop ended its goroutine (runtime.Goexit). The user has died; if it was not in Stop, its
	// Stop is called next.
	Exited()
}

// Next says what a user does after Start or Iterate. The zero value means: the next task at once.
type Next struct {
	At      int64 // when the next task is due, ns since the start of the run; 0 means now
	Leave   Leave
	StopRun string // not empty: the test wants the whole run to stop, and why
	Later   bool   // the task goes on without the goroutine that called Iterate: Seat.GoOn will bring the rest
}

// Leave says whether a user goes.
type Leave uint8

// The ways to leave.
const (
	Stay    Leave = iota
	Visited       // the visit is over: in a closed stream a fresh user takes the place
	Gone          // the user wants no more and is not replaced
	Died          // ended by a failure and not replaced
	Retry         // Start failed: try again at Next.At, up to Type.StartTries times, then it has died
)

// Type is a kind of user.
type Type struct {
	Name       string
	New        func(number int) User
	StartTries int       // how often Start may be tried; zero means 1
	DropKey    stats.Key // under which arrivals that found no user are counted
}

// Stream is a part of the load with a shape of its own. Exactly one of Users and Rate is set.
type Stream struct {
	Users  pace.Shape      // closed: how many users
	Rate   pace.Shape      // open: arrivals per second
	Visits bool            // open: each arrival is a new user that leaves after its visit
	Pick   func(k int) int // which type user or arrival number k is: an index of Config.Types
	After  time.Duration   // the shape begins so long after the start of the run
	Most   int             // closed: users there can be; zero means any number
}

// Config is a run as the engine sees it.
type Config struct {
	Run     string
	Worker  int
	Start   time.Time // run time counts from here; must hold a monotonic reading
	Types   []Type
	Streams []Stream
	Share   pace.Share

	Poisson     bool
	Seed        uint64
	MaxUsers    int           // of all open streams together, over all workers; zero means 10,000
	MaxWaiting  int           // arrivals that may wait for a user, over all workers; zero means 100,000
	Duration    time.Duration // zero means until every shape has ended, or everybody has left
	Limited     bool          // only Iterations tasks may be begun
	Iterations  int64         // of this share; see Limited
	StopTimeout time.Duration // for tasks to end before they are cancelled
	Hold        bool          // a worker among others: it does not end when all its users have left, for more may be given to it
	FirstSecond int           // the first second to report: that in which a worker joins
	Stalled     func()        // with Hold: the process did not run for seconds, and begins nothing until GoOn; called by the clock, must not wait
	Dry         func()        // with Hold: all iterations of this share have been begun; must not wait

	Recorder *stats.Recorder
	Probe    func(*stats.Snapshot) // adds the generator's health to the gauges of a second whose rows are there; may be nil
	Emit     func(*stats.Snapshot) // gets each snapshot, from one goroutine; it owns it
	Virtual  bool                  // wait with timers of package time, for tests in virtual time
	Values   context.Context       // whose values the contexts of users have; nil for none
}

// Summary is how a run ended.
type Summary struct {
	Reason  string
	Elapsed time.Duration // to the end of the last task
	LoadEnd time.Duration // run time from which nothing more was asked for: Elapsed where a number of iterations was to be done
	Stuck   int           // users whose tasks ignored their cancelled context
}

// Engine runs one Config once.
type Engine struct {
	cfg     Config
	base    context.Context // of all tasks, from the first moment: a change may come before Run; cancelled by the second step of stopping
	cancel  context.CancelFunc
	clock   *clock
	pool    *pool
	streams []*stream

	processors int // that run Go code

	mu                   sync.Mutex // guards the streams' users, free lists and queues
	share                pace.Share // of the load; see reshare.go
	orders               []Order    // that have not taken hold yet, in order
	allUsers, allWaiting int        // what cfg.MaxUsers and cfg.MaxWaiting are a part of
	live                 int        // users that exist: starting, running, waiting or stopping
	open                 int        // of those, users of open streams
	stopping             bool
	idle                 int             // users of open streams that wait for an arrival
	retiring             int             // users of open streams that leave to make room for those of another type
	arrived              []time.Duration // of the first random arrivals
	fates                                // of all arrivals

	shareNow atomic.Pointer[pace.Share] // share, for those who do not hold mu

	allowance
	users    atomic.Int64 // whose Start was called, and that have not left
	peak     atomic.Int64 // the most of them since the last second
	tasks    atomic.Int64 // begun by users of closed streams: planned as they are sent
	sent     atomic.Int64 // arrivals whose task was begun
	failedOn atomic.Int64 // Start failures
	started  atomic.Int64
	died     atomic.Int64
	blocked  atomic.Int64 // ns arrivals waited for a user, since the last second

	stopOnce sync.Once
	stopWhy  string
	stopCh   chan struct{} // closed: first step
	halted   atomic.Bool   // stopCh is closed, or about to be
	hardOnce sync.Once
	hardCh   chan struct{} // closed: second step
	seq      uint64
}

// New checks a Config and prepares its run. Nothing is started.
func New(cfg Config) (*Engine, error) {
	if len(cfg.Types) == 0 || len(cfg.Streams) == 0 {
		return nil, errors.New("engine: no user types to run")
	}
	if cfg.Share.N <= 0 {
		cfg.Share = pace.Share{I: 0, N: 1}
	}
	if cfg.MaxUsers <= 0 {
		cfg.MaxUsers = 10_000
	}
	if cfg.MaxWaiting <= 0 {
		cfg.MaxWaiting = 100_000
	}
	cfg.Streams = slices.Clone(cfg.Streams)
	e := &Engine{
		cfg: cfg, processors: runtime.GOMAXPROCS(0), stopCh: make(chan struct{}), hardCh: make(chan struct{}),
		allUsers: cfg.MaxUsers, allWaiting: cfg.MaxWaiting,
	}
	e.takeShare(cfg.Share)
	e.limit.Store(cfg.Iterations)
	if cfg.Values == nil {
		cfg.Values = context.Background()
	}
	e.base, e.cancel = context.WithCancel(context.WithoutCancel(cfg.Values))
	e.clock = newClock(e)
	e.pool = newPool(e)
	number := 0
	for i := range cfg.Streams {
		s := newStream(e, &e.cfg.Streams[i], number)
		e.streams = append(e.streams, s)
		number = s.numbersEnd()
	}
	return e, nil
}

// Share is the part of the load that is this engine's now.
func (e *Engine) Share() pace.Share { return *e.shareNow.Load() }

// Now is the run time in nanoseconds.
func (e *Engine) Now() int64 { return int64(time.Since(e.cfg.Start)) }

// Stop begins the first step of stopping. The first reason given is kept. It returns at once.
func (e *Engine) Stop(reason string) { e.stopAt(reason, e.Now()) }

// stopAt is Stop at a run time.
func (e *Engine) stopAt(reason string, at int64) {
	e.stopOnce.Do(func() {
		e.stopWhy = reason
		e.clock.endPlan(at)
		e.halted.Store(true)
		close(e.stopCh)
	})
}

// Cancel begins both steps of stopping. It returns at once.
func (e *Engine) Cancel(reason string) {
	e.Stop(reason)
	e.hardOnce.Do(func() { close(e.hardCh) })
}

// Stopping is closed when the run has begun to stop.
func (e *Engine) Stopping() <-chan struct{} { return e.stopCh }

// Cancelled reports whether tasks have been cancelled: a request that ends now was in flight at the end of the run.
func (e *Engine) Cancelled() bool { return e.base.Err() != nil }

// Run runs until the plan ends or Stop is called. The load may be changed, paused and stopped before it is called.
func (e *Engine) Run() (Summary, error) {
	defer e.cancel()
	if err := e.clock.open(); err != nil {
		return Summary{}, err
	}
	var seconds sync.WaitGroup
	secondsEnd := make(chan struct{})
	seconds.Go(func() { e.emitSeconds(secondsEnd) })
	clockEnd := make(chan struct{})
	go func() { defer close(clockEnd); e.clock.run() }()

	<-e.stopCh
	e.clock.close()
	<-clockEnd
	stuck := e.shutdown()
	elapsed := time.Duration(e.Now())
	close(secondsEnd)
	seconds.Wait()
	return Summary{Reason: e.stopWhy, Elapsed: elapsed, LoadEnd: min(elapsed, e.loadEnd(elapsed)), Stuck: stuck}, nil
}
