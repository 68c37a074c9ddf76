package pace

import (
	"math"
	"time"
)

// Arrivals walks the due times of one share of a schedule. It never allocates while it walks; one goroutine uses it.
//
// Evenly spaced arrivals cost the same whatever the share. Poisson gaps are made for all workers and each takes its own, so that the
// workers together are one Poisson process for any number of them: some 10 ns for each arrival of the whole run (1 % of a core at a
// million a second over the fleet).
type Arrivals struct {
	*Schedule
	share Share
	j     int64 // the next of the share's own
	least int64 // those before From, however the shape rounds
	p     piece // that the last arrival was in
	end   float64
	gaps  gaps
	count gaps // of Planned

	peeked bool
	done   bool
	n      int64
	due    time.Duration
}

// NewArrivals starts at the first arrival due at or after o.From.
func NewArrivals(s Shape, o Options) *Arrivals {
	a := &Arrivals{Schedule: NewSchedule(s, o), share: o.Share, end: math.Inf(-1)}
	a.done = o.Share.empty()
	switch {
	case o.From <= 0:
	case o.Before > 0:
		a.j = o.Share.before(o.Before)
		a.least = a.j
	default:
		a.j = o.Share.before(a.By(o.From))
	}
	if a.poisson && !a.done {
		a.count.start(a.seed)
		a.gaps.start(a.seed)
		a.gaps.skip(o.Share.number(a.j) / blockLen)
	}
	return a
}

// Next is the number of the next arrival of the share, counted over all workers, and when it is due. It is false when none will come.
func (a *Arrivals) Next() (n int64, due time.Duration, ok bool) {
	if !a.peeked {
		a.advance()
	}
	a.peeked = false
	return a.n, a.due, !a.done
}

// Peek is what Next will give, without taking it.
func (a *Arrivals) Peek() (n int64, due time.Duration, ok bool) {
	if !a.peeked {
		a.advance()
		a.peeked = true
	}
	return a.n, a.due, !a.done
}

// Skip takes the next n arrivals without working out when they are due. It is for those that a generator will never reach: all of them must
// be planned, or Taken is ahead of Planned.
func (a *Arrivals) Skip(n int64) {
	if n <= 0 || a.done {
		return
	}
	if a.peeked {
		a.peeked = false
		n--
	}
	a.j += n
	if a.poisson {
		a.gaps.skip(a.share.number(a.j) / blockLen)
	}
}

// Planned is how many arrivals of the share are due before t, taken or not: what a generator should have sent by then, however far
// behind it is. Asked for later and later times, as once a second in a run, it costs next to nothing.
func (a *Arrivals) Planned(t time.Duration) int64 {
	switch {
	case a.share.empty():
		return 0
	case !a.poisson:
		return max(a.least, a.share.before(a.evenBy(t)))
	}
	return max(a.least, a.share.before(a.poissonBy(t, &a.count)))
}

// Taken is how many arrivals of the share Next has given so far, with those before o.From.
func (a *Arrivals) Taken() int64 {
	if a.peeked && !a.done {
		return a.j - 1
	}
	return a.j
}

// advance works out the next arrival.
func (a *Arrivals) advance() {
	if a.done {
		return
	}
	n := a.share.number(a.j)
	if n >= a.limit {
		a.finish()
		return
	}
	x := float64(n)
	if a.poisson {
		for n >= (a.gaps.block+1)*blockLen {
			a.gaps.next()
		}
		x = a.gaps.sum(n)
	}
	if !(x < a.end) { // as piece.reaches says
		p, ok := a.c.find(x)
		if !ok {
			a.finish()
			return
		}
		a.p, a.end = p, math.Inf(1)
		if p.to != forever {
			end := p.count(p.to)
			a.end = end - slack(end)
		}
	}
	due, ok := a.p.due(x)
	if !ok || due >= a.until {
		a.finish()
		return
	}
	a.n, a.due, a.j = n, due, a.j+1
}

func (a *Arrivals) finish() { a.done, a.n, a.due = true, 0, 0 }
