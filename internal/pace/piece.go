package pace

import (
	"math"
	"time"
)

// forever is the end of the last piece of a shape.
const forever = time.Duration(math.MaxInt64)

// piece is a straight stretch of a shape: from r0 at time from, slope a second, until to (exclusive). n0 arrivals are due before it.
// An open-ended piece is flat.
type piece struct {
	from, to  time.Duration
	r0, slope float64
	n0        float64
}

// between is the piece from (from, r0) to (to, r1).
func between(from, to time.Duration, r0, r1, n0 float64) piece {
	p := piece{from: from, to: to, r0: r0, n0: n0}
	if r1 != r0 {
		p.slope = (r1 - r0) / (to - from).Seconds()
	}
	return p
}

// level is the level at t, for t inside.
func (p piece) level(t time.Duration) float64 {
	return max(0, p.r0+p.slope*(t-p.from).Seconds())
}

// count is the number of arrivals due before t, for t inside or at the end.
func (p piece) count(t time.Duration) float64 {
	d := (t - p.from).Seconds()
	return p.n0 + d*(p.r0+p.slope*d/2)
}

// slack is how far a count n may be off by the arithmetic: a few units in the last place, and never enough to be seen (a ten
// thousandth of an arrival after a whole day at 100,000/s).
func slack(n float64) float64 {
	return 1e-9 + 1e-14*n
}

// reaches reports whether arrival n is due inside the piece or before it.
func (p piece) reaches(n float64) bool {
	if p.to == forever {
		return p.r0 > 0 || p.n0-slack(p.n0) > n
	}
	end := p.count(p.to)
	return end-slack(end) > n
}

// due is when arrival n is due, for n inside; false when that is beyond what a time can say.
func (p piece) due(n float64) (time.Duration, bool) {
	m := max(0, n-p.n0)
	var ns float64
	if p.slope == 0 {
		ns = m * 1e9 / p.r0 // one rounding less than below: whole numbers stay whole
	} else {
		ns = 2e9 * m / (p.r0 + math.Sqrt(max(0, p.r0*p.r0+2*p.slope*m)))
	}
	if math.IsNaN(ns) { // level and count are both 0: the start of a ramp
		ns = 0
	}
	if ns >= float64(forever-p.from) {
		return 0, false
	}
	return min(p.from+time.Duration(math.Round(ns)), p.to), true
}

// fuzz is how far a flat level may be off a whole number by the arithmetic alone.
const fuzz = 1e-7

// crossing is when a sloping piece is at a level, to the nanosecond. It may lie outside.
func (p piece) crossing(level float64) time.Duration {
	ns := math.Round((level - p.r0) / p.slope * 1e9)
	if ns >= float64(p.to-p.from) {
		return p.to
	}
	return p.from + time.Duration(max(ns, -1))
}

// target is the whole number of users wanted from t on, for t inside: ceil of the level, taken from the right. So a ramp from 0 to 10
// in a second wants its first user at 0 and each next one 100 ms later, and its mirror image lets one go each 100 ms. The steps are
// where crossing says, to the nanosecond.
func (p piece) target(t time.Duration) int {
	if p.slope == 0 {
		return int(math.Ceil(p.r0 - fuzz))
	}
	level := p.r0 + p.slope*(float64(t-p.from)+0.5)*1e-9
	var k int
	if p.slope > 0 {
		for k = int(math.Floor(level)) + 1; p.crossing(float64(k)) <= t; k++ {
		}
		for ; k > 1 && p.crossing(float64(k-1)) > t; k-- {
		}
	} else {
		for k = int(math.Ceil(level)); k > 0 && p.crossing(float64(k-1)) <= t; k-- {
		}
		for ; p.crossing(float64(k)) > t; k++ {
		}
	}
	return max(0, k)
}

// change is the first time after t, inside, at which the target differs; false when it stays.
func (p piece) change(t time.Duration) (time.Duration, bool) {
	have := p.target(t)
	var at time.Duration
	switch {
	case p.slope > 0:
		at = p.crossing(float64(have))
	case p.slope < 0 && have > 0:
		at = p.crossing(float64(have - 1))
	default:
		return 0, false
	}
	return at, at < p.to
}
