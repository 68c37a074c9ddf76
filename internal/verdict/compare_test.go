package verdict

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/hist"
)

// drawn are some values, the same for the same source; kinds > 0 makes whole ones with many equal.
func drawn(rng *rand.Rand, n, kinds int, shift float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		if kinds > 0 {
			out[i] = float64(rng.IntN(kinds)) + float64(int(2*shift))
		} else {
			out[i] = rng.NormFloat64() + shift
		}
	}
	return out
}

// TestMannWhitneyOracle holds p against what golang.org/x/perf/benchmath (v0.0.0-20260908200009) gives for the same values, and the interval of
// the median where that of benchmath is symmetric too.
func TestMannWhitneyOracle(t *testing.T) {
	inf := math.Inf(1)
	for _, tc := range []struct {
		n, m, kinds int
		p           float64
		low, high   float64 // of the median of the first; 0, 0 where benchmath prefers a lopsided interval
	}{
		{3, 3, 0, 0.7, -inf, inf},
		{4, 4, 0, 0.885714285714, -inf, inf},
		{5, 5, 0, 0.031746031746, 0, 0},
		{5, 9, 0, 0.898101898102, 0, 0},
		{10, 12, 0, 0.140237471507, -0.7521148395223451, 0.5829858137114299},
		{20, 20, 0, 0.00671500922021, -0.7487883168061871, 0.3025058171001752},
		{50, 50, 0, 0.00981170705343, 0, 0},
		{50, 33, 0, 0.646869814541, 0, 0},
		{51, 50, 0, 0.0172788017349, 0, 0},
		{70, 60, 0, 0.204817854714, 0, 0},
		{4, 4, 3, 0.4, -inf, inf},
		{6, 6, 4, 0.935064935065, 0, 0},
		{10, 10, 5, 0.154971963021, 1, 4},
		{25, 20, 8, 0.118856498859, 2, 6},
		{26, 20, 8, 0.530745301082, 3, 6},
		{30, 40, 6, 0.299722782162, 1, 4},
	} {
		t.Run(fmt.Sprint(tc.n, tc.m, tc.kinds), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(tc.n), uint64(tc.m)))
			a, b := drawn(rng, tc.n, tc.kinds, 0), drawn(rng, tc.m, tc.kinds, 0.5)
			if _, p := MannWhitney(a, b); math.Abs(p-tc.p) > 1e-9 {
				t.Errorf("p %.12g, want %.12g", p, tc.p)
			}
			low, high, ok := MedianInterval(a)
			if ok != (tc.n >= 6) || (tc.low != 0 || tc.high != 0) && (low != tc.low || high != tc.high) {
				t.Errorf("median from %v to %v, %v, want %v to %v", low, high, ok, tc.low, tc.high)
			}
		})
	}
}

// exhaustive counts the arrangements one by one.
func exhaustive(a, b []float64) float64 {
	all := slices.Concat(a, b)
	pairs := func(pick uint) int { // doubled
		u := 0
		for i := range all {
			for j := range all {
				if pick>>i&1 == 1 && pick>>j&1 == 0 {
					switch {
					case all[i] > all[j]:
						u += 2
					case all[i] == all[j]:
						u++
					}
				}
			}
		}
		return u
	}
	have := pairs(1<<len(a) - 1)
	var below, above, total float64
	for pick := range uint(1) << len(all) {
		ones := 0
		for i := range all {
			ones += int(pick >> i & 1)
		}
		if ones != len(a) {
			continue
		}
		u := pairs(pick)
		total++
		if u <= have {
			below++
		}
		if u >= have {
			above++
		}
	}
	return min(1, 2*min(below, above)/total)
}

func TestMannWhitneyExhaustive(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	for range 60 {
		kinds := rng.IntN(5)
		a, b := drawn(rng, 1+rng.IntN(6), kinds, 0), drawn(rng, 1+rng.IntN(6), kinds, 0.5)
		_, p := MannWhitney(a, b)
		if want := exhaustive(a, b); math.Abs(p-want) > 1e-12 {
			t.Fatalf("%v against %v: p %v, want %v", a, b, p, want)
		}
	}
}

func TestMannWhitneyEdges(t *testing.T) {
	if u, p := MannWhitney([]float64{4, 5, 6}, []float64{1, 2, 3}); u != 9 || math.Abs(p-0.1) > 1e-12 {
		t.Errorf("no overlap: u %v, p %v", u, p)
	}
	if _, p := MannWhitney(nil, []float64{1}); p != 1 {
		t.Errorf("an empty sample: p %v", p)
	}
	if _, p := MannWhitney(make([]float64, 60), make([]float64, 60)); p != 1 {
		t.Errorf("all equal: p %v", p)
	}
	for level, want := range map[float64]int{0.35: 2, 0.1: 3, 0.05: 4, 0.01: 5, 0.001: 7, 0: 0} {
		if got := RunsNeeded(level); got != want {
			t.Errorf("RunsNeeded(%v) = %d, want %d", level, got, want)
		}
	}
}

