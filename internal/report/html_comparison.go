package report

import (
	"math"
	"strconv"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
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
		Spans       [2][2]int        `json:"spans"`  // seconds of each side that were compared
		Limit       pageNumber       `json:"limit"`  // a change of this share matters
		Points      pageNumber       `json:"points"` // the same for failures
	}

	// pageSide is a run of one side: enough to find it in the ledger and to say what it was.
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
		Reason  string       `json:"reason,omitempty"`
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

	// pageNumber is a number in six digits that may be none, as null, or endless, as a text that JavaScript takes for the number.
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
	short := strconv.AppendFloat(nil, float64(n), 'e', 5, 64)
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
		Limit: pageNumber(c.Limits.Limit), Points: pageNumber(c.Limits.Points),
	}
	for i, s := range c.Spans {
		found.Spans[i] = [2]int{s.From, s.To}
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
		sides[i] = pageSide{line(r.ID), line(r.Name), r.Started.Format(time.RFC3339), format.Seconds(r.Duration), paragraph(r.Changes)}
	}
	return sides
}

func pageChangeOf(row *compare.Row) pageChange {
	p := pageChange{pageKey: pageKeyOf(row.Key), Outcome: row.Outcome.String(), Reason: line(row.Reason), Figures: make([]pageFigure, len(row.Figures))}
	for i := range row.Figures {
		f := &row.Figures[i]
		change := func(v float64) pageNumber { return pageChangeNumber(f.Name, v) }
		p.Figures[i] = pageFigure{
			Name: f.Name, Outcome: f.Outcome.String(), Old: pageNumber(f.Old), New: pageNumber(f.New), Change: change(f.Change),
			Low: change(f.Low), High: change(f.High), P: pageNumber(math.Round(f.P*1e4) / 1e4), Reason: line(f.Reason),
		}
	}
	return p
}

// pageChangeNumber is a change, rounded as it is written: the page writes what other exports do.
func pageChangeNumber(name string, v float64) pageNumber {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return pageNumber(v)
	}
	if name != "failures" {
		return pageNumber(1 + math.Round((v-1)*1000)/1000)
	}
	points, err := strconv.ParseFloat(strconv.FormatFloat(v*100, 'f', 2, 64), 64)
	if err != nil {
		return pageNumber(v)
	}
	return pageNumber(points / 100)
}

// comparison writes what changed as plain HTML: all requests, then the names that did not stay the same.
func (f *fallback) comparison(c *compare.Result) {
	f.put("<h2>", "</h2>", "Compared with "+sideText(c.Old))
	f.put("<p><b>", "</b></p>", c.Outcome.String()+": "+c.Sentence())
	for i := range c.Differences {
		f.put("<p>", "</p>", differenceText(&c.Differences[i]))
	}
	changes, _ := comparedRows(c, fallbackRequests)
	rows := make([][]string, len(changes))
	for i, r := range changes {
		rows[i] = []string{r.label, r.figure, r.old, r.fresh, r.change, r.interval, r.outcome}
	}
	f.table("What changed", []string{"Request", "Figure", "Before", "Now", "Change", "95 % interval", "Outcome"}, rows)
}
