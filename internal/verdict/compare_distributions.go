package verdict

import "math"

// normalTail is the probability that a standard normal variable lies at or beyond z on one side.
func normalTail(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }

// betaShare is the regularised incomplete beta function I_x(a, b), by its continued fraction (Abramowitz and Stegun 26.5.8, evaluated as
// Lentz and Thompson do).
func betaShare(x, a, b float64) float64 {
	switch {
	case math.IsNaN(x) || a <= 0 || b <= 0:
		return math.NaN()
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2): // the fraction converges fast on the other side only
		return 1 - betaShare(1-x, b, a)
	}
	lgA, _ := math.Lgamma(a)
	lgB, _ := math.Lgamma(b)
	lgAB, _ := math.Lgamma(a + b)
	front := math.Exp(lgAB - lgA - lgB + a*math.Log(x) + b*math.Log1p(-x))
	const tiny = 1e-300
	c, d := 1.0, 1/nonZero(1-(a+b)*x/(a+1), tiny)
	f := d
	for m := 1.0; m < 1000; m++ {
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d = 1 / nonZero(1+even*d, tiny)
		c = nonZero(1+even/c, tiny)
		f *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d = 1 / nonZero(1+odd*d, tiny)
		c = nonZero(1+odd/c, tiny)
		f *= d * c
		if math.Abs(d*c-1) < 1e-15 {
			break
		}
	}
	return front * f / a
}

func nonZero(x, tiny float64) float64 {
	if math.Abs(x) < tiny {
		return tiny
	}
	return x
}

// studentTail is the probability that a variable of Student's t with df degrees of freedom lies at or beyond t >= 0, on both sides.
func studentTail(t, df float64) float64 { return betaShare(df/(df+t*t), df/2, 0.5) }

// studentPoint is the t that is exceeded, on both sides, with probability p.
func studentPoint(p, df float64) float64 {
	return highestWhere(func(t float64) bool { return studentTail(t, df) >= p })
}

// fisherTail is the probability that a variable of the F distribution lies at or above f.
func fisherTail(f, df1, df2 float64) float64 { return betaShare(df2/(df2+df1*f), df2/2, df1/2) }

// highestWhere is the highest x >= 0 at which holds still does; it must hold from 0 up to there.
func highestWhere(holds func(float64) bool) float64 {
	low, high := 0.0, 1.0
	for holds(high) && high < 1e15 {
		low, high = high, high*2
	}
	for range 100 {
		if middle := (low + high) / 2; holds(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// meanOf and varianceOf are the mean and the variance (divided by n - 1) of some values.
func meanOf(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

func varianceOf(values []float64) float64 {
	mean, sum := meanOf(values), 0.0
	for _, v := range values {
		sum += (v - mean) * (v - mean)
	}
	return sum / float64(len(values)-1)
}
