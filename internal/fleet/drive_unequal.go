package fleet

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// tallies are what the requests of all members took, name by name. Names have numbers here: of a thousand workers with hundreds of names each, every
// one of half a million rows a second is counted.
type tallies struct {
	numbers map[stats.Key]int
	names   []stats.Key
	of      map[int]tally // by the index of the member
}

// tally is what the requests of one member took, by the number of the name, in even and in odd seconds: what differs in both differs by more
// than chance.
type tally [][2]took

// took is a number of requests and the sum of their service times.
type took struct{ n, ns int64 }

func newTallies() *tallies { return &tallies{numbers: map[stats.Key]int{}, of: map[int]tally{}} }

// number finds or makes the number of a name. guess is the one it probably has: workers send their names in the same order.
func (t *tallies) number(k stats.Key, guess int) int {
	if guess < len(t.names) && t.names[guess] == k {
		return guess
	}
	n, known := t.numbers[k]
	if !known {
		n = len(t.names)
		t.numbers[k] = n
		t.names = append(t.names, k)
	}
	return n
}

func (t *tallies) add(s *stats.Snapshot) {
	one := t.rows(t.of[s.Worker], s.Second, s.Rows)
	for i := range s.Earlier {
		one = t.rows(one, s.Earlier[i].Second, s.Earlier[i].Rows)
	}
	t.of[s.Worker] = one
}

func (t *tallies) rows(one tally, second int, rows []stats.Row) tally {
	at := -1
	for i := range rows {
		r := &rows[i]
		if r.Service.IsEmpty() {
			continue
		}
		if at = t.number(r.Key, at+1); at >= len(one) {
			one = append(one, make(tally, at+1-len(one))...)
		}
		half := &one[at][second&1]
		half.n += r.Service.Count()
		half.ns += r.Service.Sum()
	}
	return one
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
	for name, halves := range t {
		for h, one := range halves {
			others := took{all[name][h].n - one.n, all[name][h].ns - one.ns}
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
	all := make(tally, len(d.tallies.names))
	for _, t := range d.tallies.of {
		for name, halves := range t {
			for h := range halves {
				all[name][h].n += halves[h].n
				all[name][h].ns += halves[h].ns
			}
		}
	}
	for _, index := range slices.Sorted(maps.Keys(d.tallies.of)) {
		m := d.members[index]
		if mine, theirs, ok := d.tallies.of[index].versus(all); ok {
			d.collector.Doubt(fmt.Sprintf("%s (%s): its requests take %v in the mean, and those of the other workers with the same names %v: its network or its machine is the reason",
				m.name, m.host(), mine.Round(100*time.Microsecond), theirs.Round(100*time.Microsecond)))
		}
	}
}
