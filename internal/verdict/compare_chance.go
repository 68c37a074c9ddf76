package verdict

import "math"

// blocks is how many blocks a draw has: about as many independent pieces a run is good for.
func (s *sample) blocks() int { return (s.n + s.block - 1) / s.block }

// chanceOf is the two-sided probability of a change so far from none, by Student's t on the standard error that the resamples show: half
// the way between their 16th and 84th percentile, of the logarithms where the change is a ratio. Counting the resamples beyond "no
// change" would say the same, but never less than one in their number, which is too coarse to be corrected for hundreds of figures. Few
// blocks make the resamples too sure of themselves; that they are widened makes it good at 5 %, and a degree of freedom for each block
// but one of the run with fewer keeps it good further out. changes are ascending.
func chanceOf(changes []float64, change float64, m Measure, x, y *sample) float64 {
	scaled := func(v float64) float64 {
		if m.kind == measureFailures {
			return v
		}
		return math.Log(v)
	}
	at := func(share float64) float64 { return scaled(changes[int(share*float64(len(changes)-1))]) }
	far, se := math.Abs(scaled(change)), (at(0.8413)-at(0.1587))/2
	switch {
	case far == 0:
		return 1
	case math.IsInf(far, 0) || math.IsNaN(far) || math.IsInf(se, 0) || math.IsNaN(se): // beyond what was measured in one of the runs
		return countedChance(changes, m)
	case se == 0:
		return 0
	}
	return studentTail(far/se, float64(min(x.blocks(), y.blocks())-1))
}

// countedChance is twice the share of changes on the rarer side of none.
func countedChance(changes []float64, m Measure) float64 {
	middle := 1.0
	if m.kind == measureFailures {
		middle = 0
	}
	var below, above float64
	for _, v := range changes {
		if v <= middle {
			below++
		}
		if v >= middle {
			above++
		}
	}
	return min(1, 2*min(below, above)/float64(len(changes)))
}
