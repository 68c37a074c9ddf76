package pace

import (
	"errors"
	"fmt"
	"math"
	"sort"
)

// Share is worker I of N (0 <= I < N): of arrivals or users numbered 0, 1, 2 ... those with number mod N = I. The zero value is the
// whole: 0 of 1. [ShareOf] makes uneven ones.
//
// A Share from ShareOf does not survive being written as I and N alone: send the weights and make it again on the other side.
type Share struct {
	I, N int

	cut *cut // nil for an even share
}

// cut says which slots of each round of numbers are one worker's.
type cut struct {
	round int64   // numbers in a round
	own   []int32 // its slots of the round, ascending
}

// ShareOf is worker i of len(weights), with a part in proportion to weights[i]: capacities, say. The whole is cut in rounds; in each
// the workers take turns in proportion, and every number belongs to exactly one of them, for any weights. Weights in small whole
// ratios (2:1, 0.5:1.5) are exact; others to about a part in a thousand of an average share, and no worker with a weight gets nothing.
//
// It is an error when a weight is negative, infinite or not a number, when none is above 0, or when i is no worker.
func ShareOf(weights []float64, i int) (Share, error) {
	if i < 0 || i >= len(weights) {
		return Share{}, fmt.Errorf("share %d of %d: workers count from 0", i, len(weights))
	}
	sum, even := 0.0, true
	for k, w := range weights {
		if math.IsNaN(w) || math.IsInf(w, 0) || w < 0 {
			return Share{}, fmt.Errorf("share of worker %d is %v: write a number, 0 or more", k, w)
		}
		sum += w
		even = even && w == weights[0]
	}
	if sum == 0 {
		return Share{}, errors.New("the shares of all workers are 0: at least one must do something")
	}
	s := Share{I: i, N: len(weights)}
	if !even {
		s.cut = newCut(slots(weights), i)
	}
	return s, nil
}

// slots is how many slots of a round each worker gets: the smallest whole numbers in the ratio of the weights when a short round will
// do, else the nearest of a long one, and at least 1 for a weight above 0.
func slots(weights []float64) []int64 {
	smallest, sum := math.Inf(1), 0.0
	for _, w := range weights {
		sum += w
		if w > 0 {
			smallest = min(smallest, w)
		}
	}
	counts := make([]int64, len(weights))
	long := int64(1024 * len(weights))
	for parts := 1.0; parts <= 64 && sum/smallest*parts <= float64(long); parts++ {
		exact := true
		for i, w := range weights {
			n := w / smallest * parts
			counts[i] = int64(math.Round(n))
			exact = exact && math.Abs(n-math.Round(n)) <= 1e-9*n
		}
		if exact {
			return counts
		}
	}
	for i, w := range weights {
		counts[i] = int64(math.Round(w / sum * float64(long)))
		if w > 0 {
			counts[i] = max(1, counts[i])
		}
	}
	return counts
}

// newCut deals the slots of a round evenly spread: slot s of a worker with c of them wants to stand at (s + 1/2) / c of the round.
// The wishes, in order, are the round; at a tie the worker with fewer slots goes first, then the one with the lower number.
func newCut(counts []int64, i int) *cut {
	type wish struct{ worker, s int64 }
	c := &cut{}
	var wishes []wish
	for w, n := range counts {
		c.round += n
		for s := range n {
			wishes = append(wishes, wish{int64(w), s})
		}
	}
	sort.Slice(wishes, func(a, b int) bool {
		x, y := wishes[a], wishes[b]
		left, right := (2*x.s+1)*counts[y.worker], (2*y.s+1)*counts[x.worker]
		switch {
		case left != right:
			return left < right
		case counts[x.worker] != counts[y.worker]:
			return counts[x.worker] < counts[y.worker]
		default:
			return x.worker < y.worker
		}
	})
	for slot, w := range wishes {
		if w.worker == int64(i) {
			c.own = append(c.own, int32(slot))
		}
	}
	return c
}

// Dealt reports whether it is a part of a load that several workers carry, now or as soon as another one joins.
func (s Share) Dealt() bool { return s.cut != nil || s.N > 1 }

// Count is how many of the numbers 0 to total-1 are its own.
func (s Share) Count(total int) int {
	if total <= 0 {
		return 0
	}
	return int(s.before(int64(total)))
}

// Number is its own number j, j = 0, 1, 2 ...; -1 when it has none.
func (s Share) Number(j int) int {
	if s.empty() {
		return -1
	}
	return int(s.number(int64(j)))
}

// Owns reports whether number n is its own.
func (s Share) Owns(n int) bool {
	return n >= 0 && s.before(int64(n)+1) > s.before(int64(n))
}

// String is "1 of 3", counted from 1 as people do.
func (s Share) String() string {
	return fmt.Sprintf("%d of %d", s.I+1, max(1, s.N))
}

// empty reports whether it owns nothing at all.
func (s Share) empty() bool { return s.cut != nil && len(s.cut.own) == 0 }

// before is how many of the numbers below n are its own.
func (s Share) before(n int64) int64 {
	switch {
	case s.cut != nil:
		own := s.cut.own
		rest := int32(n % s.cut.round)
		return n/s.cut.round*int64(len(own)) + int64(sort.Search(len(own), func(i int) bool { return own[i] >= rest }))
	case s.N <= 1:
		return n
	default:
		return (n + int64(s.N-1-s.I)) / int64(s.N)
	}
}

// number is its own number j; it owns some.
func (s Share) number(j int64) int64 {
	switch {
	case s.cut != nil:
		own := int64(len(s.cut.own))
		return j/own*s.cut.round + int64(s.cut.own[j%own])
	case s.N <= 1:
		return j
	default:
		return j*int64(s.N) + int64(s.I)
	}
}
