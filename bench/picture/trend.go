package main

import (
	"context"
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/verdict"
)

// trended is the p95 of run after run, in ms, with what was changed before each, and where its level changed.
type trended struct {
	p95     []float64
	changes []string
	points  []verdict.ChangePoint
}

// readTrend takes the runs with the tag "trend" from a ledger. A ledger without them gives nil.
func readTrend(ctx context.Context, led *ledger.Ledger) (*trended, error) {
	rows, err := led.Runs(ctx, ledger.Filter{Tag: "trend"})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, nil
	}
	t := &trended{}
	for i := range rows {
		t.p95 = append(t.p95, rows[i].P95.Seconds()*1e3)
		t.changes = append(t.changes, rows[i].Changes)
	}
	if len(t.p95) < 6 {
		return nil, fmt.Errorf("%d runs have the tag trend: six are the least", len(t.p95))
	}
	t.points = verdict.ChangePoints(t.p95, verdict.ChangeOptions{})
	return t, nil
}

// draw draws a dot for each run, the level of each stretch as a line, and a name at each change.
func (t *trended) draw() string {
	const left, top, width, height = 72.0, 76.0, 740.0, 190.0
	c := newCanvas(860, 330, fmt.Sprintf("p95 of %d runs. The level changes %d times", len(t.p95), len(t.points)))
	c.text(24, 30, "ink title", "start", "A history of runs, and since when it is another")
	c.text(24, 50, "faint", "start", "each dot is the p95 of a run, oldest first; lines are the levels between changes")
	tallest := 0.0
	for _, v := range t.p95 {
		tallest = max(tallest, v*1.2)
	}
	x := func(run float64) float64 { return left + width*(run+0.5)/float64(len(t.p95)) }
	y := func(ms float64) float64 { return top + height*(1-ms/tallest) }
	for _, share := range []float64{0, 0.5, 1} {
		c.line(left, y(share*tallest), left+width, y(share*tallest), "grid")
		c.text(left-8, y(share*tallest)+4, "faint", "end", words(time.Duration(share*tallest*1e6)))
	}
	from, level := 0, 0.0
	for i := range len(t.points) + 1 {
		to := len(t.p95)
		if i < len(t.points) {
			to = t.points[i].Index
		}
		level = 0
		for _, v := range t.p95[from:to] {
			level += v / float64(to-from)
		}
		c.line(x(float64(from)-0.5), y(level), x(float64(to)-0.5), y(level), "wide truth")
		c.text(x(float64(from)-0.4), y(level)-16, "ink", "start", words(time.Duration(level*1e6)))
		from = to
	}
	for _, p := range t.points {
		at := x(float64(p.Index) - 0.5)
		c.line(at, top, at, top+height, "axis")
		c.text(at, top+height+22, "closedText head", "middle", fmt.Sprintf("%+.0f %% with “%s”", 100*(p.After/p.Before-1), t.changes[p.Index]))
	}
	var dots []point
	for i, v := range t.p95 {
		dots = append(dots, point{x(float64(i)), y(v)})
	}
	for _, d := range dots {
		c.circle(d.x, d.y, 4, "mark open")
	}
	c.text(left, top+height+46, "faint", "start", fmt.Sprintf("%d runs", len(t.p95)))
	return c.String()
}
