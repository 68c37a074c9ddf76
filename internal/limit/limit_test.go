package limit_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/limit"
	"github.com/stampede-load/stampede/internal/limit/limittest"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

func rule(t *testing.T, text string) *verdict.Rule {
	t.Helper()
	r, err := verdict.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestLimitOfKnownServers looks for limits that are known in closed form. At least nine of ten must come out within five per cent, with an interval
// that holds the truth, in ten levels. `go run ./bench limit` does it for many more.
func TestLimitOfKnownServers(t *testing.T) {
	near, inside, short := 0, 0, 0
	cases := limittest.Known()
	for i, k := range cases {
		a, took, err := k.New(uint64(i + 1)).Search(limit.Options{Rule: rule(t, k.Rule), Open: k.Open, From: k.From, To: k.To})
		if err != nil {
			t.Fatal(err)
		}
		off := a.Value/k.Truth - 1
		t.Logf("%-28s truth %7.1f, found %7.1f (%.1f to %.1f), %+.1f %%, %d levels, %v", k.Name, k.Truth, a.Value, a.Low, a.High, off*100, len(a.Steps), took)
		if a.Whose != limit.Site || !a.Done {
			t.Errorf("%s: whose %s, done %v", k.Name, a.Whose, a.Done)
		}
		if math.Abs(off) <= 0.05 {
			near++
		}
		if a.Low <= k.Truth && k.Truth <= a.High {
			inside++
		}
		if len(a.Steps) <= 10 {
			short++
		}
	}
	if least := len(cases) * 9 / 10; near < least || inside < least || short < least {
		t.Errorf("of %d servers %d within 5 %%, %d inside their interval, %d in ten levels", len(cases), near, inside, short)
	}
}

// TestSameLimitTwice measures one server again and again: no run may be called worse than the one before.
func TestSameLimitTwice(t *testing.T) {
	apart := 0
	var before limit.Answer
	for seed := range uint64(3) {
		a, _, err := limittest.MMC(4, 25, 100+seed).Search(limit.Options{Rule: rule(t, "p95 < 200ms"), Open: true, From: 10, To: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if seed > 0 && limit.Worse(before, a) {
			apart++
		}
		before = a
	}
	if apart > 0 {
		t.Errorf("%d of 2 pairs of the same server were called a regression", apart)
	}
	slow, _, err := limittest.MMC(4, 20, 1).Search(limit.Options{Rule: rule(t, "p95 < 200ms"), Open: true, From: 10, To: 1000})
	if err != nil || !limit.Worse(before, slow) {
		t.Errorf("a server with four fifths of the capacity is no regression: %v after %v, %v", slow.Value, before.Value, err)
	}
}

func TestSearchOptions(t *testing.T) {
	for name, o := range map[string]limit.Options{
		"no rule":                   {From: 1, To: 2},
		"from 0 to 5":               {Rule: rule(t, "p95 < 1s"), To: 5},
		"from 5 to 5":               {Rule: rule(t, "p95 < 1s"), From: 5, To: 5},
		"precision 2":               {Rule: rule(t, "p95 < 1s"), From: 1, To: 5, Precision: 2},
		"a level lasts at least 5s": {Rule: rule(t, "p95 < 1s"), From: 1, To: 5, Step: time.Second},
	} {
		if _, err := limit.NewSearch(o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%+v: %v, want %q", o, err, name)
		}
	}
}

// TestEnds are the searches that find no limit of the site.
func TestEnds(t *testing.T) {
	easy := limit.Options{Rule: rule(t, "p95 < 10s"), Open: true, From: 1, To: 50}
	a, _, err := limittest.MMC(4, 25, 1).Search(easy)
	if err != nil || a.Whose != limit.Nobody || a.Low != 50 || a.Value != 50 || a.High != 0 || !a.Done {
		t.Errorf("holds everywhere: %+v, %v", a, err)
	}
	hard := limit.Options{Rule: rule(t, "p95 < 1ms"), Open: true, From: 5, To: 50}
	a, _, err = limittest.MMC(4, 25, 1).Search(hard)
	if err != nil || a.Whose != limit.Site || a.Value != 0 || a.Low != 0 || a.High != 5 || len(a.Steps) != 2 {
		t.Errorf("holds nowhere: %+v, %v", a, err)
	}
}

// A site that breaks once and has grown by the time the search is back is measured there again, and above; a limit that lasts is found as before.
func TestSitesThatRecover(t *testing.T) {
	for name, c := range map[string]struct {
		capacity func(level int) float64 // of the site, at the n-th level
		least    float64
		most     float64
		note     string
	}{
		"scales out":        {func(n int) float64 { return map[bool]float64{true: 150, false: 900}[n < 4] }, 850, 950, "held there later"},
		"cold caches":       {func(n int) float64 { return map[bool]float64{true: 5, false: 300}[n < 1] }, 280, 320, "held there later"},
		"does not scale":    {func(int) float64 { return 150 }, 142, 158, ""},
		"breaks at once":    {func(int) float64 { return 5 }, 0, 0, ""},
		"breaks at the end": {func(int) float64 { return 999 }, 950, 1000, ""},
	} {
		s, err := limit.NewSearch(limit.Options{Rule: rule(t, "p95 < 1s"), Open: true, From: 10, To: 1000})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for load, more := s.Next(); more; load, more = s.Next() {
			s.Add(limit.Step{Load: load, Holds: load < c.capacity(n), Sure: true})
			n++
		}
		a := s.Answer()
		if a.Value < c.least || a.Value > c.most || !a.Done || strings.Contains(strings.Join(a.Notes, " "), "held there later") != (c.note != "") {
			t.Errorf("%s: %+v", name, a)
		}
		if n > 16 {
			t.Errorf("%s took %d levels", name, n)
		}
	}
}

// Failures that the rule does not read are told.
func TestFailuresBesideTheRule(t *testing.T) {
	for text, told := range map[string]bool{"p95 < 1s": true, "p95 < 1s and failures < 50%": false} {
		s, err := limit.NewSearch(limit.Options{Rule: rule(t, text), Open: true, From: 10, To: 100})
		if err != nil {
			t.Fatal(err)
		}
		for load, more := s.Next(); more; load, more = s.Next() {
			s.Add(limit.Step{Load: load, Holds: load < 60, Sure: true, Failed: load / 200})
		}
		notes := strings.Join(s.Answer().Notes, "\n")
		if strings.Contains(notes, "of the requests failed, which the rule does not look at") != told {
			t.Errorf("%s: %q", text, notes)
		}
	}
}

// TestDisturbedOnce measures a level again that something spoiled, and goes on as if nothing had been.
func TestDisturbedOnce(t *testing.T) {
	s, err := limit.NewSearch(limit.Options{Rule: rule(t, "p95 < 1s"), Open: true, From: 10, To: 1000})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[float64]int{}
	for {
		load, more := s.Next()
		if !more {
			break
		}
		seen[load]++
		st := limit.Step{Load: load, Holds: load < 300, Sure: true}
		if seen[load] == 1 && load < 300 {
			st.Verdict = verdict.Invalid
		}
		s.Add(st)
	}
	if a := s.Answer(); a.Whose != limit.Site || a.Low > 300 || a.Low < 270 || a.High < 300 {
		t.Errorf("%+v", a)
	}
}

// TestAllowInvalid counts what a disturbed generator measured, for those who say so.
func TestAllowInvalid(t *testing.T) {
	for _, allow := range []bool{false, true} {
		s, err := limit.NewSearch(limit.Options{Rule: rule(t, "p95 < 1s"), Open: true, From: 10, To: 40, AllowInvalid: allow})
		if err != nil {
			t.Fatal(err)
		}
		for load, more := s.Next(); more; load, more = s.Next() {
			s.Add(limit.Step{Load: load, Holds: true, Sure: true, Verdict: verdict.Invalid})
		}
		a := s.Answer()
		if allow && (a.Whose != limit.Nobody || a.Value != 40) || !allow && (a.Whose != limit.Generator || a.Value != 0 || len(a.Steps) != 2) {
			t.Errorf("allowed %v: %+v", allow, a)
		}
	}
}

// TestGeneratorsLimit says that it was the generator that could do no more.
func TestGeneratorsLimit(t *testing.T) {
	s, err := limit.NewSearch(limit.Options{Rule: rule(t, "p95 < 1s"), Open: true, From: 10, To: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for {
		load, more := s.Next()
		if !more {
			break
		}
		st := limit.Step{Load: load, Holds: true, Sure: true}
		if load > 300 {
			st.Verdict = verdict.Invalid
		}
		s.Add(st)
	}
	if a := s.Answer(); a.Whose != limit.Generator || a.Low < 280 || a.Low > 300 || a.High < 300 || a.High > 330 {
		t.Errorf("%+v", a)
	}
}

// TestGiveUp ends a level at once when nearly everything fails, and never goes as high again.
func TestGiveUp(t *testing.T) {
	c, a, err := limit.NewConductor(limit.Options{Rule: rule(t, "failures < 1%"), Open: true, From: 10, To: 10000}, 0)
	if err != nil {
		t.Fatal(err)
	}
	load, began, highest := a.Load, 0, 0.0
	for i := range 3600 {
		sec := &stats.Second{Index: i, Width: 1, Gauges: stats.Gauges{CPU: 0.1, MachineCPU: 0.1}}
		if load > 0 {
			row := stats.Row{Key: stats.Key{Type: "GET", Name: "/"}, Count: int64(load)}
			if load > 100 {
				row.Failures = row.Count
			}
			row.Response.Record(1e6)
			sec.Rows = []stats.Row{row}
			sec.Total.Add(&row)
		}
		switch a = c.Second(sec); a.Order {
		case limit.Load:
			load, began = a.Load, i
			if highest > 0 && load >= highest {
				t.Errorf("at %d s the load is %v, where %v was given up", i, load, highest)
			}
		case limit.Drain:
			if load > 100 {
				highest = load
				if i-began > 12 {
					t.Errorf("the level at %v/s lasted %d s though everything failed", load, i-began)
				}
			}
			load = 0
		case limit.Stop:
			if got := c.Answer(); got.Value < 95 || got.Value > 106 {
				t.Errorf("found %v, %+v", got.Value, got)
			}
			return
		}
	}
	t.Error("the search did not end in an hour")
}

func TestCurveNeedsLevels(t *testing.T) {
	if _, err := limit.FitCurve([]limit.Step{{Load: 5, Rate: 3}}, false); err == nil || !strings.Contains(err.Error(), "different loads") {
		t.Errorf("%v", err)
	}
	if _, err := limit.FitCurve(nil, true); err == nil {
		t.Error("a curve through nothing")
	}
	var steps []limit.Step
	for _, n := range []float64{1, 2, 4, 8, 16, 32, 64, 128} {
		steps = append(steps, limit.Step{Load: n, Rate: 100 * n / (1 + 0.02*(n-1) + 0.001*n*(n-1))})
	}
	c, err := limit.FitCurve(steps, false)
	if err != nil || !c.PeakSeen || math.Abs(c.Peak-math.Sqrt(0.98/0.001)) > 0.5 {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err = limit.FitCurve(steps[:6], false); err == nil && c.PeakSeen && c.Peak > 32 {
		t.Errorf("a peak at %v was claimed, and only 32 were measured", c.Peak)
	}
}
