package report

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/show"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// The objects of the payload about a comparison.
type (
	pageFound struct {
		Outcome     string           `json:"outcome"`
		Reason      string           `json:"reason"`
		Old         []pageSide       `json:"old"`
		New         []pageSide       `json:"new"`
		Differences []pageDifference `json:"differences"`
		Missing     []pageKey        `json:"missing"`
	}

	// pageSide is a run of one side: enough to find it in the book and to say what it was.
	pageSide struct {
		ID       string  `json:"id"`
		Name     string  `json:"name"`
		Started  string  `json:"started"`
		Duration float64 `json:"duration_s"`
		Changes  string  `json:"changes"`
	}

	pageDifference struct {
		What    string `json:"what"`
		Old     string `json:"old"`
		New     string `json:"new"`
		Advice  string `json:"advice"`
		Refused bool   `json:"refused"`
	}

	pageKey struct {
		Type string `json:"type"`
		Name string `json:"name"`
	}

	pageChange struct {
		pageKey
		Outcome string       `json:"outcome"`
		Figures []pageFigure `json:"figures"`
	}

	// pageFigure has times in ns, rates per second and shares.
	pageFigure struct {
		Name    string     `json:"name"`
		Outcome string     `json:"outcome"`
		Old     pageNumber `json:"old"`
		New     pageNumber `json:"new"`
		Change  pageNumber `json:"change"`
		Low     pageNumber `json:"low"`
		High    pageNumber `json:"high"`
		P       pageNumber `json:"p"`
		Reason  string     `json:"reason,omitempty"`
	}

	// pageNumber is a number in four digits, one more than is shown, that may be none, as null, or endless, as a text that JavaScript takes for the number.
	pageNumber float64
)

// MarshalJSON writes what JSON has no number for as null or text.
func (n pageNumber) MarshalJSON() ([]byte, error) {
	switch v := float64(n); {
	case math.IsNaN(v):
		return []byte("null"), nil
	case math.IsInf(v, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(v, -1):
		return []byte(`"-Infinity"`), nil
	}
	short := strconv.AppendFloat(nil, float64(n), 'e', 3, 64)
	v, err := strconv.ParseFloat(string(short), 64)
	if err != nil {
		return nil, err
	}
	format := byte('g')
	if math.Abs(v) >= 1e4 && math.Abs(v) < 1e15 {
		format = 'f' // the zeros of "412000000" pack better than an exponent
	}
	return strconv.AppendFloat(short[:0], v, format, -1, 64), nil
}

// pageComparison writes what a comparison found.
func (j *jsonWriter) pageComparison(c *compare.Result) {
	found := pageFound{
		Outcome: c.Outcome.String(), Reason: line(c.Reason), Old: pageSides(c.Old), New: pageSides(c.New),
		Differences: make([]pageDifference, len(c.Differences)), Missing: make([]pageKey, len(c.Missing)),
	}
	for i, d := range c.Differences {
		found.Differences[i] = pageDifference{line(d.What), line(d.Old), line(d.New), line(d.Advice), d.Refused}
	}
	for i, k := range c.Missing {
		found.Missing[i] = pageKeyOf(k)
	}
	j.name("comparison")
	j.put("{")
	j.inner = false
	j.field("found", found)
	j.items("rows", len(c.Rows), func(i int) any { return pageChangeOf(&c.Rows[i]) })
	j.put("}")
}

func pageKeyOf(k stats.Key) pageKey { return pageKey{line(k.Type), line(k.Name)} }

func pageSides(runs []stampede.RunInfo) []pageSide {
	sides := make([]pageSide, len(runs))
	for i := range runs {
		r := &runs[i]
		sides[i] = pageSide{line(r.ID), line(r.Name), r.Started.Format(time.RFC3339), show.Seconds(r.Duration), paragraph(r.Changes)}
	}
	return sides
}

func pageChangeOf(row *compare.Row) pageChange {
	p := pageChange{pageKey: pageKeyOf(row.Key), Outcome: row.Outcome.String(), Figures: make([]pageFigure, len(row.Figures))}
	for i := range row.Figures {
		f := &row.Figures[i]
		p.Figures[i] = pageFigure{
			Name: f.Name, Outcome: f.Outcome.String(), Old: pageNumber(f.Old), New: pageNumber(f.New), Change: pageNumber(f.Change),
			Low: pageNumber(f.Low), High: pageNumber(f.High), P: pageNumber(f.P), Reason: line(f.Reason),
		}
	}
	return p
}

// comparison writes what changed as plain HTML: all requests, then the names that did not stay the same.
func (f *fallback) comparison(c *compare.Result) {
	text := c.Outcome.String()
	if c.Reason != "" {
		text += ": " + c.Reason
	}
	f.put("<h2>", "</h2>", "Compared with the baseline "+sideWords(c.Old))
	f.put("<p><b>", "</b></p>", text)
	for _, d := range c.Differences {
		f.put("<p>", "</p>", d.What+": "+d.Old+" before, "+d.New+" now. "+d.Advice)
	}
	var rows [][]string
	for i := range c.Rows {
		row := &c.Rows[i]
		name := strings.TrimSpace(row.Type + " " + row.Name)
		if row.Key == (stats.Key{}) {
			name = "All requests"
		}
		for k := range row.Figures {
			g := &row.Figures[k]
			changed := (g.Outcome == verdict.Regressed || g.Outcome == verdict.Improved) && len(rows) < fallbackRequests
			if changed || row.Key == (stats.Key{}) {
				rows = append(rows, []string{name, g.Name, figureValue(g, g.Old), figureValue(g, g.New), figureChange(g), g.Outcome.String()})
			}
		}
	}
	f.table("What changed", []string{"Request", "Figure", "Before", "Now", "Change, with its 95 % interval", "Outcome"}, rows)
}

// sideWords is the runs of a side: when the first began, its changes, and how many more there are.
func sideWords(runs []stampede.RunInfo) string {
	if len(runs) == 0 {
		return ""
	}
	text := runs[0].Started.Format("2006-01-02 15:04")
	if runs[0].Changes != "" {
		text += ", " + show.Text(runs[0].Changes, 100)
	}
	if more := len(runs) - 1; more > 0 {
		text += " and " + show.Plural(int64(more), "more run", "more runs")
	}
	return text
}

func figureValue(f *compare.Figure, v float64) string {
	switch {
	case math.IsNaN(v):
		return show.None
	case f.Name == "rate":
		return show.Rate(v)
	case f.Name == "failures":
		return show.Percent(v)
	case math.IsInf(v, 1):
		return "beyond what was measured"
	default:
		return show.Duration(time.Duration(v))
	}
}

// figureChange is "+38.0 % (31.2 to 45.0 %)"; failures change by points.
func figureChange(f *compare.Figure) string {
	one, unit := 1.0, " %"
	if f.Name == "failures" {
		one, unit = 0, " points"
	}
	if math.IsNaN(f.Change) || math.IsInf(f.Change, 0) {
		return show.None
	}
	signed := func(v float64) string {
		text := strconv.FormatFloat((v-one)*100, 'f', 1, 64)
		if !strings.HasPrefix(text, "-") && text != "0.0" {
			text = "+" + text
		}
		return text
	}
	text := signed(f.Change) + unit
	if math.IsInf(f.Low, 0) || math.IsInf(f.High, 0) {
		return text
	}
	return text + " (" + signed(f.Low) + " to " + signed(f.High) + unit + ")"
}
