package mix

import (
	"math"
	"strconv"
	"strings"
)

// fineWeight is the largest whole weight when no small one says the same; a share is then right to a part in a thousand million.
const fineWeight = 1 << 30

// wholeWeights turns weights > 0 into whole numbers in the same ratio, as small as can be, and their sum. Weights count as the
// decimals a person wrote: 0.8 and 1 are 4 and 5. Where that needs large numbers they are rounded to parts of fineWeight.
func wholeWeights(weights []float64) (whole []int64, total int64) {
	if whole, ok := decimalWeights(weights); ok {
		return reduce(whole)
	}
	largest := 0.0
	for _, w := range weights {
		largest = max(largest, w)
	}
	whole = make([]int64, len(weights))
	for i, w := range weights {
		whole[i] = max(1, int64(math.Round(w/largest*fineWeight)))
	}
	return reduce(whole)
}

// decimalWeights reads each weight as digits times a power of ten and brings all to the same power; false when one would leave
// fineWeight.
func decimalWeights(weights []float64) ([]int64, bool) {
	digits := make([]int64, len(weights))
	powers := make([]int, len(weights))
	lowest := math.MaxInt
	for i, w := range weights {
		mantissa, power, _ := strings.Cut(strconv.FormatFloat(w, 'e', -1, 64), "e")
		p, err := strconv.Atoi(power)
		if err != nil {
			return nil, false
		}
		before, after, _ := strings.Cut(mantissa, ".")
		d, err := strconv.ParseInt(before+after, 10, 64)
		if err != nil {
			return nil, false
		}
		digits[i], powers[i] = d, p-len(after)
		lowest = min(lowest, powers[i])
	}
	for i := range digits {
		for p := powers[i]; p > lowest; p-- {
			if digits[i] > fineWeight/10 {
				return nil, false
			}
			digits[i] *= 10
		}
		if digits[i] > fineWeight {
			return nil, false
		}
	}
	return digits, true
}

// reduce divides by the greatest common divisor, in place.
func reduce(whole []int64) ([]int64, int64) {
	var divisor int64
	for _, w := range whole {
		for a := w; a != 0; {
			divisor, a = a, divisor%a
		}
	}
	var total int64
	for i := range whole {
		whole[i] /= divisor
		total += whole[i]
	}
	return whole, total
}
