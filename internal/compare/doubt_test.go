package compare

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/verdict"
	"github.com/stampede-load/stampede/internal/verdict/verdicttest"
)

// untrusted marks a run as INVALID, with what the generator can have added to each percentile.
func untrusted(by time.Duration, unbounded bool) func(*stampede.Report) {
	return func(r *stampede.Report) {
		r.Verdict = verdict.Health{Level: verdict.Invalid, Unbounded: unbounded}
		for _, name := range []string{"p50", "p95", "p99"} {
			r.Verdict.Shifts = append(r.Verdict.Shifts, verdict.Shift{Name: name, Shown: time.Second, Least: time.Second - by})
		}
	}
}

// TestDoubt: a side that is INVALID is shown and not judged, and a change far beyond what the generator can have done is told.
func TestDoubt(t *testing.T) {
	for _, c := range []struct {
		name      string
		scale     float64
		by        time.Duration
		unbounded bool
		far       bool
	}{
		{"eight times as slow", 8, 40 * time.Millisecond, false, true},
		{"eight times as slow, and nothing is known of the disturbance", 8, 40 * time.Millisecond, true, false},
		{"eight times as slow, as the generator was", 8, 10 * time.Second, false, false},
		{"the same", 1, 10 * time.Millisecond, false, false},
	} {
		rng := rand.New(rand.NewPCG(51, 52))
		noise := func(scale float64) func(int) verdicttest.Noise {
			return func(int) verdicttest.Noise { n := calm(50, 1); n.Scale = scale; return n }
		}
		before, after := simulate(rng, 1, 30, noise(1)), simulate(rng, 1, 30, noise(c.scale)).with(untrusted(c.by, c.unbounded))
		r := one(t, before, after, quick())
		if r.Refused() || !r.Doubted || r.Outcome != verdict.Inconclusive || !strings.Contains(r.Reason, "is INVALID: the figures are shown") {
			t.Fatalf("%s: %v %q", c.name, r.Outcome, r.Reason)
		}
		p50 := r.Rows[0].Figure("p50")
		if p50.Far != c.far || strings.Contains(r.Reason, "the disturbance explains at most") != c.far {
			t.Errorf("%s: far %v: %q", c.name, p50.Far, r.Reason)
		}
		if want := map[bool]string{true: "beyond the disturbance", false: "not judged"}[c.far]; r.Word(p50) != want {
			t.Errorf("%s: %q, want %q", c.name, r.Word(p50), want)
		}
		for _, row := range r.Rows {
			for _, f := range row.Figures {
				if f.Outcome != verdict.Inconclusive {
					t.Errorf("%s: %s is %v", c.name, f.Name, f.Outcome)
				}
			}
		}
		o := quick()
		o.AllowInvalid = true
		if r := one(t, before, after, o); r.Doubted || (r.Outcome == verdict.Regressed) != (c.scale > 1) {
			t.Errorf("%s, allowed: %v %q", c.name, r.Outcome, r.Reason)
		}
	}
}

// TestInvalidRunsAreLeftOut of groups and of self tests, and named.
func TestInvalidRunsAreLeftOut(t *testing.T) {
	rng := rand.New(rand.NewPCG(53, 54))
	side := func(n int) (runs []Run) {
		for range n {
			runs = append(runs, restarted(rng, 1, 30, 0.002, 1).run())
		}
		return runs
	}
	before, after := side(5), side(5)
	untrusted(time.Second, false)(before[2].Report)
	bad := before[2].Report.Run.ID
	r, err := Compare(before, after, quick())
	if err != nil {
		t.Fatal(err)
	}
	if r.Doubted || len(r.Old) != 4 || len(r.New) != 5 || r.Differences[0].What != "INVALID runs left out" || r.Differences[0].Old != bad {
		t.Errorf("%v %q: %d and %d runs, %+v", r.Outcome, r.Reason, len(r.Old), len(r.New), r.Differences)
	}
	o := quick()
	o.Anyway = true
	if r, err = Compare(before, after, o); err != nil || len(r.Old) != 5 {
		t.Errorf("anyway: %d runs, %v", len(r.Old), err)
	}
	for i := range before {
		untrusted(time.Second, false)(before[i].Report)
	}
	if r, err = Compare(before, after, quick()); err != nil || !r.Doubted || len(r.Old) != 5 {
		t.Errorf("a side of nothing else: %+v, %v", r, err)
	}

	alike := side(6)
	untrusted(time.Second, false)(alike[1].Report)
	a, err := Likeness(alike, quick(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Runs) != 5 || len(a.Left) != 1 || a.Left[0].ID != alike[1].Report.Run.ID || a.Pairs != 10 ||
		slices.ContainsFunc(a.Runs, func(r stampede.RunInfo) bool { return r.ID == a.Left[0].ID }) {
		t.Errorf("%d runs, %d pairs, left out %v", len(a.Runs), a.Pairs, a.Left)
	}
	untrusted(time.Second, false)(alike[2].Report)
	untrusted(time.Second, false)(alike[3].Report)
	if _, err := Likeness(alike, quick(), nil); err == nil || !strings.Contains(err.Error(), "3 runs of one thing without the 3 that are INVALID: at least 4") {
		t.Errorf("too few are left: %v", err)
	}
}
