package verdict

import "math"

// Tally is how many requests there were, and how many of them failed.
type Tally struct{ Count, Failures int64 }

// tally is that of the whole run.
func (s *sample) tally() Tally { return Tally{int64(s.count[s.n]), int64(s.failures[s.n])} }

// TallyOf is that of all windows together.
func TallyOf(windows []Window) Tally {
	var t Tally
	for i := range windows {
		t.Count += windows[i].Count
		t.Failures += windows[i].Failures
	}
	return t
}

// AtLeast widens the interval of a change of failures to what so many requests can tell at best, and decides again. Nothing is known less
// well than failures that did not happen: a hundred requests without one fail in up to 4 % of the cases, and yet every window, and so every
// draw of windows, and every run, says 0 %. Requests that depend on each other tell less than these bounds, never more. A comparison without
// an interval stays as it is.
func (c *Comparison) AtLeast(before, after Tally, o CompareOptions) {
	if !c.Known() || before.Count == 0 || after.Count == 0 {
		return
	}
	o.fill()
	low, high := shareDifference(before, after)
	c.Low, c.High = min(c.Low, low), max(c.High, high)
	c.decide(FailureMeasure(), o)
}

// shareDifference is the 95 % interval of the difference of two shares of independent requests (Newcombe, "Interval estimation for the
// difference between independent proportions: comparison of eleven methods", Statistics in Medicine 17, 1998, method 10), with l and u the
// ends of Wilson's interval of each share p:
//
//	p2 - p1 - sqrt((p2 - l2)^2 + (u1 - p1)^2)   to   p2 - p1 + sqrt((u2 - p2)^2 + (p1 - l1)^2)
func shareDifference(before, after Tally) (low, high float64) {
	p1, p2 := before.share(), after.share()
	l1, u1 := before.wilson()
	l2, u2 := after.wilson()
	return p2 - p1 - math.Hypot(p2-l2, u1-p1), p2 - p1 + math.Hypot(u2-p2, p1-l1)
}

func (t Tally) share() float64 { return float64(t.Failures) / float64(t.Count) }

func (t Tally) wilson() (low, high float64) { return Wilson(t.share(), float64(t.Count)) }

// Wilson is the 95 % interval of a share that was seen in so many independent trials (Wilson, JASA 22, 1927).
func Wilson(share, n float64) (low, high float64) {
	const z = 1.959963984540054
	middle := (share + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
	return max(0, middle-half), min(1, middle+half)
}
