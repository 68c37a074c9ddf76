package main

import (
	"slices"
	"testing"
	"time"
)

func TestClockErrors(t *testing.T) {
	felt := []time.Duration{100, 300, 250}
	took := []time.Duration{90, 100, 260}
	if got := clockErrors(felt, took); !slices.Equal(got, []time.Duration{10, 10, 200}) {
		t.Errorf("%v", got)
	}
	values := []time.Duration{1049, 2050, 3000, 4000}
	for q, want := range map[float64]time.Duration{0: 1000, 0.5: 3000, 0.99: 4000, 1: 4000} {
		if got := rank(values, q); got != want {
			t.Errorf("rank %v is %v, want %v", q, got, want)
		}
	}
}
