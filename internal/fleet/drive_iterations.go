package fleet

import (
	"fmt"
	"math"
	"time"

	"github.com/stampede-load/stampede"
)

// A number of iterations is shared out at the start, by users, and each worker begins its part by itself. What one that is lost, or leaves, has not begun is
// dealt out again, once all that it has reported is read. Nobody can know what a lost worker did after its last report: that is no iteration of the
// run, unless it is reported after all.

// gather is how long after a worker was lost what it had reported before is certainly read.
const gather = 500 * time.Millisecond

// settleIterations deals out what members that are gone have left undone. c.mu is held.
func (d *drive) settleIterations() {
	if d.iterate == 0 || d.stopped || isClosed(d.stopping) {
		return
	}
	for _, m := range d.members {
		if m.owes() && (m.ended != nil || time.Since(m.lostAt) > gather) {
			d.settle(m)
		}
	}
}

// settle deals out what a member has left undone. c.mu is held.
func (d *drive) settle(m *member) {
	m.settled, m.begun = true, d.collector.Reported(m.index).Iterations
	if m.gone {
		m.due = d.dueOf(m, max(d.now(), d.last))
		d.collector.Gone(m.index, m.due)
	}
	left := m.limit - m.begun
	if left <= 0 {
		return
	}
	d.collector.Event("worker", fmt.Sprintf("%s (%s) had begun %d of its %d iterations: the others do the rest", m.name, m.host(), m.begun, m.limit))
	counts, err := d.counted(left)
	if err != nil {
		d.trouble = err
		return
	}
	d.raise(d.give(Order{Kind: "more", Index: m.index, Counts: counts}))
}

// counted is how many of some iterations each member gets, by index. c.mu is held.
func (d *drive) counted(n int64) ([]int64, error) {
	deal, err := d.dealBefore(len(d.orders))
	if err != nil {
		return nil, err
	}
	return portions(n, d.counts(deal.Shares(), d.whole.Users(max(d.now(), d.last)))), nil
}

// counts is in which proportion members can do tasks, by index: that of their users, or of their weights where arrivals bring them. c.mu is held.
func (d *drive) counts(shares map[int]stampede.Share, users int) []int64 {
	out := make([]int64, len(d.members))
	some := false
	for i, share := range shares {
		if users > 0 {
			out[i] = int64(share.Count(users))
		}
		some = some || out[i] > 0
	}
	for i := range shares {
		if !some {
			out[i] = d.members[i].weight
		}
	}
	return out
}

// portions cuts n in proportion to counts, exactly; all of it is nobody's when no count is above 0.
func portions(n int64, counts []int64) []int64 {
	out := make([]int64, len(counts))
	var before, given int64
	all := sum(counts)
	for i, c := range counts {
		if all > 0 {
			before += c
			upTo := int64(math.Round(float64(n) * (float64(before) / float64(all))))
			out[i], given = upTo-given, upTo
		}
	}
	return out
}

// raise enters an order of more iterations in the limits of those who get them, and of those who gave them back. c.mu is held.
func (d *drive) raise(o Order) {
	for i, n := range o.Counts {
		d.members[i].limit += n
	}
	for i, n := range o.Given {
		d.members[i].limit -= n
		d.members[i].taken += n
	}
}

// countOf is how many iterations an order brings a member.
func (o *Order) countOf(index int) int64 {
	if index < len(o.Counts) {
		return o.Counts[index]
	}
	return 0
}

// owes reports whether a member is gone, and what it has left undone of its iterations is nobody's yet.
func (m *member) owes() bool {
	return m.in && !m.settled && (m.gone || m.leaving && m.ended != nil)
}

// owed reports whether iterations are about to be dealt out again. c.mu is held.
func (d *drive) owed() bool {
	if d.iterate == 0 {
		return false
	}
	for _, m := range d.members {
		if m.owes() || m.leaving && m.ended == nil && !m.gone || m.returned() > 0 {
			return true
		}
	}
	return false
}

// dueOf is how many arrivals of a member's share were due up to a run time: one that had begun all its iterations planned no more. c.mu is held.
func (d *drive) dueOf(m *member, at time.Duration) int64 {
	due := m.account.Planned(at)
	if d.iterate > 0 {
		g := d.collector.Reported(m.index)
		due = min(due, g.Planned+max(0, m.limit-g.Iterations))
	}
	return due
}

// sayIterations doubts a run in which some were done beyond the number that was wanted, or not at all. c.mu is held.
func (d *drive) sayIterations() {
	if d.iterate == 0 {
		return
	}
	var begun int64
	for _, m := range d.members {
		if !m.in {
			continue
		}
		n := d.collector.Reported(m.index).Iterations
		begun += n
		if more := n - m.begun; m.settled && m.gone && more > 0 {
			d.collector.Doubt(fmt.Sprintf("%s (%s) was cut off and went on with iterations that others had taken over: %d beyond the plan", m.name, m.host(), more))
		}
	}
	if left := d.iterate - begun; left > 0 && d.reason == "iterations" {
		d.collector.Doubt(fmt.Sprintf("%d of %d iterations were not done, or not reported: a worker had no users left for them, or was lost at the very end", left, d.iterate))
	}
}

// checkUsers refuses a number of users with which a worker would have iterations to do and nobody to do them. c.mu is held.
func (d *drive) checkUsers(c stampede.Change) error {
	if c.Kind != stampede.ChangeUsers || d.iterate == 0 || c.Users == 0 {
		return nil
	}
	deal, err := d.dealBefore(len(d.orders))
	if err != nil {
		return err
	}
	for i, share := range deal.Shares() {
		if share.Count(c.Users) == 0 {
			return fmt.Errorf("%s would have no user for its iterations: ask for more users, or let it leave first (fleet drain %s)", d.members[i].name, d.members[i].name)
		}
	}
	return nil
}
