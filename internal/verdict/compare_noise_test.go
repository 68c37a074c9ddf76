package verdict_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stampede-load/stampede/internal/verdict"
	"github.com/stampede-load/stampede/internal/verdict/verdicttest"
)

// fiveMinutes is the length of the simulated runs, in seconds.
const fiveMinutes = 300

// pairs is how many pairs are compared. docs/compare.md has the figures of more, from go run ./bench noise.
func pairs(most int) int {
	if testing.Short() || racing {
		return most / 10
	}
	return most
}

func figures() map[string]verdict.Measure {
	return map[string]verdict.Measure{
		"p50": verdict.QuantileMeasure(0.5), "p95": verdict.QuantileMeasure(0.95), "p99": verdict.QuantileMeasure(0.99),
		"mean": verdict.MeanMeasure(), "rate": verdict.RateMeasure(), "failures": verdict.FailureMeasure(),
	}
}

// tooFew reports whether so many of n are fewer than a share allows: by more than three standard deviations.
func tooFew(hits, n int, share float64) bool {
	return float64(hits) < float64(n)*share-3*math.Sqrt(float64(n)*share*(1-share))
}

// TestPairsOfTheSame compares a site with itself under the noise that verdicttest.Usual states: there must be no false alarms beyond 5 %, and the
// interval of 95 % must hold the truth about as often.
func TestPairsOfTheSame(t *testing.T) {
	n := pairs(200)
	rng := rand.New(rand.NewPCG(21, 22))
	noise := verdicttest.Usual(fiveMinutes)
	alarms, within := map[string]int{}, map[string]int{}
	for range n {
		before, after := noise.Run(rng), noise.Run(rng)
		for name, m := range figures() {
			c := verdict.Compare(before, after, m, verdict.CompareOptions{Resamples: 400})
			none := 1.0
			if name == "failures" {
				none = 0
			}
			if c.Low <= none && none <= c.High {
				within[name]++
			}
			if c.Outcome == verdict.Regressed || c.Outcome == verdict.Improved {
				alarms[name]++
			}
		}
	}
	for name := range figures() {
		t.Logf("%s: %d false alarms in %d pairs; %d intervals of 95 %% hold the truth", name, alarms[name], n, within[name])
		if alarms[name]*20 > n {
			t.Errorf("%s: %d false alarms in %d pairs of the same, want 5 %% at most", name, alarms[name], n)
		}
		if tooFew(within[name], n, 0.94) {
			t.Errorf("%s: only %d of %d intervals of 95 %% hold the truth", name, within[name], n)
		}
	}
}

// TestPairsWithAPlantedChange makes one site 10 % slower, and wants it found in nine pairs of ten.
func TestPairsWithAPlantedChange(t *testing.T) {
	n := pairs(200)
	rng := rand.New(rand.NewPCG(23, 24))
	good := verdicttest.Usual(fiveMinutes)
	bad := good
	bad.Scale = 1.1
	found := 0
	for range n {
		c := verdict.Compare(good.Run(rng), bad.Run(rng), verdict.QuantileMeasure(0.95), verdict.CompareOptions{Resamples: 600})
		switch c.Outcome {
		case verdict.Regressed:
			found++
		case verdict.Same, verdict.Improved:
			t.Errorf("10 %% slower is %v: %+v", c.Outcome, c)
		}
	}
	t.Logf("p95 10 %% slower was found in %d of %d pairs", found, n)
	if tooFew(found, n, 0.93) {
		t.Errorf("p95 10 %% slower was found in %d of %d pairs, want 90 %%", found, n)
	}
}

// TestWhatASinglePairCannotKnow lets the runs of one site differ by 8 % for reasons of their own (which machine, what is in the caches, what the
// neighbours do): single pairs must cry wolf, since nothing within the runs tells of it, and groups of five runs a side must not.
func TestWhatASinglePairCannotKnow(t *testing.T) {
	n := pairs(200)
	rng := rand.New(rand.NewPCG(25, 26))
	noise := verdicttest.Usual(60)
	noise.Between = 0.08
	p95 := verdict.QuantileMeasure(0.95)
	single, grouped := 0, 0
	side := func() (figures []float64, last []verdict.Window) {
		for range 5 {
			last = noise.Run(rng)
			figure, enough := verdict.FigureOf(last, p95)
			if !enough {
				t.Fatal("a run with too few requests")
			}
			figures = append(figures, figure)
		}
		return figures, last
	}
	alarm := func(c verdict.Comparison) int {
		if c.Outcome == verdict.Regressed || c.Outcome == verdict.Improved {
			return 1
		}
		return 0
	}
	for range n {
		before, a := side()
		after, b := side()
		single += alarm(verdict.Compare(a, b, p95, verdict.CompareOptions{Resamples: 400}))
		grouped += alarm(verdict.CompareRuns(before, after, p95, verdict.CompareOptions{}))
	}
	t.Logf("runs that differ by 8 %%: %d false alarms in %d single pairs, %d in as many groups of five a side", single, n, grouped)
	if single*5 < n {
		t.Errorf("%d false alarms in %d single pairs: docs/compare.md says that there are many", single, n)
	}
	if grouped*20 > n {
		t.Errorf("%d false alarms in %d groups, want 5 %% at most", grouped, n)
	}
}
