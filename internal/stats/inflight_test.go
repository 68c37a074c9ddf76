package stats

import (
	"testing"
	"time"
)

func TestInFlight(t *testing.T) {
	const s = int64(time.Second)
	r := NewRecorder(Options{Shards: 2})
	check := func(now int64, n int, ns int64) {
		t.Helper()
		var snap Snapshot
		r.Drain(&snap, now)
		unit := int64(n+2) << flightUnit // a request is timed in these
		if off := snap.Gauges.InFlightNS - ns; snap.Gauges.InFlight != n || off > unit || off < -unit {
			t.Errorf("at %v: %d in flight for %v, want %d for %v", time.Duration(now), snap.Gauges.InFlight,
				time.Duration(snap.Gauges.InFlightNS), n, time.Duration(ns))
		}
	}
	check(1*s, 0, 0)
	r.Begin(0, 1*s+s/4)
	r.Begin(1, 1*s+s/2)
	check(2*s, 2, s*3/4+s/2)
	check(3*s, 2, 2*s)
	r.End(0, 1*s+s/4, 3*s+s/4)
	check(4*s, 1, s/4+s)
	r.Begin(0, 4*s)
	r.End(0, 4*s, 4*s+100*ms)
	r.End(1, 1*s+s/2, 4*s+200*ms)
	check(5*s, 0, 300*ms)
	for range 100_000 { // a stalled site
		r.Begin(0, 5*s)
	}
	check(6*s, 100_000, 100_000*s)
	check(16*s, 100_000, 1_000_000*s)
	for range 100_000 {
		r.End(0, 5*s, 16*s)
	}
	check(17*s, 0, 0)
}

// A request that ends by its own clock before a drain, and by the recorder's after it, is counted too long first and makes up for it.
func TestInFlightMakesUp(t *testing.T) {
	const s = int64(time.Second)
	r := NewRecorder(Options{Shards: 1})
	r.Begin(0, 0)
	var sum int64
	for second := range int64(4) {
		if second == 1 {
			r.End(0, 0, s/2)
		}
		var snap Snapshot
		r.Drain(&snap, (second+1)*s)
		if snap.Gauges.InFlightNS < 0 {
			t.Errorf("second %d: %d ns in flight", second, snap.Gauges.InFlightNS)
		}
		sum += snap.Gauges.InFlightNS
		if second == 2 {
			r.Begin(0, 3*s)
		}
	}
	if off := sum - s - s/2; off > 5000 || off < -5000 { // half a second of the first, one of the second
		t.Errorf("%v in flight, want 1.5 s", time.Duration(sum))
	}
}
