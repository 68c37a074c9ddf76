package pace

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Constant is always the same level. A level below 0 or not a number counts as 0, one above MaxLevel as MaxLevel; Parse refuses them.
func Constant(level float64) Shape {
	if math.IsNaN(level) {
		level = 0
	}
	level = min(max(0, level), MaxLevel)
	return &curve{
		line: pathOf([]Point{{Level: level}}), max: level, phases: []Phase{{Name: PhaseSteady}},
		bind: bindName, write: func(bool) string { return number(level) },
	}
}

// Ramp goes straight from one level to another, and ends there.
func Ramp(from, to float64, over time.Duration) (Shape, error) {
	points := []Point{{0, from}, {over, to}}
	if over <= 0 {
		return nil, fmt.Errorf("ramp over %v: it needs some time; write over=30s", over)
	}
	if err := checkPoints(points); err != nil {
		return nil, err
	}
	return curveOf(points, func(bool) string {
		return fmt.Sprintf("ramp(%s, %s, over=%s)", number(from), number(to), span(over))
	}), nil
}

// Stages joins points by straight lines. Two points at one time are a jump; more than two are an error, as is a time that goes back.
// Before the first point the level is that of the first. The last time ends the shape.
func Stages(points ...Point) (Shape, error) {
	if len(points) == 0 {
		return nil, errors.New("an empty list of stages: write time:level, such as 0:0,30s:500,5m:500")
	}
	if err := checkPoints(points); err != nil {
		return nil, err
	}
	if points[len(points)-1].At == 0 {
		return nil, errors.New("the last stage is at time 0, so nothing would run: add one with a later time, such as 5m:500")
	}
	points = append([]Point(nil), points...)
	return curveOf(points, func(bool) string { return stagesText(points) }), nil
}

// checkPoints checks levels, times and their order.
func checkPoints(points []Point) error {
	for i, q := range points {
		if err := checkTime("time", q.At); err != nil {
			return err
		}
		if err := CheckLevel(q.Level); err != nil {
			return err
		}
		if i > 0 && q.At < points[i-1].At {
			return fmt.Errorf("time goes back from %s to %s: stages are in order of time, each counted from the start", span(points[i-1].At), span(q.At))
		}
		if i > 1 && q.At == points[i-2].At {
			return fmt.Errorf("three levels at %s: two make a jump, a third says nothing; leave one out", span(q.At))
		}
	}
	return nil
}

func stagesText(points []Point) string {
	var b strings.Builder
	for i, q := range points {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(span(q.At) + ":" + number(q.Level))
	}
	return b.String()
}

// maxSteps bounds the number of steps of a staircase and of rows of a recording.
const maxSteps = 1 << 20

// Steps is a staircase from one level to another, up or down: each level is held for every, then comes the next, by higher or lower;
// the last is to, even where by does not divide the way. It ends when to was held.
func Steps(from, to, by float64, every time.Duration) (Shape, error) {
	if err := errors.Join(CheckLevel(from), CheckLevel(to)); err != nil {
		return nil, err
	}
	if !(by > 0) || math.IsInf(by, 0) {
		return nil, fmt.Errorf("steps by %s: a step is a number above 0, up or down follows from the two levels", number(by))
	}
	if every <= 0 {
		return nil, fmt.Errorf("steps every %v: a step needs some time; write every=30s", every)
	}
	count := math.Ceil(math.Abs(to-from)/by - 1e-9)
	if count >= maxSteps || float64(every)*(count+1) > float64(MaxTime) {
		return nil, fmt.Errorf("%s steps of %v: that is too many or too long (at most %d, and %v); take larger steps", number(count+1), every, maxSteps, MaxTime)
	}
	levels := make([]float64, 0, int(count)+1)
	for i := range int(count) {
		levels = append(levels, from+math.Copysign(by, to-from)*float64(i))
	}
	levels = append(levels, to)
	c := curveOf(held(levels, every), func(bool) string {
		return fmt.Sprintf("steps(%s, %s, by=%s, every=%s)", number(from), number(to), number(by), span(every))
	})
	c.phases = nil
	for i, level := range levels {
		at := every * time.Duration(i)
		c.phases = append(c.phases, Phase{Name: "step " + number(level), From: at, To: at + every})
	}
	return c, nil
}

