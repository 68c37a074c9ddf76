package pace

import "time"

// Switch is old until at and then next, whose time 0 is at: a live change of the load. Arrivals go on counting where they were, so a
// generator that has handed out those before at and goes on From at loses none and doubles none, on every worker alike.
func Switch(old Shape, at time.Duration, next Shape) Shape {
	if at <= 0 {
		return next
	}
	c := old.curve()
	var parts []*curve
	if q, ok := c.line.(*sequence); ok { // what is over by then, whole; else a shape changed often would grow deep
		for _, p := range q.parts {
			if p.to >= at {
				parts = append(parts, first(p.c, at-p.from))
				break
			}
			parts = append(parts, p.c)
		}
	} else {
		parts = []*curve{first(c, at)}
	}
	if q, ok := next.curve().line.(*sequence); ok {
		parts = append(parts, q.shapes()...)
	} else {
		parts = append(parts, next.curve())
	}
	changed, err := sequenceOf(parts)
	if err != nil { // beyond MaxTime: no run gets there
		return old
	}
	return changed
}

// Shift is the rest of a shape: its time 0 is t of s. A paused run goes on with Switch(paused, now, Shift(s, then)). Beyond the end of s it is
// the level that s stays at, without an end.
func Shift(s Shape, t time.Duration) Shape {
	c := s.curve()
	switch {
	case t <= 0:
		return s
	case c.ends && t >= c.end:
		return Constant(c.Level(t))
	}
	shifted := &curve{
		line: tail{c: c, t: t, n: c.Integral(t)},
		ends: c.ends, end: c.end - t, max: c.max, wavy: c.wavy, bind: bindFor,
		write: func(inline bool) string { return c.within(bindFor, inline) + " from " + span(t) },
	}
	for _, ph := range c.phases {
		if ph.To != 0 && ph.To <= t {
			continue
		}
		ph.From = max(0, ph.From-t)
		if ph.To != 0 {
			ph.To -= t
		}
		shifted.phases = append(shifted.phases, ph)
	}
	shifted.max = highest(shifted, forever)
	return shifted
}

// Delay is a shape that begins later, with nothing before it, not even a phase. A delay of 0 or less is none, as is one beyond MaxTime.
func Delay(s Shape, by time.Duration) Shape {
	if by <= 0 {
		return s
	}
	delayed, err := sequenceOf([]*curve{first(Constant(0).curve(), by), s.curve()})
	if err != nil {
		return s
	}
	delayed.phases = delayed.phases[1:]
	return delayed
}

// tail is a shape from t on.
type tail struct {
	c *curve
	t time.Duration
	n float64 // arrivals before t
}

func (s tail) at(t time.Duration) piece {
	return s.c.at(t+s.t).cut(s.t, forever).move(-s.t, -s.n)
}

func (s tail) find(n float64) (piece, bool) {
	p, ok := s.c.find(n + s.n)
	return p.cut(s.t, forever).move(-s.t, -s.n), ok
}
