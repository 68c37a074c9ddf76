package fleet

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// tally is what the requests of one member took, name by name, in even and in odd seconds: what differs in both differs by more than chance.
type tally map[stats.Key]*[2]took

// took is a number of requests and the sum of their service times.
type took struct{ n, ns int64 }

func (t tally) add(s *stats.Snapshot) {
	for i := range s.Rows {
		r := &s.Rows[i]
		if r.Service.IsEmpty() {
			continue
		}
		one := t[r.Key]
		if one == nil {
			one = &[2]took{}
			t[r.Key] = one
		}
		half := &one[s.Second&1]
		half.n += r.Service.Count()
		half.ns += r.Service.Sum()
	}
}

// When a worker counts as unequal: its requests take so many times as long as those of the others, and by so much longer, in the mean of so many
// of each half.
const (
	unequalTimes = 1.5
	unequalBy    = 2 * time.Millisecond
	unequalLeast = 50
)

// versus compares a member with all the others at the names that both have. ok is false when it is no different.
func (t tally) versus(all tally) (mine, theirs time.Duration, ok bool) {
	var own, expected, n [2]float64
	for key, halves := range t {
		for h, one := range halves {
			others := took{all[key][h].n - one.n, all[key][h].ns - one.ns}
			if one.n == 0 || others.n < unequalLeast {
				continue
			}
			n[h] += float64(one.n)
			own[h] += float64(one.ns)
			expected[h] += float64(one.n) * float64(others.ns) / float64(others.n)
		}
	}
	for h := range n {
		if n[h] < unequalLeast || own[h] < unequalTimes*expected[h] || own[h]-expected[h] < n[h]*float64(unequalBy) {
			return 0, 0, false
		}
	}
	sum := n[0] + n[1]
	return time.Duration((own[0] + own[1]) / sum), time.Duration((expected[0] + expected[1]) / sum), true
}

// sayUnequal names members whose requests take longer than those of the others at the same names. c.mu is held.
func (d *drive) sayUnequal() {
	all := tally{}
	for _, t := range d.tallies {
		for key, halves := range t {
			one := all[key]
			if one == nil {
				one = &[2]took{}
				all[key] = one
			}
			for h := range halves {
				one[h].n += halves[h].n
				one[h].ns += halves[h].ns
			}
		}
	}
	for _, index := range slices.Sorted(maps.Keys(d.tallies)) {
		m := d.members[index]
		if mine, theirs, ok := d.tallies[index].versus(all); ok {
			d.collector.Doubt(fmt.Sprintf("%s (%s): its requests take %v in the mean, and those of the other workers with the same names %v: its network or its machine is the reason",
				m.name, m.host(), mine.Round(100*time.Microsecond), theirs.Round(100*time.Microsecond)))
		}
	}
}
