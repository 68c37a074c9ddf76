package verdict

// ring is the last seconds of one selection, kept one by one for as long as the longest window needs them, and the sums over its
// windows. A sum takes the new second in and the oldest out: the cost of a second does not depend on the length of the window.
type ring struct {
	need    *needs
	longest int
	seconds []*tally // oldest first
	spare   *tally   // left the ring; its memory is used for the next second
	windows []*window
}

// window is the sum of the last seconds of a ring.
type window struct {
	length int
	sum    tally
}

// window finds or makes the window of a length.
func (r *ring) window(length int) *window {
	for _, w := range r.windows {
		if w.length == length {
			return w
		}
	}
	w := &window{length: length}
	r.windows = append(r.windows, w)
	r.longest = max(r.longest, length)
	return w
}

// push takes a copy of a second in.
func (r *ring) push(now *tally) {
	entry := r.spare
	if entry == nil {
		entry = &tally{}
	}
	r.spare = nil
	entry.reset()
	entry.add(now, r.need)
	r.seconds = append(r.seconds, entry)
	for _, w := range r.windows {
		w.sum.add(entry, r.need)
		if oldest := len(r.seconds) - 1 - w.length; oldest >= 0 {
			w.leave(r.seconds[oldest], r.seconds[oldest+1:], r.need)
		}
	}
	if len(r.seconds) > r.longest {
		r.spare = r.seconds[0]
		copy(r.seconds, r.seconds[1:])
		r.seconds = r.seconds[:len(r.seconds)-1]
	}
}

// whole reports whether a window is full.
func (r *ring) whole(w *window) bool { return len(r.seconds) >= w.length }

// forget empties the ring: a second is missing, and no window may reach over the gap.
func (r *ring) forget() {
	r.seconds, r.spare = nil, nil
	for _, w := range r.windows {
		w.sum.reset()
	}
}

// leave takes the oldest second out of the sum. What remains are the seconds in kept.
//
// A histogram that others are taken out of no longer knows its extremes exactly once they have left, and with few samples an extreme
// is a quantile. So when they differ the sum is made anew; that happens about twice in the length of a window.
func (w *window) leave(oldest *tally, kept []*tally, n *needs) {
	w.sum.shift(oldest, n, -1)
	for _, timing := range n.timings {
		sum := &w.sum.times[timing]
		sum.Subtract(&oldest.times[timing])
		if exact(sum.Min(), sum.Max(), kept, timing) {
			continue
		}
		sum.Reset()
		for _, t := range kept {
			sum.Merge(&t.times[timing])
		}
	}
	w.sum.users, w.sum.inFlight = 0, 0
	for _, t := range kept {
		w.sum.users, w.sum.inFlight = max(w.sum.users, t.users), max(w.sum.inFlight, t.inFlight)
	}
}

// exact reports whether lowest and highest are the extremes of the seconds.
func exact(lowest, highest int64, seconds []*tally, timing Timing) bool {
	var lo, hi int64
	found := false
	for _, t := range seconds {
		h := &t.times[timing]
		if h.IsEmpty() {
			continue
		}
		if !found {
			lo, hi, found = h.Min(), h.Max(), true
			continue
		}
		lo, hi = min(lo, h.Min()), max(hi, h.Max())
	}
	return lo == lowest && hi == highest
}
