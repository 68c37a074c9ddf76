package verdict

import (
	"math"
	"slices"
)

// ChangeOptions says what counts as a change in a history. The zero value is good.
type ChangeOptions struct {
	Window       int     // points looked at together; zero means 50
	MaxP         float64 // how probable by chance a change may be; zero means 0.001
	MinMagnitude float64 // changes of a smaller share are left out; zero keeps all
}

// ChangePoint is a place in a history from which on the level is another.
type ChangePoint struct {
	Index         int     // the first point of the new level
	Before, After float64 // means of the stretches on both sides, up to the next change
	P             float64
}

// Magnitude is by which share the level changed: the larger over the smaller, less 1.
func (c ChangePoint) Magnitude() float64 {
	if c.Before == 0 || c.After == 0 {
		return math.Inf(1)
	}
	return max(math.Abs(c.After/c.Before), math.Abs(c.Before/c.After)) - 1
}

// ChangePoints finds the changes in a history of runs, oldest first: E-divisive with means (Matteson and James, "A nonparametric approach for
// multiple change point analysis", JASA 109, 2014) in overlapping windows, each split tested with a pooled t test, as Hunter does
// (Fleming et al., ICPE 2023). A split counts where it maximises, over the n points before and the m after it,
//
//	Q = 2/(m+n) sum |x_i - y_j|  -  2m/((m+n)(n-1)) sum |x_i - x_k|  -  2n/((m+n)(m-1)) sum |y_j - y_k|
//
// sums over all pairs. At the end the least significant changes go, then the smallest ones. The answer is the same every time.
func ChangePoints(series []float64, o ChangeOptions) []ChangePoint {
	if o.Window <= 3 {
		o.Window = 50
	}
	if o.MaxP <= 0 {
		o.MaxP = 0.001
	}
	// The first pass lets weaker changes in: they part the stretches that stronger ones are tested on.
	loose := max(min(0.05, o.MaxP*10), o.MaxP)
	var found []int
	for start := 0; start < len(series); {
		end := min(start+o.Window, len(series))
		splits := splitWindow(series[start:end], loose, o.MaxP/100)
		next := start + o.Window/2
		for _, i := range splits {
			found = append(found, start+i)
		}
		if len(splits) > 0 {
			next = max(next, start+splits[len(splits)-1])
		}
		start = next
	}
	slices.Sort(found)
	return prune(series, slices.Compact(found), o)
}

// splitWindow finds the changes in one window: the best split of all stretches so far, as long as it is significant. A level that came and
// went again hides itself behind the mean of what follows it, so a split also counts that is beyond doubt up to where it is clearest.
func splitWindow(series []float64, loose, sure float64) []int {
	var splits []int
	for {
		edges := slices.Concat([]int{0}, splits, []int{len(series)})
		best, at, until := math.Inf(-1), -1, -1
		for i := range len(edges) - 1 {
			if q, tau, kappa := bestSplit(series[edges[i]:edges[i+1]]); q > best {
				best, at, until = q, edges[i]+tau, edges[i]+kappa
			}
		}
		if at < 0 {
			return splits
		}
		i, _ := slices.BinarySearch(edges, at)
		left := series[edges[i-1]:at]
		if splitP(left, series[at:edges[i]]) > loose && splitP(left, series[at:until]) > sure {
			return splits
		}
		splits = slices.Insert(splits, i-1, at)
	}
}

// bestSplit is the highest Q of a stretch, over every split and every end of the right part: where to split, and that end. Parts have at
// least two points; a shorter stretch gives minus infinity.
func bestSplit(series []float64) (q float64, at, end int) {
	size := len(series)
	q = math.Inf(-1)
	if size < 4 {
		return q, -1, -1
	}
	// sums[i][j] is the sum of distances between all points before i and all before j.
	sums := make([][]float64, size+1)
	sums[0] = make([]float64, size+1)
	for i := range size {
		sums[i+1] = make([]float64, size+1)
		for j := range size {
			sums[i+1][j+1] = sums[i][j+1] + sums[i+1][j] - sums[i][j] + math.Abs(series[i]-series[j])
		}
	}
	for tau := 2; tau <= size-2; tau++ {
		for kappa := tau + 2; kappa <= size; kappa++ {
			n, m := float64(tau), float64(kappa-tau)
			between := sums[tau][kappa] - sums[tau][tau]
			left := sums[tau][tau] / 2
			right := (sums[kappa][kappa] - 2*sums[tau][kappa] + sums[tau][tau]) / 2
			if x := 2/(m+n)*between - 2*m/((m+n)*(n-1))*left - 2*n/((m+n)*(m-1))*right; x > q {
				q, at, end = x, tau, kappa
			}
		}
	}
	return q, at, end
}

// splitP is the two-sided probability of Student's t test for two means, with the variances (of the population) pooled.
func splitP(left, right []float64) float64 {
	n, m := float64(len(left)), float64(len(right))
	if n+m <= 2 || n == 0 || m == 0 {
		return 1
	}
	spread := func(values []float64) float64 {
		mean, sum := meanOf(values), 0.0
		for _, v := range values {
			sum += (v - mean) * (v - mean)
		}
		return sum / float64(len(values))
	}
	df := n + m - 2
	pooled := ((n-1)*spread(left) + (m-1)*spread(right)) / df
	difference := math.Abs(meanOf(left) - meanOf(right))
	switch {
	case difference == 0:
		return 1
	case pooled == 0:
		return 0
	}
	return studentTail(difference/math.Sqrt(pooled*(1/n+1/m)), df)
}

// prune takes the weakest changes out, one by one, for each one that goes makes its neighbours' stretches longer.
func prune(series []float64, found []int, o ChangeOptions) []ChangePoint {
	for {
		points := describe(series, found)
		worst := -1
		for i, p := range points {
			if p.P > o.MaxP && (worst < 0 || p.P > points[worst].P) {
				worst = i
			}
		}
		if worst < 0 {
			for i, p := range points {
				if p.Magnitude() < o.MinMagnitude && (worst < 0 || p.Magnitude() < points[worst].Magnitude()) {
					worst = i
				}
			}
		}
		if worst < 0 {
			return points
		}
		found = slices.Delete(found, worst, worst+1)
	}
}

// describe compares the stretches on both sides of each place.
func describe(series []float64, found []int) []ChangePoint {
	edges := slices.Concat([]int{0}, found, []int{len(series)})
	points := make([]ChangePoint, len(found))
	for i, at := range found {
		left, right := series[edges[i]:at], series[at:edges[i+2]]
		points[i] = ChangePoint{Index: at, Before: meanOf(left), After: meanOf(right), P: splitP(left, right)}
	}
	return points
}