func TestManyTests(t *testing.T) {
	ps := []float64{0.01, 0.04, 0.03, 0.005}
	for i, want := range []float64{0.03, 0.06, 0.06, 0.02} {
		if got := Holm(ps)[i]; math.Abs(got-want) > 1e-12 {
			t.Errorf("Holm: %v, want %v at %d", got, want, i)
		}
	}
	for i, want := range []float64{0.02, 0.04, 0.04, 0.02} {
		if got := BenjaminiHochberg(ps)[i]; math.Abs(got-want) > 1e-12 {
			t.Errorf("Benjamini and Hochberg: %v, want %v at %d", got, want, i)
		}
	}
	if got := Holm([]float64{0.9, 0.8}); got[0] != 1 || got[1] != 1 {
		t.Errorf("Holm above 1: %v", got)
	}
	if len(Holm(nil)) != 0 || len(BenjaminiHochberg(nil)) != 0 {
		t.Error("no tests")
	}
}

// history is a run of so many seconds: 200 requests each, times around a level that wanders.
func history(rng *rand.Rand, seconds int, scale float64) []Window {
	var out []Window
	level := 0.0
	for range seconds {
		level = 0.7*level + 0.05*rng.NormFloat64()
		w := Window{Times: &hist.Hist{}, Count: 200, Seconds: 1}
		for range 200 {
			w.Times.Record(int64(scale * 20e6 * math.Exp(level+0.5*rng.NormFloat64())))
		}
		if rng.IntN(2) == 0 {
			w.Failures = 1
		}
		out = append(out, w)
	}
	return out
}

func TestCompare(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 5))
	base, same, slower, faster := history(rng, 120, 1), history(rng, 120, 1), history(rng, 120, 1.5), history(rng, 120, 0.6)
	failing := history(rng, 120, 1)
	for i := range failing {
		failing[i].Failures += 10
	}
	slack := history(rng, 120, 1)
	for i := range slack {
		slack[i].Count /= 2
	}
	for _, tc := range []struct {
		name          string
		before, after []Window
		m             Measure
		o             CompareOptions
		want          Outcome
	}{
		{"itself", base, base, QuantileMeasure(0.95), CompareOptions{Limit: 0.2}, Same},
		{"another run of the same", base, same, QuantileMeasure(0.5), CompareOptions{Limit: 0.2}, Same},
		{"slower", base, slower, QuantileMeasure(0.95), CompareOptions{}, Regressed},
		{"slower on average", base, slower, MeanMeasure(), CompareOptions{}, Regressed},
		{"faster", base, faster, QuantileMeasure(0.5), CompareOptions{}, Improved},
		{"failing", base, failing, FailureMeasure(), CompareOptions{}, Regressed},
		{"no longer failing", failing, base, FailureMeasure(), CompareOptions{}, Improved},
		{"failing as before", base, same, FailureMeasure(), CompareOptions{}, Same},
		{"half the rate", base, slack, RateMeasure(), CompareOptions{}, Regressed},
		{"twice the rate", slack, base, RateMeasure(), CompareOptions{}, Improved},
		{"the same rate", base, same, RateMeasure(), CompareOptions{}, Same},
		{"a large share of nothing", history(rng, 60, 0.0001), history(rng, 60, 0.0003), QuantileMeasure(0.5), CompareOptions{}, Same},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := Compare(tc.before, tc.after, tc.m, tc.o)
			if c.Outcome != tc.want || c.Reason != "" {
				t.Errorf("%v, want %v: %+v", c.Outcome, tc.want, c)
			}
			if !(c.Low <= c.Change && c.Change <= c.High) {
				t.Errorf("%v is not from %v to %v", c.Change, c.Low, c.High)
			}
			if again := Compare(tc.before, tc.after, tc.m, tc.o); again != c {
				t.Errorf("the second time %+v", again)
			}
		})
	}
}

// All figures at once are the figures one by one.
func TestCompareAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 15))
	before, after := history(rng, 60, 1), history(rng, 300, 1.2)
	ms := []Measure{QuantileMeasure(0.5), RateMeasure(), QuantileMeasure(0.99), FailureMeasure(), MeanMeasure(), QuantileMeasure(0.95)}
	for i, got := range CompareAll(before, after, ms, CompareOptions{Resamples: 200}) {
		if want := Compare(before, after, ms[i], CompareOptions{Resamples: 200}); got != want {
			t.Errorf("figure %d: %+v, want %+v", i, got, want)
		}
	}
}

