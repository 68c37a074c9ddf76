package report

import (
	"fmt"
	"slices"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/limit"
	"github.com/stampede-load/stampede/internal/monitor"
)

// serverFigure is a series of a server in a few numbers, the same in all exports that have no room for its points.
type serverFigure struct {
	server           *monitor.Server
	series           *monitor.Series
	least, mean, top float64
}

// figuresOf are the series of all servers that had a value.
func figuresOf(r *stampede.Report) (out []serverFigure) {
	for i := range r.Servers {
		for k := range r.Servers[i].Series {
			series := &r.Servers[i].Series[k]
			if len(series.Points) == 0 {
				continue
			}
			f := serverFigure{server: &r.Servers[i], series: series, least: series.Points[0].Value, top: series.Points[0].Value}
			sum := 0.0
			for _, p := range series.Points {
				f.least, f.top, sum = min(f.least, p.Value), max(f.top, p.Value), sum+p.Value
			}
			f.mean = sum / float64(len(series.Points))
			out = append(out, f)
		}
	}
	return out
}

// share is how near the figure came to its limit, 0 when it has none.
func (f *serverFigure) share() float64 {
	if f.series.Limit <= 0 {
		return 0
	}
	return f.top / f.series.Limit
}

// markdownFigures is how many series a comment on a pull request has of all servers: those nearest to their limits.
const markdownFigures = 12

// servers is what gave way first, and the series that came nearest to their limits.
func (m *markdown) servers() {
	if len(m.r.Servers) == 0 {
		return
	}
	if f := m.r.Suspects; f != nil {
		m.printf("**%s**\n\n", markdownPlain(f.Text))
		for _, v := range f.Victims {
			m.printf("- follows the answers' times: %s %s\n", markdownCode(v.Server+"."+v.Series), markdownPlain(v.Why))
		}
		if len(f.Victims) > 0 {
			m.printf("\n")
		}
	}
	all := slices.DeleteFunc(figuresOf(m.r), func(f serverFigure) bool { return f.share() == 0 })
	slices.SortStableFunc(all, func(a, b serverFigure) int {
		switch {
		case a.share() > b.share():
			return -1
		case a.share() < b.share():
			return 1
		}
		return 0
	})
	if len(all) == 0 {
		return
	}
	m.printf("| Server | Mean | At most | Limit |\n|---|---:|---:|---:|\n")
	for _, f := range all[:min(len(all), markdownFigures)] {
		m.printf("| %s | %s | %s | %s |\n", markdownCode(f.server.Name+"."+f.series.Name), markdownPlain(format.Amount(f.mean, f.series.Unit)),
			markdownPlain(format.Amount(f.top, f.series.Unit)), markdownPlain(format.Amount(f.series.Limit, f.series.Unit)))
	}
	m.printf("\n")
}

// limit is the levels of a search.
func (m *markdown) limit() {
	a := m.r.Limit
	if a == nil || len(a.Steps) == 0 {
		return
	}
	steps := slices.Clone(a.Steps)
	slices.SortStableFunc(steps, func(x, y stampede.LimitStep) int {
		switch {
		case x.Load < y.Load:
			return -1
		case x.Load > y.Load:
			return 1
		}
		return 0
	})
	m.printf("| Load | %s | Value | Answered | |\n|---:|---|---:|---:|---|\n", markdownCode(a.Rule))
	for _, s := range steps {
		word := "holds"
		if !s.Holds {
			word = "**breaks**"
		}
		m.printf("| %s | %s | %s | %s | %s |\n", limit.LoadText(s.Load, a.Unit), word, markdownPlain(s.Value), format.Rate(s.Rate), markdownPlain(s.Why))
	}
	m.printf("\n")
}

// servers writes each series' mean, least, most and limit.
func (m *metrics) servers(r *stampede.Report) {
	all := figuresOf(r)
	if len(all) == 0 {
		return
	}
	m.family("stampede_server_figure", "gauge", "", "What servers said of themselves over the run, in the unit of the label.")
	for i := range all {
		f := &all[i]
		for _, one := range []struct {
			of    string
			value float64
		}{{"mean", f.mean}, {"min", f.least}, {"max", f.top}} {
			m.sample("stampede_server_figure", metricFloat(round(one.value, 6)), "server", f.server.Name, "kind", f.server.Kind, "series", f.series.Name, "unit", f.series.Unit, "of", one.of)
		}
	}
	m.family("stampede_server_limit", "gauge", "", "The most that such a figure can become.")
	for i := range all {
		if f := &all[i]; f.series.Limit > 0 {
			m.sample("stampede_server_limit", metricFloat(f.series.Limit), "server", f.server.Name, "series", f.series.Name, "unit", f.series.Unit)
		}
	}
}

// Points of servers in a workbook: a sheet has at most 1,048,576 rows, and nobody scrolls through a tenth of that.
const xlsxServerRows = 100_000

// servers writes a sheet with a row for each series, and one with their points. Where there are too many, every n-th point of each series is written.
func (b *workbook) servers(r *stampede.Report) {
	all := figuresOf(r)
	if len(all) == 0 {
		return
	}
	b.sheet("Servers", func(s *sheet) {
		s.head([]string{"Server", "Kind", "Series", "Unit", "Mean", "Least", "Most", "Limit", "Most of limit", "Meaning"}, 12, 12, 24, 8, 14, 14, 14, 14, 12, 60)
		for i := range all {
			f := &all[i]
			limit, share := any(nil), any(nil)
			if f.series.Limit > 0 {
				limit, share = s.rate(f.series.Limit), s.share(round(f.share(), 4))
			}
			s.row(s.text(f.server.Name), s.text(f.server.Kind), s.text(f.series.Name), s.text(f.series.Unit), s.rate(round(f.mean, 6)), s.rate(round(f.least, 6)),
				s.rate(round(f.top, 6)), limit, share, s.text(f.series.Help))
		}
	})
	points := 0
	for i := range all {
		points += len(all[i].series.Points)
	}
	step := points/xlsxServerRows + 1
	b.sheet("Server series", func(s *sheet) {
		s.head([]string{"Second", "Series", "Value", "Unit"}, 10, 32, 14, 8)
		for i := range all {
			f := &all[i]
			for k := 0; k < len(f.series.Points); k += step {
				p := f.series.Points[k]
				s.row(s.rate(round(p.At.Seconds(), 3)), s.text(fmt.Sprintf("%s.%s", f.server.Name, f.series.Name)), s.rate(round(p.Value, 6)), s.text(f.series.Unit))
			}
		}
	})
}
