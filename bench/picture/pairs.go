package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// pair is two runs and what their comparison found of p95.
type pair struct {
	title    string
	old, now []float64 // p95 of each second in ms; NaN where there was none
	found    compare.Figure
	limit    float64
}

// readPairs takes the three runs with the tag "pair" from a ledger: one as it was, the same again, and a changed one. A ledger without them
// gives none.
func readPairs(ctx context.Context, led *ledger.Ledger) ([]pair, error) {
	rows, err := led.Runs(ctx, ledger.Filter{Tag: "pair"})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, nil
	}
	if len(rows) != 3 {
		return nil, fmt.Errorf("%d runs have the tag pair, want 3: as it was, the same again, changed", len(rows))
	}
	var runs []compare.Run
	for i := range rows {
		rep, err := led.Report(ctx, &rows[i])
		if err != nil {
			return nil, err
		}
		runs = append(runs, compare.Of(rep))
	}
	var all []pair
	for i, title := range map[int]string{1: "The same site twice", 2: "After a change"} {
		r, err := compare.Compare(runs[i-1:i], runs[i:i+1], compare.Options{AllowInvalid: true})
		if err != nil {
			return nil, err
		}
		if r.Refused() {
			return nil, fmt.Errorf("the runs were not comparable: %s", r.Reason)
		}
		p := pair{title: title, found: *r.Rows[0].Figure("p95"), limit: r.Limits.Limit}
		if p.old, err = p95s(runs[i-1], r.Spans[0]); err != nil {
			return nil, err
		}
		if p.now, err = p95s(runs[i], r.Spans[1]); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	if all[0].title != "The same site twice" {
		all[0], all[1] = all[1], all[0]
	}
	return all, nil
}

// p95s is that of each second of a span of a run.
func p95s(run compare.Run, span compare.Span) ([]float64, error) {
	points, err := run.Course(stats.Key{})
	if err != nil {
		return nil, err
	}
	out := make([]float64, span.To-span.From)
	for i := range out {
		out[i] = math.NaN()
	}
	for _, p := range points {
		if p.From < span.From || p.From >= span.To || p.Row.Count == 0 {
			continue
		}
		if ns, beyond := p.Row.Quantile(run.Report.Run.Paced, 0.95); !beyond {
			out[p.From-span.From] = float64(ns) / 1e6
		}
	}
	return out, nil
}

// The place of the two panels of comparison, and of the interval below each.
const (
	pairWidth, pairHeight, pairTop = 352.0, 150.0, 104.0
	changeLeast, changeMost        = -0.15, 0.35 // of the axis of the interval
)

// comparison draws two pairs of runs: their p95 over time, and below it the interval of the change beside the limit.
func comparison(pairs []pair) string {
	c := newCanvas(860, 430, "Two pairs of runs. Of the first, the interval of the change of p95 lies within five per cent: SAME. Of the second, all of it "+
		"lies beyond: REGRESSED")
	c.text(24, 30, "ink title", "start", "What a pair of runs can say")
	c.text(24, 50, "faint", "start", "p95 of all requests in each second, and the change of p95 with its 95 % interval")
	top := 0.0
	for _, p := range pairs {
		for _, v := range append(append([]float64(nil), p.old...), p.now...) {
			if v > top { // NaN is not
				top = v
			}
		}
	}
	for i := range pairs {
		pairs[i].draw(c, 58+float64(i)*414, top*1.1)
	}
	return c.String()
}

func (p *pair) draw(c *canvas, left, tallest float64) {
	bottom := pairTop + pairHeight
	c.text(left, pairTop-14, "ink head", "start", fmt.Sprintf("%s: %v", p.title, p.found.Outcome))
	for _, share := range []float64{0, 0.5, 1} {
		y := bottom - share*pairHeight
		c.line(left, y, left+pairWidth, y, "grid")
		c.text(left-6, y+4, "faint", "end", words(time.Duration(share*tallest*1e6)))
	}
	for _, curve := range []struct {
		values []float64
		class  string
	}{{p.old, "closed"}, {p.now, "open"}} {
		var points []point
		for i, v := range curve.values {
			if !math.IsNaN(v) {
				points = append(points, point{left + pairWidth*float64(i)/float64(max(1, len(curve.values)-1)), bottom - pairHeight*v/tallest})
			}
		}
		c.path(points, "line "+curve.class)
	}
	c.text(left, bottom+20, "closedText", "start", "before "+words(time.Duration(p.found.Old)))
	c.text(left+pairWidth, bottom+20, "openText", "end", "now "+words(time.Duration(p.found.New)))
	p.interval(c, left, bottom+84)
}

// interval draws the change on an axis on which the limit is a band.
func (p *pair) interval(c *canvas, left, y float64) {
	x := func(change float64) float64 {
		change = min(max(change, changeLeast), changeMost)
		return left + pairWidth*(change-changeLeast)/(changeMost-changeLeast)
	}
	c.rect(x(-p.limit), y-26, x(p.limit)-x(-p.limit), 52, "ice")
	c.line(left, y+26, left+pairWidth, y+26, "axis")
	for _, tick := range []float64{-0.1, 0, 0.1, 0.2, 0.3} {
		c.line(x(tick), y+26, x(tick), y+31, "axis")
		c.text(x(tick), y+46, "faint", "middle", percentage(tick))
	}
	low, high, middle := p.found.Low-1, p.found.High-1, p.found.Change-1
	c.line(x(low), y, x(high), y, "line open")
	for _, end := range []float64{low, high} {
		c.line(x(end), y-7, x(end), y+7, "line open")
	}
	c.circle(x(middle), y, 4.5, "mark open")
	c.text(x(middle), y-12, "openText", "middle", fmt.Sprintf("%+.1f %%", 100*middle))
	under := "all of it lies within ±5 %"
	switch p.found.Outcome {
	case verdict.Regressed:
		under = "all of it lies above +5 %"
	case verdict.Improved:
		under = "all of it lies below −5 %"
	case verdict.Inconclusive:
		under = "it lies on both sides of a limit"
	}
	c.text(left, y+70, "faint", "start", fmt.Sprintf("from %+.1f to %+.1f %%: %s", 100*low, 100*high, under))
}

// percentage is a change in words for an axis: "+10 %", "0 %".
func percentage(change float64) string {
	if change == 0 {
		return "0 %"
	}
	return fmt.Sprintf("%+.0f %%", 100*change)
}
