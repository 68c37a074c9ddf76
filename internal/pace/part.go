package pace

import "time"

// Part is the arrivals of one worker over a whole run, while the shape and the share change: it hands them out like [Arrivals], and counts on
// where it was. What is due before a change is that of the old shape and share; from then on the new ones hold. It is used by one goroutine.
//
// A worker and whoever keeps its accounts make the same changes at the same times, and so agree on what was planned.
type Part struct {
	*Arrivals
	shape Shape
	opt   Options
	base  int64 // of earlier shares, less what the present one would have had by then
}

// NewPart is the arrivals of a shape. o.From is when it begins: nothing is due before.
func NewPart(s Shape, o Options) *Part {
	return &Part{Arrivals: NewArrivals(s, o), shape: s, opt: o}
}

// Shape is the shape as it was changed.
func (p *Part) Shape() Shape { return p.shape }

// Switch goes on with another shape from a time on. Arrivals before it that were not taken are forgotten, and stay planned.
func (p *Part) Switch(at time.Duration, next Shape) {
	p.change(at, Switch(p.shape, at, next), p.opt.Share)
}

// Reshare goes on with another share from a time on. Arrivals before it that were not taken are forgotten, and stay planned.
func (p *Part) Reshare(at time.Duration, s Share) { p.change(at, p.shape, s) }

func (p *Part) change(at time.Duration, shape Shape, share Share) {
	planned := p.Planned(at)
	p.shape, p.opt.Share, p.opt.From = shape, share, max(0, at)
	p.Arrivals = NewArrivals(shape, p.opt)
	p.base = planned - p.Arrivals.Planned(at)
}

// Planned is how many arrivals are due before t, taken or not. t must not be before the last change.
func (p *Part) Planned(t time.Duration) int64 { return p.base + p.Arrivals.Planned(t) }

// Taken is how many arrivals were taken or forgotten.
func (p *Part) Taken() int64 { return p.base + p.Arrivals.Taken() }
