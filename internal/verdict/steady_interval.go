package verdict

import (
	"math"

	"github.com/stampede-load/stampede/internal/hist"
)

// Interval is how sure a figure of a run is: with 95 % confidence its long-run value lies between Low and High.
type Interval struct {
	Low, High float64
	Windows   int // how many parts of the run it rests on
	Width     int // how many of the given histograms make one part
}

// QuantileInterval is the interval of quantile q over the steady part of a run, given as one histogram for each second. It compares equal
// windows of the run with each other, so it holds where requests depend on each other, as they do; the rule by ranks (hist.Interval)
// takes them for independent and is too sure.
//
// With B windows, s the standard deviation of their quantiles and t of Student, the interval is Q +- t(B-1) s / sqrt(B). Q is the quantile
// of all windows together: the mean of theirs would lean towards the median, the more the shorter they are. There are 30 windows, or fewer
// where seconds are few; while neighbouring windows resemble each other (autocorrelation above 0.2) they are doubled.
// It is false when fewer than ten windows are left, or when a window holds fewer than 1/(1-q) values.
func QuantileInterval(seconds []*hist.Hist, q float64) (Interval, bool) {
	const most, least = 30, 10
	for width := max(1, len(seconds)/most); len(seconds)/width >= least; width *= 2 {
		values, all, enough := windowQuantiles(seconds, width, q)
		if !enough {
			continue // longer windows hold more
		}
		b := float64(len(values))
		if autocorrelation(values) > 0.2 && len(values)/2 >= least {
			continue
		}
		half := studentPoint(0.05, b-1) * math.Sqrt(varianceOf(values)/b)
		return Interval{Low: max(0, all-half), High: all + half, Windows: len(values), Width: width}, true
	}
	return Interval{}, false
}

// windowQuantiles is the quantile of each window and of all together; the first few seconds are left out where the windows do not fill all.
// enough is false when a window holds too few values.
func windowQuantiles(seconds []*hist.Hist, width int, q float64) (values []float64, all float64, enough bool) {
	var whole hist.Hist
	b := len(seconds) / width
	seconds = seconds[len(seconds)-b*width:]
	for i := range b {
		var h hist.Hist
		for _, s := range seconds[i*width : (i+1)*width] {
			h.Merge(s)
		}
		if float64(h.Count())*(1-q) < 1 || h.IsEmpty() {
			return nil, 0, false
		}
		values = append(values, float64(h.Quantile(q)))
		whole.Merge(&h)
	}
	return values, float64(whole.Quantile(q)), true
}
