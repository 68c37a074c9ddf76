package hist

// BackFill estimates what an unpaced closed loop did not measure while it waited: for each value v above the interval it adds the
// requests that should have been sent meanwhile, v - interval, v - 2 interval and so on, down to the interval. It is HDR's correction
// for coordinated omission. The result is a new histogram; h does not change. An interval of 0 or less adds nothing.
//
// It is an estimate with a name of its own, for loops that had no plan. Loads that are paced or open measure from the intended time
// already; back-filling those would count every wait twice.
func (h *Hist) BackFill(interval int64) Hist {
	filled := h.Clone()
	if interval <= 0 {
		return filled
	}
	for bucket := range h.Buckets() {
		v := middle(max(bucket.Low, h.min), min(bucket.High, h.max))
		if bucket.Count == 1 && bucket.High >= h.max {
			v = h.max // a single longest stall is known exactly
		}
		filled.fill(v, interval, bucket.Count)
	}
	return filled
}

// fill records v - k interval for k = 1, 2 ... while that is at least the interval, n times each. It goes by buckets and not by values,
// so that a tiny interval takes no longer.
func (h *Hist) fill(v, interval, n int64) {
	left := v/interval - 1 // how many values are still to come
	for left > 0 {
		top := v - interval // the largest of them
		low, _ := boundsOf(bucketOf(top))
		low = max(low, interval)
		some := min((top-low)/interval+1, left) // as many as lie in its bucket
		bottom := top - (some-1)*interval
		h.grow(mulSat(some, n), mulSat(mulSat(some, n), middle(bottom, top)), bottom, top)
		h.store().add(bucketOf(top), mulSat(some, n))
		v, left = bottom, left-some
	}
}
