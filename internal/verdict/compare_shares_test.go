package verdict

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/hist"
)

// TestShareDifference holds the interval against the examples that Newcombe printed (1998, table II, method 10).
func TestShareDifference(t *testing.T) {
	for _, c := range []struct {
		old, fresh Tally
		low, high  float64
	}{
		{Tally{80, 48}, Tally{70, 56}, 0.0524, 0.3339},
		{Tally{10, 3}, Tally{10, 9}, 0.1705, 0.8090},
		{Tally{7, 2}, Tally{7, 6}, 0.0582, 0.8062},
		{Tally{29, 0}, Tally{56, 5}, -0.0381, 0.1926},
		{Tally{20, 0}, Tally{10, 0}, -0.1611, 0.2775},
		{Tally{10, 0}, Tally{10, 0}, -0.2775, 0.2775},
		{Tally{20, 0}, Tally{10, 10}, 0.6791, 1},
		{Tally{10, 0}, Tally{10, 10}, 0.6075, 1},
	} {
		low, high := shareDifference(c.old, c.fresh)
		if math.Abs(low-c.low) > 5e-5 || math.Abs(high-c.high) > 5e-5 {
			t.Errorf("%+v and %+v: %.4f to %.4f, want %.4f to %.4f", c.old, c.fresh, low, high, c.low, c.high)
		}
	}
}

// spotless is seconds in which nothing failed.
func spotless(seconds int, rate int64) []Window {
	out := make([]Window, seconds)
	for i := range out {
		out[i] = Window{Times: &hist.Hist{}, Count: rate, Seconds: 1}
		out[i].Times.RecordN(20e6, rate)
	}
	return out
}

// A site of which no request failed may fail in more than half a percent of them, as long as there were few.
func TestFailuresThatDidNotHappen(t *testing.T) {
	for _, c := range []struct {
		seconds int
		want    Outcome
	}{{20, Inconclusive}, {60, Inconclusive}, {160, Same}, {600, Same}} {
		got := Compare(spotless(c.seconds, 10), spotless(c.seconds, 10), FailureMeasure(), CompareOptions{Resamples: 100})
		if got.Outcome != c.want || got.Low >= 0 || got.High <= 0 || got.Change != 0 {
			t.Errorf("%d requests a run: %+v, want %v", c.seconds*10, got, c.want)
		}
	}
	runs := []float64{0, 0, 0, 0}
	c := CompareRuns(runs, runs, FailureMeasure(), CompareOptions{})
	if c.AtLeast(Tally{400, 0}, Tally{400, 0}, CompareOptions{}); c.Outcome != Inconclusive || c.Reason == "" {
		t.Errorf("four runs of 100 requests: %+v", c)
	}
	c = CompareRuns(runs, runs, FailureMeasure(), CompareOptions{})
	if c.AtLeast(Tally{4000, 0}, Tally{4000, 0}, CompareOptions{}); c.Outcome != Same || c.Reason != "" {
		t.Errorf("four runs of 1,000 requests: %+v", c)
	}
	c = CompareRuns(runs[:2], runs[:2], FailureMeasure(), CompareOptions{})
	if c.AtLeast(Tally{4000, 0}, Tally{4000, 0}, CompareOptions{}); c.Known() {
		t.Errorf("two runs a side have no interval: %+v", c)
	}
}

// Two figures that happen to be next to each other are not the same as long as their interval is wide.
func TestALittleDifferenceIsNoProof(t *testing.T) {
	rng := rand.New(rand.NewPCG(61, 62))
	near := 0
	for range 200 {
		c := Compare(history(rng, 12, 1), history(rng, 12, 1), QuantileMeasure(0.5), CompareOptions{Resamples: 200, Floor: 2 * time.Millisecond})
		if math.Abs(c.New-c.Old) < 2e6 {
			near++
		}
		if c.Outcome == Same && (c.Old*(c.High-1) > 2e6 || c.Old*(1-c.Low) > 2e6) {
			t.Fatalf("SAME, and more than 2 ms is possible: %+v", c)
		}
	}
	if near < 20 {
		t.Errorf("only %d pairs came near to each other: the test proves nothing", near)
	}
	o := CompareOptions{}
	if got := o.Matters(QuantileMeasure(0.5), 1e6); math.Abs(got-0.1) > 1e-12 {
		t.Errorf("of 1 ms %v matters, want 0.1", got)
	}
	if got := o.Matters(QuantileMeasure(0.5), 1e9); got != 0.05 {
		t.Errorf("of 1 s %v matters, want 0.05", got)
	}
	if a, b := o.Matters(RateMeasure(), 1e6), o.Matters(FailureMeasure(), 0.5); a != 0.05 || b != 0.005 {
		t.Errorf("of a rate %v matters, of failures %v", a, b)
	}
}

// A name that is hardly asked for any more has a rate all the same.
func TestRateOfFewRequests(t *testing.T) {
	if c := Compare(spotless(60, 100), spotless(60, 1), RateMeasure(), CompareOptions{}); c.Outcome != Regressed {
		t.Errorf("from 100/s to 1/s: %+v", c)
	}
	if c := Compare(spotless(60, 1), spotless(60, 1), RateMeasure(), CompareOptions{}); c.Known() {
		t.Errorf("60 requests in each run: %+v", c)
	}
}

// What happens at the edge of a run is drawn as often as what happens in its middle: the interval of a break-down says the same wherever it
// is, and holds the change that was seen.
func TestBreakdownAtTheEdge(t *testing.T) {
	rng := rand.New(rand.NewPCG(63, 64))
	before := history(rng, 240, 1)
	for _, at := range []int{0, 120, 236} {
		after := history(rng, 240, 1)
		for i := at; i < at+4; i++ {
			after[i].Times = &hist.Hist{}
			after[i].Times.RecordN(2e9, 200)
			after[i].Failures = 200
		}
		for name, m := range map[string]Measure{"p99": QuantileMeasure(0.99), "failures": FailureMeasure()} {
			c := Compare(before, after, m, CompareOptions{})
			if c.Outcome == Same || !(c.Low <= c.Change && c.Change <= c.High) || c.Chance < 1e-4 {
				t.Errorf("%s from second %d: %+v", name, at, c)
			}
			if name == "failures" && (c.High < 0.03 || c.High > 0.07) {
				t.Errorf("failures from second %d: up to %v, want about 0.05", at, c.High)
			}
		}
	}
}
