package engine

import (
	"context"
	"sync/atomic"
	"time"
)

// slot is the place of one user in the engine.
type slot struct {
	user   User
	light  Light // the same, when it can do without a goroutine; nil when not
	stream *stream
	ctx    context.Context
	cancel context.CancelFunc
	place  int32 // index in a closed stream's users, -1 in an open one
	typ    int32

	// Guarded by clock.mu.
	turn      uint32
	parked    bool
	unplanned bool // parked by a pause, before something that nothing had planned

	// Guarded by Engine.mu.
	spawning bool // in its first task, of an open stream
	retired  bool // on its way out of an open stream, to make room, or as it is a stranger
	stranger bool // its number is another worker's now

	// Touched only by whoever runs the user.
	intended int64
	tries    int32
	carries  bool // an arrival that it is to begin, also when the run stops meanwhile
	excused  bool // its Start asked the run to stop
	ending   bool // its Stop was called
	dry      bool // it was to begin something, and no iteration was left
	entered  bool // Start was called
	started  bool // Start succeeded
	leaving  atomic.Bool
	owed     *Next // what a task wants that ended where nobody may wait
}

// retryPause is the least time between two tries of a user's Start: a site that is down must not be asked in a loop.
const retryPause = time.Second

// stopGrace is how long a user's Stop may take.
const stopGrace = 10 * time.Second

// serve runs the user until it waits or leaves. It runs on a pooled goroutine, and stays on the stack while the user's requests are under
// way: what it calls for anything else is done and gone by then.
func (e *Engine) serve(s *slot) {
	if next := s.owed; next != nil {
		if s.owed = nil; !e.goesOn(s, *next) {
			return
		}
	}
	for {
		if s.dry {
			if s.dry = false; e.awaitsMore(s) {
				return
			}
		}
		if e.standsStill(s) {
			return
		}
		intended := s.intended
		s.intended = 0
		var next Next
		switch {
		case s.started:
			if !e.begins(s) {
				if s.dry {
					s.intended = intended
					continue
				}
				e.leave(s, Gone)
				return
			}
			if next = e.iterate(s, intended); next.Later {
				return
			}
		case e.ends(s):
			e.leave(s, Gone)
			return
		default:
			next = e.start(s, intended)
			if s.started && (next.At == 0 || s.stream.iterations()) {
				continue // with a task that is timed from the arrival, by the first request the user makes
			}
		}
		if !e.goesOn(s, next) {
			return
		}
	}
}

// standsStill keeps a user that is about to begin something while the run is paused. It reports false when it may go on, or has to leave.
func (e *Engine) standsStill(s *slot) bool {
	if !e.clock.stands.Load() || s.leaving.Load() || e.isStopping() || !e.clock.hold(s) {
		return false
	}
	// Stop may have looked for waiting users just before this one became one.
	return !(s.leaving.Load() || e.isStopping()) || !e.clock.unpark(s)
}

// start runs Start.
func (e *Engine) start(s *slot, intended int64) Next {
	if !s.entered {
		s.entered = true
		raise(&e.peak, e.users.Add(1))
	}
	next := s.user.Start(s.ctx, intended)
	if next.Leave == Stay {
		s.started = true
		e.started.Add(1)
	}
	return next
}

// begins counts a task that is about to begin. It reports false when the user has to leave: nothing may begin, or no iterations are left; or, when
// there may be more, that it is dry.
func (e *Engine) begins(s *slot) bool {
	if e.ends(s) {
		return false
	}
	if !e.claim() {
		if s.carries {
			e.takeBack(s, true)
		}
		s.dry = e.cfg.Hold && !s.stream.visits()
		return false
	}
	switch {
	case s.carries:
		s.carries = false
		e.sent.Add(1)
	case !s.stream.open():
		e.tasks.Add(1)
	}
	return true
}

// raise makes to at least n.
func raise(to *atomic.Int64, n int64) {
	for {
		if old := to.Load(); n <= old || to.CompareAndSwap(old, n) {
			return
		}
	}
}

// ends reports whether the user is to go instead of doing its next task.
func (e *Engine) ends(s *slot) bool {
	return s.leaving.Load() || !s.carries && e.isStopping()
}

// goesOn does what the user wants next. It reports false when the slot is no longer the caller's: the user waits or has left.
func (e *Engine) goesOn(s *slot, next Next) bool {
	if e.dry() {
		raise(&e.rest, e.Now())
	}
	if next.StopRun != "" {
		s.excused = true
		e.Stop(next.StopRun)
	}
	switch next.Leave {
	case Stay:
	case Retry:
		return e.retry(s, next)
	default:
		e.leave(s, next.Leave)
		return false
	}
	if s.stream.iterations() {
		return s.stream.release(s)
	}
	s.intended = next.At
	if next.At == 0 || e.waits(s, next.At) {
		return next.At == 0
	}
	// The user was busy past the time of its next task: that waited for it.
	e.blocked.Add(max(0, e.Now()-next.At))
	return true
}

// waits parks the user until at. It reports false when that is too near to be worth it, and the caller goes on.
func (e *Engine) waits(s *slot, at int64) bool {
	if at <= e.Now() || s.leaving.Load() || e.isStopping() {
		return false
	}
	e.clock.park(s, at)
	// Stop may have looked for waiting users just before this one was parked.
	if (s.leaving.Load() || e.isStopping()) && e.clock.unpark(s) {
		return false
	}
	return true
}

// retry lets a user whose Start failed try again. It reports false when the user is parked or has left.
func (e *Engine) retry(s *slot, next Next) bool {
	e.failedOn.Add(1)
	s.tries++
	if int(s.tries) >= max(1, e.cfg.Types[s.typ].StartTries) {
		e.leave(s, Died)
		return false
	}
	if e.isStopping() {
		e.leave(s, Gone)
		return false
	}
	at := max(next.At, e.Now()+int64(retryPause))
	s.intended = at
	return !e.waits(s, at)
}

// leave ends the user: its Stop, its place, its replacement.
func (e *Engine) leave(s *slot, how Leave) {
	s.ending = true
	if how == Died {
		e.died.Add(1)
	}
	switch {
	case !s.carries:
	case s.started:
		e.takeBack(s, e.spent())
	default:
		e.leavesUnstarted(s, s.excused)
	}
	if s.entered {
		e.users.Add(-1)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), stopGrace)
		defer cancel()
		s.user.Stop(ctx, s.started)
	}
	e.left(s, how)
}

// left gives up the place of a user that has ended.
func (e *Engine) left(s *slot, how Leave) {
	s.cancel()
	s.stream.gone(s, how)
}

// removeExited ends a user whose code has ended the goroutine that ran it.
func (e *Engine) removeExited(s *slot) {
	s.user.Exited()
	if s.ending {
		e.left(s, Died)
		return
	}
	if !s.started {
		e.failedOn.Add(1)
	}
	e.leave(s, Died)
}

func (e *Engine) isStopping() bool { return e.halted.Load() }
