package screen

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/format"
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

// Curves draws runs below each other, on one scale and one time axis, p95 and the rate of all requests. It is "" when there is nothing to
// draw. At most so many columns are used; 0 means 100.
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
	const figures = 2 + len("the foot is 1,204 ms") // the scale at the right
	room := min(columns-margin-figures, widestCurve)
	if room < 8 || seconds == 0 {
		return ""
	}
	var b strings.Builder
	draw := func(name string, rows int, level bool, fold func([]float64) float64, value func(*Curve, *stats.Point) float64, text func(float64) string) {
		lines, top, low := make([][]float64, len(curves)), 0.0, math.Inf(1)
		for i := range curves {
			lines[i] = plotted(perSecond(&curves[i], value), seconds, room, fold)
			for _, v := range lines[i] {
				if v > 0 {
					top, low = max(top, v), min(low, v)
				}
			}
		}
		low = floor(low, top, level)
		fmt.Fprintf(&b, "%s\n", p.strong(name))
		for i := range curves {
			curvePaint := p.second
			if i == len(curves)-1 {
				curvePaint = p.accent
			}
			for r, line := range area(above(lines[i], low), rows, top-low) {
				label, scale := "", ""
				switch {
				case r == rows-1:
					label = curves[i].Name
					scale = "up to " + text(worst(append(lines[i], 0)))
				case r == 0 && low > 0:
					scale = "the foot is " + text(low)
				}
				out := pad("  "+label, margin) + curvePaint(pad(line, room)) + "  " + p.faint(scale)
				b.WriteString(strings.TrimRight(out, " ") + "\n")
			}
		}
	}
	draw("p95 over time", curveRows, true, worst, func(c *Curve, pt *stats.Point) float64 {
		ns, _ := pt.Row.Quantile(c.Paced, 0.95)
		return float64(ns)
	}, func(v float64) string { return format.Duration(time.Duration(v)) })
	draw("requests a second", 1, false, mean, func(_ *Curve, pt *stats.Point) float64 {
		return float64(pt.Row.Count) / max(pt.Lasted.Seconds(), 0.1)
	}, format.Rate)
	end := format.Clock(time.Duration(seconds) * time.Second)
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

// floor is the value at the foot of a chart of a level: near the least where all values are near each other, so that differences can be seen,
// and zero where they are not. It leaves the least a fifth of the height, and is never so near that noise fills the chart.
func floor(low, top float64, level bool) float64 {
	if !level || math.IsInf(low, 0) || low < top/2 {
		return 0
	}
	spread := max(top-low, top/10)
	return max(low-spread/4, 0)
}

// above is values measured from a foot. What was not measured stays nothing, and what was is never nothing.
func above(values []float64, foot float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		if v > 0 {
			out[i] = max(v-foot, 1e-9)
		}
	}
	return out
}
