package screen

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// found is a row whose figures all have one outcome, and change by a factor.
func found(k stats.Key, o verdict.Outcome, factor float64) compare.Row {
	r := compare.Row{Key: k, Outcome: o}
	for i, m := range compare.Measures() {
		f := compare.Figure{Name: m.Name, P: 0.001, Comparison: verdict.Comparison{
			Outcome: o, Old: 400e6 * float64(i), Change: factor, Low: factor * 0.96, High: factor * 1.05,
		}}
		f.New = f.Old * factor
		switch {
		case m.Share:
			f.Comparison = verdict.Comparison{Outcome: verdict.Same, Old: 0.002, New: 0.003, Change: 0.001, Low: -0.0005, High: 0.002}
		case !m.Time:
			f.Comparison = verdict.Comparison{Outcome: verdict.Same, Old: 1204, New: 1180, Change: 0.98, Low: 0.97, High: 0.99}
		}
		r.Figures = append(r.Figures, f)
	}
	return r
}

// comparedFans is a comparison from figures that never change.
func comparedFans() *compare.Result {
	old, fresh := fanInfo(), fanInfo()
	old.ID, old.Changes = "20261026-190000-51c0", "cache in front of the shop"
	name := func(n string) stats.Key { return stats.Key{Type: "GET", Name: n} }
	doubt := found(name("News"), verdict.Inconclusive, 1.2)
	doubt.Figures[3].Doubtful = true
	rare := found(name("/terms"), verdict.Inconclusive, 1)
	for i := range rare.Figures {
		rare.Figures[i].Comparison = verdict.Comparison{Old: 1, New: 1, Change: 1, Low: math.Inf(-1), High: math.Inf(1), Reason: "12 requests in a run"}
	}
	return &compare.Result{
		Old: []stampede.RunInfo{old}, New: []stampede.RunInfo{fresh}, Outcome: verdict.Regressed, Paced: true,
		Differences: []compare.Difference{
			{What: "seed", Old: "7", New: "8", Advice: "other random choices; that is usual, --seed repeats them"},
			{What: "users", Old: "500", New: "600", Advice: "another load: repeat one of the runs with the users of the other", Refused: true},
		},
		Rows: []compare.Row{
			found(stats.Key{}, verdict.Same, 1.01), found(name("/a name that is far too long for most terminals/and/goes/on"), verdict.Regressed, 1.38),
			found(name("Events"), verdict.Improved, 0.7), found(name("Store"), verdict.Same, 1), rare, doubt,
		},
		Missing: []stats.Key{name("Tickets"), name("\x1b[31mred")}, Gone: []stats.Key{name("\x1b[31mred")},
		Limits: verdict.CompareOptions{}.Filled(),
	}
}

func TestComparisonScreens(t *testing.T) {
	for _, c := range []struct {
		name string
		o    ComparisonOptions
	}{
		{"comparison-120", ComparisonOptions{Columns: 120}},
		{"comparison-60", ComparisonOptions{Columns: 60}},
		{"comparison-short", ComparisonOptions{Columns: 100, Short: true}},
		{"comparison-all", ComparisonOptions{All: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := comparedFans()
			got := Comparison(r, c.o) + Verdict(r, false)
			for i, line := range strings.Split(Comparison(r, c.o), "\n") {
				if c.o.Columns > 0 && width(line) > c.o.Columns {
					t.Errorf("line %d is %d columns wide: %q", i, width(line), line)
				}
			}
			golden(t, c.name, got)
		})
	}
}

// A refused comparison shows why, and no table; without differences and short there may be nothing but the table.
func TestComparisonRefused(t *testing.T) {
	r := comparedFans()
	r.Rows, r.Outcome, r.Reason = nil, verdict.Inconclusive, "the runs are not comparable: users 500 and 600"
	got := Comparison(r, ComparisonOptions{}) + Verdict(r, false)
	if !strings.Contains(got, "! users: 500 and 600 - another load") || strings.Contains(got, "before") || !strings.HasSuffix(got, "INCONCLUSIVE: "+r.Reason+"\n") {
		t.Error(got)
	}
	r.Differences = nil
	if got := Comparison(r, ComparisonOptions{}); got != "" {
		t.Errorf("nothing to say: %q", got)
	}
}

// Of many names only those that changed are shown one by one.
func TestComparisonOfManyNames(t *testing.T) {
	r := comparedFans()
	for i := range 40 {
		r.Rows = append(r.Rows, found(stats.Key{Type: "GET", Name: fmt.Sprintf("/%d", i)}, verdict.Same, 1))
	}
	got := Comparison(r, ComparisonOptions{})
	if strings.Contains(got, "GET /7 ") || !strings.Contains(got, "41 names are the same") || !strings.Contains(got, "1 name has too few requests, of 1 name not every figure is sure to 5 %") {
		t.Error(got)
	}
	if got := Comparison(r, ComparisonOptions{All: true}); strings.Count(got, "GET /7 ") != 1 || strings.Contains(got, "names are the same") {
		t.Error(got)
	}
}

func TestComparisonOfGroups(t *testing.T) {
	r := comparedFans()
	for i := range r.Rows[0].Figures {
		f := &r.Rows[0].Figures[i]
		f.OldRuns, f.NewRuns, f.Between = []float64{f.Old, f.Old * 1.1}, []float64{f.New}, i == 2
	}
	got := Comparison(r, ComparisonOptions{})
	if !strings.Contains(got, "p50       before 800 ms, 880 ms · now 808 ms  (runs of a side differ more than their own seconds explain)") {
		t.Error(got)
	}
}

// curveOf is a run of so many seconds whose times are all the same, but for one second.
func curveOf(name string, seconds int, ns int64) Curve {
	c := Curve{Name: name}
	for i := range seconds {
		p := stats.Point{From: i, Width: 1, Lasted: time.Second, Row: stats.Row{Count: 100}}
		var h hist.Hist
		h.RecordN(ns, 100)
		if i == seconds/2 {
			h.RecordN(ns*3, 100)
		}
		p.Row.Service.Merge(&h)
		c.Points = append(c.Points, p)
	}
	return c
}

func TestCurves(t *testing.T) {
	got := Curves([]Curve{curveOf("before", 90, 100e6), curveOf("now", 120, 200e6)}, 80, false)
	golden(t, "curves-80", got)
	for i, line := range strings.Split(got, "\n") {
		if width(line) > 80 {
			t.Errorf("line %d is %d columns wide: %q", i, width(line), line)
		}
	}
	for _, c := range []struct {
		curves  []Curve
		columns int
	}{{nil, 80}, {[]Curve{{Name: "before"}, {Name: "now"}}, 80}, {[]Curve{curveOf("before", 90, 1), curveOf("now", 9, 1)}, 20}} {
		if got := Curves(c.curves, c.columns, false); got != "" {
			t.Errorf("drawn: %q", got)
		}
	}
}
