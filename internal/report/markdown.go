package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// What a pull request still shows: GitHub cuts a comment at 65,536 characters and a step summary at 1 MiB.
const (
	markdownRequests = 50
	markdownErrors   = 20
	markdownEvents   = 30
	markdownText     = 200 // characters of a name or an error
)

// WriteMarkdown writes the run as Markdown that GitHub (pull requests, step summaries) and GitLab show well. Long runs stay short: the
// requests with the most calls or failures and the most frequent errors, and how many more there were.
func WriteMarkdown(w io.Writer, r *stampede.Report) error { return writeMarkdown(w, r, nil) }

func writeMarkdown(w io.Writer, r *stampede.Report, c *compare.Result) error {
	m := markdown{w: bufio.NewWriter(w), r: r, c: c}
	m.head()
	m.comparison()
	m.thresholds()
	m.limit()
	m.requests()
	m.tasks()
	m.servers()
	m.errors()
	m.notes()
	m.details()
	return m.w.Flush()
}

// markdown writes the parts. bufio.Writer keeps the first error for Flush.
type markdown struct {
	w *bufio.Writer
	r *stampede.Report
	c *compare.Result // nil for none
}

func (m *markdown) printf(format string, args ...any) { fmt.Fprintf(m.w, format, args...) }

func (m *markdown) head() {
	name := m.r.Run.Name
	if name == "" {
		name = "Load test"
	}
	m.printf("## %s: %s\n\n**%s**\n\n", markdownPlain(name), Word(m.r, m.c, false), markdownPlain(Results(m.r)+Cause(m.r)))
	if m.r.Verdict.Level != verdict.Valid {
		m.printf("> **%s** - how far these numbers can be trusted:\n", m.r.Verdict.Level)
		for _, reason := range m.r.Verdict.Reasons {
			m.printf("> - %s\n", markdownPlain(reason))
		}
		m.printf("\n")
	}
	story := Tell(m.r)
	for i := range story.Moments {
		m.printf("- %s: %s\n", story.Moments[i].When(), markdownPlain(story.Moments[i].Text))
	}
	if len(story.Moments) > 0 {
		m.printf("\n")
	}
	if trouble := userTrouble(m.r); trouble != "" {
		m.printf("> %s\n\n", trouble)
	}
}

func (m *markdown) thresholds() {
	if len(m.r.Thresholds) == 0 {
		return
	}
	m.printf("| Threshold | Value | Limit | Result |\n|---|---:|---:|---|\n")
	for i := range m.r.Thresholds {
		t := &m.r.Thresholds[i]
		result := "passed"
		if !t.Passed {
			result = "**failed** " + markdownPlain(t.Reason)
			if t.FirstBroken > 0 {
				result += ", first at " + format.Span(t.FirstBroken)
			}
		}
		m.printf("| %s | %s | %s | %s |\n", markdownCode(t.Expr), markdownPlain(t.ValueText), markdownPlain(t.LimitText), result)
	}
	m.printf("\n")
}

