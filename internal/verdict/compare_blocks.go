package verdict

import (
	"math"
	"math/rand/v2"
)

// draw is the figure of a run made of blocks at random places, the last one cut so that the run is as long as before, moved away from the
// figure of the whole by as much as such draws are known to be too near to it. The end of the run is joined to its beginning (Politis and
// Romano, "A circular block-resampling procedure for stationary data", 1992): every window is drawn as often as every other. Blocks that had
// to end within the run would hardly ever hold its last window, and so miss a site that breaks down at the end.
func (s *sample) draw(rng *rand.Rand) float64 {
	s.starts, s.ends = s.starts[:0], s.ends[:0]
	for left := s.n; left > 0; left -= s.block {
		start := rng.IntN(s.n)
		end := start + min(s.block, left)
		s.starts, s.ends = append(s.starts, start), append(s.ends, min(end, s.n))
		if end > s.n {
			s.starts, s.ends = append(s.starts, 0), append(s.ends, end-s.n)
		}
	}
	return s.widened(s.figure())
}

// widened moves a figure away from that of the whole run: by its ratio, and for failures, which may be none, by its difference.
func (s *sample) widened(figure float64) float64 {
	if s.m.kind == measureFailures {
		return s.middle + s.wider*(figure-s.middle)
	}
	if math.IsInf(figure, 1) || math.IsInf(s.middle, 1) || !(figure > 0) || !(s.middle > 0) {
		return figure
	}
	return s.middle * math.Pow(figure/s.middle, s.wider)
}

// widening is by how much the spread of a block bootstrap falls short of a 95 % interval when a block is a share b of the run: with few
// blocks their own spread is known badly, and what depends on each other across the border of two blocks is cut apart. A block bootstrap
// estimates a variance as Bartlett's weights do; for those the value that takes the place of 1.96 is (Kiefer and Vogelsang, "A new asymptotic
// theory for heteroskedasticity-autocorrelation robust tests", Econometric Theory 21, 2005, table 1)
//
//	1.96 + 2.9694 b + 0.4160 b^2 - 0.5324 b^3
func widening(block, n int) float64 {
	b := float64(block) / float64(n)
	return (1.96 + b*(2.9694+b*(0.4160-b*0.5324))) / 1.96
}

// blockLength is how many neighbouring windows are drawn together: the square root of their number, or more where the memory of the run is
// long, by the rule of Politis and White ("Automatic block-length selection for the dependent bootstrap", Econometric Reviews 23, 2004; as
// corrected by Patton in 28, 2009)
//
//	b = (2 G^2 / D)^(1/3) n^(1/3),   D = 4/3 g^2,   g = sum of w_k R_k,   G = sum of w_k |k| R_k
//
// with R_k the autocovariance at a lag of k windows and w_k a flat-top window that ends where R_k is no longer told from 0. That is the
// length of the least error in the variance; an interval wants longer ones, so it is doubled. At least five blocks make a run.
func blockLength(influence []float64) int {
	n := float64(len(influence))
	b := math.Sqrt(n)
	if g, weighted := longRun(influence); g > 0 && weighted > 0 {
		b = max(b, 2*math.Cbrt(1.5*weighted*weighted/(g*g)*n))
	}
	return int(max(1, min(math.Round(b), math.Floor(n/5))))
}

// longRun is the sum of the autocovariances over all lags on both sides, and the same with each one times its lag.
func longRun(values []float64) (sum, weighted float64) {
	n := len(values)
	if n == 0 {
		return 0, 0
	}
	r := autocovariances(values, n/3)
	if r[0] == 0 {
		return 0, 0
	}
	const inARow = 5
	told := 2 * math.Sqrt(math.Log10(float64(n))/float64(n))
	last, small := 0, 0 // the last lag that counts, and how many after it did not
	for k := 1; k < len(r) && small < inARow; k++ {
		if small++; math.Abs(r[k]/r[0]) > told {
			last, small = k, 0
		}
	}
	reach := 2 * max(1, last)
	sum = r[0]
	for k := 1; k <= min(reach, len(r)-1); k++ {
		weight := min(1, 2*(1-float64(k)/float64(reach)))
		sum += 2 * weight * r[k]
		weighted += 2 * weight * float64(k) * r[k]
	}
	return sum, weighted
}

// autocovariances are those at lags from 0 up to most.
func autocovariances(values []float64, most int) []float64 {
	mean := meanOf(values)
	r := make([]float64, most+1)
	for k := range r {
		for i := k; i < len(values); i++ {
			r[k] += (values[i] - mean) * (values[i-k] - mean)
		}
		r[k] /= float64(len(values))
	}
	return r
}

// influence is by how much each window moves the figure, up to a factor that is the same for all: what depends on each other in the run
// depends on each other here.
func (s *sample) influence() []float64 {
	before := func(w int) float64 { return s.sum[w] - s.middle*s.count[w] }
	switch s.m.kind {
	case measureQuantile:
		at, all := s.upTo[s.at], s.upTo[len(s.values)-1]
		share := float64(at[s.n]) / float64(max(1, all[s.n]))
		before = func(w int) float64 { return float64(at[w]) - share*float64(all[w]) }
	case measureRate:
		before = func(w int) float64 { return s.count[w] - s.middle*s.seconds[w] }
	case measureFailures:
		before = func(w int) float64 { return s.failures[w] - s.middle*s.count[w] }
	}
	out := make([]float64, s.n)
	for i := range out {
		if out[i] = before(i+1) - before(i); math.IsNaN(out[i]) {
			return make([]float64, s.n) // nothing was measured
		}
	}
	return out
}
