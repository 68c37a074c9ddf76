package pace

import (
	"errors"
	"fmt"
	"math"
	"sort"
	"time"
)

// wavePieces is how many straight pieces draw one period of a sine. The drawing is nowhere more than a hundred thousandth of its
// height off, and its area is exact.
const wavePieces = 720

// Sine is a wave without an end: at from at the start, at to half a period later, and back.
func Sine(from, to float64, period time.Duration) (Shape, error) {
	if err := errors.Join(CheckLevel(from), CheckLevel(to), checkTime("period", period)); err != nil {
		return nil, err
	}
	if period < time.Millisecond {
		return nil, fmt.Errorf("sine period %v: at least 1ms; write period=1m", period)
	}
	points := make([]Point, 0, wavePieces+1)
	for i := range wavePieces + 1 {
		at := time.Duration(math.Round(float64(period) / wavePieces * float64(i)))
		points = append(points, Point{at, (from+to)/2 + (from-to)/2*math.Cos(2*math.Pi*float64(i)/wavePieces)})
	}
	points[0].Level, points[wavePieces/2].Level, points[wavePieces] = from, to, Point{period, from}
	p := pathOf(points)
	p = p[:len(p)-1] // without the open end
	return &curve{
		line: &cycle{path: p, period: period, area: p[len(p)-1].count(period)},
		max:  max(from, to), wavy: true, phases: []Phase{{Name: PhaseWave}}, bind: bindName,
		write: func(bool) string {
			return fmt.Sprintf("sine(%s, %s, period=%s)", number(from), number(to), span(period))
		},
	}, nil
}

// cycle is a path repeated for ever.
type cycle struct {
	path   path // without an open end
	period time.Duration
	area   float64 // arrivals in one period
}

func (c *cycle) at(t time.Duration) piece {
	k := t / c.period
	return c.path.at(t-k*c.period).move(k*c.period, float64(k)*c.area)
}

func (c *cycle) find(n float64) (piece, bool) {
	if c.area <= 0 {
		return piece{}, false
	}
	for k := math.Floor(n / c.area); ; k++ { // the second time at the latest: a period holds more than the slack
		if k*float64(c.period) > float64(forever-c.period) {
			return piece{}, false
		}
		moved := func(i int) piece { return c.path[i].move(time.Duration(k)*c.period, k*c.area) }
		i := sort.Search(len(c.path), func(i int) bool { return moved(i).reaches(n) })
		if i < len(c.path) {
			return moved(i), true
		}
	}
}

// move is the piece later and after n more arrivals.
func (p piece) move(later time.Duration, n float64) piece {
	p.from += later
	p.n0 += n
	if p.to != forever {
		p.to += later
	}
	return p
}

// cut is the part of the piece in [from, to).
func (p piece) cut(from, to time.Duration) piece {
	if from > p.from {
		p.n0, p.r0, p.from = p.count(from), p.level(from), from
	}
	p.to = min(p.to, to)
	return p
}

// Func is any function of time, over so long, after which it stays at its last level. f is called here and now, at even steps (each
// 100 ms in runs up to some hours), and the samples are joined by straight lines; so f may be anything and the schedule is still exactly
// divisible. An error names the time at which f was negative, not a number, or too high.
func Func(f func(t time.Duration) float64, over time.Duration) (Shape, error) {
	if f == nil {
		return nil, errors.New("a function of time is missing: give one, such as func(t time.Duration) float64 { return 10 * t.Seconds() }")
	}
	if over <= 0 {
		return nil, fmt.Errorf("a function of time over %v: say how long it lasts", over)
	}
	if err := checkTime("length", over); err != nil {
		return nil, err
	}
	n := min(max(1000, int64(over/(100*time.Millisecond))), 100_000, int64(over))
	points := make([]Point, 0, n+1)
	for i := range n + 1 {
		q := Point{At: time.Duration(float64(over) / float64(n) * float64(i))}
		if i == n {
			q.At = over
		}
		q.Level = f(q.At)
		if err := CheckLevel(q.Level); err != nil {
			return nil, fmt.Errorf("the function at %v: %w", q.At, err)
		}
		if k := len(points); k > 1 && points[k-2].Level == points[k-1].Level && points[k-1].Level == q.Level {
			points[k-1] = q // level stretches need no points between
			continue
		}
		points = append(points, q)
	}
	c := curveOf(points, func(bool) string { return stagesText(points) })
	return c, nil
}
