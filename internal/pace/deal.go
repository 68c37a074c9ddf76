package pace

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Deal says which worker owns which number while workers come and go. Numbers are dealt in rounds: number n belongs to the owner of slot
// n mod round. A worker that goes leaves its slots to the others, and nobody else's move; one that comes takes a few slots of each.
//
// Two Deals that saw the same changes in the same order are the same, on every machine: all of it is whole numbers. So a fleet needs to send
// the changes alone. A Deal is used by one goroutine; the Shares that it makes are immutable.
type Deal struct {
	owner   []int32       // of each slot; -1 while nobody is there
	weights map[int]int64 // of those who are there
}

// WeightOne is a weight of 1 as a Deal counts it: weights are whole thousandths.
const WeightOne = 1000

// slotsEach is about how many slots of a round a worker gets at first: a worker that leaves can be dealt out to so many others, and the parts
// are in proportion to the weights to one part in so many.
const slotsEach = 256

// mostSlots bounds a round.
const mostSlots = 1 << 20

// NewDeal deals to workers 0 to len(weights)-1, in thousandths. With equal weights number n is of worker n mod len(weights), as in an even
// Share.
func NewDeal(weights []int64) (*Deal, error) {
	if len(weights) == 0 {
		return nil, fmt.Errorf("a share of the load for no worker at all: at least one must do something")
	}
	d := &Deal{weights: map[int]int64{}}
	for i, w := range weights {
		if err := checkWeight(i, w); err != nil {
			return nil, err
		}
		d.weights[i] = w
	}
	d.owner = make([]int32, min(len(weights)*slotsEach, mostSlots))
	if alike(weights) && len(d.owner) == len(weights)*slotsEach { // what give comes to, without sorting a quarter of a million slots
		for s := range d.owner {
			d.owner[s] = int32(s % len(weights))
		}
		return d, nil
	}
	all := make([]int32, len(d.owner))
	for s := range all {
		all[s] = int32(s)
	}
	d.give(all, d.parts(int64(len(all)), nil))
	return d, nil
}

// alike reports whether all weights are the same.
func alike(weights []int64) bool {
	return !slices.ContainsFunc(weights, func(w int64) bool { return w != weights[0] })
}

func checkWeight(i int, w int64) error {
	if w <= 0 || w > math.MaxInt32 {
		return fmt.Errorf("weight %d of worker %d: it is a number of thousandths from 1 to %d", w, i, math.MaxInt32)
	}
	return nil
}

// Workers are those who own something, ascending.
func (d *Deal) Workers() []int {
	all := make([]int, 0, len(d.weights))
	for i := range d.weights {
		all = append(all, i)
	}
	slices.Sort(all)
	return all
}

// Share is what a worker owns now: nothing when it is not there.
func (d *Deal) Share(i int) Share {
	c := &cut{round: int64(len(d.owner))}
	for s, w := range d.owner {
		if int(w) == i {
			c.own = append(c.own, int32(s))
		}
	}
	return Share{I: i, N: len(d.weights), cut: c}
}

// Shares are the shares of all who are there, in one pass: for whoever keeps the accounts of many.
func (d *Deal) Shares() map[int]Share {
	all := make(map[int]Share, len(d.weights))
	for i, n := range d.counts() {
		all[i] = Share{I: i, N: len(d.weights), cut: &cut{round: int64(len(d.owner)), own: make([]int32, 0, n)}}
	}
	for s, w := range d.owner {
		if one, there := all[int(w)]; there {
			one.cut.own = append(one.cut.own, int32(s))
		}
	}
	return all
}

// Leave deals the slots of a worker that goes to the others. moved is what moved.
func (d *Deal) Leave(i int) (moved Share, err error) {
	if _, there := d.weights[i]; !there {
		return Share{}, fmt.Errorf("worker %d leaves, and is not there", i)
	}
	moved = d.Share(i)
	delete(d.weights, i)
	if len(d.weights) == 0 {
		for _, s := range moved.cut.own {
			d.owner[s] = -1
		}
		return moved, nil
	}
	d.give(moved.cut.own, d.parts(int64(len(moved.cut.own)), d.counts()))
	return moved, nil
}

