package verdict

import (
	"math"
	"slices"
)

// WarmUp finds the end of the start-up of a series by MSER-5 (White, "An effective truncation heuristic for bias reduction in simulation
// output", Simulation 69, 1997): values averaged in fives, and the cut at which what is left has the smallest standard error,
//
//	d* = argmin over 0 <= d <= n/2 of  sum of (y_i - mean_d)^2 over i > d  /  (n - d)^2
//
// cut is the number of values to leave out. steady is false when the best cut is the last one allowed: then the series never settled, or is
// too short (under twenty values) to tell, and cut means nothing.
func WarmUp(values []float64) (cut int, steady bool) {
	const batch = 5
	n := len(values) / batch
	if n < 4 {
		return 0, false
	}
	y := make([]float64, n)
	for i := range y {
		y[i] = meanOf(values[i*batch : (i+1)*batch])
	}
	best := math.Inf(1)
	var sum, squares float64 // of y[d:], relative to the last value so that little is lost
	at := make([]float64, n)
	for d := n - 1; d >= 0; d-- {
		x := y[d] - y[n-1]
		sum += x
		squares += x * x
		left := float64(n - d)
		at[d] = max(0, squares-sum*sum/left) / (left * left)
	}
	d := 0
	for i := 0; i <= n/2; i++ {
		if at[i] < best {
			best, d = at[i], i
		}
	}
	return d * batch, d < n/2
}

// MannKendall tests a series for a trend: s is the number of pairs that rise minus those that fall, z its normal score with the
// corrections for ties and continuity, p how probable one as large is by chance, both ways. Beyond 1.96, z is a trend at 5 %.
func MannKendall(values []float64) (s int, z, p float64) {
	n := len(values)
	for i := range n {
		for j := i + 1; j < n; j++ {
			switch {
			case values[j] > values[i]:
				s++
			case values[j] < values[i]:
				s--
			}
		}
	}
	f := float64(n)
	variance := f * (f - 1) * (2*f + 5)
	eachTie(values, func(t float64) { variance -= t * (t - 1) * (2*t + 5) })
	variance /= 18
	if variance <= 0 || s == 0 {
		return s, 0, 1
	}
	z = (math.Abs(float64(s)) - 1) / math.Sqrt(variance)
	p = min(1, 2*normalTail(z))
	return s, math.Copysign(z, float64(s)), p
}

// eachTie calls f with the number of equal values, for each value that occurs more than once.
func eachTie(values []float64, f func(count float64)) {
	sorted := slices.Sorted(slices.Values(values))
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		if j-i > 1 {
			f(float64(j - i))
		}
		i = j
	}
}

// Slope is the median of the slopes between all pairs of a series (Theil and Sen), for one step; 0 for fewer than two values. A few wild
// values do not move it.
func Slope(values []float64) float64 {
	var slopes []float64
	for i := range values {
		for j := i + 1; j < len(values); j++ {
			slopes = append(slopes, (values[j]-values[i])/float64(j-i))
		}
	}
	return median(slopes)
}
