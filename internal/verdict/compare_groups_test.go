package verdict

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestSamplesWith(t *testing.T) {
	for n := 1; n <= 6; n++ {
		for k := 1; k <= 6; k++ {
			for u := 0; u <= n*k; u++ {
				a, b := samplesWith(u, n, k)
				if got, _ := MannWhitney(a, b); got != float64(u) {
					t.Errorf("%d and %d values: U is %v, want %d (%v, %v)", n, k, got, u, a, b)
				}
			}
		}
	}
	// Tables of critical values at 5 %, two-sided: 0 for 4 and 4, 2 for 5 and 5, 5 for 6 and 6, 23 for 10 and 10.
	for _, c := range [][3]int{{3, 3, -1}, {4, 4, 0}, {5, 5, 2}, {6, 6, 5}, {10, 10, 23}, {4, 10, 5}, {1, 30, -1}} {
		if got := ruledOut(c[0], c[1]); got != c[2] {
			t.Errorf("%d and %d runs: %d, want %d", c[0], c[1], got, c[2])
		}
	}
}

// TestCompareRunsInvertsTheTest holds the interval against the test it is made from: a change within it is not ruled out, one beyond it is.
func TestCompareRunsInvertsTheTest(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 52))
	values := func(n int, scale float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = scale * math.Exp(0.1*rng.NormFloat64())
		}
		return out
	}
	for range 50 {
		before, after := values(4+rng.IntN(6), 1e6), values(4+rng.IntN(6), 1.3e6)
		c := CompareRuns(before, after, QuantileMeasure(0.95), CompareOptions{})
		p := func(change float64) float64 {
			moved := make([]float64, len(before))
			for i, v := range before {
				moved[i] = v * change
			}
			_, p := MannWhitney(moved, after)
			return p
		}
		const edge = 1e-9
		for _, inside := range []float64{c.Low * (1 + edge), c.High * (1 - edge), math.Sqrt(c.Low * c.High)} {
			if got := p(inside); got <= 0.05 {
				t.Errorf("%v lies in %v to %v and has p %v", inside, c.Low, c.High, got)
			}
		}
		for _, outside := range []float64{c.Low * (1 - edge), c.High * (1 + edge)} {
			if got := p(outside); got > 0.05 {
				t.Errorf("%v lies outside of %v to %v and has p %v", outside, c.Low, c.High, got)
			}
		}
		back := CompareRuns(after, before, QuantileMeasure(0.95), CompareOptions{})
		if math.Abs(back.Low*c.High-1) > 1e-9 || math.Abs(back.High*c.Low-1) > 1e-9 || math.Abs(back.Chance-c.Chance) > 1e-12 {
			t.Errorf("there %+v and back %+v", c, back)
		}
	}
}

func TestCompareRuns(t *testing.T) {
	ms := func(values ...float64) []float64 {
		for i := range values {
			values[i] *= 1e6
		}
		return values
	}
	for _, c := range []struct {
		name          string
		before, after []float64
		m             Measure
		want          Outcome
		reason        string
	}{
		{"slower", ms(10, 10.1, 10.2, 9.9), ms(12, 12.1, 12.2, 11.9), QuantileMeasure(0.5), Regressed, ""},
		{"faster", ms(12, 12.1, 12.2, 11.9), ms(10, 10.1, 10.2, 9.9), QuantileMeasure(0.5), Improved, ""},
		{"alike", ms(10, 10.1, 10.2, 9.9), ms(10.05, 10.1, 10.15, 9.95), QuantileMeasure(0.5), Same, ""},
		{"one slow run", ms(10, 10.1, 10.2, 9.9), ms(14), QuantileMeasure(0.5), Regressed, ""},
		{"one usual run", ms(10, 10.02, 10.04, 9.99), ms(10.01), QuantileMeasure(0.5), Same, ""},
		{"from one", ms(14), ms(10, 10.1, 10.2, 9.9), QuantileMeasure(0.5), Improved, ""},
		{"too few", ms(10, 10, 10), ms(20, 20, 20), QuantileMeasure(0.5), Inconclusive, "at least 4 a side are needed, or one against 4"},
		{"nothing", nil, ms(10), QuantileMeasure(0.5), Inconclusive, "without a run"},
		{"failures", []float64{0, 0, 0.001, 0}, []float64{0.02, 0.021, 0.03, 0.025}, FailureMeasure(), Regressed, ""},
		{"no failures at all", []float64{0, 0, 0, 0}, []float64{0, 0, 0, 0}, FailureMeasure(), Same, ""},
		{"rate", []float64{100, 101, 99, 100}, []float64{50, 51, 49, 50}, RateMeasure(), Regressed, ""},
		{"dropped from then on", ms(10, 11, 10, 12), []float64{math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1)}, QuantileMeasure(0.99), Regressed, ""},
		{"dropped in both", []float64{math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1)}, []float64{math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1)}, QuantileMeasure(0.99), Same, ""},
		{"one dropping run", ms(10, 11, 10, 12), []float64{math.Inf(1)}, QuantileMeasure(0.99), Inconclusive, "beyond what was measured"},
	} {
		got := CompareRuns(c.before, c.after, c.m, CompareOptions{})
		if got.Outcome != c.want || !strings.Contains(got.Reason, c.reason) || (c.reason == "") != (got.Reason == "") {
			t.Errorf("%s: %+v, want %v %q", c.name, got, c.want, c.reason)
		}
		if got.Known() && !(got.Low <= got.Change && got.Change <= got.High) {
			t.Errorf("%s: %v is not from %v to %v", c.name, got.Change, got.Low, got.High)
		}
		if (len(c.before) == 0) != math.IsNaN(got.Change) {
			t.Errorf("%s: a change of %v", c.name, got.Change)
		}
	}
}

// TestChance: where nothing changed, chances up to 5 % come up in 5 % of the comparisons, about; where much did, they are small.
func TestChance(t *testing.T) {
	rng := rand.New(rand.NewPCG(53, 54))
	rare, pairs := 0, 300
	for range pairs {
		c := Compare(history(rng, 60, 1), history(rng, 60, 1), QuantileMeasure(0.5), CompareOptions{Resamples: 300})
		if c.Chance <= 0.05 {
			rare++
		}
	}
	// 5 % of 300 are 15; the probability of more than 27 is 0.2 % at that.
	t.Logf("%d of %d chances are at most 5 %%", rare, pairs)
	if rare > 27 {
		t.Errorf("%d of %d chances are at most 5 %%", rare, pairs)
	}
	if c := Compare(history(rng, 120, 1), history(rng, 120, 1.5), QuantileMeasure(0.5), CompareOptions{}); c.Chance > 1e-5 {
		t.Errorf("half as much again has a chance of %v", c.Chance)
	}
	if c := Compare(history(rng, 5, 1), history(rng, 120, 1.5), QuantileMeasure(0.5), CompareOptions{}); !math.IsNaN(c.Chance) || c.Known() {
		t.Errorf("too little: %+v", c)
	}
}
