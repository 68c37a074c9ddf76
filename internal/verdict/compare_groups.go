package verdict

import (
	"fmt"
	"math"
	"slices"
)

// groupRuns is the fewest runs a side with which repeated runs can be told apart, and against which a single run can be held.
const groupRuns = 4

// CompareRuns compares a figure of repeated runs of two things: before and after hold one value a run, without NaN. Old and New are the
// medians. The interval holds every change that a Mann-Whitney test at 5 % does not rule out: from the k-th lowest to the k-th highest of
// all changes from a run before to a run after (Hodges and Lehmann, 1963). So nothing but the order of the runs decides, and it takes
// four runs a side. Chance is by Welch's t test on the logarithms (of a share, the values): ranks of few runs know no small chances,
// and could not be corrected for many figures.
//
// Where one side is a single run and the other has four or more, that run is held against what a further run of the others would be:
// their mean and spread by Student's t.
func CompareRuns(before, after []float64, m Measure, o CompareOptions) Comparison {
	o.fill()
	c := Comparison{Old: medianOf(before), New: medianOf(after)}
	c.Change = m.change(c.Old, c.New)
	if math.IsNaN(c.Change) && len(before) > 0 && len(after) > 0 {
		c.Change = m.change(1, 1) // both are nothing, or beyond what was measured
	}
	n, k := len(before), len(after)
	out := ruledOut(n, k)
	switch {
	case n == 0 || k == 0:
		c.unknown("a side without a run that has this figure")
		return c
	case out >= 0:
		changes := pairChanges(before, after, m)
		c.Low, c.High = changes[out], changes[len(changes)-1-out]
		c.Chance = welchChance(before, after, m)
	case n == 1 && k >= groupRuns || k == 1 && n >= groupRuns:
		if !c.predict(before, after, m) {
			c.unknown("a figure of nothing, or beyond what was measured, in some of the runs")
			return c
		}
	default:
		c.unknown(fmt.Sprintf("%s against %s: at least %d a side are needed, or one against %d", countWords(int64(n), "run"), countWords(int64(k), "run"),
			groupRuns, groupRuns))
		return c
	}
	c.Low, c.High = min(c.Low, c.Change), max(c.High, c.Change) // the ratio of medians may lie a little outside
	c.decide(m, o)
	return c
}

// FigureOf is a figure of all windows together. It is false when they hold fewer requests than the figure needs to be compared, and NaN
// when they hold nothing of it.
func FigureOf(windows []Window, m Measure) (value float64, enough bool) {
	s := newSample(windows, m)
	return s.middle, s.total() >= m.needs()
}

// ruledOut is how many of the lowest, and of the highest, changes between pairs a test at 5 % rules out: the largest U that it rejects.
// It is -1 when it rejects none.
func ruledOut(n, k int) int {
	out := -1
	for u := 0; u < n*k/2; u++ {
		if _, p := MannWhitney(samplesWith(u, n, k)); p > 0.05 {
			break
		}
		out = u
	}
	return out
}

// samplesWith is two samples without ties in which u of the n*k pairs have the larger value in the first.
func samplesWith(u, n, k int) (a, b []float64) {
	for j := range k {
		b = append(b, float64(2*j))
	}
	for i := range n {
		over := min(max(u-i*k, 0), k) // of b lie below this one
		a = append(a, float64(2*over)-1+float64(i)/float64(2*n))
	}
	return a, b
}

// pairChanges is the changes from every run before to every run after, ascending.
func pairChanges(before, after []float64, m Measure) []float64 {
	var all []float64
	for _, x := range before {
		for _, y := range after {
			change := m.change(x, y)
			if math.IsNaN(change) { // nothing to nothing, or endless to endless
				change = m.change(1, 1)
			}
			all = append(all, change)
		}
	}
	slices.Sort(all)
	return all
}

// scaled is values on the scale on which changes add up: logarithms for ratios.
func (m Measure) scaled(values []float64) []float64 {
	if m.kind == measureFailures {
		return values
	}
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = math.Log(v)
	}
	return out
}

// welchChance is the two-sided probability of Welch's t test; by ranks where a value is nothing or endless.
func welchChance(before, after []float64, m Measure) float64 {
	x, y := m.scaled(before), m.scaled(after)
	if !allFinite(x) || !allFinite(y) {
		_, p := MannWhitney(before, after)
		return p
	}
	n, k := float64(len(x)), float64(len(y))
	far := math.Abs(meanOf(y) - meanOf(x))
	if n < 2 || k < 2 { // one against very many
		n, k = max(n, k), 1
		spread := varianceOf(x)
		if len(x) < 2 {
			spread = varianceOf(y)
		}
		return tChance(far, spread*(1+1/n), n-1)
	}
	a, b := varianceOf(x)/n, varianceOf(y)/k
	return tChance(far, a+b, (a+b)*(a+b)/(a*a/(n-1)+b*b/(k-1)))
}

// tChance is the two-sided probability of a difference so far from 0, given its variance.
func tChance(far, variance, freedom float64) float64 {
	switch {
	case far == 0:
		return 1
	case variance == 0:
		return 0
	}
	return studentTail(far/math.Sqrt(variance), freedom)
}

// predict holds one run against several. It is false where a value is nothing or endless.
func (c *Comparison) predict(before, after []float64, m Measure) bool {
	many, sign := m.scaled(before), 1.0
	one := m.scaled(after)[0]
	if len(before) == 1 {
		many, one, sign = m.scaled(after), m.scaled(before)[0], -1
	}
	if !allFinite(many) || math.IsNaN(one) || math.IsInf(one, 0) {
		return false
	}
	n := float64(len(many))
	variance := varianceOf(many) * (1 + 1/n)
	difference := sign * (one - meanOf(many))
	half := studentPoint(0.05, n-1) * math.Sqrt(variance)
	c.Low, c.High = difference-half, difference+half
	if m.kind != measureFailures {
		c.Low, c.High = math.Exp(c.Low), math.Exp(c.High)
	}
	c.Chance = tChance(math.Abs(difference), variance, n-1)
	return true
}

func allFinite(values []float64) bool {
	return !slices.ContainsFunc(values, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}

// medianOf is the middle value, or the mean of the middle two; NaN when there is none.
func medianOf(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}
