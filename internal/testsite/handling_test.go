package testsite

import (
	"slices"
	"testing"
	"time"
)

// TestHandling holds the server's own times between what it promised and what its client saw.
func TestHandling(t *testing.T) {
	const service = 3 * time.Millisecond
	s := New(t, Config{Mode: Fixed, Service: service, Handling: 3})
	get := "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
	begun := time.Now()
	// The server goes on to a request of the same connection only when it has noted the one before.
	talk(t, s, get+get+get+get+"GET /_stats HTTP/1.1\r\nHost: x\r\n\r\n", "GET", "GET", "GET", "GET", "GET")
	felt := time.Since(begun)
	took := s.Stats().Handling
	var sum time.Duration
	for i, d := range took {
		if sum += d; d < service {
			t.Errorf("request %d took %v, less than %v", i, d, service)
		}
	}
	if len(took) != 3 || sum > felt {
		t.Errorf("3 of 4 times should be kept, and be within %v: %v", felt, took)
	}
	s.ResetStats()
	if again := s.Stats().Handling; len(again) != 0 {
		t.Errorf("after a reset there are %v", again)
	}
}

// TestHandlingInOrder: what is not done yet hides what came after it, so that times can be paired with a client's by their place.
func TestHandlingInOrder(t *testing.T) {
	h := newHandling(4)
	for _, number := range []int64{0, 3, 1, 9} {
		h.set(number, time.Duration(number))
	}
	if got := h.all(); !slices.Equal(got, []time.Duration{0, 1}) {
		t.Errorf("%v, want the first two", got)
	}
	none := newHandling(0)
	if none.set(0, time.Second); !none.off() || none.all() != nil {
		t.Error("times are kept that nobody asked for")
	}
}
