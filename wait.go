package stampede

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
)

// Wait is the pause of a user between two tasks. The zero value is no pause.
type Wait struct {
	kind waitKind
	a, b time.Duration
	fn   func(*rand.Rand) time.Duration
}

type waitKind uint8

const (
	waitNone waitKind = iota
	waitConstant
	waitBetween
	waitPacing
	waitFunc
)

// Constant waits d after each task.
func Constant(d time.Duration) Wait { return Wait{kind: waitConstant, a: d} }

// Between waits a random time from low to high after each task, each as likely as the other. Both ends included.
func Between(low, high time.Duration) Wait { return Wait{kind: waitBetween, a: low, b: high} }

// Pacing starts a task each period, whatever the task takes. The cadence is kept: a task that overran makes the next ones start at once
// until the user has caught up, and their response time counts from when they were due. Each user has a phase of its own, so that 100
// users paced at 1 s start one task each 10 ms and not 100 together.
func Pacing(period time.Duration) Wait { return Wait{kind: waitPacing, a: period} }

// Throughput paces each user at so many tasks a second: Throughput(0.5) is Pacing(2 s).
func Throughput(perSecond float64) Wait {
	if perSecond <= 0 {
		return Wait{kind: waitPacing, a: -1}
	}
	return Pacing(time.Duration(float64(time.Second) / perSecond))
}

// WaitFunc waits as long as f says. f gets the user's own random source and is called by one goroutine at a time for each user.
func WaitFunc(f func(*rand.Rand) time.Duration) Wait { return Wait{kind: waitFunc, fn: f} }

// paced reports whether the wait decides when tasks start, and not how long after the last one.
func (w Wait) paced() bool { return w.kind == waitPacing }

func (w Wait) check() error {
	switch {
	case w.kind == waitPacing && w.a <= 0:
		return fmt.Errorf("wait: pacing and throughput need a period above zero")
	case w.a < 0 || w.b < 0:
		return fmt.Errorf("wait: a pause cannot be negative")
	case w.kind == waitBetween && w.b < w.a:
		return fmt.Errorf("wait: between %v and %v: the second must not be below the first", w.a, w.b)
	case w.kind == waitFunc && w.fn == nil:
		return fmt.Errorf("wait: WaitFunc needs a function")
	}
	return nil
}

// first is when a user that started at now does its first task, in ns; 0 means at once.
func (w Wait) first(now int64, number int) int64 {
	if w.kind != waitPacing {
		return 0
	}
	return now + int64(pace.Spread(number, w.a))
}

// next is when the following task is due. due is when the last one was (0 if nothing planned it), now is its end.
func (w Wait) next(r *rand.Rand, due, now int64) int64 {
	switch w.kind {
	case waitConstant:
		if w.a == 0 {
			return 0
		}
		return now + int64(w.a)
	case waitBetween:
		if w.b == 0 {
			return 0
		}
		return now + int64(w.a) + r.Int64N(int64(w.b-w.a)+1)
	case waitPacing:
		if due == 0 {
			due = now
		}
		return due + int64(w.a)
	case waitFunc:
		if d := w.fn(r); d > 0 {
			return now + int64(d)
		}
	}
	return 0
}
