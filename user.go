package stampede

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stampede-load/stampede/internal/engine"
	"github.com/stampede-load/stampede/internal/wire"
)

// User is one simulated visitor without a protocol of its own: embed it in a struct to test anything that is not HTTP, and report what
// you measure with [User.Record] or [User.Sample]. [HTTPUser] embeds it. A User is made by a run; its zero value does nothing useful.
type User struct {
	run    *run
	typ    *userType
	self   virtualUser
	http   *HTTPUser // nil for a user that has no HTTP
	seat   engine.Seat
	number int

	// intended is when the plan wanted the current task, in ns of run time. The first thing the task measures takes it, so that a task
	// that began late cannot hide it.
	intended atomic.Int64
	due      int64 // when the current task was due

	stack    []cursor
	first    [1]cursor
	visitEnd int64 // ns of run time without its pauses; 0 when the visit has no end
	done     int   // tasks done in this visit

	// What a task seldom touches. Before it and behind it stand whole cache lines.
	rng  rand.PCG
	rand rand.Rand
	gone []func()    // what to hand back when the user stops
	cut  atomic.Bool // the load has fewer users now, and this one's context is cancelled
	runs stage       // what of the test's code is running, for when it ends its goroutine
	_    [3]byte
}

// virtualUser is what a struct becomes by embedding User or HTTPUser.
type virtualUser interface{ core() *User }

func (u *User) core() *User { return u }

// Number is this user's number, from 0, over the whole run and all its workers.
func (u *User) Number() int { return u.number }

// Rand is this user's own random source. It follows from the run's seed and the user's number, so that a run can be repeated. It is not
// safe for use by several goroutines.
func (u *User) Rand() *rand.Rand { return &u.rand }

// Log is this user's logger: each record says which user it was. It writes to Plan.Log (--log) and is silent when there is none.
func (u *User) Log() *slog.Logger {
	switch {
	case u.run == nil:
		return slog.New(slog.DiscardHandler)
	case u.run.log == nil:
		return u.run.silent
	}
	return u.run.log.With("user", u.number, "type", u.typ.name)
}

// Host is where this user's requests without a host go.
func (u *User) Host() string { return u.typ.hostOf(u.run) }

// Pause lets the user wait inside a task, as people do between two clicks. It returns early, with ctx's error, when ctx ends.
func (u *User) Pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// StopRun ends the whole run in an orderly way. reason is shown in the report.
func (u *User) StopRun(reason string) { u.run.stop(reason) }

// Share is which part of the load this process drives. Feeders use it, so that two processes never hand out the same row.
func (u *User) Share() Share { return u.run.share() }

// Cleanup has f called when the user has stopped, after its OnStop: for what a test opens and no task closes.
func (u *User) Cleanup(f func()) { u.gone = append(u.gone, f) }

// takeIntended hands the intended time of the task to the first thing it measures; 0 when nothing was planned or it was taken before.
func (u *User) takeIntended() int64 {
	if u.intended.Load() == 0 {
		return 0
	}
	return u.intended.Swap(0)
}

// HTTPUser is one visitor with cookies and connections of its own: embed it in a struct and give that struct methods. Requests are made
// with Get, Post and their kin; see [Response] for how long an answer may be used.
type HTTPUser struct {
	User
	client *wire.Client
	base   *wire.Target
	last   *call                        // of the task's latest request; owned by whoever set busy
	fields atomic.Pointer[[]wire.Field] // of SetHeader, never changed but replaced; nil without

	// A task may ask for several things side by side.
	busy     atomic.Bool  // a request is using last
	together atomic.Int32 // tasks inside Together
	mu       sync.Mutex   // guards spare, and who replaces fields
	pages    *browsing    // what the user keeps between pages; nil before the first
	spare    *call        // of requests side by side, until the end of the task

	asks *call     // of a task that is a request and nothing else
	loop wire.Loop // on which the last of them ended
}

func (u *HTTPUser) core() *User {
	u.http = u
	return &u.User
}
