package report

import (
	"math"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/report/reporttest"
	"github.com/stampede-load/stampede/internal/verdict"
)

// TestComparisonThatIsNone reads comparisons that somebody changed: what does not fit together must be refused, for who shows it relies on it.
func TestComparisonThatIsNone(t *testing.T) {
	run, found := worsened(t)
	text := string(jsonOf(t, run, JSONOptions{Comparison: found}))
	at := strings.Index(text, `"comparison": `)
	for _, c := range []struct{ old, fresh, want string }{
		{`"outcome":"REGRESSED"`, `"outcome":"WORSE"`, `"comparison": the outcome "WORSE", which is none`},
		{`"name":"p50"`, `"name":"p51"`, `the figure "p51", where "p50" is expected`},
		{`{"type":"","name":"",`, `{"type":"GET","name":"x",`, "it begins with GET x and not with all requests"},
		{`"figures":[`, `"figures":[],"x":[`, "0 figures, where 5 are expected"},
	} {
		if !strings.Contains(text[at:], c.old) {
			t.Fatalf("%s is not in %s", c.old, text[at:at+2000])
		}
		changed := text[:at] + strings.Replace(text[at:], c.old, c.fresh, 1)
		if _, _, err := ReadResult(strings.NewReader(changed)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.fresh, err, c.want)
		}
	}
	if _, none, err := ReadResult(strings.NewReader(string(jsonOf(t, reporttest.One(), JSONOptions{})))); err != nil || none != nil {
		t.Errorf("a result without a comparison has %+v, %v", none, err)
	}
}

// What is endless, and what is not known, is null in the file, and is told apart when it is read.
func TestComparisonOfTheEndless(t *testing.T) {
	measures := compare.Measures()
	endless := compare.Figure{Name: "p99", P: 0.01, Comparison: verdict.Comparison{
		Outcome: verdict.Regressed, Old: 1e6, New: math.Inf(1), Change: math.Inf(1), Low: 3, High: math.Inf(1),
	}}
	unknown := compare.Figure{Name: "p99", P: math.NaN(), Comparison: verdict.Comparison{
		Old: math.NaN(), New: math.NaN(), Change: math.NaN(), Low: math.Inf(-1), High: math.Inf(1),
	}}
	for _, f := range []compare.Figure{endless, unknown} {
		written := jsonMeasuredOf(&f)
		got, err := written.restore(measures[4])
		if err != nil {
			t.Fatal(err)
		}
		if got.Text(got.New) != f.Text(f.New) || got.ChangeText(got.Change) != f.ChangeText(f.Change) || got.IntervalText() != f.IntervalText() || got.Known() != f.Known() {
			t.Errorf("%+v became %+v", f, got)
		}
	}
}
