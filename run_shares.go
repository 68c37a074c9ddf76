package stampede

import (
	"math"
	"strings"
	"sync/atomic"

	"github.com/stampede-load/stampede/internal/mask"
)

// TaskShare is how often users began a task of those that they pick by weight, beside what its weight asks for. Tasks in an order of their own,
// and those that are alone in their set, have no share.
type TaskShare struct {
	UserType string
	Task     string  // its name, behind those of the sets it is in: "Store / Look at a shirt"
	Count    int64   // times it was begun, the warm-up included; of a set, times it was entered
	Wanted   float64 // of all that were picked in its set, 0 to 1
	Seen     float64 // the same, as it came; 0 when nothing was picked
	Odd      bool    // Seen differs from Wanted by more than chance does
}

// shareShards is how many counters a task has, so that users on different processors seldom write to the same.
const shareShards = 8

// picks counts how often a task was picked.
type picks [shareShards]struct {
	n atomic.Int64
	_ [56]byte
}

func (p *picks) add(user int) {
	if p != nil {
		p[user&(shareShards-1)].n.Add(1)
	}
}

func (p *picks) sum() (n int64) {
	for i := range p {
		n += p[i].n.Load()
	}
	return n
}

// chosen reports whether tasks of the set are picked by weight, from several.
func (s *taskSet) chosen() bool { return s.order == Weighted && len(s.tasks) > 1 }

// eachChosen gives f every set in which tasks are picked by weight, with the names of the sets it is in, in the order of the plan.
func (s *taskSet) eachChosen(path []string, f func(path []string, s *taskSet)) {
	if s.chosen() {
		f(path, s)
	}
	for _, t := range s.tasks {
		if t.set != nil {
			t.set.eachChosen(append(path[:len(path):len(path)], t.name), f)
		}
	}
}

// countPicks makes the counters of the tasks that are picked by weight.
func (s *taskSet) countPicks() {
	s.eachChosen(nil, func(_ []string, s *taskSet) {
		for _, t := range s.tasks {
			t.picks = new(picks)
		}
	})
}

// picked is how often each task was picked, in the order of the plan: what one process knows of it.
func (p *prepared) picked() []int64 {
	var out []int64
	for _, t := range p.types {
		t.root.eachChosen(nil, func(_ []string, s *taskSet) {
			for _, t := range s.tasks {
				out = append(out, t.picks.sum())
			}
		})
	}
	return out
}

// taskShares puts names and weights to what was picked. It is nil when that is not of this plan.
func (p *prepared) taskShares(picked []int64) []TaskShare {
	var out []TaskShare
	for _, typ := range p.types {
		typ.root.eachChosen(nil, func(path []string, s *taskSet) {
			from := len(out)
			sum := s.sums[len(s.sums)-1]
			for _, t := range s.tasks {
				share := TaskShare{UserType: mask.Text(typ.name), Task: mask.Text(strings.Join(append(path[:len(path):len(path)], t.name), " / "))}
				if sum > 0 {
					share.Wanted = t.weight / sum
				}
				if len(out) < len(picked) {
					share.Count = picked[len(out)]
				}
				out = append(out, share)
			}
			seen(out[from:])
		})
	}
	if len(out) != len(picked) {
		return nil
	}
	return out
}

// seen works out the shares of one set.
func seen(set []TaskShare) {
	n := int64(0)
	for i := range set {
		n += set[i].Count
	}
	if n == 0 {
		return
	}
	for i := range set {
		s := &set[i]
		s.Seen = float64(s.Count) / float64(n)
		s.Odd = odd(s.Count, n, s.Wanted, len(set))
	}
}

// odd reports whether k of n picks are further from their share than chance takes one of so many tasks in a run of ten thousand. Picks are
// independent draws, so their number is binomial; the bound is Bernstein's, which holds for small numbers too.
func odd(k, n int64, share float64, tasks int) bool {
	const rare = 1e-4
	off := math.Abs(float64(k) - float64(n)*share)
	spread := 2*float64(n)*share*(1-share) + 2*off/3
	if share <= 0 || share >= 1 { // nothing is left to chance
		return off > 0
	}
	return 2*math.Exp(-off*off/spread) < rare/float64(tasks)
}
