package monitor

import (
	"math"
	"time"
)

// Limits of what is kept of one server.
const (
	MaxSeries = 500    // further ones are counted and told
	maxPoints = 21_600 // of a series: six hours of seconds; older ones are thinned to every second one then
)

// track makes a series of readings: rates of counters, gaps where something is missing.
type track struct {
	series  Series
	counter bool
	last    float64   // of a counter
	when    time.Time // of last
	primed  bool
	step    int // every step-th point is kept
	skipped int
}

// tracks is all series of one server.
type tracks struct {
	byName map[string]*track
	order  []*track
	more   int // series beyond MaxSeries
}

// add takes one reading, at a moment of the run. now is when it was asked for on this machine's clock, for servers that do not say.
func (t *tracks) add(r Reading, at time.Duration, now time.Time) {
	when := r.Time
	if when.IsZero() {
		when = now
	}
	for i := range r.Values {
		v := &r.Values[i]
		one := t.byName[v.Name]
		if v.Name == AnswerTime {
			continue // ours: the server's own would stand in its place
		}
		if one == nil {
			if len(t.order) >= MaxSeries {
				t.more++
				continue
			}
			one = &track{series: Series{Name: v.Name, Unit: v.Unit, Help: v.Help, Follows: v.Follows, Ceiling: v.Ceiling, Sign: v.Sign}, counter: v.Counter, step: 1}
			if v.Counter && v.Scale == 0 {
				one.series.Unit += "/s"
			}
			t.byName[v.Name] = one
			t.order = append(t.order, one)
		}
		one.add(v, at, when)
	}
}

// add takes one value.
func (t *track) add(v *Value, at time.Duration, when time.Time) {
	if v.Limit > t.series.Limit && !math.IsInf(v.Limit, 0) {
		t.series.Limit = v.Limit
	}
	if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
		t.primed = false
		return
	}
	if !t.counter {
		t.keep(Point{at, v.Value})
		return
	}
	before, begun := t.last, t.when
	known := t.primed
	t.last, t.when, t.primed = v.Value, when, true
	span := when.Sub(begun).Seconds()
	if !known || span <= 0 {
		return
	}
	grown := v.Value - before
	if grown < 0 {
		return // it was reset: what came in between is not known
	}
	scale := v.Scale
	if scale == 0 {
		scale = 1
	}
	t.keep(Point{at, grown / span * scale})
}

// keep appends a point; when there are too many, every second one goes, and from then on every second one is kept.
func (t *track) keep(p Point) {
	if t.skipped++; t.skipped < t.step {
		return
	}
	t.skipped = 0
	t.series.Points = append(t.series.Points, p)
	if len(t.series.Points) < maxPoints {
		return
	}
	kept := t.series.Points[:0]
	for i := 1; i < len(t.series.Points); i += 2 {
		kept = append(kept, t.series.Points[i])
	}
	t.series.Points = kept
	t.step *= 2
}
