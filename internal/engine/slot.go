package engine

import (
	"context"
	"sync/atomic"
	"time"
)

// slot is the place of one user in the engine.
type slot struct {
	user   User
	stream *stream
	ctx    context.Context
	cancel context.CancelFunc
	place  int32 // index in a closed stream's users, -1 in an open one
	typ    int32

	// Guarded by clock.mu.
	turn   uint32
	parked bool

	// Touched only by whoever runs the user.
	intended int64
	tries    int32
	carries  bool // an arrival that was counted as sent: it is done even when the run stops
	entered  bool // Start was called
	started  bool // Start succeeded
	leaving  atomic.Bool
}

// retryPause is the least time between two tries of a user's Start: a site that is down must not be asked in a loop.
const retryPause = time.Second

// stopGrace is how long a user's Stop may take.
const stopGrace = 10 * time.Second

// serve runs the user until it waits or leaves. It runs on a hand of the crew.
func (e *Engine) serve(s *slot) {
	for {
		if s.ends() {
			e.leave(s, Gone)
			return
		}
		next, ok := e.step(s)
		if !ok {
			return
		}
		if next.StopRun != "" {
			e.Stop(next.StopRun)
		}
		switch next.Leave {
		case Stay:
		case Retry:
			if !e.retry(s, next) {
				return
			}
			continue
		default:
			e.leave(s, next.Leave)
			return
		}
		if s.stream.iterations() {
			if !s.stream.release(s) {
				return
			}
			continue
		}
		s.intended = next.At
		if next.At > 0 && e.waits(s, next.At) {
			return
		}
	}
}

// step runs Start or one task. It reports false when the user left because no iterations are left.
func (e *Engine) step(s *slot) (Next, bool) {
	intended := s.intended
	s.intended = 0
	if !s.started {
		s.entered = true
		next := s.user.Start(s.ctx, intended)
		if next.Leave == Stay {
			s.started = true
			e.users.Add(1)
			e.started.Add(1)
			if next.At == 0 || s.stream.iterations() {
				return e.iterate(s, 0) // timed from the arrival, by the first request the user makes
			}
		}
		return next, true
	}
	return e.iterate(s, intended)
}

func (e *Engine) iterate(s *slot, intended int64) (Next, bool) {
	if s.ends() || !e.claim() {
		e.leave(s, Gone)
		return Next{}, false
	}
	s.carries = false
	if !s.stream.open() {
		e.planned.Add(1)
		e.sent.Add(1)
	}
	return s.user.Iterate(s.ctx, intended), true
}

// ends reports whether the user is to go instead of doing its next task.
func (s *slot) ends() bool {
	return s.leaving.Load() || !s.carries && s.stream.e.isStopping()
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
	if s.started {
		e.users.Add(-1)
	}
	if s.entered {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), stopGrace)
		s.user.Stop(ctx, s.started)
		cancel()
	}
	s.cancel()
	if how == Died {
		e.died.Add(1)
	}
	s.stream.gone(s, how)
}

func (e *Engine) isStopping() bool {
	select {
	case <-e.stopCh:
		return true
	default:
		return false
	}
}
