package compare

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/verdict"
)

// TestLikeness compares runs of one thing that differ from each other by little, and by much.
func TestLikeness(t *testing.T) {
	for _, tc := range []struct {
		spread      float64
		alarms      bool
		from, until float64 // of the spread that is found
	}{{0.002, false, 0, 0.04}, {0.3, true, 0.15, 0.6}} {
		rng := rand.New(rand.NewPCG(41, 42))
		var runs []Run
		for range 8 {
			runs = append(runs, restarted(rng, 2, 60, tc.spread, 1).run())
		}
		told := 0
		a, err := Likeness(runs, quick(), func(done, all int) {
			if done < told || all != 28 {
				t.Errorf("%d of %d pairs after %d", done, all, told)
			}
			told = done
		})
		if err != nil {
			t.Fatal(err)
		}
		if told != 28 || a.Pairs != 28 || a.Apart != 4 || len(a.Runs) != 8 || a.Halves == nil || len(a.Figures) != 5 {
			t.Fatalf("%d pairs, %d apart, %d runs, %d figures", a.Pairs, a.Apart, len(a.Runs), len(a.Figures))
		}
		if got := len(a.Alarms) > 4; got != tc.alarms {
			t.Errorf("spread %v: %d alarms", tc.spread, len(a.Alarms))
		}
		if share := float64(len(a.Alarms)) / 28; a.Low > share || a.High < share || a.Low < 0 || a.High > 1 {
			t.Errorf("%v to %v does not hold %v", a.Low, a.High, share)
		}
		p95 := a.Figures[3]
		if p95.Name != "p95" || p95.Between != tc.alarms || p95.Spread < tc.from || p95.Spread > tc.until || !(p95.Regression > 0.05+p95.Spread) {
			t.Errorf("spread %v: %+v", tc.spread, p95)
		}
		if five, ten := p95.RunsToSee(0.05), p95.RunsToSee(0.1); !tc.alarms && (five < 4 || ten < 4 || five < ten) || tc.alarms && five > 0 && five < ten {
			t.Errorf("spread %v: %d runs see 5 %%, %d see 10 %%", tc.spread, five, ten)
		}
		for _, alarm := range a.Alarms {
			if o := alarm.Outcome; o != alarm.Figure.Outcome || o != verdict.Regressed && o != verdict.Improved {
				t.Errorf("an alarm that is %v, of a figure that is %v", o, alarm.Figure.Outcome)
			}
		}
	}
}

func TestLikenessRefuses(t *testing.T) {
	rng := rand.New(rand.NewPCG(43, 44))
	var runs []Run
	for i := range 4 {
		s := restarted(rng, 1, 30, 0, 1)
		if i == 3 {
			s.report.Run.UsersText = "500"
		}
		runs = append(runs, s.run())
	}
	if _, err := Likeness(runs[:3], quick(), nil); err == nil || !strings.Contains(err.Error(), "at least 4") {
		t.Errorf("three runs: %v", err)
	}
	short := []Run{}
	for range 4 {
		short = append(short, restarted(rng, 1, 5, 0, 1).run())
	}
	if _, err := Likeness(short, quick(), nil); err == nil || !strings.Contains(err.Error(), "no two of the runs can be judged") {
		t.Errorf("runs of 5 s: %v", err)
	}
	if _, err := Likeness(runs, quick(), nil); err == nil || !strings.Contains(err.Error(), "are not alike") {
		t.Errorf("other users: %v", err)
	}
}

// TestWilson uses the values of Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, 1998, table I.
func TestWilson(t *testing.T) {
	for _, tc := range []struct{ seen, n, low, high float64 }{
		{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718},
	} {
		low, high := verdict.Wilson(tc.seen/tc.n, tc.n)
		if math.Abs(low-tc.low) > 6e-5 || math.Abs(high-tc.high) > 6e-5 {
			t.Errorf("%v of %v: %.4f to %.4f, want %v to %v", tc.seen, tc.n, low, high, tc.low, tc.high)
		}
	}
}

// TestRunsToSee reproduces the power that RunsToSee promises, in a simulation of normal figures.
func TestRunsToSee(t *testing.T) {
	rng := rand.New(rand.NewPCG(45, 46))
	s := Steadiness{Measure: Measures()[3], Spread: 0.05}
	for _, change := range []float64{0.08, 0.1, 0.12, 0.18} {
		n := s.RunsToSee(change)
		const tries = 1000
		found := 0
		for range tries {
			a, b := make([]float64, n), make([]float64, n)
			for i := range n {
				a[i], b[i] = s.Spread*rng.NormFloat64(), math.Log1p(change)+s.Spread*rng.NormFloat64()
			}
			if _, p := verdict.MannWhitney(a, b); p <= alpha {
				found++
			}
		}
		t.Logf("%v: %d runs a side find it in %d of %d", change, n, found, tries)
		if found < 870 || n > 5 && found > 960 {
			t.Errorf("%v: %d runs a side find it in %d of %d", change, n, found, tries)
		}
	}
	if n := s.RunsToSee(0.0001); n != 0 {
		t.Errorf("next to nothing takes %d runs", n)
	}
	if n := (&Steadiness{Measure: Measures()[1], Spread: 0}).RunsToSee(0.005); n != 4 {
		t.Errorf("what never varies takes %d runs", n)
	}
}
