package pace

import (
	"errors"
	"fmt"
	"math"
	"sort"
	"strings"
	"time"
)

// Then is one shape after another. Each but the last needs an end; see For.
func Then(shapes ...Shape) (Shape, error) {
	var parts []*curve
	for i, s := range shapes {
		c := s.curve()
		if !c.ends && i < len(shapes)-1 {
			return nil, fmt.Errorf("%v has no end, so nothing can come after it: say how long, such as %s for 1m", s, c.within(bindFor, false))
		}
		if q, ok := c.line.(*sequence); ok {
			parts = append(parts, q.shapes()...)
		} else {
			parts = append(parts, c)
		}
	}
	switch len(parts) {
	case 0:
		return nil, errors.New("an empty sequence of shapes: name at least one")
	case 1:
		return parts[0], nil
	}
	return sequenceOf(parts)
}

// sequence is one shape after another.
type sequence struct{ parts []part }

type part struct {
	c    *curve
	from time.Duration
	to   time.Duration // forever for the last
	n0   float64       // arrivals before it
	n1   float64       // arrivals before the next; infinite for the last
}

func (q *sequence) shapes() []*curve {
	shapes := make([]*curve, len(q.parts))
	for i, p := range q.parts {
		shapes[i] = p.c
	}
	return shapes
}

func sequenceOf(shapes []*curve) (*curve, error) {
	q := &sequence{}
	c := &curve{line: q, bind: bindThen}
	var at time.Duration
	var n float64
	for i, s := range shapes {
		p := part{c: s, from: at, to: forever, n0: n, n1: math.Inf(1)}
		c.max = max(c.max, s.max)
		c.wavy = c.wavy || s.wavy
		c.ends, c.end = s.ends, at+s.end
		for _, ph := range s.phases {
			ph.From += at
			if ph.To != 0 {
				ph.To += at
			}
			c.phases = append(c.phases, ph)
		}
		if i < len(shapes)-1 {
			at, n = at+s.end, n+s.Integral(s.end)
			p.to, p.n1 = at, n
		}
		q.parts = append(q.parts, p)
	}
	if err := checkTime("time", c.end); err != nil {
		return nil, err
	}
	c.write = func(inline bool) string {
		texts := make([]string, len(shapes))
		for i, s := range shapes {
			texts[i] = s.within(bindThen, inline)
		}
		return strings.Join(texts, " then ")
	}
	return c, nil
}

func (q *sequence) at(t time.Duration) piece {
	return q.inside(sort.Search(len(q.parts)-1, func(i int) bool { return t < q.parts[i].to }), func(p part) (piece, bool) {
		return p.c.at(t - p.from), true
	})
}

func (q *sequence) find(n float64) (piece, bool) {
	i := sort.Search(len(q.parts)-1, func(i int) bool { return q.parts[i].n1-slack(q.parts[i].n1) > n })
	ok := false
	p := q.inside(i, func(p part) (pc piece, _ bool) {
		pc, ok = p.c.find(max(0, n-p.n0))
		return pc, ok
	})
	return p, ok
}

// inside asks part i and moves the answer to its place.
func (q *sequence) inside(i int, ask func(part) (piece, bool)) piece {
	p := q.parts[i]
	found, ok := ask(p)
	if !ok {
		return piece{}
	}
	return found.move(p.from, p.n0).cut(0, p.to)
}

// For is the first stretch of a shape, which ends then and stays at the level it had.
func For(s Shape, d time.Duration) (Shape, error) {
	if d <= 0 {
		return nil, fmt.Errorf("for %v: it needs some time; write for 1m", d)
	}
	if err := checkTime("for", d); err != nil {
		return nil, err
	}
	return first(s.curve(), d), nil
}

// first is For without its checks.
func first(c *curve, d time.Duration) *curve {
	last := c.at(d - 1)
	return &curve{
		line: &head{c: c, d: d, n: last.count(d), level: max(0, last.r0+last.slope*(d-last.from).Seconds())},
		ends: true, end: d, max: highest(c, d), wavy: c.wavy, phases: phasesUntil(c, d), bind: bindFor,
		write: func(inline bool) string { return c.within(bindFor, inline) + " for " + span(d) },
	}
}

// head is a shape until d, and then the level it had.
type head struct {
	c     *curve
	d     time.Duration
	n     float64 // arrivals before d
	level float64 // from d on
}

func (h *head) at(t time.Duration) piece {
	if t < h.d {
		return h.c.at(t).cut(0, h.d)
	}
	return piece{from: h.d, to: forever, r0: h.level, n0: h.n}
}

func (h *head) find(n float64) (piece, bool) {
	if h.n-slack(h.n) > n {
		p, ok := h.c.find(n)
		return p.cut(0, h.d), ok
	}
	return piece{from: h.d, to: forever, r0: h.level, n0: h.n}, h.level > 0
}

// Scale is k times a shape.
func Scale(k float64, s Shape) (Shape, error) {
	c := s.curve()
	if math.IsNaN(k) || math.IsInf(k, 0) || k < 0 {
		return nil, fmt.Errorf("%s times a shape: a factor is a number, 0 or more", number(k))
	}
	if err := CheckLevel(k * c.max); err != nil {
		return nil, fmt.Errorf("%s times %v: %w", number(k), s, err)
	}
	return &curve{
		line: scaled{c, k}, ends: c.ends, end: c.end, max: k * c.max, wavy: c.wavy, phases: c.phases, bind: bindTimes,
		write: func(inline bool) string { return number(k) + " * " + c.within(bindTimes, inline) },
	}, nil
}

type scaled struct {
	c *curve
	k float64
}

func (s scaled) times(p piece) piece {
	p.r0, p.slope, p.n0 = p.r0*s.k, p.slope*s.k, p.n0*s.k
	return p
}

func (s scaled) at(t time.Duration) piece { return s.times(s.c.at(t)) }

func (s scaled) find(n float64) (piece, bool) {
	if s.k == 0 {
		return piece{}, false
	}
	p, ok := s.c.find(n / s.k)
	return s.times(p), ok
}
