package limit

import (
	"errors"
	"math"
	"slices"

	"github.com/stampede-load/stampede/internal/verdict"
)

// Curve is throughput over concurrency, by the Universal Scalability Law: see [verdict.Scaling]. Concurrency is the number of users; of an
// open load, the requests in flight, since the law speaks of how many work at a time and a rate of arrivals is not that.
type Curve struct {
	verdict.Scaling
	// PeakSeen says that the load of the highest throughput lies inside the levels that were measured. Outside it is a guess: a positive
	// Kappa alone does not prove a peak.
	PeakSeen bool
	From, To float64 // the concurrencies that were measured; the curve is a guess outside
}

// FitCurve fits the law to the levels that the generator could send. It needs six of them at different loads.
func FitCurve(steps []Step, open bool) (Curve, error) {
	var points []verdict.ScalePoint
	for _, s := range steps {
		load := s.Load
		if open {
			load = s.InFlight
		}
		if s.Verdict == verdict.Invalid || !(s.Rate > 0) || load < 1 {
			continue
		}
		points = append(points, verdict.ScalePoint{Load: load, Throughput: s.Rate})
	}
	if len(points) == 0 {
		return Curve{}, errors.New("limit: no level was measured")
	}
	fit, err := verdict.FitScaling(points, 1)
	if err != nil {
		return Curve{}, err
	}
	byLoad := func(a, b verdict.ScalePoint) int {
		switch {
		case a.Load < b.Load:
			return -1
		case a.Load > b.Load:
			return 1
		}
		return 0
	}
	c := Curve{Scaling: fit, From: slices.MinFunc(points, byLoad).Load, To: slices.MaxFunc(points, byLoad).Load}
	c.PeakSeen = !math.IsInf(c.Peak, 0) && c.Peak >= c.From && c.Peak <= c.To
	return c, nil
}
