package compare

import (
	"math"
	"slices"

	"github.com/stampede-load/stampede/internal/verdict"
)

// repeated compares several runs a side. A run in which the name has too few requests for the figure is left out, but for the rate: few
// requests where other runs have many are what a rate tells.
func (f *Figure) repeated(before, after [][]verdict.Window, m Measure, o verdict.CompareOptions) {
	few := m.Name == rate && slices.ContainsFunc(slices.Concat(before, after), func(windows []verdict.Window) bool {
		_, enough := verdict.FigureOf(windows, m.Measure)
		return enough
	})
	var between bool
	f.OldRuns, between = runFigures(before, m, few)
	f.Between = between
	f.NewRuns, between = runFigures(after, m, few)
	f.Between = f.Between || between
	f.Comparison = verdict.CompareRuns(f.OldRuns, f.NewRuns, m.Measure, o)
	if m.Share {
		f.AtLeast(tally(before), tally(after), o)
	}
}

// tally is the requests and failures of all runs of a side.
func tally(runs [][]verdict.Window) verdict.Tally {
	return verdict.TallyOf(slices.Concat(runs...))
}

// runFigures is a figure of each run, and whether the runs differ by more than their own windows explain. few takes in runs with too few
// requests for the figure.
func runFigures(runs [][]verdict.Window, m Measure, few bool) (figures []float64, between bool) {
	figures = []float64{}
	var means []verdict.RunMean
	for _, windows := range runs {
		whole, ok := verdict.FigureOf(windows, m.Measure)
		if !ok && !few || math.IsNaN(whole) {
			continue
		}
		figures = append(figures, whole)
		if mean, ok := runMean(windows, m); ok {
			means = append(means, mean)
		}
	}
	_, between, _ = verdict.RepeatedInterval(means)
	return figures, between
}

// batches is how many pieces a run is cut into for the error of its mean: measurement over many seconds, so that neighbours that depend on
// each other are in one piece.
const batches = 20

// runMean is the mean of a figure over the pieces of a run, with its standard error.
func runMean(windows []verdict.Window, m Measure) (verdict.RunMean, bool) {
	n := min(batches, len(windows))
	var values []float64
	for i := range n {
		v, _ := verdict.FigureOf(windows[i*len(windows)/n:(i+1)*len(windows)/n], m.Measure)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		values = append(values, v)
	}
	if len(values) < 2 {
		return verdict.RunMean{}, false
	}
	mean, squares := 0.0, 0.0
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	count := float64(len(values))
	return verdict.RunMean{Mean: mean, SE: math.Sqrt(squares / (count - 1) / count), Windows: len(values)}, true
}
