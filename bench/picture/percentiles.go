package main

import (
	"fmt"
	"math"
	"time"
)

// The area of the percentile curves, and how many nines it reaches to.
const (
	curveLeft, curveTop, curveWidth, curveHeight = 58.0, 74.0, 756.0, 258.0
	nines                                        = 4.0
)

func curveX(q float64) float64 { return curveLeft + curveWidth*min(nines, -math.Log10(1-q))/nines }

func curveY(d time.Duration) float64 {
	return curveTop + curveHeight*(1-min(1, float64(d)/float64(tallest)))
}

// curve samples a distribution evenly along the axis of nines.
func curve(quantile func(q float64) time.Duration) []point {
	const steps = 400
	points := make([]point, 0, steps+1)
	for i := range steps + 1 {
		q := 1 - math.Pow(10, -nines*float64(i)/steps)
		points = append(points, point{curveX(q), curveY(quantile(q))})
	}
	return thin(points)
}

// thin leaves out points in the middle of level stretches.
func thin(points []point) []point {
	level := func(a, b point) bool { return math.Abs(a.y-b.y) < 0.05 }
	var kept []point
	for i, p := range points {
		if i > 0 && i < len(points)-1 && level(points[i-1], p) && level(p, points[i+1]) {
			continue
		}
		kept = append(kept, p)
	}
	return kept
}

// percentiles draws what share of the requests stayed within which time: as measured in both models, and as arithmetic has it.
func percentiles(closed, open *seen) string {
	c := newCanvas(860, 376, "Percentiles of both runs: the open run lies on the closed form, the closed run shows nothing up to 99.9 %")
	c.text(24, 30, "ink title", "start", "What the percentiles say of the same freeze")
	c.text(24, 50, "faint", "start", fmt.Sprintf("share of the requests that took no longer; D = %.0f s at about %s a second, one standstill of P = %.0f s",
		length.Seconds(), thousands(rate), freeze.Seconds()))
	for s := range 3 {
		y := curveY(time.Duration(s) * time.Second)
		c.line(curveLeft, y, curveLeft+curveWidth, y, "grid")
		c.text(curveLeft-8, y+4, "faint", "end", fmt.Sprintf("%d s", s))
	}
	bottom := curveTop + curveHeight
	for _, mark := range []struct {
		q    float64
		name string
	}{{0, "0 %"}, {0.5, "50 %"}, {0.9, "90 %"}, {0.95, "95 %"}, {0.99, "99 %"}, {0.999, "99.9 %"}, {0.9999, "99.99 %"}} {
		x := curveX(mark.q)
		c.line(x, curveTop, x, bottom+4, "grid")
		c.text(x, bottom+19, "faint", "middle", mark.name)
	}
	c.line(curveLeft, bottom, curveLeft+curveWidth, bottom, "axis")

	pause := open.pause()
	c.path(curve(func(q float64) time.Duration {
		return max(0, pause-time.Duration((1-q)*float64(length)))
	}), "wide truth")
	c.path(curve(closed.quantile), "line closed")
	c.path(curve(open.quantile), "line open")
	for _, mark := range []struct {
		q    float64
		text string
	}{{0.95, "p95 "}, {0.99, "open model as measured: p99 "}} {
		took := open.quantile(mark.q)
		c.circle(curveX(mark.q), curveY(took), 4, "mark open")
		c.text(curveX(mark.q)-12, curveY(took)-6, "openText", "end", mark.text+words(took))
	}
	took := closed.quantile(0.99)
	c.circle(curveX(0.99), curveY(took), 4, "mark closed")
	c.text(curveX(0.99)-4, curveY(took)-14, "closedText", "start", "closed model as measured: p99 "+words(took))
	c.text(curveX(0.99)+12, curveY(1250*time.Millisecond), "faint", "start", "the wide line is arithmetic:")
	c.text(curveX(0.99)+12, curveY(1250*time.Millisecond)+19, "faint", "start", "P − (1 − q) · D")
	return c.String()
}
