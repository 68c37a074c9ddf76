package pace

import (
	"slices"
	"time"
)

// Part is the arrivals of one worker over a whole run, while the shape and the share change: it hands them out like [Arrivals], and counts on
// where it was. What is due before a change is that of the old shape and share; from then on the new ones hold. It is used by one goroutine.
//
// A worker and whoever keeps its accounts make the same changes at the same times, and so agree on what was planned.
type Part struct {
	*Arrivals
	shape Shape
	opt   Options
	base  int64 // of earlier shares, less what the present one would have had by then
	last  int64 // the highest number that was handed out since the last change; -1 before
	early []early
}

// early is what was handed out before a change came that is of an earlier time: it is not handed out again.
type early struct {
	of    Share
	below int64
}

// NewPart is the arrivals of a shape. o.From is when it begins: nothing is due before.
func NewPart(s Shape, o Options) *Part {
	return &Part{Arrivals: NewArrivals(s, o), shape: s, opt: o, last: -1}
}

// Shape is the shape as it was changed.
func (p *Part) Shape() Shape { return p.shape }

// Switch goes on with another shape from a time on. Arrivals before it that were not taken are forgotten, and stay planned.
func (p *Part) Switch(at time.Duration, next Shape) {
	if end, ok := p.shape.End(); ok && p.opt.Until <= 0 && at > end { // nothing was due in between, though a shape has a last level
		p.shape = Switch(p.shape, end, Constant(0))
	}
	p.change(at, Switch(p.shape, at, next), p.opt.Share)
}

// Reshare goes on with another share from a time on. Arrivals before it that were not taken are forgotten, and stay planned.
func (p *Part) Reshare(at time.Duration, s Share) { p.change(at, p.shape, s) }

func (p *Part) change(at time.Duration, shape Shape, share Share) {
	planned := p.Planned(at)
	before := max(p.opt.Before, p.Arrivals.By(at))
	p.early = slices.DeleteFunc(p.early, func(e early) bool { return e.below <= before })
	if before <= p.last {
		p.early = append(p.early, early{p.opt.Share, p.last + 1})
	}
	p.last = -1
	p.shape, p.opt.Share, p.opt.From = shape, share, max(0, at)
	p.opt.Before = before // where two shapes meet the new one may round another way: no number is lost, and none doubled
	p.Arrivals = NewArrivals(shape, p.opt)
	p.base = planned - p.Arrivals.Planned(at)
}

// Next is as that of Arrivals, without what was handed out already.
func (p *Part) Next() (n int64, due time.Duration, ok bool) {
	n, due, ok = p.Peek()
	if p.Arrivals.Next(); ok {
		p.last = max(p.last, n)
	}
	return n, due, ok
}

// Peek is what Next will give, without taking it.
func (p *Part) Peek() (n int64, due time.Duration, ok bool) {
	for {
		n, due, ok = p.Arrivals.Peek()
		if !ok || len(p.early) == 0 || !p.isEarly(n) {
			return n, due, ok
		}
		p.Arrivals.Next()
	}
}

// isEarly reports whether a number was handed out before a change that came late.
func (p *Part) isEarly(n int64) bool {
	for _, e := range p.early {
		if n < e.below && e.of.Owns(int(n)) {
			return true
		}
	}
	return false
}

// Planned is how many arrivals are due before t, taken or not. t must not be before the last change.
func (p *Part) Planned(t time.Duration) int64 { return p.base + p.Arrivals.Planned(t) }

// Taken is how many arrivals were taken or forgotten.
func (p *Part) Taken() int64 { return p.base + p.Arrivals.Taken() }
