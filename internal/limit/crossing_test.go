package limit

import (
	"math"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/verdict"
)

// TestCrossing: the levels near the limit say together where it is, also when the one next to it was on the wrong side by chance; levels at which requests
// kept growing, or the generator was at its end, say nothing.
func TestCrossing(t *testing.T) {
	rule, err := verdict.Parse("p95 < 1s")
	if err != nil {
		t.Fatal(err)
	}
	level := func(load, noise float64) Step {
		excess := noise * math.Pow(load/300, 3)
		return Step{Load: load, Holds: excess < 1, Sure: true, excess: excess, To: time.Minute}
	}
	odd := level(310, 0)
	odd.growing, odd.excess, odd.Holds = true, 1.9, false
	ours := level(290, 1.5)
	ours.Verdict = verdict.Invalid
	for name, c := range map[string]struct {
		steps     []Step
		low, high float64
	}{
		"as it is":                   {[]Step{level(280, 1), level(320, 1)}, 299, 301},
		"one on the wrong side":      {[]Step{level(250, 1), level(285, 1), level(307, 0.93), level(330, 1)}, 300, 309},
		"growing, and ours":          {[]Step{level(280, 1), level(320, 1), odd, ours, level(320, 1)}, 294, 302},
		"nothing near":               {[]Step{level(100, 1), level(900, 1)}, 300, 300},
		"nothing is known of either": {[]Step{{Load: 200, Holds: true, Sure: true}, {Load: 450, Sure: true}}, 300, 300},
		"it falls":                   {[]Step{level(280, 1), level(320, 1), {Load: 290, Holds: true, Sure: true, excess: 0.9, To: 10 * time.Hour}, {Load: 315, Holds: true, Sure: true, excess: 0.6, To: 10 * time.Hour}}, 315, 320},
	} {
		s := Search{o: Options{Rule: rule, Open: true, From: 10, To: 1000, Precision: 0.05, MaxLevels: 20}, grow: 2, steps: c.steps}
		a := s.Answer()
		if a.Value < c.low || a.Value > c.high || a.Low > a.Value/1.05+1e-9 || a.High < a.Value*1.05-1e-9 {
			t.Errorf("%s: %.1f (%.1f to %.1f), want %v to %v", name, a.Value, a.Low, a.High, c.low, c.high)
		}
	}
}

// TestBrokeByChance: a low load that broke once and holds now does not send the search back to where it began.
func TestBrokeByChance(t *testing.T) {
	rule, err := verdict.Parse("p95 < 1s")
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSearch(Options{Rule: rule, Open: true, From: 10, To: 5000})
	if err != nil {
		t.Fatal(err)
	}
	broke := false
	for load, more := s.Next(); more; load, more = s.Next() {
		st := Step{Load: load, Holds: load < 81.5, Sure: true}
		if load == 80 && !broke {
			st.Holds, broke = false, true
		}
		s.Add(st)
	}
	if a := s.Answer(); !broke || math.Abs(a.Value/81.5-1) > 0.05 || len(a.Steps) > 15 {
		t.Errorf("broke %v, %.1f after %d levels", broke, a.Value, len(a.Steps))
	}
}
