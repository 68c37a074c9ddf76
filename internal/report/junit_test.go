package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/report/reporttest"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// junitRules is testdata/junit.xsd once more, for machines without a checker of schemas: which elements an element may hold, and the
// form of each of its attributes ("" is any text). Attributes listed in junitOptional may be missing.
var junitRules = map[string]struct {
	children   []string
	attributes map[string]string
}{
	"testsuites": {[]string{"testsuite"}, map[string]string{"name": "", "tests": `\d+`, "failures": `\d+`, "errors": `\d+`, "time": `\d+\.\d{3}`}},
	"testsuite": {[]string{"properties", "testcase"}, map[string]string{
		"name": "", "tests": `\d+`, "failures": `\d+`, "errors": `\d+`, "skipped": `\d+`, "time": `\d+\.\d{3}`,
		"timestamp": `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`, "hostname": "",
	}},
	"properties": {[]string{"property"}, nil},
	"property":   {nil, map[string]string{"name": "", "value": ""}},
	"testcase":   {[]string{"failure", "system-out"}, map[string]string{"name": "", "classname": "", "time": `\d+\.\d{3}`}},
	"failure":    {nil, map[string]string{"message": "", "type": ""}},
	"system-out": {nil, nil},
}

func TestJUnitStructure(t *testing.T) {
	checker, _ := exec.LookPath("xmllint") // where it is installed it checks too
	for name, r := range runs() {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := WriteJUnit(&b, r); err != nil {
				t.Fatal(err)
			}
			checkJUnit(t, b.Bytes())
			if checker == "" {
				return
			}
			path := filepath.Join(t.TempDir(), "junit.xml")
			if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(checker, "--noout", "--schema", "testdata/junit.xsd", path).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func checkJUnit(t *testing.T, data []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(data))
	var stack []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			rule, ok := junitRules[name]
			if !ok || len(stack) == 0 && name != "testsuites" || len(stack) > 0 && !slices.Contains(junitRules[stack[len(stack)-1]].children, name) {
				t.Fatalf("<%s> in %v", name, stack)
			}
			if len(token.Attr) != len(rule.attributes) {
				t.Fatalf("<%s> has %d attributes, want %d", name, len(token.Attr), len(rule.attributes))
			}
			for _, a := range token.Attr {
				form, ok := rule.attributes[a.Name.Local]
				if !ok || form != "" && !regexp.MustCompile("^"+form+"$").MatchString(a.Value) {
					t.Fatalf("<%s %s=%q>", name, a.Name.Local, a.Value)
				}
			}
			stack = append(stack, name)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		}
	}
}

// The counts in the attributes are those of the cases, and a file without a failed case means that the run passed.
func TestJUnitAgreesWithOutcome(t *testing.T) {
	all := runs()
	with := func(name string, change func(*stampede.Report)) {
		r := reporttest.One()
		change(r)
		all[name] = r
	}
	with("failures allowed", func(r *stampede.Report) {
		r.Judged = reporttest.AllFailed().Judged
		r.Thresholds = []verdict.Result{{Expr: "failures <= 100%", Passed: true, Judged: true}}
	})
	with("failures of one name allowed", func(r *stampede.Report) {
		r.Judged = reporttest.AllFailed().Judged
		r.Thresholds = []verdict.Result{{Expr: `"/news" failures <= 100%`, Passed: true, Judged: true}}
	})
	with("failures not judged", func(r *stampede.Report) {
		r.Judged = reporttest.AllFailed().Judged
		r.Thresholds = []verdict.Result{{Expr: `"failures" p95 < 1s`, Passed: true, Judged: true}}
	})
	with("nobody started", func(r *stampede.Report) {
		r.StartFailed, r.UsersStarted = 3, 0
		r.Thresholds = []verdict.Result{{Expr: "failures <= 100%", Passed: true, Judged: true}}
	})
	with("died", func(r *stampede.Report) { r.Died = 1 })
	with("invalid", func(r *stampede.Report) { r.Verdict.Level = verdict.Invalid })
	with("threshold", func(r *stampede.Report) { r.Thresholds = []verdict.Result{{Expr: "p95 < 1us", Judged: true}} })
	for name, r := range all {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := WriteJUnit(&b, r); err != nil {
				t.Fatal(err)
			}
			var file junitSuites
			if err := xml.Unmarshal(b.Bytes(), &file); err != nil {
				t.Fatal(err)
			}
			tests, failures := 0, 0
			for _, s := range file.Suites {
				broken := 0
				for _, c := range s.Cases {
					if c.Failure != nil {
						broken++
					}
				}
				if s.Tests != len(s.Cases) || s.Failures != broken {
					t.Errorf("%s says %d tests and %d failures, has %d and %d", s.Name, s.Tests, s.Failures, len(s.Cases), broken)
				}
				tests, failures = tests+s.Tests, failures+s.Failures
			}
			if file.Tests != tests || file.Failures != failures {
				t.Errorf("says %d tests and %d failures, has %d and %d", file.Tests, file.Failures, tests, failures)
			}
			if passed := OutcomeOf(r, false) == Passed; passed != (failures == 0) {
				t.Errorf("%d failed cases, outcome %v", failures, OutcomeOf(r, false))
			}
		})
	}
}