// Join gives a worker that comes its part of everybody's slots. moved is what moved.
func (d *Deal) Join(i int, weight int64) (moved Share, err error) {
	if err := checkWeight(i, weight); err != nil {
		return Share{}, err
	}
	if _, there := d.weights[i]; there {
		return Share{}, fmt.Errorf("worker %d joins, and is there already", i)
	}
	free := slices.Contains(d.owner, -1) // everybody had gone
	d.weights[i] = weight
	if free {
		for s := range d.owner {
			d.owner[s] = int32(i)
		}
		return d.Share(i), nil
	}
	ideal := d.parts(int64(len(d.owner)), nil)
	for _, w := range d.Workers() {
		if w == i {
			continue
		}
		own := d.Share(w).cut.own
		spare := int64(len(own)) - ideal[w]
		for k := range spare { // evenly out of its own
			d.owner[own[(2*k+1)*int64(len(own))/(2*spare)]] = int32(i)
		}
	}
	return d.Share(i), nil
}

// counts is how many slots everybody has.
func (d *Deal) counts() map[int]int64 {
	have := map[int]int64{}
	for _, w := range d.owner {
		if _, there := d.weights[int(w)]; there {
			have[int(w)]++
		}
	}
	return have
}

// parts cuts total slots in proportion to the weights, or, when have says what everybody has already, so that all of it is in proportion. Each
// gets at least one when there are enough.
func (d *Deal) parts(total int64, have map[int]int64) map[int]int64 {
	workers := d.Workers()
	var weight, whole int64
	for _, w := range workers {
		weight += d.weights[w]
		whole += have[w]
	}
	whole += total
	want := map[int]int64{} // what is missing to its part of the whole
	var sum int64
	for _, w := range workers {
		want[w] = max(0, (whole*d.weights[w]+weight/2)/weight-have[w])
		sum += want[w]
	}
	if sum == 0 { // everybody has more than its part: by weight, then
		for _, w := range workers {
			want[w] = d.weights[w]
			sum += want[w]
		}
	}
	out, rest := map[int]int64{}, map[int]int64{}
	left := total
	for _, w := range workers {
		out[w], rest[w] = total*want[w]/sum, total*want[w]%sum
		if have == nil && out[w] == 0 && total >= int64(len(workers)) {
			out[w], rest[w] = 1, 0
		}
		left -= out[w]
	}
	order := slices.Clone(workers)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	for k := 0; left > 0; k = (k + 1) % len(order) {
		out[order[k]]++
		left--
	}
	for left < 0 { // those who were given their one
		most := slices.MaxFunc(order, func(a, b int) int { return cmp.Compare(out[a], out[b]) })
		out[most]--
		left++
	}
	return out
}

// give hands slots out, so many to each, evenly spread: see newCut.
func (d *Deal) give(own []int32, counts map[int]int64) {
	type wish struct{ worker, s int64 }
	wishes := make([]wish, 0, len(own))
	for _, w := range d.Workers() {
		for s := range counts[w] {
			wishes = append(wishes, wish{int64(w), s})
		}
	}
	slices.SortFunc(wishes, func(x, y wish) int {
		nx, ny := counts[int(x.worker)], counts[int(y.worker)]
		return cmp.Or(
			cmp.Compare((2*x.s+1)*ny, (2*y.s+1)*nx), cmp.Compare(nx, ny), cmp.Compare(x.worker, y.worker))
	})
	for k, w := range wishes {
		d.owner[own[k]] = int32(w.worker)
	}
}

// Nothing is a share of nothing at all: that of a worker that has not begun, or has been drained.
func Nothing() Share { return Share{N: 1, cut: &cut{round: 1}} }

// Before is how many of the numbers below n are its own.
func (s Share) Before(n int64) int64 {
	if n <= 0 {
		return 0
	}
	return s.before(n)
}

// Empty reports whether it owns nothing at all.
func (s Share) Empty() bool { return s.empty() }
