package screen

import (
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/format"
)

// axis is how many columns the label of a chart's upper edge takes, with the space behind it.
const axis = 8

// charts are the rate and the times of each second, side by side; where the field is narrow only the rate.
func (d *Dashboard) charts(p palette, inner int) part {
	if len(d.Live.History) < 2 || inner < 36 {
		return part{}
	}
	return part{
		least: 5, wish: 6, most: 16,
		draw: func(lines int) []string {
			const between = 3
			side := (inner - between) / 2
			if inner < 70 {
				return d.rateChart(p, inner, lines-1)
			}
			left, right := d.rateChart(p, side, lines-1), d.timeChart(p, side, lines-1)
			for i := range left {
				left[i] = pad(left[i], side+between) + right[i]
			}
			return left
		},
	}
}

// rateChart is requests per second; where some failed, the foot of the column is red, as high as their share.
func (d *Dashboard) rateChart(p palette, columns, rows int) []string {
	plot := columns - axis
	rates, failed := make([]float64, 0, len(d.Live.History)), make([]float64, 0, len(d.Live.History))
	for _, point := range d.Live.History {
		rates = append(rates, point.Rate)
		failed = append(failed, point.FailureRate)
	}
	rates, failed = plotted(rates, d.span(), plot, mean), plotted(failed, d.span(), plot, mean)
	top := ceiling(worst(rates))
	field := area(rates, rows, top)
	for r, line := range field {
		var b strings.Builder
		for c, glyph := range []rune(line) {
			// At least one cell is red where anything failed at all.
			red := failed[c] > 0 && (float64(rows-1-r)+0.5 <= failed[c]/top*float64(rows) || r == rows-1)
			switch {
			case glyph == ' ':
				b.WriteByte(' ')
			case red:
				b.WriteString(p.wrong(string(glyph)))
			default:
				b.WriteString(p.accent(string(glyph)))
			}
		}
		field[r] = b.String()
	}
	name := "requests/s"
	if worst(failed) > 0 {
		return framed(p, p.faint(name+", ")+p.wrong("failures")+p.faint(" below"), format.Rate(top), field)
	}
	return framed(p, p.faint(name), format.Rate(top), field)
}

// timeChart is p95 above p50.
func (d *Dashboard) timeChart(p palette, columns, rows int) []string {
	plot := columns - axis
	p95, p50 := make([]float64, 0, len(d.Live.History)), make([]float64, 0, len(d.Live.History))
	for _, point := range d.Live.History {
		if point.Rate <= 0 {
			p95, p50 = append(p95, -1), append(p50, -1) // nothing was measured: a gap, not zero
			continue
		}
		p95, p50 = append(p95, float64(point.P95)), append(p50, float64(point.P50))
	}
	p95, p50 = plotted(p95, d.span(), 2*plot, worst), plotted(p50, d.span(), 2*plot, worst)
	top := ceiling(worst(p95)/1e6) * 1e6 // friendly in milliseconds
	field := overlay(curve(p50, rows, top), curve(p95, rows, top), p.second, p.accent)
	name := p.faint(headline(&d.Live.Run)+", ") + p.accent("p95") + p.faint(" above ") + p.second("p50")
	return framed(p, name, format.Duration(time.Duration(top)), field)
}

// kept is how many seconds of history a run in progress has at most.
const kept = 600

// span is how many seconds the charts cover: the planned length, so that they fill as the run goes on; without one a minute at least.
// Of long runs it is the last ten minutes.
func (d *Dashboard) span() int {
	planned := int(d.Live.Planned / time.Second)
	if planned == 0 {
		planned = 60
	}
	return min(planned, kept)
}

// framed puts a name over a field and the value of its upper edge, and 0, at its left.
func framed(p palette, name, top string, field []string) []string {
	lines := []string{strings.Repeat(" ", axis) + name}
	for r, line := range field {
		label := ""
		switch r {
		case 0:
			label = top
		case len(field) - 1:
			label = "0"
		}
		lines = append(lines, p.faint(padLeft(fit(label, axis-1), axis-1))+" "+line)
	}
	return lines
}
