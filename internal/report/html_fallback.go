package report

import (
	"bufio"
	"cmp"
	"html"
	"slices"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
)

// What the page says where scripts do not run, such as the preview of a mail program.
const (
	fallbackRequests = 50
	fallbackErrors   = 20
	fallbackText     = 300 // characters of a name or an error
)

// fallback writes markup. bufio.Writer keeps the first error.
type fallback struct {
	w *bufio.Writer
	r *stampede.Report
}

// writeFallback writes the outcome, the thresholds, the busiest requests and the most frequent errors as plain HTML.
func writeFallback(w *bufio.Writer, r *stampede.Report, o *HTMLOptions) {
	f := fallback{w, r}
	f.put(`<div class="plain"><h1>`, "</h1>", htmlTitleOf(r, o))
	f.put("<p><b>", "</b></p>", o.outcome(r).String()+": "+Results(r))
	for _, reason := range r.Verdict.Reasons {
		f.put("<p>", "</p>", r.Verdict.Level.String()+": "+reason)
	}
	story := Tell(r)
	f.put("<p>", "</p>", story.Felt)
	for i := range story.Moments {
		f.put("<p>", "</p>", story.Moments[i].When()+": "+story.Moments[i].Text)
	}
	f.thresholds()
	if o.found() != nil {
		f.comparison(o.found())
	}
	f.requests()
	f.errors()
	f.put("<p>", "</p></div>", "Charts and all figures need a browser with scripts: save this file and open it there.")
}

// put writes text between two pieces of markup.
func (f *fallback) put(before, after, text string) {
	f.w.WriteString(before)
	f.w.WriteString(html.EscapeString(format.Text(text, fallbackText)))
	f.w.WriteString(after)
}

// table writes rows of texts under a heading.
func (f *fallback) table(heading string, columns []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	f.put("<h2>", "</h2><table><thead><tr>", heading)
	for _, c := range columns {
		f.put("<th>", "</th>", c)
	}
	f.w.WriteString("</tr></thead><tbody>")
	for _, row := range rows {
		f.w.WriteString("<tr>")
		for _, text := range row {
			f.put("<td>", "</td>", text)
		}
		f.w.WriteString("</tr>")
	}
	f.w.WriteString("</tbody></table>")
}

func (f *fallback) thresholds() {
	rows := make([][]string, len(f.r.Thresholds))
	for i := range f.r.Thresholds {
		t := &f.r.Thresholds[i]
		result := "passed"
		if !t.Passed {
			result = "failed"
			if t.Reason != "" {
				result += ": " + t.Reason
			}
		}
		rows[i] = []string{t.Expr, t.ValueText, t.LimitText, result}
	}
	f.table("Thresholds", []string{"Threshold", "Value", "Limit", "Result"}, rows)
}

func (f *fallback) requests() {
	var rows [][]string
	add := func(name string, row *stats.Row) {
		cells := []string{name, format.Count(row.Count), format.Rate(row.Rate(f.r.Judged.Seconds)), format.Percent(row.FailureShare())}
		for _, q := range []float64{0.5, 0.95, 0.99, 1} {
			cells = append(cells, at(f.r, row, q))
		}
		rows = append(rows, cells)
	}
	busiest := mostCalled(f.r.Judged.Rows)
	for _, row := range busiest[:min(len(busiest), fallbackRequests)] {
		add(strings.TrimSpace(row.Type+" "+row.Name), row)
	}
	add("All requests", &f.r.Judged.Total)
	f.table("Requests, "+f.r.Headline()+" time", []string{"Request", "Count", "Rate", "Failed", "p50", "p95", "p99", "Max"}, rows)
}

func (f *fallback) errors() {
	errors := slices.Clone(f.r.Judged.Errors)
	slices.SortStableFunc(errors, func(a, b stats.ErrorRow) int { return cmp.Compare(b.Count, a.Count) })
	var rows [][]string
	for _, e := range errors[:min(len(errors), fallbackErrors)] {
		rows = append(rows, []string{format.Count(e.Count), strings.TrimSpace(e.Type + " " + e.Name), e.Said(), format.Clock(e.First), format.Clock(e.Last)})
	}
	f.table("Errors", []string{"Count", "Request", "Error", "First", "Last"}, rows)
}
