package pace

import (
	"math"
	"time"
)

// Options says which arrivals of a shape to walk. The zero value is all of them, evenly spaced, from the start to the shape's end.
type Options struct {
	Share   Share
	Poisson bool   // random gaps, as independent people have, around the same rate; else even ones
	Seed    uint64 // of the random gaps: one for the whole run, the same on every worker
	From    time.Duration
	Before  int64         // with From: how many arrivals of all shares are before it, whatever the shape says; 0 means by the shape
	Until   time.Duration // exclusive; 0 means the end of the shape, or never
}

// Schedule is when the arrivals of a shape are due, for all workers together, numbered 0, 1, 2 ... It is immutable and safe for
// concurrent use.
//
// Even arrivals: arrival n is due when the integral of the rate passes n. Poisson: when it passes the sum of n+1 exponential gaps of
// mean 1, which is the inhomogeneous Poisson process of that rate.
type Schedule struct {
	c       *curve
	poisson bool
	seed    uint64
	until   time.Duration // forever for no end
	limit   int64         // number of arrivals before until; for Poisson at most
}

// NewSchedule takes the shape, Poisson, Seed and Until of the options.
func NewSchedule(s Shape, o Options) *Schedule {
	d := &Schedule{c: s.curve(), poisson: o.Poisson, seed: o.Seed, until: forever, limit: math.MaxInt64}
	if o.Until > 0 {
		d.until = o.Until
	} else if end, ok := s.End(); ok {
		d.until = end
	}
	if d.until != forever && !d.poisson {
		n := d.c.Integral(d.until)
		d.limit = int64(math.Ceil(n - slack(n)))
	}
	return d
}

// Due is when arrival n is due; false when it is not before the end.
func (d *Schedule) Due(n int64) (time.Duration, bool) {
	if n < 0 || n >= d.limit {
		return 0, false
	}
	x := float64(n)
	if d.poisson {
		var g gaps
		g.start(d.seed)
		g.skip(n / blockLen)
		x = g.sum(n)
	}
	due, ok := d.c.Inverse(x)
	return due, ok && due < d.until
}

// By is how many arrivals are due before t: those with Due < t. For Poisson it takes some 60 ns for each 256 arrivals before t, else
// next to nothing.
func (d *Schedule) By(t time.Duration) int64 {
	if !d.poisson {
		return d.evenBy(t)
	}
	var g gaps
	g.start(d.seed)
	return d.poissonBy(t, &g)
}

func (d *Schedule) evenBy(t time.Duration) int64 {
	t = min(t, d.until)
	if t <= 0 {
		return 0
	}
	x := d.c.Integral(t)
	n := min(int64(math.Ceil(x-slack(x))), d.limit)
	for ; n > 0; n-- { // rounding to nanoseconds may leave one on the wrong side
		if due, ok := d.Due(n - 1); ok && due < t {
			break
		}
	}
	for {
		if due, ok := d.Due(n); !ok || due >= t {
			return n
		}
		n++
	}
}

// Total is the number of arrivals before the end; false when there is none.
func (d *Schedule) Total() (int64, bool) {
	if d.until == forever {
		return 0, false
	}
	return d.By(d.until), true
}

// poissonBy counts the arrivals before t. It leaves the gaps at the block of the last one, to be used again for a later t.
func (d *Schedule) poissonBy(t time.Duration, g *gaps) int64 {
	t = min(t, d.until)
	if t <= 0 {
		return 0
	}
	x := d.c.Integral(t)
	if x < g.base {
		g.start(d.seed)
	}
	for g.base+g.total < x {
		g.next()
	}
	for n := g.block * blockLen; ; n++ {
		due, ok := d.c.Inverse(g.sum(n))
		if !ok || due >= t {
			return n
		}
	}
}