func TestOutcome(t *testing.T) {
	failed := reporttest.AllFailed().Judged
	fine := reporttest.One().Judged
	stepped, stumbled := reporttest.One().Judged, reporttest.One().Judged
	step := stats.Row{Key: stats.Key{Type: stats.StepType, Name: "Buy"}, Count: 1, Failures: 1}
	step.Faults = []stats.FaultCount{{Kind: fault.Refused, Count: 1}}
	stepped.Rows = append(slices.Clone(failed.Rows), step)
	stepped.Total = failed.Total
	step.Faults = []stats.FaultCount{{Kind: fault.Other, Count: 1}}
	stumbled.Rows = append(slices.Clone(stumbled.Rows), step)
	slipped := reporttest.One().Judged
	slipped.Errors = []stats.ErrorRow{{Key: stats.Key{Type: "TASK", Name: "Store"}, Kind: fault.Panic, Text: "panic: no", Count: 1}}
	pass := func(expr string) verdict.Result { return verdict.Result{Expr: expr, Passed: true, Judged: true} }
	for _, c := range []struct {
		name string
		r    stampede.Report
		want Outcome
	}{
		{"all well", stampede.Report{Judged: fine}, Passed},
		{"nothing", stampede.Report{}, Nothing},
		{"warm-up only", stampede.Report{Whole: fine}, Nothing},
		{"failures", stampede.Report{Judged: failed}, Failures},
		{"users died", stampede.Report{Judged: fine, Died: 1}, Failures},
		{"users did not start", stampede.Report{Judged: fine, StartFailed: 1}, Failures},
		{"failures, judged", stampede.Report{Judged: failed, Thresholds: []verdict.Result{pass("failures <= 100%")}}, Passed},
		{"failures by kind, judged", stampede.Report{Judged: failed, Thresholds: []verdict.Result{pass(`[GET "*"] failures(refused) <= 100%`)}}, Passed},
		{"failures by another kind, judged", stampede.Report{Judged: failed, Thresholds: []verdict.Result{pass(`[GET "*"] failures(5xx) = 0`)}}, Failures},
		{"failures of each name, judged", stampede.Report{Judged: failed, Thresholds: []verdict.Result{pass(`"/" failed >= 0`), pass(`"/news" failed >= 0`)}}, Passed},
		{"failures of another name, judged", stampede.Report{Judged: failed, Thresholds: []verdict.Result{pass(`"/" failures <= 100%`)}}, Failures},
		{"failures in seconds, judged", stampede.Report{Judged: failed, Thresholds: []verdict.Result{pass("seconds(failures < 1%) >= 0%")}}, Passed},
		{"failures of a step's requests, judged by name", stampede.Report{Judged: stepped, Thresholds: []verdict.Result{pass(`"/*" failures <= 100%`)}}, Passed},
		{"a step's own failures", stampede.Report{Judged: stumbled}, Failures},
		{"a step's own failures, requests judged by name", stampede.Report{Judged: stumbled, Thresholds: []verdict.Result{pass(`"/*" failures <= 100%`)}}, Failures},
		{"a step's own failures, judged", stampede.Report{Judged: stumbled, Thresholds: []verdict.Result{pass("failures < 1%")}}, Passed},
		{"times of failures", stampede.Report{Judged: failed, Thresholds: []verdict.Result{pass("failed.p95 < 2s")}}, Failures},
		{"users died, a name judged", stampede.Report{Judged: fine, Died: 1, UsersStarted: 5, Thresholds: []verdict.Result{pass(`"/" failures < 1%`)}}, Failures},
		{"failed count, judged", stampede.Report{Judged: failed, Thresholds: []verdict.Result{pass("not failed > 5")}}, Passed},
		{"users died, judged", stampede.Report{Judged: fine, Died: 1, UsersStarted: 5, Thresholds: []verdict.Result{pass("failures < 1%")}}, Passed},
		{"nobody started, judged", stampede.Report{Judged: fine, StartFailed: 5, Thresholds: []verdict.Result{pass("failures < 1%")}}, Failures},
		{"the test's own code failed", stampede.Report{Judged: slipped}, Failures},
		{"the test's own code failed, judged", stampede.Report{Judged: slipped, Thresholds: []verdict.Result{pass("failures < 1%")}}, Passed},
		{"failures in a name", stampede.Report{Judged: failed, Thresholds: []verdict.Result{pass(`"show failures" p95 < 1s`)}}, Failures},
		{"failures in a quoted quote", stampede.Report{Judged: failed, Thresholds: []verdict.Result{pass(`"a \" failures" p95 < 1s`)}}, Failures},
		{"threshold", stampede.Report{Judged: failed, Thresholds: []verdict.Result{pass("failures < 1%"), {Expr: "p95 < 1s"}}}, Threshold},
		{"invalid before threshold", stampede.Report{Judged: fine, Thresholds: []verdict.Result{{}}, Verdict: verdict.Health{Level: verdict.Invalid}}, Invalid},
		{"suspect", stampede.Report{Judged: fine, Verdict: verdict.Health{Level: verdict.Suspect}}, Passed},
		{"nothing before invalid", stampede.Report{Verdict: verdict.Health{Level: verdict.Invalid}}, Nothing},
		{"interrupted before all", stampede.Report{Run: stampede.RunInfo{Interrupted: true}, Thresholds: []verdict.Result{{}}}, Interrupted},
	} {
		if got := OutcomeOf(&c.r, false); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	invalid := stampede.Report{Judged: fine, Verdict: verdict.Health{Level: verdict.Invalid}}
	if got := OutcomeOf(&invalid, true); got != Passed {
		t.Errorf("INVALID but allowed: %d", got)
	}
}

func TestLine(t *testing.T) {
	r := reporttest.One()
	r.Judged.Total.Count, r.Judged.Total.Failures, r.Judged.Seconds = 1204, 2, 1
	r.Run.Users = 500
	r.Thresholds = []verdict.Result{{Expr: "failures < 1%", Passed: true}, {Passed: true}, {Passed: true}}
	p95 := strings.TrimSpace(at(r, &r.Judged.Total, 0.95))
	if got, want := Line(r), fmt.Sprintf("PASSED: 500 users: 1,204/s, p95 %s, 0.2 %% failed, VALID, 3 of 3 thresholds", p95); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	cut := *r
	cut.Run.Interrupted, cut.Thresholds = true, []verdict.Result{{Expr: "failures < 1%", ValueText: "not judged"}, {ValueText: "not judged"}}
	if got := Results(&cut); !strings.HasSuffix(got, "VALID, 2 thresholds not judged") {
		t.Errorf("of a run that was cut off: %s", got)
	}
	for rate, want := range map[string]string{"500": "500/s", "500/s": "500/s", "300/m": "300/m", "0:0,30s:500": "rate 0:0,30s:500", "spike(1, 2, at=1m)": "rate spike(1, 2, at=1m)"} {
		r.Run.Model, r.Run.RateText = stampede.Open, rate
		if got, _, _ := strings.Cut(Results(r), ": 1,204/s"); got != want {
			t.Errorf("rate %q reads %q, want %q", rate, got, want)
		}
	}
}