func TestCompareInconclusive(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 7))
	dropping := history(rng, 30, 1)
	for i := range dropping {
		dropping[i].Endless = 100
	}
	for _, tc := range []struct {
		name          string
		before, after []Window
		m             Measure
		want          string
	}{
		{"a short run", history(rng, 5, 1), history(rng, 60, 1), QuantileMeasure(0.5), "a run of 5 windows: at least 10 are needed"},
		{"a rare quantile", history(rng, 60, 1), history(rng, 30, 1), QuantileMeasure(0.999), "6000 requests in a run: at least 10000"},
		{"nothing at all", nil, nil, QuantileMeasure(0.5), "a run of 0 windows"},
		{"about the limit", history(rand.New(rand.NewPCG(1, 1)), 20, 1), history(rand.New(rand.NewPCG(1, 1)), 20, 1.05), QuantileMeasure(0.95), "the limit of 5 %"},
		{"beyond what was measured", dropping, dropping, QuantileMeasure(0.99), "lower the load until nothing is dropped"},
	} {
		c := Compare(tc.before, tc.after, tc.m, CompareOptions{})
		if c.Outcome != Inconclusive || !strings.Contains(c.Reason, tc.want) {
			t.Errorf("%s: %+v, want %q", tc.name, c, tc.want)
		}
	}
	if c := Compare(history(rng, 30, 1), dropping, QuantileMeasure(0.99), CompareOptions{}); c.Outcome != Regressed || !math.IsInf(c.New, 1) {
		t.Errorf("dropped arrivals are slower than anything: %+v", c)
	}
	if c := Compare(history(rng, 2000, 1), history(rng, 2000, 1), QuantileMeasure(0.5), CompareOptions{Limit: 0.1}); c.Outcome != Same {
		t.Errorf("long runs: %+v", c)
	}
}

// TestFalseAlarms compares a thing with itself.
func TestFalseAlarms(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	alarms, runs := 0, 200
	for range runs {
		c := Compare(history(rng, 60, 1), history(rng, 60, 1), QuantileMeasure(0.9), CompareOptions{Resamples: 400})
		if c.Outcome == Regressed || c.Outcome == Improved {
			alarms++
		}
	}
	if share := float64(alarms) / float64(runs); share > 0.05 {
		t.Errorf("%.3f of the comparisons with itself are changes", share)
	}
}

// TestQuantileOfSample holds the prefix sums against plain histograms.
func TestQuantileOfSample(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 11))
	windows := history(rng, 50, 1)
	for _, q := range []float64{0.01, 0.5, 0.95, 0.99, 0.999} {
		s := newSample(windows, QuantileMeasure(q))
		for range 100 {
			s.draw(rng)
			var h hist.Hist
			for i, start := range s.starts {
				for _, w := range windows[start:s.ends[i]] {
					h.Merge(w.Times)
				}
			}
			if got, want := s.figure(), float64(h.Quantile(q)); math.Abs(got-want) > 0.005*want {
				t.Fatalf("q %v: %v, want %v", q, got, want)
			}
		}
	}
}

func TestRepeatedInterval(t *testing.T) {
	runs := func(spread float64) []RunMean {
		var out []RunMean
		for i := range 6 {
			out = append(out, RunMean{Mean: 100 + spread*float64(i), SE: 1, Windows: 20})
		}
		return out
	}
	in, between, ok := RepeatedInterval(runs(0.3))
	if !ok || between || in.Low > 100.75 || in.High < 100.75 {
		t.Errorf("runs alike: %+v, %v, %v", in, between, ok)
	}
	in, between, _ = RepeatedInterval(runs(5))
	// mean 112.5, s = 9.354, t(5) = 2.5706: +- 9.816
	if !between || math.Abs(in.Low-102.684) > 0.01 || math.Abs(in.High-122.316) > 0.01 {
		t.Errorf("runs apart: %+v, %v", in, between)
	}
	if _, between, _ = RepeatedInterval(runs(50)[:4]); between {
		t.Error("four runs do not tell")
	}
	if _, _, ok = RepeatedInterval(runs(1)[:1]); ok {
		t.Error("one run has no interval")
	}
}

func TestOutcomeWords(t *testing.T) {
	for o, want := range map[Outcome]string{Inconclusive: "INCONCLUSIVE", Same: "SAME", Improved: "IMPROVED", Regressed: "REGRESSED"} {
		if o.String() != want {
			t.Errorf("%d is %v", o, o)
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	rng := rand.New(rand.NewPCG(12, 13))
	before, after := history(rng, 600, 1), history(rng, 600, 1)
	for b.Loop() {
		Compare(before, after, QuantileMeasure(0.99), CompareOptions{Floor: time.Microsecond})
	}
}
