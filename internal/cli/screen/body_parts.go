package screen

import (
	"cmp"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
)

// both is one name over the last seconds and so far.
type both struct{ recent, total *stats.Row }

// pairs joins the rows of the last seconds with those so far, steps at the end. During a warm-up only the former exist.
func (d *Dashboard) pairs() []both {
	l := &d.Live
	empty := new(stats.Row)
	index := make(map[stats.Key]int, len(l.Rows))
	var all []both
	for i := range l.Rows {
		index[l.Rows[i].Key] = len(all)
		all = append(all, both{recent: empty, total: &l.Rows[i]})
	}
	for i := range l.Recent {
		if at, ok := index[l.Recent[i].Key]; ok {
			all[at].recent = &l.Recent[i]
			continue
		}
		all = append(all, both{recent: &l.Recent[i], total: empty})
	}
	all = slices.DeleteFunc(all, func(b both) bool { return !d.matches(b.row()) })
	slices.SortStableFunc(all, func(a, b both) int { return inOrder(a.row(), b.row()) })
	paced := d.Live.Run.Paced
	slices.SortStableFunc(all, func(a, b both) int { return d.Sort.compare(a, b, paced) })
	return all
}

// inOrder sorts rows by name, steps last.
func inOrder(x, y *stats.Row) int {
	switch {
	case isStep(x) && !isStep(y):
		return 1
	case !isStep(x) && isStep(y):
		return -1
	}
	return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Type, y.Type))
}

func (b both) row() *stats.Row {
	if b.total.Name != "" || b.total.Type != "" {
		return b.total
	}
	return b.recent
}

// table is the requests by name: rate and failures of the last seconds, and quantiles of those and so far.
func (d *Dashboard) table(p palette, inner int) part {
	all := d.pairs()
	const frame = 3 // two lines of heading, one of totals
	return part{
		least: frame + min(len(all), 2), wish: frame + min(len(all), 7), most: frame + len(all),
		draw: func(lines int) []string {
			fits := max(lines-frame, 0)
			first := min(max(d.Scroll, 0), max(len(all)-fits, 0))
			more := 0
			if len(all) > fits && fits > 1 { // the last line says how many are not seen
				fits--
				more = len(all) - fits
			}
			g := d.grid(p)
			for _, b := range all[first:min(first+fits, len(all))] {
				g.rows = append(g.rows, d.figures(title(b.row(), inner), b.recent, b.total, p))
			}
			if d.Filter != "" && len(all) == 0 {
				g.rows = append(g.rows, []cell{{text: "no name has " + clean(d.Filter) + " in it", paint: p.faint}})
			}
			totals := d.figures("all requests", &d.Live.RecentAll, &d.Live.Total, p)
			totals[0].paint = p.strong
			g.rows = append(g.rows, totals)
			drawn := g.lay(inner, p)
			if more > 0 {
				note := p.faint(format.Plural(int64(more), "more name", "more names") + ", " + d.Sort.String() + "; up, down and page keys scroll, o sorts, / filters")
				drawn = slices.Insert(drawn, len(drawn)-1, note)
			}
			return drawn
		},
	}
}

// title is what a row is called. The type is left out where columns are scarce, except for what is no request.
func title(row *stats.Row, inner int) string {
	name := clean(row.Name)
	switch {
	case row.Type == stats.PageType:
		return "page " + name
	case isStep(row):
		return "step " + name
	case inner >= 100:
		return clean(row.Type) + " " + name
	default:
		return name
	}
}

// roomy is from how many columns on figures have a space before their unit.
const roomy = 110

func (d *Dashboard) grid(p palette) *grid {
	gap := 1
	if d.Width >= roomy {
		gap = 2
	}
	recent := "last " + format.Span(max(d.Live.RecentSpan, time.Second).Round(time.Second))
	return &grid{least: 14, columns: []column{
		{title: "", left: true},
		{title: "rate", group: recent, drop: 0},
		{title: "failed", gap: gap, group: recent},
		{title: "p50", gap: gap, group: recent, drop: 4},
		{title: "p95", gap: gap, group: recent},
		{title: "p99", gap: gap, group: recent, drop: 2},
		{title: "count", group: "so far", drop: 7},
		{title: "failed", gap: gap, group: "so far", drop: 6},
		{title: "p50", gap: gap, group: "so far", drop: 5},
		{title: "p95", gap: gap, group: "so far", drop: 1},
		{title: "p99", gap: gap, group: "so far", drop: 3},
	}}
}

func (d *Dashboard) figures(name string, recent, total *stats.Row, p palette) []cell {
	paced := d.Live.Run.Paced
	row := []cell{
		{text: name},
		{text: format.Rate(recent.Rate(d.Live.RecentSpan.Seconds()))},
		failures(recent, p),
		quantile(recent, paced, 0.5), quantile(recent, paced, 0.95), quantile(recent, paced, 0.99),
		{text: format.Count(total.Count)},
		failures(total, p),
		quantile(total, paced, 0.5), quantile(total, paced, 0.95), quantile(total, paced, 0.99),
	}
	if d.Width < roomy {
		for i := 2; i < len(row); i++ {
			row[i] = narrow(row[i])
		}
	}
	return row
}

// errors is what failed, most frequent first.
func (d *Dashboard) errors(p palette, inner int) part {
	all := byCount(d.Live.Errors)
	if len(all) == 0 {
		return part{}
	}
	return part{
		least: 1, wish: min(len(all), 3), most: min(len(all), 12),
		draw: func(lines int) []string {
			var drawn []string
			digits := len(format.Count(all[0].Count))
			for _, e := range all[:min(lines, len(all))] {
				count := padLeft(format.Count(e.Count), digits)
				drawn = append(drawn, fit(p.wrong(count+"×")+" "+squeeze(subjectShort(&e), inner/3)+"  "+p.faint(clean(e.Said())), inner))
			}
			return drawn
		},
	}
}

// byCount is a copy of errors, most frequent first.
func byCount(errors []stats.ErrorRow) []stats.ErrorRow {
	all := slices.Clone(errors)
	slices.SortStableFunc(all, func(a, b stats.ErrorRow) int { return cmp.Compare(b.Count, a.Count) })
	return all
}
