package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/xuri/excelize/v2"
)

// How many names have their own column in the sheet of p95 by name, and how many of those a line in its chart.
const (
	xlsxNames      = 50
	xlsxChartNames = 8
)

// series writes the course of the run to two sheets in one walk, and charts of them to a third.
func (b *workbook) series(r *stampede.Report) {
	all, names, charts := b.open("Series"), b.open("p95 by name"), "Charts"
	if b.err != nil {
		return
	}
	keys := busiest(r)
	all.head([]string{
		"Second", "Length s", "Users", "In flight", "Requests/s", "Failures/s", "Dropped/s", "p50 ms", "p95 ms", "p99 ms", "Max ms", "Lag p99 ms", "CPU",
	}, 10, 10, 10, 10, 12, 12)
	head := []string{"Second"}
	for _, k := range keys {
		head = append(head, strings.TrimSpace(k.Type+" "+k.Name))
	}
	names.head(head, 10)
	for sec := range r.Series.Seconds() {
		all.row(seriesCells(all, r, sec)...)
		cells := []any{sec.Index}
		for _, k := range keys {
			var cell any
			if row := sec.Row(k); row != nil {
				h, dropped := headline(r, row)
				q := quantilesOf(h, dropped)
				cell = names.ms(q.P95, q.Count > 0)
			}
			cells = append(cells, cell)
		}
		names.row(cells...)
	}
	all.close()
	names.close()
	if all.rows > 1 {
		b.charts(charts, all.rows, min(len(keys), xlsxChartNames))
	}
}

func seriesCells(s *sheet, r *stampede.Report, sec *stats.Second) []any {
	total, width := &sec.Total, float64(sec.Width)
	h, dropped := headline(r, total)
	q, lag := quantilesOf(h, dropped), quantilesOf(&total.Lag, 0)
	cpu := any(nil)
	if sec.Gauges.CPU >= 0 {
		cpu = s.share(round(sec.Gauges.CPU, 4))
	}
	return []any{
		sec.Index, sec.Width, s.count(int64(sec.Gauges.Users)), s.count(int64(sec.Gauges.InFlight)), s.rate(perSecond(total.Count, width)),
		s.rate(perSecond(total.Failures, width)), s.rate(perSecond(total.Dropped, width)), s.ms(q.P50, q.Count > 0), s.ms(q.P95, q.Count > 0),
		s.ms(q.P99, q.Count > 0), s.ms(q.Max, q.Count > 0), s.ms(lag.P99, lag.Count > 0), cpu,
	}
}

// busiest is the names with the most requests, most first.
func busiest(r *stampede.Report) []stats.Key {
	rows := make([]*stats.Row, len(r.Judged.Rows))
	for i := range r.Judged.Rows {
		rows[i] = &r.Judged.Rows[i]
	}
	slices.SortStableFunc(rows, func(a, b *stats.Row) int { return cmp.Compare(b.Count, a.Count) })
	keys := make([]stats.Key, min(len(rows), xlsxNames))
	for i := range keys {
		keys[i] = rows[i].Key
	}
	return keys
}

// charts draws lines over the rows of the series, natively: they are drawn by the spreadsheet from its own cells.
func (b *workbook) charts(name string, rows, names int) {
	_, err := b.file.NewSheet(name)
	b.fail(err)
	for _, c := range []struct{ at, title, sheet, axis, columns string }{
		{"A1", "Requests and failures per second", "Series", "1/s", "EF"},
		{"K1", "Users and requests in flight", "Series", "", "CD"},
		{"A24", "Times", "Series", "ms", "HIJL"},
		{"K24", "p95 by name", "p95 by name", "ms", "BCDEFGHI"[:names]},
	} {
		if len(c.columns) > 0 && b.err == nil {
			b.fail(b.file.AddChart(name, c.at, lineChart(c.title, c.sheet, c.axis, c.columns, rows)))
		}
	}
}

// lineChart has the seconds as numbers along its axis, not as labels: longer stretches take more room.
func lineChart(title, sheet, axis, columns string, rows int) *excelize.Chart {
	text := func(s string) excelize.ChartTitle {
		return excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: s}}}
	}
	chart := &excelize.Chart{
		Type: excelize.Scatter, Title: text(title), Dimension: excelize.ChartDimension{Width: 620, Height: 420},
		Legend: excelize.ChartLegend{Position: "bottom"}, ShowBlanksAs: "gap",
		XAxis: excelize.ChartAxis{Title: text("s"), Minimum: new(float64)},
		YAxis: excelize.ChartAxis{MajorGridLines: true},
	}
	if axis != "" {
		chart.YAxis.Title = text(axis)
	}
	colors := [xlsxChartNames]string{"1F77B4", "D62728", "2CA02C", "FF7F0E", "9467BD", "8C564B", "17BECF", "7F7F7F"}
	for i, column := range columns {
		chart.Series = append(chart.Series, excelize.ChartSeries{
			Name:       fmt.Sprintf("'%s'!$%c$1", sheet, column),
			Categories: fmt.Sprintf("'%s'!$A$2:$A$%d", sheet, rows),
			Values:     fmt.Sprintf("'%s'!$%c$2:$%c$%d", sheet, column, column, rows),
			Line:       excelize.LineOptions{Type: excelize.LineSolid, Width: 1.5},
			Fill:       excelize.Fill{Type: "pattern", Pattern: 1, Color: colors[i : i+1]},
			Marker:     excelize.ChartMarker{Symbol: "none"},
		})
	}
	return chart
}
