package compare

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/verdict"
	"github.com/stampede-load/stampede/internal/verdict/verdicttest"
)

// group is so many restarts, an hour apart.
func group(rng *rand.Rand, runs int, scale float64) []Run {
	var out []Run
	for i := range runs {
		s := restarted(rng, 2, 60, 0.02, scale).with(func(r *stampede.Report) { r.Run.Started = start.Add(time.Duration(i) * time.Hour) })
		out = append(out, s.run())
	}
	return out
}

func TestRepeatedRuns(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	base := group(rng, 6, 1)
	for _, c := range []struct {
		name  string
		after []Run
		want  verdict.Outcome
	}{
		{"slower", group(rng, 6, 1.4), verdict.Regressed},
		{"faster", group(rng, 6, 0.7), verdict.Improved},
		{"one slow run", group(rng, 1, 2), verdict.Regressed},
		{"one fast run", group(rng, 1, 0.5), verdict.Improved},
	} {
		r, err := Compare(base, c.after, quick())
		if err != nil {
			t.Fatal(err)
		}
		if r.Outcome != c.want || len(r.Old) != 6 || len(r.New) != len(c.after) {
			t.Errorf("%s: %v (%s)", c.name, r.Outcome, r.Reason)
		}
		f := r.Rows[0].Figure("p95")
		if len(f.OldRuns) != 6 || len(f.NewRuns) != len(c.after) || len(c.after) > 1 && !f.Between {
			t.Errorf("%s: p95 is %+v", c.name, f)
		}
		if f.Low > f.Change || f.High < f.Change {
			t.Errorf("%s: %v is not from %v to %v", c.name, f.Change, f.Low, f.High)
		}
	}
	// One run as the baseline of several is the same the other way round.
	if r, err := Compare(group(rng, 1, 2), base, quick()); err != nil || r.Outcome != verdict.Improved {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestTooFewRuns(t *testing.T) {
	rng := rand.New(rand.NewPCG(33, 34))
	for _, n := range [][2]int{{3, 3}, {1, 3}, {2, 2}, {3, 1}} {
		r, err := Compare(group(rng, n[0], 1), group(rng, n[1], 3), quick())
		if err != nil {
			t.Fatal(err)
		}
		if r.Outcome != verdict.Inconclusive || !strings.Contains(r.Reason, "at least 4 a side are needed, or one against 4") {
			t.Errorf("%v: %v, %q", n, r.Outcome, r.Reason)
		}
	}
	// Enough runs and too small a change: how many more.
	r, err := Compare(group(rng, 4, 1), group(rng, 4, 1.03), quick())
	if err != nil || r.Outcome == verdict.Regressed {
		t.Fatalf("%+v, %v", r, err)
	}
	if r.Outcome == verdict.Inconclusive && !strings.Contains(r.Reason, "a side") && !strings.Contains(r.Reason, "too near") {
		t.Errorf("%q", r.Reason)
	}
}

// Runs in which nothing failed, and in which a name was hardly asked for: the first prove little as long as they are short, and of the second
// the rate tells.
func TestFewRequestsInRepeatedRuns(t *testing.T) {
	rng := rand.New(rand.NewPCG(37, 38))
	runs := func(rate float64) []Run {
		var out []Run
		for i := range 4 {
			s := simulate(rng, 2, 30, func(int) verdicttest.Noise {
				n := calm(rate, 1)
				n.Failing = 0
				return n
			}).with(func(r *stampede.Report) { r.Run.Started = start.Add(time.Duration(i) * time.Hour) })
			out = append(out, s.run())
		}
		return out
	}
	often, rare := runs(5), runs(0.5)
	r, err := Compare(often, runs(5), quick())
	if err != nil {
		t.Fatal(err)
	}
	f := r.Rows[1].Figure("failures")
	if f.Change != 0 || f.High <= 0 || f.Outcome != verdict.Inconclusive || !strings.Contains(f.Reason, "percentage points") {
		t.Errorf("no failure among some 600 requests a side: %+v", f)
	}
	if r, err = Compare(often, rare, quick()); err != nil {
		t.Fatal(err)
	}
	if f = r.Rows[1].Figure("rate"); f.Outcome != verdict.Regressed || len(f.NewRuns) != 4 {
		t.Errorf("a tenth of the requests: %+v", f)
	}
}

func TestRunsAreSortedByStart(t *testing.T) {
	rng := rand.New(rand.NewPCG(35, 36))
	base := group(rng, 4, 1)
	shuffled := []Run{base[2], base[0], base[3], base[1]}
	r, err := Compare(shuffled, base, quick())
	if err != nil {
		t.Fatal(err)
	}
	for i, info := range r.Old {
		if info.ID != base[i].Report.Run.ID {
			t.Errorf("run %d is %s", i, info.ID)
		}
	}
}
