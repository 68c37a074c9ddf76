package pace

import (
	"slices"
	"testing"
	"time"
)

func TestSpread(t *testing.T) {
	const period = time.Second
	var at []time.Duration
	for k := range 1000 {
		p := Spread(k, period)
		if p < 0 || p >= period {
			t.Fatalf("user %d starts at %v", k, p)
		}
		at = append(at, p)
		// Around the clock, no two of the users so far are close, and no stretch is empty.
		sorted := slices.Sorted(slices.Values(at))
		longest, shortest := sorted[0]+period-sorted[k], sorted[0]+period-sorted[k]
		for i := 1; i <= k; i++ {
			longest, shortest = max(longest, sorted[i]-sorted[i-1]), min(shortest, sorted[i]-sorted[i-1])
		}
		if k > 0 && float64(longest) > 2.7*float64(shortest) {
			t.Fatalf("%d users: gaps from %v to %v", k+1, shortest, longest)
		}
	}
	if Spread(0, period) != 0 || Spread(3, 0) != 0 || Spread(3, -1) != 0 {
		t.Error("user 0 starts at 0, and so does everybody without a period")
	}
}
