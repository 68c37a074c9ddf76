package compare

import (
	"math"
	"testing"

	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

func TestWords(t *testing.T) {
	p95 := &Figure{Name: "p95", Comparison: verdict.Comparison{Low: 1.312, High: 1.46}}
	failures := &Figure{Name: "failures", Comparison: verdict.Comparison{Low: -0.001, High: 0.0213}}
	rates := &Figure{Name: "rate", Comparison: verdict.Comparison{Low: math.Inf(-1), High: math.Inf(1)}}
	for _, c := range []struct{ got, want string }{
		{p95.Text(412e6), "412 ms"},
		{p95.Text(math.Inf(1)), "never"},
		{p95.Text(math.NaN()), "-"},
		{failures.Text(0.002), "0.2 %"},
		{rates.Text(1204), "1,204/s"},
		{p95.ChangeText(1.38), "+38.0 %"},
		{p95.ChangeText(0.9), "-10.0 %"},
		{p95.ChangeText(1.0004), "0 %"},
		{p95.ChangeText(12.34), "12.3 times"},
		{p95.ChangeText(math.Inf(1)), "endless"},
		{p95.ChangeText(math.NaN()), "-"},
		{failures.ChangeText(0.012), "+1.2 points"},
		{failures.ChangeText(0.00001), "0 points"},
		{p95.IntervalText(), "+31.2 to +46.0 %"},
		{failures.IntervalText(), "-0.1 to +2.13 points"},
		{rates.IntervalText(), "-"},
		{Label(stats.Key{}), "all requests"},
		{Label(stats.Key{Type: "GET", Name: "/x"}), "GET /x"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestSentence(t *testing.T) {
	row := func(i int, o verdict.Outcome) Row {
		r := Row{Key: key(i), Outcome: o}
		change := 1.38
		if o == verdict.Same {
			change = 1.01
		}
		for _, m := range Measures() {
			r.Figures = append(r.Figures, Figure{Name: m.Name, Comparison: verdict.Comparison{Outcome: o, Change: change, Low: 1.31, High: 1.46}})
		}
		return r
	}
	total := func(o verdict.Outcome) Row {
		r := row(0, o)
		r.Key = stats.Key{}
		return r
	}
	quick := total(verdict.Same)
	quick.Figures[2].Change = 1.3
	limits := verdict.CompareOptions{}.Filled()
	for _, c := range []struct {
		r    Result
		want string
	}{
		{
			Result{Outcome: verdict.Same, Rows: []Row{total(verdict.Same), row(1, verdict.Inconclusive), row(2, verdict.Same)}},
			"nothing changed by 5 % or more; of 1 name not every figure is sure to 5 %",
		},
		{
			Result{Outcome: verdict.Regressed, Rows: []Row{total(verdict.Same), row(1, verdict.Regressed), row(2, verdict.Improved)}},
			"p95 of GET /page/01 changed by +38.0 % (+31.0 to +46.0 %); 1 name is better",
		},
		{
			Result{Outcome: verdict.Improved, Rows: []Row{total(verdict.Improved), row(1, verdict.Improved), row(2, verdict.Improved)}},
			"p95 of all requests changed by +38.0 % (+31.0 to +46.0 %); 2 names are better too",
		},
		{
			Result{Outcome: verdict.Same, Rows: []Row{quick, row(1, verdict.Same)}, Missing: []stats.Key{key(2)}, Gone: []stats.Key{key(2)}},
			"nothing changed by 5 % or more, but for times by less than 100 us; 1 name is gone",
		},
		{
			Result{Outcome: verdict.Improved, Rows: []Row{total(verdict.Improved)}, Missing: []stats.Key{key(2), key(3), key(4)}, Gone: []stats.Key{key(3)}},
			"p95 of all requests changed by +38.0 % (+31.0 to +46.0 %); 1 name is gone; 2 names are new",
		},
		{Result{Reason: "the runs are not comparable: users 5 and 6"}, "the runs are not comparable: users 5 and 6"},
	} {
		c.r.Limits = limits
		if got := c.r.Sentence(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// What looks like a change says more than what is only uneven; the least likely by chance says most.
func TestUndecidedFirst(t *testing.T) {
	figure := func(name string, low, high, p float64, doubtful bool) Figure {
		return Figure{Name: name, P: p, Doubtful: doubtful, Comparison: verdict.Comparison{Old: 1e8, Low: low, High: high}}
	}
	same := figure("rate", 0.99, 1.01, 1, false)
	same.Outcome = verdict.Same
	figures := []Figure{
		same, figure("p50", 1.1, 1.2, 0.3, true), figure("p95", 1.1, 1.4, 0.06, true), figure("p99", 0.5, 3, 0.9, false), figure("failures", -0.001, 0.02, 0.9, false),
	}
	j := &judge{}
	for _, c := range []struct {
		figures []Figure
		want    string
	}{{figures, "p95"}, {figures[:2], "p50"}, {figures[3:], "p99"}, {[]Figure{figures[4], figures[3]}, "p99"}, {[]Figure{figures[3], figures[1]}, "p50"}} {
		if got := j.undecidedFirst(c.figures); got == nil || got.Name != c.want {
			t.Errorf("%+v, want %s", got, c.want)
		}
	}
	if got := j.undecidedFirst(figures[:1]); got != nil {
		t.Errorf("nothing is undecided, and %s is", got.Name)
	}
}
