package engine

import (
	"errors"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
)

// ErrModel means that a change does not fit the model of the run: users of an open one, the rate of a closed one.
var ErrModel = errors.New("the run has no such load to change")

// SetUsers changes the number of users (over all workers) of the first closed stream to n, at spawnRate users a second, 0 meaning at once.
// It replaces the rest of the stream's shape.
func (e *Engine) SetUsers(n int, spawnRate float64) error {
	now := e.clock.planTime()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.streams {
		if s.open() {
			continue
		}
		shape := pace.Toward(s.global, n, spawnRate)
		s.spec.After = time.Duration(now)
		s.setLevels(pace.NewLevels(shape, 0))
		e.clock.kick()
		return nil
	}
	return ErrModel
}

// SetRate changes the arrivals per second (over all workers) of the first open stream. It replaces the rest of its shape; arrivals go on
// being numbered where they were.
func (e *Engine) SetRate(perSecond float64) error {
	now := e.clock.planTime()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.streams {
		if !s.open() {
			continue
		}
		for s.fireArrivals(now) <= now { // what was due before the change comes as it was planned
		}
		from := max(0, time.Duration(now)-s.spec.After)
		s.setRate(pace.Switch(s.rate, from, pace.Constant(perSecond)), from)
		e.clock.kick()
		return nil
	}
	return ErrModel
}

// Pause stands the plan still: no task, user or arrival starts. Tasks in progress go on. It reports false when it already stood.
func (e *Engine) Pause() bool { return e.clock.pause() }

// Resume goes on where Pause stopped.
func (e *Engine) Resume() bool { return e.clock.resume() }

// IsStopping reports whether the run has begun to stop.
func (e *Engine) IsStopping() bool { return e.isStopping() }

// Paused reports whether the plan stands still.
func (e *Engine) Paused() bool {
	e.clock.mu.Lock()
	defer e.clock.mu.Unlock()
	return e.clock.paused
}
