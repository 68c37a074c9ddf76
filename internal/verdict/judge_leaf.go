package verdict

import "math"

// reading is the figure of a condition over some seconds. The zero value is no figure.
type reading struct {
	value  float64 // in the base of the metric's unit; always finite
	beyond bool    // the truth is greater: it lies among arrivals that were dropped
	has    bool
	end    int // the second that the window ends with; 0 without one
}

// number is the figure for comparing.
func (r reading) number() float64 {
	if r.beyond {
		return math.Inf(1)
	}
	return r.value
}

// read is the figure of a metric. seconds is the length of what the tally covers.
func read(m Metric, t *tally, n *needs, headline Timing, seconds float64) reading {
	switch m.Stat {
	case StatCount:
		return counted(t.count)
	case StatFailed:
		return counted(t.failed(m, n))
	case StatDropped:
		return counted(t.dropped)
	case StatBytes:
		return counted(t.bytes)
	case StatUsers:
		return counted(int64(t.users))
	case StatInFlight:
		return counted(int64(t.inFlight))
	case StatFailures:
		return share(t.failed(m, n), t.tries(m, n))
	case StatSeconds:
		return share(int64(t.good), int64(t.good+t.bad))
	case StatRate:
		if seconds <= 0 {
			return reading{}
		}
		return reading{value: float64(t.count) / seconds, has: true}
	}
	return readTime(m, t, headline)
}

// counted is a count as a figure: nothing is a figure too.
func counted(n int64) reading { return reading{value: float64(n), has: true} }

// share is a part of all in percent. The product comes first: 1 of 1,000 is then the very number that 0.1% is read as.
func share(part, all int64) reading {
	if all == 0 {
		return reading{}
	}
	return reading{value: 100 * float64(part) / float64(all), has: true}
}

// readTime is a figure of a time. Arrivals that were dropped count as infinitely long where the wait for a start is part of the time.
func readTime(m Metric, t *tally, headline Timing) reading {
	h := &t.times[resolved(m.Timing, headline)]
	dropped := endless(m, t)
	q := m.Percent / 100
	switch m.Stat {
	case StatMean:
		return reading{value: h.Mean(), has: h.Count() > 0}
	case StatMin:
		q = 0
	case StatMax:
		q = 1
	}
	ns, beyond := h.QuantileWith(dropped, q)
	return reading{value: float64(ns), beyond: beyond, has: h.Count()+dropped > 0}
}

// endless is how many dropped arrivals a time has to reckon with.
func endless(m Metric, t *tally) int64 {
	if m.Timing == TimeHeadline || m.Timing == TimeResponse {
		return t.dropped
	}
	return 0
}

// leaf is one condition of a rule while it is judged.
type leaf struct {
	cond     condition // turned around when it stood under a not
	limit    float64
	hasLimit bool // false when there is no baseline to compare with
	headline Timing
	spans    spans
	length   int // of the window in seconds; 0 without

	source *selection
	total  *total   // without a window
	window *window  // with one
	ring   *ring    // that the window belongs to
	meter  *seconds // for seconds(...), else nil
	gauge  *gauge   // for a figure of a server, else nil

	state    truth // of the last second; only with a window
	last     reading
	worst    reading
	judged   moments // windows that were, by the second that they end with
	violated moments // those of them that were broken
}

// holds compares a figure with the limit.
func (l *leaf) holds(r reading) bool { return l.cond.op.holds(r.number(), l.limit) }

// worse reports whether a is worse than b.
func (l *leaf) worse(a, b reading) bool {
	x, y := a.number(), b.number()
	if x == y { // also two infinities
		return l.cond.op.upper() && a.value > b.value
	}
	switch l.cond.op {
	case Less, AtMost:
		return x > y
	case Greater, AtLeast:
		return x < y
	case Equal:
		return math.Abs(x-l.limit) > math.Abs(y-l.limit)
	default:
		return math.Abs(x-l.limit) < math.Abs(y-l.limit)
	}
}

// upper reports whether the comparison bounds from above.
func (o Op) upper() bool { return o == Less || o == AtMost }

