package fleet

import (
	"errors"
	"fmt"
	"slices"
)

// A worker that joins a run with a number of iterations gets its part of those that nobody has begun. The order by which it joins says which part: each
// of the others gives that back as soon as it hears of it, and says how many with its acknowledgement. Only what it said is dealt out again. So none
// is begun twice, whoever is lost in between: what was given back and never heard of is part of what a lost worker left undone.

// partOf is which part of the iterations that are left is to be a new member's, the last of d.members; an error when there would be no users for them.
// c.mu is held.
func (d *drive) partOf(m *member) (float64, error) {
	if d.iterate == 0 {
		return 0, nil
	}
	deal, err := d.dealBefore(len(d.orders))
	if err == nil {
		_, err = deal.Join(m.index, m.weight)
	}
	if err != nil {
		return 0, err
	}
	shares, users := deal.Shares(), d.whole.Users(max(d.now(), d.last))
	for _, share := range shares {
		if users > 0 && share.Count(users) == 0 {
			return 0, errors.New("with one more, some worker would have iterations and no user for them: ask for more users")
		}
	}
	counts := d.counts(shares, users)
	return float64(counts[m.index]) / float64(sum(counts)), nil
}

func sum(counts []int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}

// returned is how many iterations a member has given back that are nobody's yet.
func (m *member) returned() int64 {
	if !m.in || m.gone || m.settled || m.ended != nil {
		return 0 // they are among those that it left undone
	}
	return min(max(0, m.reported.Given-m.taken), m.limit)
}

// dealReturned deals out what members gave back, when all have acknowledged the last who joined. c.mu is held.
func (d *drive) dealReturned() {
	if d.iterate == 0 || d.start == 0 || d.stopped || isClosed(d.stopping) {
		return
	}
	given, joined := make([]int64, len(d.members)), d.lastJoin()
	for i, m := range d.members {
		if m.in && !m.gone && m.ended == nil && m.index != joined.Index && m.reported.Known < joined.Number {
			return
		}
		given[i] = m.returned()
	}
	n := sum(given)
	if n == 0 {
		return
	}
	counts, err := d.countedNew(n)
	if err != nil {
		d.trouble = err
		return
	}
	o := d.give(Order{Kind: "more", Counts: counts, Given: given})
	d.raise(o)
	d.collector.Event("worker", fmt.Sprintf("%d iterations that nobody had begun go to who has joined", n))
}

// lastJoin is the last order by which somebody joined; its number is 0 when nobody did. c.mu is held.
func (d *drive) lastJoin() Order {
	for _, o := range slices.Backward(d.orders) {
		if o.Kind == "join" {
			return o
		}
	}
	return Order{}
}

// countedNew is counted among those who joined and have none yet; among all when there is no such member. c.mu is held.
func (d *drive) countedNew(n int64) ([]int64, error) {
	deal, err := d.dealBefore(len(d.orders))
	if err != nil {
		return nil, err
	}
	all := d.counts(deal.Shares(), d.whole.Users(max(d.now(), d.last)))
	some := slices.Clone(all)
	for i, m := range d.members {
		if m.limit > 0 || m.gone || m.leaving || m.ended != nil {
			some[i] = 0
		}
	}
	if sum(some) > 0 {
		return portions(n, some), nil
	}
	return portions(n, all), nil
}
