package monitor

import (
	"math"
	"sync/atomic"
	"time"
)

// Limits of what is kept.
const (
	MaxSeries   = 500       // of one server: further ones are counted and told
	maxPoints   = 21_600    // of a series: six hours of seconds
	leastPoints = 128       // of a series, however many there are
	allPoints   = 1_280_000 // of all servers of a run: 20 MB
)

// budget is how many points all series of a run may have together.
type budget struct{ series atomic.Int64 }

// each is how many points a series may have.
func (b *budget) each() int {
	if b == nil {
		return maxPoints
	}
	return max(leastPoints, min(maxPoints, allPoints/max(1, int(b.series.Load()))))
}

// track makes a series of readings: rates of counters, gaps where something is missing.
type track struct {
	series  Series
	counter bool
	last    float64   // of a counter
	when    time.Time // of last
	primed  bool
	reading int // the last one that had it
	budget  *budget
	width   time.Duration // of the stretches that older points stand for; zero while all are there
}

// tracks is all series of one server.
type tracks struct {
	byName map[string]*track
	order  []*track
	more   int    // series beyond MaxSeries
	n      int    // readings
	twice  string // a series that a reading had more than once; "" for none
	budget *budget
}

// begin makes a track of a series, which counts in the budget.
func (t *tracks) begin(about Series, counter bool) *track {
	if t.budget != nil {
		t.budget.series.Add(1)
	}
	one := &track{series: about, counter: counter, budget: t.budget}
	t.byName[about.Name] = one
	return one
}

// add takes one reading, at a moment of the run. now is when it was asked for on this machine's clock, for servers that do not say.
func (t *tracks) add(r Reading, at time.Duration, now time.Time) {
	when := r.Time
	if when.IsZero() {
		when = now
	}
	t.n++
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
			one = t.begin(Series{Name: v.Name, Unit: v.Unit, Help: v.Help, Follows: v.Follows, Ceiling: v.Ceiling, Sign: v.Sign}, v.Counter)
			if v.Counter && v.Scale == 0 {
				one.series.Unit += "/s"
			}
			t.order = append(t.order, one)
		}
		if one.reading == t.n {
			t.twice = v.Name // two figures under one name would be mixed
			continue
		}
		one.reading = t.n
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

// keep appends a point. When there are too many, the older ones become coarser: one for each stretch of two seconds, then of four, and so on. The latest quarter
// is always there as it was read.
func (t *track) keep(p Point) {
	t.series.Points = append(t.series.Points, p)
	room := t.budget.each()
	n := len(t.series.Points)
	if n < room {
		return
	}
	old, recent := t.series.Points[:n-room/4], t.series.Points[n-room/4:]
	t.width = max(t.width, 2*time.Second)
	for old = sparse(old, t.width); len(old) > room/2; old = sparse(old, t.width) {
		t.width *= 2
	}
	t.series.Points = append(old, recent...)
}

// sparse keeps the first point of each stretch, in place.
func sparse(points []Point, width time.Duration) []Point {
	kept := points[:0]
	for _, p := range points {
		if n := len(kept); n == 0 || kept[n-1].At/width != p.At/width {
			kept = append(kept, p)
		}
	}
	return kept
}
