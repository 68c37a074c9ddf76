package verdict

import (
	"math"
	"slices"
)

// The largest samples for which MannWhitney counts every arrangement, without and with equal values.
const (
	exactUntied = 50
	exactTied   = 25
)

// MannWhitney tests whether one of two samples tends to larger values: u is the number of pairs in which the value of a is the larger one
// (equal ones count half), p the two-sided probability of a u so far from its middle when both are alike. p is exact for up to 50
// values a side, 25 when some are equal, and beyond that by the normal distribution with the corrections for ties and continuity. An empty
// sample gives p = 1.
func MannWhitney(a, b []float64) (u, p float64) {
	n, m := len(a), len(b)
	if n == 0 || m == 0 {
		return 0, 1
	}
	ranks, groups := doubledRanks(a, b)
	sum := 0
	for _, r := range ranks[:n] {
		sum += r
	}
	u = float64(sum-n*(n+1)) / 2
	limit := exactUntied
	if len(groups) < n+m {
		limit = exactTied
	}
	if max(n, m) <= limit {
		return u, exactU(sum, n, groups)
	}
	return u, normalU(u, n, m, groups)
}

// doubledRanks is twice the rank of each value among all, so that the mean rank of equal values is whole, and the sizes of the groups of
// equal values, ascending by value.
func doubledRanks(a, b []float64) (ranks, groups []int) {
	all := slices.Concat(a, b)
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		switch {
		case all[i] < all[j]:
			return -1
		case all[i] > all[j]:
			return 1
		default:
			return 0
		}
	})
	ranks = make([]int, len(all))
	for i := 0; i < len(order); {
		j := i + 1
		for j < len(order) && all[order[j]] == all[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			ranks[k] = i + 1 + j
		}
		groups = append(groups, j-i)
		i = j
	}
	return ranks, groups
}

// exactU is the two-sided probability of a rank sum (doubled) of n values, over all ways to choose n of the values in the groups.
func exactU(sum, n int, groups []int) float64 {
	total := 0
	for _, g := range groups {
		total += g
	}
	// ways[k][s] is in how many ways k of the values so far have the doubled rank sum s. Counts are exact up to 2^53 and right to the last
	// digits beyond.
	highest := n * (2*total - n + 1)
	ways := make([][]float64, n+1)
	for k := range ways {
		ways[k] = make([]float64, highest+1)
	}
	ways[0][0] = 1
	before := 0
	for _, g := range groups {
		rank := 2*before + 1 + g // doubled mean rank of the group
		for k := min(n, before+g); k >= 1; k-- {
			choose := 1.0
			for take := 1; take <= min(g, k); take++ {
				choose = choose * float64(g-take+1) / float64(take)
				addWays(ways[k], ways[k-take], take*rank, choose)
			}
		}
		before += g
	}
	var below, above, all float64
	for s, w := range ways[n] {
		all += w
		if s <= sum {
			below += w
		}
		if s >= sum {
			above += w
		}
	}
	return min(1, 2*min(below, above)/all)
}

// addWays adds factor times from, moved up by shift.
func addWays(to, from []float64, shift int, factor float64) {
	for s, w := range from {
		if w != 0 && s+shift < len(to) {
			to[s+shift] += factor * w
		}
	}
}

// normalU is the two-sided probability by the normal distribution.
func normalU(u float64, n, m int, groups []int) float64 {
	fn, fm := float64(n), float64(m)
	all := fn + fm
	ties := 0.0
	for _, g := range groups {
		t := float64(g)
		ties += t*t*t - t
	}
	variance := fn * fm / 12 * (all + 1 - ties/(all*(all-1)))
	if variance <= 0 {
		return 1 // all are equal
	}
	z := (math.Abs(u-fn*fm/2) - 0.5) / math.Sqrt(variance)
	return min(1, 2*normalTail(max(z, 0)))
}

// RunsNeeded is the fewest runs a side with which MannWhitney can find any difference at a level: with fewer, even two samples
// without overlap have a larger p. It is 4 at 0.05 and 0 for a level that nothing reaches.
func RunsNeeded(level float64) int {
	p := 2.0
	for n := 1; n <= exactUntied; n++ {
		p *= float64(n) / float64(2*(2*n-1)) // 2 / (2n choose n)
		if p <= level {
			return n
		}
	}
	return 0
}
