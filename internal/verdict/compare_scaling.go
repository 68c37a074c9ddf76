package verdict

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// ScalePoint is a level of load and the throughput at it: users and requests per second.
type ScalePoint struct{ Load, Throughput float64 }

// Scaling is a fit of the Universal Scalability Law (Gunther, "Guerrilla Capacity Planning", 2007),
//
//	X(N) = Lambda N / (1 + Sigma (N-1) + Kappa N (N-1))
type Scaling struct {
	Lambda float64 // throughput of one
	Sigma  float64 // contention: what waits in line, 0 to 1
	Kappa  float64 // coherence: what everybody tells everybody
	// Peak is the load of the highest throughput, sqrt((1 - Sigma) / Kappa), and PeakLow to PeakHigh its 95 % interval. All are infinite when
	// no peak was seen (Kappa is 0), PeakHigh also when it may not be one.
	Peak, PeakLow, PeakHigh float64
}

// Throughput is that at a load.
func (s Scaling) Throughput(load float64) float64 {
	return s.Lambda * load / (1 + s.Sigma*(load-1) + s.Kappa*load*(load-1))
}

// minLevels is how many levels of load a fit of three numbers needs to mean something.
const minLevels = 6

// FitScaling fits the law to measured points: first by least squares on N/X = a + b (N-1) + c N (N-1), which is linear in a = 1/Lambda,
// b = Sigma/Lambda and c = Kappa/Lambda, then by Gauss-Newton on X itself. The weights (X^2/N)^2 of the first step make an error of N/X count as
// the error of X that it is: without them low loads, where N/X is most exact, count for nothing. Negative terms are set to 0 and the others
// fitted again. The interval of the peak is a bootstrap over the points. It needs six different loads, better with some beyond the peak.
func FitScaling(points []ScalePoint, seed uint64) (Scaling, error) {
	loads := map[float64]bool{}
	for _, p := range points {
		if !(p.Load >= 1) || !(p.Throughput > 0) || math.IsInf(p.Load, 0) || math.IsInf(p.Throughput, 0) {
			return Scaling{}, fmt.Errorf("scaling: throughput %v at load %v: loads are 1 or more, throughputs above 0", p.Throughput, p.Load)
		}
		loads[p.Load] = true
	}
	if len(loads) < minLevels {
		return Scaling{}, fmt.Errorf("scaling: %d different loads: measure at least %d, some beyond the highest throughput", len(loads), minLevels)
	}
	s, ok := fitOnce(points)
	if !ok {
		return Scaling{}, errors.New("scaling: the points fit no curve of this kind: throughput must not grow faster than load")
	}
	rng := rand.New(rand.NewPCG(seed, uint64(len(points))))
	var peaks []float64
	drawn := make([]ScalePoint, len(points))
	for range 1000 {
		for i := range drawn {
			drawn[i] = points[rng.IntN(len(points))]
		}
		if again, ok := fitOnce(drawn); ok {
			peaks = append(peaks, again.Peak)
		}
	}
	s.PeakLow, s.PeakHigh = s.Peak, s.Peak
	if len(peaks) > 0 {
		slices.Sort(peaks)
		s.PeakLow, s.PeakHigh = peaks[int(0.025*float64(len(peaks)))], peaks[int(0.975*float64(len(peaks)))]
	}
	return s, nil
}

// fitOnce tries all three terms, then without those that came out negative.
func fitOnce(points []ScalePoint) (Scaling, bool) {
	use := [3]bool{true, true, true}
	for {
		x, ok := leastSquares(points, use)
		if !ok || x[0] <= 0 {
			return Scaling{}, false
		}
		if use[2] && x[2] < 0 {
			use[2] = false
			continue
		}
		if use[1] && x[1] < 0 {
			use[1] = false
			continue
		}
		s := Scaling{Lambda: 1 / x[0], Sigma: x[1] / x[0], Kappa: x[2] / x[0], Peak: math.Inf(1)}
		// A coherence too small for any load of this world is the arithmetic's.
		if s.Kappa > 1e-18 {
			s.Peak = math.Sqrt(max(0, 1-s.Sigma) / s.Kappa)
		} else {
			s.Kappa = 0
		}
		return refine(points, s, use), true
	}
}

// leastSquares solves for the terms in use by the normal equations, columns scaled to length 1 first. It is false when the points do not
// determine them.
func leastSquares(points []ScalePoint, use [3]bool) (x [3]float64, ok bool) {
	terms := func(p ScalePoint) [3]float64 { return [3]float64{1, p.Load - 1, p.Load * (p.Load - 1)} }
	var scale [3]float64
	for _, p := range points {
		for i, v := range terms(p) {
			scale[i] += weight(p) * v * v
		}
	}
	var a [3][4]float64
	for i := range a {
		scale[i] = math.Sqrt(scale[i])
		if !use[i] || scale[i] == 0 {
			use[i] = false
			a[i][i] = 1
		}
	}
	for _, p := range points {
		t := terms(p)
		y := p.Load / p.Throughput
		w := weight(p)
		for i := range a {
			if !use[i] {
				continue
			}
			for j := range a {
				if use[j] {
					a[i][j] += w * t[i] / scale[i] * t[j] / scale[j]
				}
			}
			a[i][3] += w * t[i] / scale[i] * y
		}
	}
	if !eliminate(&a) {
		return x, false
	}
	for i := range a {
		if use[i] {
			x[i] = a[i][3] / a[i][i] / scale[i]
		}
	}
	return x, true
}

// weight is what a point counts in the fit of N/X.
func weight(p ScalePoint) float64 {
	w := p.Throughput * p.Throughput / p.Load
	return w * w
}

// eliminate solves three equations in place, by Gauss and Jordan; the solution of row i is then a[i][3] / a[i][i]. It is false when they do not
// determine it.
func eliminate(a *[3][4]float64) bool {
	for i := range a {
		if math.Abs(a[i][i]) < 1e-12 { // the matrix is positive definite, so no need to swap rows
			return false
		}
		for k := range a {
			if k == i {
				continue
			}
			f := a[k][i] / a[i][i]
			for j := range a[k] {
				a[k][j] -= f * a[i][j]
			}
		}
	}
	return true
}

// Knee is where a curve bends most, by Kneedle (Satopaa et al., "Finding a 'kneedle' in a haystack", ICDCS workshops 2011): with x and y scaled to
// [0, 1], the first local maximum of y - x after which that falls by more than sensitivity times the mean step of x before it rises to the
// next one; sensitivity 0 means 1. convex is for curves that turn upwards, such as latency over load. Points are in order of x. It is
// false when there is no knee.
func Knee(x, y []float64, convex bool, sensitivity float64) (float64, bool) {
	n := len(x)
	if n < 3 || n != len(y) || !slices.IsSorted(x) || x[0] == x[n-1] {
		return 0, false
	}
	if sensitivity <= 0 {
		sensitivity = 1
	}
	low, high := slices.Min(y), slices.Max(y)
	if !(high > low) || math.IsInf(high-low, 0) {
		return 0, false
	}
	distance := make([]float64, n)
	for i := range distance {
		dx, dy := (x[i]-x[0])/(x[n-1]-x[0]), (y[i]-low)/(high-low)
		distance[i] = dy - dx
		if convex {
			distance[i] = dx - dy
		}
	}
	step := 1 / float64(n-1)
	top := -1
	for i := 1; i < n; i++ {
		if i < n-1 && distance[i] > distance[i-1] && distance[i] >= distance[i+1] {
			top = i
		}
		if top >= 0 && i > top && distance[i] < distance[top]-sensitivity*step {
			return x[top], true
		}
	}
	return 0, false
}