func (m *markdown) requests() {
	rows := m.r.Judged.Rows
	if len(rows) == 0 {
		m.printf("No request was measured.\n\n")
		return
	}
	m.printf("| Request | Count | Rate | Failed | p50 | p90 | p95 | p99 | Max |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	shown := mostCalled(rows)
	for _, row := range shown {
		m.row(markdownCode(strings.TrimSpace(row.Type+" "+row.Name)), row)
	}
	m.row("**All**", &m.r.Judged.Total)
	m.printf("\nTimes are %s times over %s.", m.r.Headline(), span(m.r.Judged.Seconds))
	if left := leftOut(m.r); left != "" {
		m.printf(" The warm-up is left out: %s.", left)
	}
	if more := len(rows) - len(shown); more > 0 {
		m.printf(" %s with fewer calls are not listed.", format.Plural(int64(more), "request", "requests"))
	}
	m.printf(" `*`: fewer than ten samples lie beyond; `>`: dropped arrivals waited longer than anything measured.\n\n")
}

func (m *markdown) row(name string, row *stats.Row) {
	m.printf("| %s | %s | %s | %s |", name, format.Count(row.Count), format.Rate(row.Rate(m.r.Judged.Seconds)), format.Percent(row.FailureShare()))
	for _, q := range []float64{0.5, 0.9, 0.95, 0.99, 1} {
		m.printf(" %s |", strings.ReplaceAll(at(m.r, row, q), "*", `\*`))
	}
	m.printf("\n")
}

// mostCalled is the rows worth showing: failing ones before others, then by calls; in their own order.
func mostCalled(rows []stats.Row) []*stats.Row {
	picked := make([]*stats.Row, len(rows))
	for i := range rows {
		picked[i] = &rows[i]
	}
	if len(picked) <= markdownRequests {
		return picked
	}
	slices.SortStableFunc(picked, func(a, b *stats.Row) int {
		return cmp.Or(cmp.Compare(min(b.Failures, 1), min(a.Failures, 1)), cmp.Compare(b.Count, a.Count))
	})
	picked = picked[:markdownRequests]
	slices.SortStableFunc(picked, func(a, b *stats.Row) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name))
	})
	return picked
}

func (m *markdown) errors() {
	errors := slices.Clone(m.r.Judged.Errors)
	if len(errors) == 0 {
		return
	}
	slices.SortStableFunc(errors, func(a, b stats.ErrorRow) int { return cmp.Compare(b.Count, a.Count) })
	m.printf("| Errors | Request | Error | First | Last |\n|---:|---|---|---:|---:|\n")
	for i := range min(len(errors), markdownErrors) {
		e := &errors[i]
		m.printf("| %s | %s | %s | %s | %s |\n", format.Count(e.Count), markdownCode(strings.TrimSpace(e.Type+" "+e.Name)),
			markdownCode(e.Said()), format.Clock(e.First), format.Clock(e.Last))
	}
	m.printf("\n")
	if more := len(errors) - markdownErrors; more > 0 {
		m.printf("%s more.\n\n", format.Plural(int64(more), "kind of error", "kinds of errors"))
	}
}

func (m *markdown) notes() {
	for _, list := range [][]string{m.r.Notices, m.r.Warnings} {
		for _, text := range list {
			m.printf("- %s\n", markdownPlain(text))
		}
	}
	if len(m.r.Notices)+len(m.r.Warnings) > 0 {
		m.printf("\n")
	}
}

// details are what was run, folded away.
func (m *markdown) details() {
	m.printf("<details><summary>What was run</summary>\n\n| | |\n|---|---|\n")
	for _, pair := range details(m.r) {
		m.printf("| %s | %s |\n", markdownPlain(pair.Name), markdownPlain(pair.Value))
	}
	m.printf("\n")
	for i := range min(len(m.r.Events), markdownEvents) {
		e := &m.r.Events[i]
		m.printf("- %s %s: %s\n", format.Clock(e.At), markdownPlain(e.Kind), markdownPlain(e.Text))
	}
	if more := len(m.r.Events) - markdownEvents; more > 0 {
		m.printf("- and %s\n", format.Plural(int64(more), "more event", "more events"))
	}
	m.printf("\n</details>\n")
}

// markdownPlain makes any text safe in running text and table cells. Every character that could be markup, begin a link, mention a
// person or an emoji becomes a numeric entity, which by CommonMark is never markup.
func markdownPlain(s string) string {
	s = format.Text(s, markdownText)
	var b strings.Builder
	for i, c := range s {
		switch {
		case strings.ContainsRune("&<>|`*_[]\\~#!@$", c), c == ':' && strings.HasPrefix(s[i:], "://"):
			fmt.Fprintf(&b, "&#%d;", c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// markdownCode is the same in the look of code: a name, a rule, the text of an error. Services look for mentions outside code only.
func markdownCode(s string) string {
	if s == "" {
		return "(empty)"
	}
	return "<code>" + markdownPlain(s) + "</code>"
}
