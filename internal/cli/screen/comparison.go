package screen

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// ComparisonOptions says how a comparison is shown. The zero value is without colours and as wide as it needs.
type ComparisonOptions struct {
	Columns int
	Colour  bool
	// Short leaves out what did not change, and differences that are no reason to doubt.
	Short bool
	// All shows every figure of every name.
	All bool
}

// fewNames is how many names are shown one by one although nothing happened to them.
const fewNames = 12

// Comparison is what was found between two sides, for a terminal: in what they differ besides, the figures, and which names are of one
// side only. [Verdict] is the line to end with.
func Comparison(c *compare.Result, o ComparisonOptions) string {
	t := comparison{Result: c, o: o, p: newPalette(o.Colour)}
	t.differences()
	t.figures()
	t.repeated()
	t.names()
	if len(t.lines) == 0 {
		return ""
	}
	return strings.Join(t.lines, "\n") + "\n"
}

// Verdict is the outcome of a comparison in one line: "REGRESSED: p95 of GET /login changed by +38.0 % (+31.2 to +46.0 %)".
func Verdict(c *compare.Result, colour bool) string {
	return outcome(c.Outcome, newPalette(colour)) + ": " + clean(c.Sentence()) + "\n"
}

// outcome is an outcome in its colour.
func outcome(o verdict.Outcome, p palette) string { return outcomePaint(o, p)(o.String()) }

func outcomePaint(o verdict.Outcome, p palette) paint {
	switch o {
	case verdict.Regressed:
		return p.wrong
	case verdict.Improved:
		return p.good
	case verdict.Inconclusive:
		return p.warning
	default:
		return p.faint
	}
}

type comparison struct {
	*compare.Result
	o     ComparisonOptions
	p     palette
	lines []string

	doubtful bool // a figure carries the mark of doubt
}

func (t *comparison) add(lines ...string) { t.lines = append(t.lines, lines...) }

// section begins a part after an empty line.
func (t *comparison) section(name string) {
	if len(t.lines) > 0 {
		t.add("")
	}
	t.add(t.p.strong(name))
}

// cut is a line no wider than the terminal.
func (t *comparison) cut(line string) string {
	if t.o.Columns > 0 {
		return fit(line, t.o.Columns)
	}
	return line
}

// wrapped adds a text that may need several lines, the later ones behind an indent.
func (t *comparison) wrapped(text string, indent int) {
	for i, line := range wrap(text, max(cmp.Or(t.o.Columns, 120)-indent, 30)) {
		if i > 0 {
			line = strings.Repeat(" ", indent) + line
		}
		t.add(line)
	}
}

// differences lists what else differs. What makes the runs incomparable comes first.
func (t *comparison) differences() {
	shown := slices.Clone(t.Differences)
	if t.o.Short {
		shown = slices.DeleteFunc(shown, func(d compare.Difference) bool { return d.What == "seed" || d.What == "host" })
	}
	slices.SortStableFunc(shown, func(a, b compare.Difference) int {
		return cmp.Compare(map[bool]int{true: 0, false: 1}[a.Refused], map[bool]int{true: 0, false: 1}[b.Refused])
	})
	if len(shown) == 0 {
		return
	}
	t.section("the runs differ")
	for i := range shown {
		d := &shown[i]
		text := clean(fmt.Sprintf("%s: %s and %s", d.What, d.Old, d.New))
		mark := "  "
		if d.Refused {
			mark, text = t.p.wrong("! "), t.p.strong(text)
		}
		t.wrapped(mark+text+" - "+clean(d.Advice), 4)
	}
}

