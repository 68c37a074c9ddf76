package verdict

import (
	"sort"

	"github.com/stampede-load/stampede/internal/hist"
)

// cumulative is a distribution of times that can be asked often: the share of requests that took at most so long.
type cumulative struct {
	times  []float64 // ns, rising
	shares []float64
}

// cumulate reads a histogram.
func cumulate(h *hist.Hist) cumulative {
	var c cumulative
	n, seen := float64(h.Count()), int64(0)
	for b := range h.Buckets() {
		seen += b.Count
		c.times = append(c.times, float64(b.High))
		c.shares = append(c.shares, float64(seen)/n)
	}
	return c
}

// at is the share that took at most t.
func (c *cumulative) at(t float64) float64 {
	i := sort.SearchFloat64s(c.times, t)
	if i < len(c.times) && c.times[i] == t {
		i++
	}
	if i == 0 {
		return 0
	}
	return c.shares[i-1]
}

// mixSteps is into how many parts the delays of a standstill are cut.
const mixSteps = 16

// without is the quantile q that there would be without standstills, ns.
//
// What is due in a standstill of length L comes at its end, and is late by anything from 0 to L, all alike probable. So of the requests
// that truly took between t-u and t the touched ones, a share s of them, are now beyond t, for a delay of u:
//
//	F(t) = G(t) - s (G(t) - mean over u of G(t-u)), u from 0 to L
//
// where F is what was measured and G the truth. With F for G on the right, which is wrong by no more than a share s of the difference,
//
//	G(t) = F(t) + s (F(t) - mean over u of F(t-u))
//
// and the quantile is the least t at which that is q.
func (c *cumulative) without(stills []stillPart, q float64) float64 {
	if len(c.times) == 0 {
		return 0
	}
	truth := func(t float64) float64 {
		f := c.at(t)
		g := f
		for _, s := range stills {
			mean := 0.0
			for i := range mixSteps {
				mean += c.at(t-s.length*(float64(i)+0.5)/mixSteps) / mixSteps
			}
			g += s.share * (f - mean)
		}
		return g
	}
	i := sort.Search(len(c.times), func(i int) bool { return truth(c.times[i]) >= q })
	return c.times[min(i, len(c.times)-1)]
}
