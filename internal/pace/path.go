package pace

import (
	"sort"
	"time"
)

// path is a finite list of pieces, the last one open-ended.
type path []piece

func (p path) at(t time.Duration) piece {
	if len(p) == 1 {
		return p[0]
	}
	return p[sort.Search(len(p)-1, func(i int) bool { return t < p[i].to })]
}

func (p path) find(n float64) (piece, bool) {
	i := sort.Search(len(p), func(i int) bool { return p[i].reaches(n) })
	if i == len(p) {
		return piece{}, false
	}
	return p[i], true
}

// Point is a level at a time.
type Point struct {
	At    time.Duration
	Level float64
}

// pathOf joins points by straight lines; two at one time are a jump. Before the first point and after the last the level stays.
// Points are in order of time, at least one.
func pathOf(points []Point) path {
	var p path
	var n0, lost float64 // the running count and what its additions lost (Kahan)
	add := func(from, to time.Duration, r0, r1 float64) {
		if from == to {
			return
		}
		next := between(from, to, r0, r1, n0)
		p = append(p, next)
		if to == forever {
			return
		}
		y := (r0+r1)/2*(to-from).Seconds() - lost
		sum := n0 + y
		lost = (sum - n0) - y
		n0 = sum
	}
	last := Point{Level: points[0].Level}
	for _, q := range points {
		add(last.At, q.At, last.Level, q.Level)
		last = q
	}
	add(last.At, forever, last.Level, last.Level)
	return p
}

// curveOf makes the shape of a list of points, in order of time and at least one. Its phases follow from the slopes.
func curveOf(points []Point, write func(inline bool) string) *curve {
	c := &curve{line: pathOf(points), ends: true, end: points[len(points)-1].At, write: write, bind: bindName}
	for _, q := range points {
		c.max = max(c.max, q.Level)
	}
	c.phases = slopes(points)
	return c
}

// slopes names the stretches between points. Stretches of one name are joined unless the level jumps between them.
func slopes(points []Point) []Phase {
	var phases []Phase
	last, jumped := Point{Level: points[0].Level}, true
	for _, q := range points {
		if q.At == last.At {
			jumped = jumped || q.Level != last.Level
			last = q
			continue
		}
		p := Phase{Name: PhaseSteady, From: last.At, To: q.At}
		switch {
		case q.Level > last.Level:
			p.Name = PhaseRamp
		case q.Level < last.Level:
			p.Name = PhaseRampDown
		}
		if n := len(phases); jumped || phases[n-1].Name != p.Name {
			phases = append(phases, p)
		} else {
			phases[n-1].To = p.To
		}
		last, jumped = q, false
	}
	return phases
}
