package verdict

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// maxGaps is how many gaps are looked at. More would find differences so small that they do not matter, such as the grain of a timer.
const maxGaps = 1000

// gapFit is the result of the last look at the gaps between arrivals.
type gapFit struct {
	d, p  float64
	count int
}

// Arrivals looks at the gaps between sends of a Poisson load: each is the number of arrivals that the plan had due between one send and
// the next (the difference of the integral of the rate), which must be exponential with mean 1 whatever the shape. Even loads need
// no such look: their lag says it all.
func (m *Monitor) Arrivals(gaps []float64) {
	step := max(1, len(gaps)/maxGaps)
	var some []float64
	for i := 0; i < len(gaps); i += step {
		some = append(some, gaps[i])
	}
	d, p := KolmogorovSmirnov(some, func(x float64) float64 { return 1 - math.Exp(-max(0, x)) })
	m.arrivals = gapFit{d, p, len(some)}
}

func (m *Monitor) checkArrivals() (Level, string) {
	if int64(m.arrivals.count) < m.lim.MinSends || m.arrivals.p >= m.lim.GapP {
		return Valid, ""
	}
	return Suspect, fmt.Sprintf("the gaps between sends do not look like a Poisson process (D = %.3f, p = %.2g): the generator sent in bunches; "+
		"add workers or lower the rate", m.arrivals.d, m.arrivals.p)
}

// KolmogorovSmirnov is the largest distance between the distribution of values and a continuous one, and how probable one as large is
// by chance (the series of Kolmogorov with the correction of Stephens for few values). No values give 0 and 1.
func KolmogorovSmirnov(values []float64, cdf func(float64) float64) (d, p float64) {
	n := float64(len(values))
	if n == 0 {
		return 0, 1
	}
	for i, x := range slices.Sorted(slices.Values(values)) {
		f := cdf(x)
		d = max(d, f-float64(i)/n, float64(i+1)/n-f)
	}
	lambda := (math.Sqrt(n) + 0.12 + 0.11/math.Sqrt(n)) * d
	if lambda < 0.2 {
		return d, 1 // the series converges slowly there, to 1
	}
	sign := 1.0
	for k := 1.0; k <= 100; k++ {
		term := math.Exp(-2 * k * k * lambda * lambda)
		p += 2 * sign * term
		sign = -sign
		if term < 1e-12 {
			break
		}
	}
	return d, min(max(p, 0), 1)
}

// nanos is a number of nanoseconds as a time.
func nanos(x float64) time.Duration { return time.Duration(math.Round(x)) }
