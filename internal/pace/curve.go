package pace

import (
	"slices"
	"time"
)

// line is how a shape is kept: straight pieces side by side, from 0 to forever.
type line interface {
	// at is the piece that covers t >= 0.
	at(t time.Duration) piece
	// find is the piece inside which arrival n >= 0 is due; false when there is none.
	find(n float64) (piece, bool)
}

// curve is the one implementation of Shape.
type curve struct {
	line
	ends   bool
	end    time.Duration
	max    float64
	wavy   bool // a wave is in it: the pieces are without number
	phases []Phase
	bind   binding                  // how tightly the text holds together
	write  func(inline bool) string // the text; inline spells out what was read from files
}

// binding says where the text of a shape needs parentheses.
type binding uint8

const (
	bindThen binding = iota
	bindPlus
	bindFor
	bindTimes
	bindName
)

func (c *curve) curve() *curve { return c }

func (c *curve) Level(t time.Duration) float64 {
	t = max(0, t)
	return c.at(t).level(t)
}

func (c *curve) Integral(t time.Duration) float64 {
	t = max(0, t)
	return c.at(t).count(t)
}

func (c *curve) Inverse(n float64) (time.Duration, bool) {
	p, ok := c.find(max(0, n))
	if !ok {
		return 0, false
	}
	return p.due(max(0, n))
}

// maxSearch is how many pieces of a wave are looked at before the answer is that nothing will change: some twenty periods that never
// cross a whole number.
const maxSearch = 1 << 14

func (c *curve) Next(t time.Duration) (time.Duration, bool) {
	t = max(0, t)
	p := c.at(t)
	have := p.target(t)
	if at, ok := p.change(t); ok {
		return at, true
	}
	for n := 0; p.to != forever && (n < maxSearch || !c.wavy); n++ {
		t = p.to
		p = c.at(t)
		if p.target(t) != have {
			return t, true
		}
		if at, ok := p.change(t); ok {
			return at, true
		}
	}
	return 0, false
}

func (c *curve) End() (time.Duration, bool) {
	if !c.ends {
		return 0, false
	}
	return c.end, true
}

func (c *curve) Max() float64 { return c.max }

func (c *curve) Phases() []Phase { return slices.Clone(c.phases) }

func (c *curve) String() string { return c.write(false) }

// Inline is the shape as Parse reads it, with recordings spelled out, so that it can be read where the files are not.
func Inline(s Shape) string { return s.curve().write(true) }

// within is the text of c as a part of something that binds so tightly.
func (c *curve) within(b binding, inline bool) string {
	if c.bind < b {
		return "(" + c.write(inline) + ")"
	}
	return c.write(inline)
}