// figures is the table.
func (t *comparison) figures() {
	if t.Refused() {
		return
	}
	kind := "service times"
	if t.Paced {
		kind = "response times"
	}
	g := &grid{least: 16, columns: []column{
		{title: kind, left: true},
		{title: "figure", left: true},
		{title: "before", drop: 1},
		{title: "now"},
		{title: "change"},
		{title: "95 % interval", drop: 2},
		{title: "", left: true},
	}}
	same, unknown := 0, false
	rows := t.Rows
	if len(rows) == 2 && alike(&rows[0], &rows[1]) {
		rows = rows[1:] // the only name is all requests
	}
	many := len(rows) > fewNames && !t.o.All || t.o.Short
	for i := range rows {
		row := &rows[i]
		switch {
		case i > 0 && many && row.Outcome == verdict.Same:
			same++
		case i > 0 && many && row.Outcome == verdict.Inconclusive:
			unknown = true
		default:
			g.rows = append(g.rows, t.row(row, i == 0)...)
		}
	}
	if len(t.lines) > 0 {
		t.add("")
	}
	t.add(g.lay(t.o.Columns, t.p)...)
	if t.doubtful {
		t.add(t.p.faint(t.cut("* no larger than what chance brings about among all the figures compared")))
	}
	if same > 0 {
		t.add(t.p.faint(format.Plural(int64(same), "name is", "names are") + " the same"))
	}
	if unknown {
		t.add(t.p.faint(t.Doubts()))
	}
}

// alike reports whether two rows have the same figures.
func alike(a, b *compare.Row) bool {
	for i := range a.Figures {
		if f, g := &a.Figures[i], &b.Figures[i]; f.Text(f.Old) != g.Text(g.Old) || f.Text(f.New) != g.Text(g.New) {
			return false
		}
	}
	return true
}

// row is the lines of one name: all figures of the first and of those asked for, else those that are not the same, or one.
func (t *comparison) row(row *compare.Row, whole bool) [][]cell {
	shown := []*compare.Figure{}
	for i := range row.Figures {
		f := &row.Figures[i]
		changed := f.Outcome == verdict.Regressed || f.Outcome == verdict.Improved
		if whole || t.o.All || changed {
			shown = append(shown, f)
		}
	}
	if len(shown) == 0 {
		shown = append(shown, row.Finding())
	}
	var lines [][]cell
	label := cell{text: clean(compare.Label(row.Key))}
	if row.Key == (stats.Key{}) {
		label.paint = t.p.strong
	}
	for _, f := range shown {
		found := cell{text: f.Outcome.String(), paint: outcomePaint(f.Outcome, t.p)}
		if f.Doubtful {
			found.text += " *"
			t.doubtful = true
		}
		switch {
		case !f.Known():
			found = cell{text: "too little", paint: t.p.faint}
		case t.Doubted:
			found = cell{text: t.Word(f), paint: t.p.faint}
			if f.Far {
				found.paint = t.p.warning
			}
		}
		lines = append(lines, []cell{
			label,
			{text: f.Name, paint: t.p.faint},
			{text: f.Text(f.Old)},
			{text: f.Text(f.New)},
			{text: f.ChangeText(f.Change)},
			{text: f.IntervalText(), paint: t.p.faint},
			found,
		})
		label = cell{}
	}
	return lines
}

// repeated says how much the runs of a side differ among themselves.
func (t *comparison) repeated() {
	if t.Refused() || t.o.Short || t.Rows[0].Figures[0].OldRuns == nil {
		return
	}
	t.section("each run, all requests")
	for i := range t.Rows[0].Figures {
		f := &t.Rows[0].Figures[i]
		line := fmt.Sprintf("  %-9s before %s · now %s", f.Name, t.each(f, f.OldRuns), t.each(f, f.NewRuns))
		if f.Between {
			line += t.p.faint("  (runs of a side differ more than their own seconds explain)")
		}
		t.wrapped(line, 12)
	}
}

func (t *comparison) each(f *compare.Figure, values []float64) string {
	if len(values) == 0 {
		return format.None
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = f.Text(v)
	}
	return strings.Join(texts, ", ")
}

// names lists those of one side.
func (t *comparison) names() {
	if len(t.Missing) == 0 || t.Refused() {
		return
	}
	t.add("")
	t.listed("only before: ", t.Gone)
	t.listed("only now: ", t.Added())
}

func (t *comparison) listed(title string, keys []stats.Key) {
	texts := compare.Labels(keys, fewNames, clean)
	if len(texts) > 0 {
		t.wrapped(title+strings.Join(texts, ", "), 4)
	}
}
