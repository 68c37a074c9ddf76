package verdict

import "math"

// refine goes on from the fit of N/X to that of X itself by Gauss-Newton: at most fifty steps, each of which is halved until it makes the sum of
// squares smaller. Terms that are not in use stay 0.
func refine(points []ScalePoint, s Scaling, use [3]bool) Scaling {
	best := squares(points, s)
	for range 50 {
		step, ok := gaussNewton(points, s, use)
		if !ok {
			return s
		}
		better := false
		for range 30 {
			next := Scaling{Lambda: s.Lambda + step[0], Sigma: s.Sigma + step[1], Kappa: s.Kappa + step[2], Peak: math.Inf(1)}
			if next.Lambda > 0 && next.Sigma >= 0 && next.Kappa >= 0 {
				if now := squares(points, next); now < best {
					better = best-now > 1e-14*best
					s, best = next, now
					break
				}
			}
			for i := range step {
				step[i] /= 2
			}
		}
		if !better {
			break
		}
	}
	s.Peak = math.Inf(1)
	if s.Kappa > 1e-18 {
		s.Peak = math.Sqrt(max(0, 1-s.Sigma) / s.Kappa)
	}
	return s
}

// squares is the sum of the squared errors of the throughputs.
func squares(points []ScalePoint, s Scaling) (sum float64) {
	for _, p := range points {
		d := p.Throughput - s.Throughput(p.Load)
		sum += d * d
	}
	return sum
}

// gaussNewton is the step to the solution of the problem made linear where s is, by the normal equations with columns scaled to length 1.
func gaussNewton(points []ScalePoint, s Scaling, use [3]bool) (step [3]float64, ok bool) {
	slopes := func(p ScalePoint) [3]float64 {
		d := 1 + s.Sigma*(p.Load-1) + s.Kappa*p.Load*(p.Load-1)
		x := s.Lambda * p.Load / d
		return [3]float64{x / s.Lambda, -x / d * (p.Load - 1), -x / d * p.Load * (p.Load - 1)}
	}
	var scale [3]float64
	for _, p := range points {
		for i, v := range slopes(p) {
			scale[i] += v * v
		}
	}
	var a [3][4]float64
	for i := range a {
		scale[i] = math.Sqrt(scale[i])
		if use[i] = use[i] && scale[i] > 0; !use[i] {
			a[i][i] = 1
		}
	}
	for _, p := range points {
		d, g := p.Throughput-s.Throughput(p.Load), slopes(p)
		for i := range a {
			if !use[i] {
				continue
			}
			for j := range a {
				if use[j] {
					a[i][j] += g[i] / scale[i] * g[j] / scale[j]
				}
			}
			a[i][3] += g[i] / scale[i] * d
		}
	}
	if !eliminate(&a) {
		return step, false
	}
	for i := range a {
		if use[i] {
			step[i] = a[i][3] / a[i][i] / scale[i]
		}
	}
	return step, true
}
