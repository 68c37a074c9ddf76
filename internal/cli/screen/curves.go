package screen

import (
	"fmt"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/show"
	"github.com/stampede-load/stampede/internal/stats"
)

// Curve is a run over time.
type Curve struct {
	Name   string // "before"
	Points []stats.Point
	Paced  bool
}

// curveRows is how many lines each curve of the times is high, and widestCurve how many columns it takes at most.
const (
	curveRows   = 3
	widestCurve = 72
)

// Curves draws runs below each other, on one scale and one time axis, p95 and the rate of all requests. It is "" when there is nothing to draw.
// At most so many columns are used; 0 means 100.
func Curves(curves []Curve, columns int, colour bool) string {
	if columns <= 0 {
		columns = 100
	}
	p := newPalette(colour)
	seconds, margin := 0, 0
	for _, c := range curves {
		margin = max(margin, width(c.Name)+4)
		if n := len(c.Points); n > 0 {
			seconds = max(seconds, c.Points[n-1].From+c.Points[n-1].Width)
		}
	}
	const figures = 2 + len("up to 1,204,000/s") // the scale at the right
	room := min(columns-margin-figures, widestCurve)
	if room < 8 || seconds == 0 {
		return ""
	}
	var b strings.Builder
	draw := func(name string, rows int, fold func([]float64) float64, value func(*Curve, *stats.Point) float64, text func(float64) string) {
		lines, top := make([][]float64, len(curves)), 0.0
		for i := range curves {
			lines[i] = plotted(perSecond(&curves[i], value), seconds, room, fold)
			top = max(top, worst(append(lines[i], 0)))
		}
		fmt.Fprintf(&b, "%s\n", p.strong(name))
		for i := range curves {
			curvePaint := p.second
			if i == len(curves)-1 {
				curvePaint = p.accent
			}
			for r, line := range area(lines[i], rows, top) {
				label, scale := "", ""
				if r == rows-1 {
					label = curves[i].Name
					scale = "up to " + text(worst(append(lines[i], 0)))
				}
				out := pad("  "+label, margin) + curvePaint(pad(line, room)) + "  " + p.faint(scale)
				b.WriteString(strings.TrimRight(out, " ") + "\n")
			}
		}
	}
	draw("p95 over time", curveRows, worst, func(c *Curve, pt *stats.Point) float64 {
		ns, _ := pt.Row.Quantile(c.Paced, 0.95)
		return float64(ns)
	}, func(v float64) string { return show.Duration(time.Duration(v)) })
	draw("requests a second", 1, mean, func(_ *Curve, pt *stats.Point) float64 {
		return float64(pt.Row.Count) / max(pt.Lasted.Seconds(), 0.1)
	}, show.Rate)
	end := show.Clock(time.Duration(seconds) * time.Second)
	b.WriteString(strings.Repeat(" ", margin) + p.faint("0:00"+padLeft(end, room-4)) + "\n")
	return b.String()
}

// perSecond is a value for each second; a longer stretch has its value in each of its seconds.
func perSecond(c *Curve, value func(*Curve, *stats.Point) float64) []float64 {
	var out []float64
	for i := range c.Points {
		pt := &c.Points[i]
		v := value(c, pt)
		if pt.Lasted < time.Second/2 && i > 0 {
			continue // the rest of a second says little
		}
		for len(out) < pt.From+pt.Width {
			out = append(out, v)
		}
	}
	return out
}
