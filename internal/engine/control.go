package engine

import (
	"errors"
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
)

// ErrModel means that a change does not fit the model of the run: users of an open one, the rate of a closed one.
var ErrModel = errors.New("the run has no such load to change")

// ErrOver means that a change came when the run had begun to stop.
var ErrOver = errors.New("the run is coming to its end, and nothing more starts")

// SetUsers changes the number of users (over all workers and closed streams) to n, at spawnRate users a second, 0 meaning at once. The first
// closed stream takes the change, in place of the rest of its shape; the others keep theirs.
func (e *Engine) SetUsers(n int, spawnRate float64) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.isStopping() {
		return ErrOver
	}
	return e.setUsers(e.clock.planTime(), n, spawnRate)
}

// setUsers is SetUsers at a plan time. mu is held.
func (e *Engine) setUsers(now int64, n int, spawnRate float64) error {
	for _, s := range e.streams {
		if s.open() {
			continue
		}
		others := 0
		for _, o := range e.streams {
			if o != s && !o.open() {
				others += o.caughtUp(now)
			}
		}
		switch want := n - others; {
		case want < 0:
			return fmt.Errorf("other user types have a load of their own, and %d users by now: ask for so many at least", others)
		case s.spec.Most > 0 && want > s.spec.Most:
			return fmt.Errorf("the fixed counts of the user types add up to %d: give a user type a weight", s.spec.Most+others)
		}
		shape := pace.Toward(s.caughtUp(now), n-others, spawnRate)
		s.steered = true
		s.spec.After = time.Duration(now)
		s.setLevels(pace.NewLevels(shape, 0))
		e.clock.kick()
		return nil
	}
	return ErrModel
}

// SetRate changes the arrivals per second (over all workers and open streams). The first open stream takes the change, in place of the rest of
// its shape; the others keep theirs. Arrivals go on being numbered where they were.
func (e *Engine) SetRate(perSecond float64) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.isStopping() {
		return ErrOver
	}
	now := e.clock.planTime()
	for _, s := range e.streams {
		if s.open() {
			s.catchUp(now) // what was due just now has come
		}
	}
	return e.setRate(now+1, perSecond)
}

// setRate changes the rate from a plan time on, up to which everything has been fired. mu is held.
func (e *Engine) setRate(from int64, perSecond float64) error {
	for _, s := range e.streams {
		if !s.open() {
			continue
		}
		others := 0.0
		for _, o := range e.streams {
			if o != s && o.open() && time.Duration(from) > o.spec.After {
				others += o.arrivals.Shape().Level(time.Duration(from) - 1 - o.spec.After)
			}
		}
		if perSecond < others {
			return fmt.Errorf("other user types have a load of their own, %v/s by now: ask for so much at least", pace.Constant(others))
		}
		s.steered, s.over = true, false
		s.arrivals.Switch(max(0, time.Duration(from)-s.spec.After), pace.Constant(perSecond-others))
		e.clock.kick()
		return nil
	}
	return ErrModel
}

// Rate is how many arrivals a second the plan wants now, over all workers and open streams; 0 when there are none.
func (e *Engine) Rate() float64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	now, sum := time.Duration(e.clock.planTime()), 0.0
	for _, s := range e.streams {
		if s.open() && now >= s.spec.After {
			sum += s.arrivals.Shape().Level(now - s.spec.After)
		}
	}
	return sum
}

// Pause stands the plan still: no task, user or arrival starts. Tasks in progress go on. It says since when, in run time, and reports false
// when the plan already stood, or the run has begun to stop.
func (e *Engine) Pause() (at time.Duration, ok bool) {
	if e.isStopping() {
		return 0, false
	}
	since, ok := e.clock.pause()
	return time.Duration(since), ok
}

// Resume goes on where Pause stopped. It says when that was, in run time, and how long ago. It reports false when nothing stood still, or the
// run has begun to stop.
func (e *Engine) Resume() (at, by time.Duration, ok bool) {
	if e.isStopping() {
		return 0, 0, false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	since, gap, stood := e.clock.resume()
	for _, s := range e.streams {
		s.delay(gap)
	}
	return time.Duration(since), time.Duration(gap), stood
}

// Stood is how long the run has been paused so far, but for a pause that goes on.
func (e *Engine) Stood() time.Duration { return time.Duration(e.clock.stood.Load()) }

// IsStopping reports whether the run has begun to stop.
func (e *Engine) IsStopping() bool { return e.isStopping() }

// Paused reports whether the plan stands still.
func (e *Engine) Paused() bool {
	e.clock.mu.Lock()
	defer e.clock.mu.Unlock()
	return e.clock.paused
}
