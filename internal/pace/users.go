package pace

import (
	"math"
	"time"
)

// Target is the whole number of users wanted at t: the level rounded up, taken from the right, so that a ramp wants its first user at
// its start.
func Target(s Shape, t time.Duration) int {
	t = max(0, t)
	return s.curve().at(t).target(t)
}

// Closed is the closed model: users, spawnRate more each second from 0 on, evenly; a spawn rate of 0 (or less, or not a number) starts
// all at once. It has no end.
func Closed(users int, spawnRate float64) Shape {
	return Toward(0, users, spawnRate)
}

// Toward goes from one number of users to another at spawnRate a second, up or down, and stays there without an end. It is for live
// changes; a spawn rate of 0 (or less, or not a number) changes at once.
func Toward(fromUsers, toUsers int, spawnRate float64) Shape {
	from, to := min(max(0, float64(fromUsers)), MaxLevel), min(max(0, float64(toUsers)), MaxLevel)
	seconds := math.Abs(to-from) / spawnRate
	if !(spawnRate > 0) || seconds < 1e-9 || math.IsInf(spawnRate, 0) {
		return Constant(to)
	}
	over := MaxTime
	if seconds < MaxTime.Seconds() {
		over = max(1, time.Duration(math.Round(seconds*1e9)))
	}
	points := []Point{{0, from}, {over, to}}
	c := curveOf(points, func(bool) string { return stagesText(points) + " then " + number(to) })
	c.ends, c.end, c.bind = false, 0, bindThen
	c.phases = append(c.phases, Phase{Name: PhaseSteady, From: over})
	return c
}

// Levels walks the changes of the number of users wanted by a shape. It never allocates; one goroutine uses it.
type Levels struct {
	c       *curve
	at      time.Duration
	started bool
	done    bool
}

// NewLevels starts at from.
func NewLevels(s Shape, from time.Duration) *Levels {
	return &Levels{c: s.curve(), at: max(0, from)}
}

// Next is the next change: from at on, target users are wanted, over all workers; each takes Share.Count of it. The first call gives
// the target at the start, even when it is 0. A jump is one change. It is false when nothing will change any more.
//
// A ramp of 10 users a second changes each 100 ms, by one, first at its start; so does a ramp-down.
func (l *Levels) Next() (at time.Duration, target int, ok bool) {
	if l.done {
		return 0, 0, false
	}
	if l.started {
		if l.at, ok = l.c.Next(l.at); !ok {
			l.done = true
			return 0, 0, false
		}
	}
	l.started = true
	return l.at, l.c.at(l.at).target(l.at), true
}