// held is each level for one stretch.
func held(levels []float64, every time.Duration) []Point {
	points := make([]Point, 0, 2*len(levels))
	for i, level := range levels {
		at := every * time.Duration(i)
		points = append(points, Point{at, level}, Point{at + every, level})
	}
	return points
}

// Spike is a level that rises to a high one at a time, in rise, stays there for a while, comes back as fast and stays for after.
// Rise and after may be 0.
type Spike struct {
	From, To float64
	At       time.Duration // when the rise begins
	Rise     time.Duration // how long the way up takes, and the way back
	For      time.Duration // how long it stays
	After    time.Duration // how long the shape goes on at From, to see the site recover
}

// Shape is the spike as a shape.
func (s Spike) Shape() (Shape, error) {
	for _, part := range []struct {
		name string
		d    time.Duration
	}{{"at", s.At}, {"rise", s.Rise}, {"for", s.For}, {"after", s.After}} {
		if err := checkTime(part.name, part.d); err != nil {
			return nil, err
		}
	}
	up, down := s.At+s.Rise, s.At+s.Rise+s.For
	points := []Point{{0, s.From}, {s.At, s.From}, {up, s.To}, {down, s.To}, {down + s.Rise, s.From}, {down + s.Rise + s.After, s.From}}
	if s.Rise+s.For == 0 {
		return nil, errors.New("a spike that lasts no time: write for=10s")
	}
	for _, q := range points {
		if err := errors.Join(checkTime("time", q.At), CheckLevel(q.Level)); err != nil {
			return nil, err
		}
	}
	c := curveOf(points, func(bool) string { return s.text() })
	c.phases = nil
	for _, p := range []Phase{{PhaseSteady, 0, s.At}, {PhaseSpike, s.At, down + s.Rise}, {PhaseSteady, down + s.Rise, down + s.Rise + s.After}} {
		if p.To > p.From {
			c.phases = append(c.phases, p)
		}
	}
	return c, nil
}

func (s Spike) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "spike(%s, %s, at=%s, for=%s", number(s.From), number(s.To), span(s.At), span(s.For))
	if s.Rise != 0 {
		fmt.Fprintf(&b, ", rise=%s", span(s.Rise))
	}
	if s.After != s.At {
		fmt.Fprintf(&b, ", after=%s", span(s.After))
	}
	return b.String() + ")"
}

// Rates holds each level for one stretch of the same length, and ends after the last.
func Rates(every time.Duration, levels ...float64) (Shape, error) {
	switch {
	case len(levels) == 0:
		return nil, errors.New("rates without a level: write some, such as rates(8, 5.5, 12, every=1s)")
	case every <= 0:
		return nil, fmt.Errorf("rates every %v: each level needs some time; write every=1s", every)
	case len(levels) > maxSteps || float64(every)*float64(len(levels)) > float64(MaxTime):
		return nil, fmt.Errorf("%d rates of %v: that is too many or too long (at most %d, and %v)", len(levels), every, maxSteps, MaxTime)
	}
	points := held(levels, every)
	if err := checkPointLevels(points); err != nil {
		return nil, err
	}
	levels = append([]float64(nil), levels...)
	c := curveOf(points, func(bool) string { return ratesText(every, levels) })
	c.phases = []Phase{{Name: PhasePlayback, To: c.end}}
	return c, nil
}

func checkPointLevels(points []Point) error {
	for _, q := range points {
		if err := CheckLevel(q.Level); err != nil {
			return err
		}
	}
	return nil
}

func ratesText(every time.Duration, levels []float64) string {
	var b strings.Builder
	b.WriteString("rates(")
	for _, level := range levels {
		b.WriteString(number(level) + ", ")
	}
	return b.String() + "every=" + span(every) + ")"
}

// IsLevel reports whether a shape is one level, all the time and without an end.
func IsLevel(s Shape) bool {
	_, changes := s.Next(0)
	_, ends := s.End()
	return !changes && !ends
}
