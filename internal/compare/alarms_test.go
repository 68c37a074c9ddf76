package compare

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stampede-load/stampede/internal/verdict"
	"github.com/stampede-load/stampede/internal/verdict/verdicttest"
)

// TestFalseAlarmsOfManyNames compares runs of the same site with 50 names: nothing changed, and at most one comparison in twenty may say
// that something did. Without the correction most of them would.
func TestFalseAlarmsOfManyNames(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	noise := func(i int) verdicttest.Noise {
		n := verdicttest.Usual(0)
		n.Rate = 1 + float64(i%10) // from rare to frequent
		return n
	}
	const pairs = 30
	alarms, uncorrected := 0, 0
	for range pairs {
		r := one(t, simulate(rng, 50, 60, noise), simulate(rng, 50, 60, noise), quick())
		if r.Outcome == verdict.Regressed || r.Outcome == verdict.Improved {
			alarms++
		}
		if crying(r) {
			uncorrected++
		}
	}
	t.Logf("%d of %d false alarms; %d without the correction", alarms, pairs, uncorrected)
	// The probability of more than 4 is 2 % at 5 %. Over 200 pairs there were none, and 135 without the correction.
	if alarms > 4 {
		t.Errorf("%d of %d comparisons of equal runs are changes", alarms, pairs)
	}
	if uncorrected < alarms*3 || uncorrected < 6 {
		t.Errorf("only %d alarms without the correction: the simulation is too tame to show anything", uncorrected)
	}
}

// TestFindsOneOfManyNames plants a site in which one of twenty names takes a fifth longer: the correction hides neither that nor which.
func TestFindsOneOfManyNames(t *testing.T) {
	rng := rand.New(rand.NewPCG(25, 26))
	usual := func(int) verdicttest.Noise {
		n := verdicttest.Usual(0)
		n.Rate = 10
		return n
	}
	planted := func(i int) verdicttest.Noise {
		n := usual(i)
		if i == 7 {
			n.Scale = 1.25
		}
		return n
	}
	for range 3 {
		r := one(t, simulate(rng, 20, 300, usual), simulate(rng, 20, 300, planted), quick())
		for i := range r.Rows {
			row := &r.Rows[i]
			if worse := row.Outcome == verdict.Regressed; worse != (row.Key == key(7)) && row.Name != "" {
				t.Errorf("%s is %v", row.Name, row.Outcome)
			}
		}
		if r.Outcome != verdict.Regressed {
			t.Errorf("the whole is %v: %s", r.Outcome, r.Reason)
		}
	}
}

// crying reports whether an interval of any figure lies beyond the limit.
func crying(r *Result) bool {
	for i := range r.Rows {
		for _, f := range r.Rows[i].Figures {
			limit, middle := 0.05, 1.0
			if f.Name == "failures" {
				limit, middle = 0.005, 0
			}
			if f.Known() && (f.Low > middle+limit || f.High < middle-limit) {
				return true
			}
		}
	}
	return false
}

// TestFalseAlarmsOfRepeatedRuns does the same with five runs a side that differ from each other by 3 %, all together, as restarts do.
func TestFalseAlarmsOfRepeatedRuns(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	alarms, pairs := 0, 40
	for range pairs {
		sides := [2][]Run{}
		for i := range sides {
			for range 5 {
				sides[i] = append(sides[i], restarted(rng, 3, 30, 0.03, 1).run())
			}
		}
		r, err := Compare(sides[0], sides[1], quick())
		if err != nil {
			t.Fatal(err)
		}
		if r.Outcome == verdict.Regressed || r.Outcome == verdict.Improved {
			alarms++
		}
	}
	t.Logf("%d of %d false alarms", alarms, pairs)
	if alarms > 5 {
		t.Errorf("%d of %d comparisons of equal runs are changes", alarms, pairs)
	}
}

// restarted is a run whose times are all a little above or below those of others, by chance.
func restarted(rng *rand.Rand, names, seconds int, between, scale float64) *simulated {
	level := math.Exp(between * rng.NormFloat64())
	return simulate(rng, names, seconds, func(int) verdicttest.Noise { return calm(20, level*scale) })
}
