package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/report/reporttest"
	"github.com/stampede-load/stampede/internal/verdict"
)

// worsened is a run that is worse than its baseline, and what was found.
func worsened(t *testing.T) (*stampede.Report, *compare.Result) {
	t.Helper()
	baseline, run := reporttest.Pair()
	found, err := compare.Compare([]compare.Run{compare.Of(baseline)}, []compare.Run{compare.Of(run)}, compare.Options{
		CompareOptions: verdict.CompareOptions{Resamples: 400}, Anyway: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if found.Outcome != verdict.Regressed {
		t.Fatalf("the pair is %v: %s", found.Outcome, found.Reason)
	}
	return run, found
}

func TestOutcomeAgainst(t *testing.T) {
	regressed, same := &compare.Result{Outcome: verdict.Regressed}, &compare.Result{Outcome: verdict.Same}
	good := func() *stampede.Report {
		r := &stampede.Report{}
		r.Judged.Total.Count = 100
		return r
	}
	failing, broken, invalid, empty := good(), good(), good(), &stampede.Report{}
	failing.Judged.Total.Failures = 1
	broken.Thresholds = []verdict.Result{{Expr: "p95 < 1ms"}}
	invalid.Verdict.Level = verdict.Invalid
	for _, c := range []struct {
		name    string
		r       *stampede.Report
		c       *compare.Result
		allowed bool
		want    Outcome
	}{
		{"nothing compared", good(), nil, false, Passed},
		{"the same", good(), same, false, Passed},
		{"worse", good(), regressed, false, Regression},
		{"worse, and failures that nothing judges", failing, regressed, false, Regression},
		{"as before, and failures", failing, same, false, Failures},
		{"a broken threshold says more", broken, regressed, false, Threshold},
		{"INVALID", invalid, regressed, false, Invalid},
		{"INVALID, and allowed", invalid, regressed, true, Regression},
		{"nothing measured", empty, regressed, false, Nothing},
	} {
		if got := OutcomeAgainst(c.r, c.c, c.allowed); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestComparisonJSON(t *testing.T) {
	run, found := worsened(t)
	text := jsonOf(t, run, JSONOptions{Comparison: found})
	document := schemaDocument(t)
	result, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiledSchema(t).Validate(result); err != nil {
		t.Error(err)
	}
	known(t, document, document, result, "result")
	if _, err := ReadJSON(bytes.NewReader(text)); err != nil {
		t.Errorf("a result with a comparison cannot be read: %v", err)
	}
	_, again, err := ReadResult(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if once := jsonOf(t, run, JSONOptions{Comparison: again}); !bytes.Equal(text, once) {
		t.Errorf("a comparison that was read is written in another way:\n%s\n%s", text[:min(len(text), 4000)], once[:min(len(once), 4000)])
	}
	if again.Sentence() != found.Sentence() || again.Rows[0].Figure("p95").IntervalText() != found.Rows[0].Figure("p95").IntervalText() {
		t.Errorf("%q, was %q", again.Sentence(), found.Sentence())
	}
	if !strings.Contains(string(text), `"result": "REGRESSED: `) {
		t.Error("the result does not say that it is worse")
	}
	var alone bytes.Buffer
	if err := WriteComparison(&alone, found); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema  int
		Outcome string
		Rows    []struct {
			Type, Name string
			Figures    []struct {
				Name     string
				Old, New *float64
				P        *float64
			}
		}
	}
	if err := json.Unmarshal(alone.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Schema != 1 || got.Outcome != "REGRESSED" || len(got.Rows) != len(found.Rows) || got.Rows[0].Name != "" || len(got.Rows[0].Figures) != 5 {
		t.Errorf("%+v", got)
	}
	p95 := got.Rows[0].Figures[3]
	if want := found.Rows[0].Figure("p95").New / 1e6; p95.Name != "p95" || p95.New == nil || *p95.New < want*0.999 || *p95.New > want*1.001 {
		t.Errorf("p95 is %+v, want %v ms", p95, want)
	}
}

func TestComparisonMarkdown(t *testing.T) {
	run, found := worsened(t)
	var b bytes.Buffer
	if err := WriteMarkdownWith(&b, run, found); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		": REGRESSED\n", "**Against the baseline: REGRESSED** - ", "Baseline: " + found.Old[0].ID, "| Request | Figure | Before | Now |",
		"<code>POST Log In</code> | p95 |", "**REGRESSED**",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, b.String())
			return
		}
	}
}

func TestComparisonJUnit(t *testing.T) {
	run, found := worsened(t)
	var b bytes.Buffer
	if err := WriteJUnitWith(&b, run, found); err != nil {
		t.Fatal(err)
	}
	var got junitSuites
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	suite := got.Suites[len(got.Suites)-1]
	if suite.Name != "stampede.baseline" || suite.Cases[0].Name != "baseline" || suite.Cases[0].Failure == nil || suite.Failures < 2 {
		t.Fatalf("%+v", suite)
	}
	if !strings.Contains(suite.Cases[0].Failure.Text, "REGRESSED: ") || !strings.Contains(suite.Cases[0].Failure.Text, found.Old[0].ID) {
		t.Errorf("the case says %q", suite.Cases[0].Failure.Text)
	}
	found.Outcome, found.Reason = verdict.Inconclusive, "too short"
	b.Reset()
	if err := WriteJUnitWith(&b, run, found); err != nil || !strings.Contains(b.String(), "INCONCLUSIVE: too short") {
		t.Errorf("%v: %s", err, b.String())
	}
}
