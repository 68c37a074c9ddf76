package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// The elements of JUnit XML as Ant, Jenkins, GitLab and the usual viewers read them.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string           `xml:"name,attr"`
		Tests      int              `xml:"tests,attr"`
		Failures   int              `xml:"failures,attr"`
		Errors     int              `xml:"errors,attr"`
		Skipped    int              `xml:"skipped,attr"`
		Time       string           `xml:"time,attr"`
		Timestamp  string           `xml:"timestamp,attr"`
		Hostname   string           `xml:"hostname,attr"`
		Properties *junitProperties `xml:"properties"`
		Cases      []junitCase      `xml:"testcase"`
	}
	junitProperties struct {
		Properties []junitProperty `xml:"property"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		ClassName string        `xml:"classname,attr"`
		Name      string        `xml:"name,attr"`
		Time      string        `xml:"time,attr"`
		Failure   *junitFailure `xml:"failure,omitempty"`
		SystemOut string        `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit writes the run as JUnit XML: a suite of the thresholds, one of the verdict, and one with a case for each request name. The
// time of a request's case is its p95, so that a viewer's trend of test times is a trend of p95. Failed requests fail their case unless
// a threshold says how many of them may fail; then that threshold decides, and the case only tells of them. A file without a failed case is
// written exactly when the outcome of the run is [Passed] (or it was only interrupted).
func WriteJUnit(w io.Writer, r *stampede.Report) error { return writeJUnit(w, r, nil) }

func writeJUnit(w io.Writer, r *stampede.Report, c *compare.Result) error {
	suites := junitSuites{
		Name: junitText(r.Run.Name),
		Time: junitTime(r.Run.Duration),
		Suites: []junitSuite{
			junitSuiteOf(r, "thresholds", thresholdCases(r)),
			junitSuiteOf(r, "verdict", verdictCases(r)),
			junitSuiteOf(r, "requests", requestCases(r)),
		},
	}
	if c != nil {
		suites.Suites = append(suites.Suites, junitSuiteOf(r, "baseline", baselineCases(c)))
	}
	for i := range suites.Suites {
		suites.Tests += suites.Suites[i].Tests
		suites.Failures += suites.Suites[i].Failures
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(suites); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func junitSuiteOf(r *stampede.Report, name string, cases []junitCase) junitSuite {
	s := junitSuite{
		Name: "stampede." + name, Tests: len(cases), Time: junitTime(r.Run.Duration), Cases: cases,
		Timestamp: r.Run.Started.UTC().Format("2006-01-02T15:04:05"), Hostname: junitText(r.Run.Host),
	}
	for i := range cases {
		if cases[i].Failure != nil {
			s.Failures++
		}
	}
	if name == "verdict" {
		s.Properties = &junitProperties{[]junitProperty{
			{"run", junitText(r.Run.ID)},
			{"result", junitText(Results(r))},
			{"version", junitText(r.Run.Version)},
		}}
	}
	return s
}

func thresholdCases(r *stampede.Report) []junitCase {
	cases := make([]junitCase, 0, len(r.Thresholds))
	for i := range r.Thresholds {
		t := &r.Thresholds[i]
		c := junitCase{ClassName: "stampede.thresholds", Name: junitText(t.Expr), Time: "0.000"}
		if t.Passed {
			c.SystemOut = junitText("value " + t.ValueText + ", limit " + t.LimitText)
		} else {
			text := fmt.Sprintf("value %s, limit %s", t.ValueText, t.LimitText)
			if t.FirstBroken > 0 {
				text += ", first broken at " + format.Span(t.FirstBroken)
			}
			c.Failure = &junitFailure{Message: junitText(t.Reason), Type: "threshold", Text: junitText(text)}
		}
		cases = append(cases, c)
	}
	return cases
}

// verdictCases are whether the numbers can be trusted, and whether there are any.
func verdictCases(r *stampede.Report) []junitCase {
	reasons := junitText(strings.Join(r.Verdict.Reasons, "\n"))
	trust := junitCase{ClassName: "stampede.verdict", Name: "the numbers can be trusted", Time: "0.000"}
	switch r.Verdict.Level {
	case verdict.Invalid:
		trust.Failure = &junitFailure{Message: "the verdict is INVALID", Type: "verdict", Text: reasons}
	case verdict.Suspect:
		trust.SystemOut = "the verdict is SUSPECT\n" + reasons
	}
	measured := junitCase{ClassName: "stampede.verdict", Name: "something was measured", Time: "0.000"}
	if r.Judged.Total.Count == 0 {
		measured.Failure = &junitFailure{Message: "no request was measured", Type: "verdict", Text: "no request ended in the judged part of the run"}
	}
	users := junitCase{ClassName: "stampede.verdict", Name: "users started and lived", Time: "0.000"}
	if text := userTrouble(r); text != "" && judgesOf(r).all() && !nobodyStarted(r) {
		users.SystemOut = text
	} else if text != "" {
		users.Failure = &junitFailure{Message: text, Type: "users", Text: "see the errors of the run"}
	}
	return []junitCase{trust, measured, users}
}

// userTrouble says how many users could not start or died, and how often the test's own code failed; "" when none and never.
func userTrouble(r *stampede.Report) string {
	var parts []string
	if r.StartFailed > 0 {
		parts = append(parts, "OnStart failed "+format.Plural(r.StartFailed, "time", "times"))
	}
	if r.NotStarted > 0 {
		parts = append(parts, format.Plural(r.NotStarted, "arrival was", "arrivals were")+" not started")
	}
	if r.Died > 0 {
		parts = append(parts, format.Plural(r.Died, "user", "users")+" died")
	}
	if n := ownFailures(r); n > 0 {
		parts = append(parts, "the test's own code failed "+format.Plural(n, "time", "times"))
	}
	return strings.Join(parts, ", ")
}

func requestCases(r *stampede.Report) []junitCase {
	errors := errorsByKey(r)
	judges := judgesOf(r)
	cases := make([]junitCase, 0, len(r.Judged.Rows))
	for i := range r.Judged.Rows {
		row := &r.Judged.Rows[i]
		h, dropped := headline(r, row)
		c := junitCase{
			ClassName: "stampede.requests", Name: junitText(strings.TrimSpace(row.Type + " " + row.Name)),
			Time: junitTime(quantilesOf(h, dropped).P95),
		}
		if row.Failures > 0 {
			message := fmt.Sprintf("%s of %s failed (%s)", format.Count(row.Failures), format.Count(row.Count), format.Percent(row.FailureShare()))
			if judges.left(row) == 0 {
				c.SystemOut = junitText(message + "\n" + errors[row.Key])
			} else {
				c.Failure = &junitFailure{Message: message, Type: "failures", Text: junitText(errors[row.Key])}
			}
		}
		cases = append(cases, c)
	}
	return cases
}

// errorsByKey lists the errors of each request, one a line.
func errorsByKey(r *stampede.Report) map[stats.Key]string {
	texts := make(map[stats.Key]string)
	for i := range r.Judged.Errors {
		e := &r.Judged.Errors[i]
		texts[e.Key] += format.Count(e.Count) + " x " + format.Text(e.Said(), 0) + "\n"
	}
	return texts
}

func junitTime(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

// junitText keeps what XML may hold: the encoder replaces other characters, and bad UTF-8 must not reach it.
func junitText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
