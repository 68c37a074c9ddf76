package verdict

import (
	"math"
	"slices"
)

// RunMean is a figure of one run: the mean of its windows, its standard error and how many windows it rests on.
type RunMean struct {
	Mean, SE float64
	Windows  int
}

// RepeatedInterval is the 95 % interval of a figure over repeated runs of one thing, and whether the runs differ from each other by more than
// what each one's own windows explain:
//
//	F = variance of the run means / mean of their SE^2  >  F_0.95(R-1, R(B-1))
//
// Then a single run's interval is too sure of itself, and only this one, m +- t(R-1) s / sqrt(R) over the runs, may be shown. It is false for
// fewer than two runs; between is never true for fewer than five.
func RepeatedInterval(runs []RunMean) (in Interval, between, ok bool) {
	r := float64(len(runs))
	if r < 2 {
		return Interval{}, false, false
	}
	var means []float64
	var within, windows float64
	for _, run := range runs {
		means = append(means, run.Mean)
		within += run.SE * run.SE / r
		windows += float64(run.Windows) / r
	}
	mean, variance := meanOf(means), varianceOf(means)
	half := studentPoint(0.05, r-1) * math.Sqrt(variance/r)
	in = Interval{Low: mean - half, High: mean + half, Windows: len(runs)}
	if r >= 5 && windows > 1 {
		between = within == 0 && variance > 0 || within > 0 && fisherTail(variance/within, r-1, r*(windows-1)) < 0.05
	}
	return in, between, true
}

// MedianInterval is the 95 % interval of the median of repeated runs, whatever their distribution: between the k-th lowest and the k-th
// highest, k as large as the binomial distribution allows. It is false for fewer than six values, which have no such interval.
func MedianInterval(values []float64) (low, high float64, ok bool) {
	n := len(values)
	sorted := slices.Sorted(slices.Values(values))
	tail, term := 0.0, math.Pow(0.5, float64(n)) // of at most k of n tosses
	k := 0
	for ; k < n/2; k++ {
		if tail += term; 2*tail > 0.05 {
			break
		}
		term *= float64(n-k) / float64(k+1)
	}
	if k == 0 {
		return math.Inf(-1), math.Inf(1), false
	}
	return sorted[k-1], sorted[n-k], true
}
