package testsite

import (
	"sync/atomic"
	"time"
)

// handling remembers how long each request was with the server, in the order of their numbers. Adding takes no lock and allocates nothing.
type handling struct {
	took []atomic.Int64 // nanoseconds plus one: zero means not written yet
}

// newHandling makes room for n requests; none if n is zero or negative.
func newHandling(n int) handling { return handling{took: make([]atomic.Int64, max(n, 0))} }

// off reports whether nothing is to be remembered, so that the clock need not be asked.
func (h *handling) off() bool { return len(h.took) == 0 }

// set notes the time of a request, if there is room for its number.
func (h *handling) set(number int64, took time.Duration) {
	if number < int64(len(h.took)) {
		h.took[number].Store(int64(took) + 1)
	}
}

func (h *handling) reset() {
	for i := range h.took {
		h.took[i].Store(0)
	}
}

// all is a copy of the times up to the first request that is not done.
func (h *handling) all() []time.Duration {
	var times []time.Duration
	for i := range h.took {
		t := h.took[i].Load()
		if t == 0 {
			break
		}
		times = append(times, time.Duration(t-1))
	}
	return times
}
