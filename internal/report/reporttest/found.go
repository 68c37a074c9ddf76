package reporttest

import (
	"math"
	"slices"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Found is two runs held against each other, for the pictures of it.
func Found(baseline, run *stampede.Report) *compare.Result {
	c := &compare.Result{Old: []stampede.RunInfo{baseline.Run}, New: []stampede.RunInfo{run.Run}, Outcome: verdict.Same}
	c.Differences = []compare.Difference{
		{What: "duration", Old: "4 min", New: "4 min 12 s", Advice: "rates and shares are compared, no totals"},
		{What: "version of stampede", Old: "v0.9.2", New: "v1.0.0", Advice: "run both with the same version when the change is small"},
	}
	keys := []stats.Key{{}}
	for i := range run.Judged.Rows {
		if k := run.Judged.Rows[i].Key; baseline.Judged.Row(k) != nil {
			keys = append(keys, k)
		} else {
			c.Missing = append(c.Missing, k)
		}
	}
	for i := range baseline.Judged.Rows {
		if k := baseline.Judged.Rows[i].Key; run.Judged.Row(k) == nil {
			c.Missing = append(c.Missing, k)
		}
	}
	for _, k := range keys {
		row := compare.Row{Key: k, Outcome: verdict.Same, Figures: figures(windowsOf(baseline, k), windowsOf(run, k))}
		for _, f := range row.Figures {
			row.Outcome = worse(row.Outcome, f.Outcome)
		}
		c.Rows = append(c.Rows, row)
		c.Outcome = worse(c.Outcome, row.Outcome)
	}
	return c
}

// worse is the outcome that decides.
func worse(a, b verdict.Outcome) verdict.Outcome {
	order := []verdict.Outcome{verdict.Same, verdict.Improved, verdict.Inconclusive, verdict.Regressed}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

func figures(before, after []verdict.Window) []compare.Figure {
	var all []compare.Figure
	for _, m := range []struct {
		name string
		verdict.Measure
	}{
		{"rate", verdict.RateMeasure()},
		{"failures", verdict.FailureMeasure()},
		{"p50", verdict.QuantileMeasure(0.5)},
		{"p95", verdict.QuantileMeasure(0.95)},
		{"p99", verdict.QuantileMeasure(0.99)},
	} {
		all = append(all, compare.Figure{Name: m.name, Comparison: verdict.Compare(before, after, m.Measure, verdict.CompareOptions{Resamples: 400}), P: math.NaN()})
	}
	return all
}

// windowsOf is a name second by second, its ramp left out.
func windowsOf(r *stampede.Report, key stats.Key) []verdict.Window {
	points := r.Series.Points(key)
	if key == (stats.Key{}) {
		points = r.Series.Total()
	}
	var windows []verdict.Window
	for p := range points {
		if p.From >= rampEnd {
			windows = append(windows, verdict.Window{Times: p.Row.Headline(r.Run.Paced), Endless: p.Row.Dropped, Count: p.Row.Count, Failures: p.Row.Failures, Seconds: float64(p.Width)})
		}
	}
	return windows
}
