// Package mix says which user type comes next, so that the types of a run appear in exact, smooth proportion at every moment. It is
// pure: user number k has the same type in every process and at every time, so workers never need to ask each other, and a ramp-down
// that stops the highest numbers first leaves the proportions as they were.
//
// Fixed counts come first: the users 0 to F-1, F their sum, interleaved in proportion to the counts. Then come the weighted types.
// Two types at 5:1 read
//
//	AABAAA AABAAA ...
//
// and at every prefix no type is a whole user away from its share. That is more than a divisor method (Webster) gives: with one
// heavy type and many light ones Webster sends all the light ones in a bunch. What is used is Tijdeman's chairman assignment ("The
// chairman assignment problem", Discrete Mathematics 32, 1980), in whole numbers:
//
//	with m types, shares r_i and x_i users so far, type i may have user k when  r_i (k+1) - x_i >= 1/(2m-2)
//	of these it goes to the one whose deadline  (x_i + 1 - 1/(2m-2)) / r_i  is the earliest, at a tie to the lighter one
//	then always  |x_i - r_i k| <= 1 - 1/(2m-2)
//
// The flow: the engine asks [Mix.Type] for each user number it starts. A [Mix] is safe for concurrent use and, once it has seen the
// highest number, never allocates.
package mix

import (
	"errors"
	"fmt"
	"math"
)

// maxTypes bounds the number of user types; tables keep a type in two bytes.
const maxTypes = 1 << 16

// Mix assigns a user type to each user number. Make one with [New].
type Mix struct {
	fixed    *sequence // nil without fixed counts
	fixedSum int
	weighted *sequence // nil when no type is weighted
}

// New makes the mix of len(weights) user types. Only the ratios of the weights matter; any positive number will do.
//
// fixed[i] > 0 means exactly that many users of type i, whatever its weight; fixed may be nil for none. A type with weight 0 and no
// fixed count gets no users. It is an error when no type is left, when a weight is negative, infinite or not a number, or when a
// fixed count is negative.
func New(weights []float64, fixed []int) (*Mix, error) {
	if fixed != nil && len(fixed) != len(weights) {
		return nil, fmt.Errorf("mix: %d fixed counts for %d user types: give one for each type, 0 for none", len(fixed), len(weights))
	}
	if len(weights) > maxTypes {
		return nil, fmt.Errorf("mix: %d user types: at most %d can share a run", len(weights), maxTypes)
	}
	var counts, shares []share
	sum := 0
	for i, w := range weights {
		if math.IsNaN(w) || math.IsInf(w, 0) || w < 0 {
			return nil, fmt.Errorf("mix: weight %v of user type %d: a weight is a positive number, or 0 for no users", w, i+1)
		}
		switch {
		case fixed != nil && fixed[i] < 0:
			return nil, fmt.Errorf("mix: fixed count %d of user type %d: a count is positive, or 0 for none", fixed[i], i+1)
		case fixed != nil && fixed[i] > 0:
			if sum > math.MaxInt32-fixed[i] {
				return nil, fmt.Errorf("mix: fixed counts add up to more than %d users", math.MaxInt32)
			}
			sum += fixed[i]
			counts = append(counts, share{kind: i, weight: float64(fixed[i])})
		case w > 0:
			shares = append(shares, share{kind: i, weight: w})
		}
	}
	if len(counts)+len(shares) == 0 {
		return nil, errors.New("mix: no user type has a weight or a fixed count: give at least one type a weight above 0")
	}
	return &Mix{fixed: newSequence(counts), fixedSum: sum, weighted: newSequence(shares)}, nil
}

// Type is the index of the user type of user number k, counted from 0. It is -1 when k is negative, or when only fixed counts were
// given and k is beyond them.
func (m *Mix) Type(k int) int {
	switch {
	case k < 0:
		return -1
	case k < m.fixedSum:
		return m.fixed.at(k)
	case m.weighted == nil:
		return -1
	default:
		return m.weighted.at(k - m.fixedSum)
	}
}

// Limit is the number of users there can be: the sum of the fixed counts when no type is weighted. It is false when there is no
// limit.
func (m *Mix) Limit() (int, bool) {
	return m.fixedSum, m.weighted == nil
}
