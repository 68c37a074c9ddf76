package verdict

import "slices"

// Holm adjusts the probabilities of many tests so that the chance of a single false alarm among all stays at the level (Holm, 1979). The
// order is kept.
func Holm(ps []float64) []float64 {
	order := ascending(ps)
	out := make([]float64, len(ps))
	highest := 0.0
	for rank, i := range order {
		highest = max(highest, min(1, ps[i]*float64(len(ps)-rank)))
		out[i] = highest
	}
	return out
}

// BenjaminiHochberg adjusts the probabilities of many tests so that the share of false alarms among the alarms stays at the level
// (Benjamini and Hochberg, 1995). The order is kept.
func BenjaminiHochberg(ps []float64) []float64 {
	order := ascending(ps)
	out := make([]float64, len(ps))
	lowest := 1.0
	for rank := len(ps) - 1; rank >= 0; rank-- {
		i := order[rank]
		lowest = min(lowest, ps[i]*float64(len(ps))/float64(rank+1))
		out[i] = lowest
	}
	return out
}

// ascending is the indexes of values in their order.
func ascending(values []float64) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case values[i] < values[j]:
			return -1
		case values[i] > values[j]:
			return 1
		default:
			return 0
		}
	})
	return order
}
