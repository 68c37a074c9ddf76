package report

import (
	"regexp"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// htmlText is the longest text of others that the page shows, in characters.
const htmlText = 4000

// line makes what others wrote fit for one line of the page: nothing in it moves what stands around it.
func line(s string) string { return format.Text(s, htmlText) }

// lines is line for each, never nil.
func lines(texts []string) []string {
	out := make([]string, len(texts))
	for i, s := range texts {
		out[i] = line(s)
	}
	return out
}

// paragraph is line for a text whose own lines matter: a note, a stack.
func paragraph(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\t", "    ")
	parts := strings.Split(s, "\n")
	for i, p := range parts {
		parts[i] = line(p)
	}
	return strings.Join(parts, "\n")
}

// pageLine is a threshold that a chart can draw: a limit on a quantile of the headline of one row.
type pageLine struct {
	Row      int    `json:"row"` // as Judged.Rows, -1 for the total
	Quantile string `json:"quantile"`
	At       int64  `json:"at"` // ns
}

// drawable is a rule in its canonical form that is one upper limit on one quantile, over the whole run: selector, kind of time, quantile.
var drawable = regexp.MustCompile(`^(?:(\[[^"]*(?:"(?:[^"\\]|\\.)*"[^"]*)*\]|"(?:[^"\\]|\\.)*") )?(?:(response|service)\.)?` +
	`(p50|p90|p95|p99|p99\.9) <=? [0-9][0-9a-zµ.]*(?: over \S+)?(?: stop)?$`)

// pageLineOf is nil for rules that no chart can draw: joined ones, those about other figures, those about several names.
func pageLineOf(r *stampede.Report, i int) *pageLine {
	t := &r.Thresholds[i]
	rule, err := verdict.Parse(t.Expr)
	if err != nil || t.Limit <= 0 {
		return nil
	}
	m := drawable.FindStringSubmatch(rule.String())
	if m == nil || m[2] != "" && m[2] != r.Headline() {
		return nil
	}
	row, ok := rowSelected(r.Judged.Rows, m[1])
	if !ok {
		return nil
	}
	return &pageLine{Row: row, Quantile: m[3], At: int64(t.Limit * float64(time.Millisecond))}
}

// rowSelected is the one row that a selector names in full, -1 for the empty one, which is all requests.
func rowSelected(rows []stats.Row, selector string) (row int, ok bool) {
	if selector == "" {
		return -1, true
	}
	found := -1
	for i := range rows {
		name, kind := verdict.Literal(rows[i].Name), verdict.Literal(rows[i].Type)
		if selector != verdict.Named(name).String() && selector != verdict.Typed(kind, name).String() {
			continue
		}
		if found >= 0 {
			return 0, false // the same name with two types
		}
		found = i
	}
	return found, found >= 0
}