// current is the figure of a condition without a window, over all of its stretches so far. now is how long the load lasts, in seconds.
func (l *leaf) current(now gone) reading {
	if l.gauge != nil {
		return l.gauge.sofar(l, now)
	}
	began, sum, need := l.parts()
	if !began || !l.hasLimit {
		return reading{}
	}
	if l.meter == nil && !l.cond.metric.whole() && !sum.active() {
		return reading{}
	}
	return read(l.cond.metric, sum, need, l.headline, now.seconds(l))
}

// parts is what a condition without a window is judged on.
func (l *leaf) parts() (began bool, sum *tally, need *needs) {
	if l.meter != nil {
		return l.meter.total.began, &l.meter.total.sum, &l.meter.need
	}
	return l.total.began, &l.total.sum, &l.source.need
}

// look judges the window that ends with the second just closed.
func (l *leaf) look(at stretch) {
	l.state = open
	from := at.to - l.length
	switch {
	case !at.whole || l.spans.warming(from, at.to):
		return
	case !l.spans.whole(from, at.to) || !l.hasLimit || !l.begun(from):
		l.state = absent
		return
	case !l.ring.whole(l.window):
		return
	}
	need := l.ring.need
	r := read(l.cond.metric, &l.window.sum, need, l.headline, float64(l.length))
	r.end = at.to
	l.judge(r)
}

// begun reports whether the requests had been seen by the second from. A condition on a page that nobody came to yet waits for it; from
// then on silence counts, and a rate of 0 is a rate.
func (l *leaf) begun(from int) bool {
	return l.meter != nil || l.cond.metric.whole() || l.source.first >= 0 && l.source.first <= from
}

// judge takes note of the figure of a window.
func (l *leaf) judge(r reading) {
	if l.state = absent; !r.has {
		return
	}
	l.last = r
	if l.judged.count() == 0 || l.worse(r, l.worst) {
		l.worst = r
	}
	l.judged.add(r.end)
	l.state = holding
	if !l.holds(r) {
		l.state = broken
		l.violated.add(r.end)
	}
}

// second is the truth of the condition over the second just closed alone, for seconds(...).
func (l *leaf) second(at stretch) truth {
	if !l.hasLimit || !l.begun(at.from) {
		return absent
	}
	r := read(l.cond.metric, &l.source.now, &l.source.need, l.headline, float64(at.to-at.from))
	switch {
	case !r.has:
		return absent
	case l.holds(r):
		return holding
	}
	return broken
}

// early is the truth of a condition without a window while the run goes on, for a rule that may stop it. What the rest of the run may
// still mend is open, and so is what rests on too few samples:
//
//   - counts, and the longest time, only grow: they break an upper bound for good, and a lower bound only at the end. The rate since
//     the start begins at 0, so its lower bound too is for the end;
//   - a quantile needs ten samples beyond it, as to be printed without a mark; means and shares need a hundred samples, seconds(...) ten
//     seconds.
func (l *leaf) early(now gone) truth {
	r := l.current(now)
	m, op := l.cond.metric, l.cond.op
	switch {
	case !r.has:
		return open
	case l.holds(r):
		return holding
	case l.gauge != nil:
		return broken // every reading must hold
	case m.counts() || m.Stat == StatRate:
		if op.upper() || op == Equal && r.number() > l.limit && m.Stat != StatRate {
			return broken
		}
		return open
	}
	if _, sum, _ := l.parts(); !sufficient(m, sum, l.headline) {
		return open
	}
	return broken
}

// sufficient reports whether there are samples enough to stop a run for.
func sufficient(m Metric, t *tally, headline Timing) bool {
	const samples, beyond, seconds = 100, 10, 10
	switch m.Stat {
	case StatSeconds:
		return t.good+t.bad >= seconds
	case StatFailures:
		return t.count >= samples
	case StatMin:
		return true
	}
	n := t.times[resolved(m.Timing, headline)].Count() + endless(m, t)
	if m.Stat == StatMean {
		return n >= samples
	}
	const slack = 1e-6 // 1 - 0.9 is a little less than 0.1
	q := m.Percent / 100
	return q == 0 || q == 1 || float64(n)*(1-q) >= beyond-slack
}
