package nights

import "math"

// studentPoint is the t that a variable of Student's t distribution with df degrees of freedom exceeds with probability p, on one side: by bisection of the
// tail, which is a finite sum for whole df (Abramowitz and Stegun, 26.7.3 and 26.7.4).
func studentPoint(p float64, df int) float64 {
	low, high := 0.0, 1.0
	for studentTail(high, df) > p && high < 1e9 {
		low, high = high, high*2
	}
	for range 80 {
		if middle := (low + high) / 2; studentTail(middle, df) > p {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// studentTail is the probability of exceeding t >= 0, on one side.
func studentTail(t float64, df int) float64 {
	theta := math.Atan2(t, math.Sqrt(float64(df)))
	cos2 := math.Cos(theta) * math.Cos(theta)
	sum, term := 0.0, 1.0
	if df%2 == 0 {
		for k := 0; k <= df-2; k += 2 {
			if k > 0 {
				term *= cos2 * float64(k-1) / float64(k)
			}
			sum += term
		}
		return (1 - math.Sin(theta)*sum) / 2
	}
	for k := 1; k <= df-2; k += 2 {
		if k > 1 {
			term *= cos2 * float64(k-1) / float64(k)
		}
		sum += term
	}
	return (1 - 2/math.Pi*(theta+math.Sin(theta)*math.Cos(theta)*sum)) / 2
}
