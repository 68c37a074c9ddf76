package stampede

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"time"
)

// What a task may return to say more than "it failed". They may be wrapped.
var (
	// ErrLeave leaves the innermost task set. At the top it ends the user like ErrStopUser.
	ErrLeave = errors.New("leave the task set")
	// ErrNextTask goes on with the next task at once, without the wait.
	ErrNextTask = errors.New("skip to the next task")
	// ErrStopUser ends this user for good.
	ErrStopUser = errors.New("stop this user")
	// ErrStopRun ends the whole run in an orderly way.
	ErrStopRun = errors.New("stop the run")
)

// userType is a Spec with its type forgotten.
type userType struct {
	name            string
	weight          float64
	fixed           int
	host            string
	tags            []string
	starts          int
	visit           Visit
	users, rate     Shape
	after           time.Duration
	pages           []Option
	visitors        bool      // of Pages
	whole           bool      // visitors of Pages load the parts too
	lean            bool      // its tasks need no goroutine of the user's
	learning        *learning // what those who return have from a visit before
	http            bool      // its users open connections
	onStart, onStop behaviour
	make            func() virtualUser
	root            *taskSet
}

func (t *userType) hostOf(r *run) string {
	if t.host == "" {
		return r.plan.Host
	}
	if r.fence != nil {
		return r.fence.Instead(t.host)
	}
	return t.host
}

// taskSet is a Set with its type forgotten. It is immutable once a run has started.
type taskSet struct {
	order           Order
	tasks           []*task
	chain           map[string]map[string]float64
	wait            *Wait
	stay            int
	onStart, onStop behaviour

	sums  []float64   // of the weights so far
	moves [][]float64 // Markov: for each task the sums of the weights of all tasks
}

type task struct {
	name   string
	weight float64
	tags   []string
	do     behaviour
	ask    *asking
	set    *taskSet
	picks  *picks // nil where nothing is counted
}

// cursor is where a user stands in a set.
type cursor struct {
	set  *taskSet
	at   int // the last task begun, -1 at first
	done int
}

// next picks the next task of a user. It reports false when the set is over.
func (c *cursor) next(r *rand.Rand, user int) (*task, bool) {
	s := c.set
	if len(s.tasks) == 0 || s.stay > 0 && c.done >= s.stay {
		return nil, false
	}
	switch s.order {
	case InOrder:
		c.at = (c.at + 1) % len(s.tasks)
	case Once:
		c.at++
		if c.at >= len(s.tasks) {
			return nil, false
		}
	case Markov:
		if c.at < 0 {
			c.at = 0
		} else {
			c.at = draw(r, s.moves[c.at])
		}
	default:
		c.at = draw(r, s.sums)
		s.tasks[c.at].picks.add(user)
	}
	c.done++
	return s.tasks[c.at], true
}

// more reports whether the set has a task left.
func (c *cursor) more() bool {
	s := c.set
	return len(s.tasks) > 0 && (s.stay <= 0 || c.done < s.stay) && (s.order != Once || c.at+1 < len(s.tasks))
}

// draw picks an index with the weights whose running sums are given.
func draw(r *rand.Rand, sums []float64) int {
	if len(sums) == 1 {
		return 0
	}
	x := r.Float64() * sums[len(sums)-1]
	for i, s := range sums {
		if x < s {
			return i
		}
	}
	return len(sums) - 1
}

// prepare checks the set, leaves out what the tags exclude, and computes the sums. It returns a new set; where names the place for errors.
func (s *taskSet) prepare(where string, keep func(tags []string) bool, inherited []string) (*taskSet, error) {
	p := *s
	p.tasks = nil
	var errs []error
	for i, t := range s.tasks {
		c := *t
		if c.name == "" {
			c.name = fmt.Sprintf("Task %d", i+1)
		}
		at := where + ", task " + c.name
		if given(c.do != nil)+given(c.set != nil)+given(c.ask != nil) != 1 {
			errs = append(errs, fmt.Errorf("%s: give it one of Do, Ask and Set", at))
			continue
		}
		if c.weight < 0 || math.IsNaN(c.weight) || math.IsInf(c.weight, 0) {
			errs = append(errs, fmt.Errorf("%s: weight %v: use a positive number", at, c.weight))
			continue
		}
		tags := slices.Concat(inherited, c.tags)
		if c.set != nil {
			set, err := c.set.prepare(at, keep, tags)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			if c.set = set; len(set.tasks) == 0 {
				continue
			}
		} else if !keep(tags) {
			continue
		}
		p.tasks = append(p.tasks, &c)
	}
	if p.wait != nil {
		if err := p.wait.check(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", where, err))
		}
	}
	sum := 0.0
	p.sums = nil
	for _, t := range p.tasks {
		sum += t.weight
		p.sums = append(p.sums, sum)
	}
	if p.order == Markov {
		moves, err := p.markov(where, len(p.tasks) != len(s.tasks))
		if err != nil {
			errs = append(errs, err)
		}
		p.moves = moves
	}
	return &p, errors.Join(errs...)
}

func given(is bool) int {
	if is {
		return 1
	}
	return 0
}

// markov turns the named transitions into sums. Every task needs a way on, and every target must exist.
func (s *taskSet) markov(where string, filtered bool) ([][]float64, error) {
	if filtered {
		return nil, fmt.Errorf("%s: tags leave tasks out of a Markov set; its transitions would lead nowhere: tag the whole set", where)
	}
	index := make(map[string]int, len(s.tasks))
	for i, t := range s.tasks {
		if _, twice := index[t.name]; twice {
			return nil, fmt.Errorf("%s: two tasks are called %q; transitions need different names", where, t.name)
		}
		index[t.name] = i
	}
	var errs []error
	for from, row := range s.chain {
		if _, ok := index[from]; !ok {
			errs = append(errs, fmt.Errorf("%s: transitions from %q: no such task; there are %s", where, from, s.names()))
		}
		for to := range row {
			if _, ok := index[to]; !ok {
				errs = append(errs, fmt.Errorf("%s: transition from %q to %q: no such task; there are %s", where, from, to, s.names()))
			}
		}
	}
	moves := make([][]float64, len(s.tasks))
	for i, t := range s.tasks {
		sum := 0.0
		sums := make([]float64, len(s.tasks))
		for j, to := range s.tasks {
			w := s.chain[t.name][to.name]
			if w < 0 || math.IsNaN(w) || math.IsInf(w, 0) {
				errs = append(errs, fmt.Errorf("%s: transition from %q to %q: weight %v: use a positive number", where, t.name, to.name, w))
			}
			sum += max(0, w)
			sums[j] = sum
		}
		if sum <= 0 {
			errs = append(errs, fmt.Errorf("%s: task %q has no way on: give it a transition, or let it return ErrLeave from an InOrder set", where, t.name))
		}
		moves[i] = sums
	}
	sort.Slice(errs, func(i, j int) bool { return errs[i].Error() < errs[j].Error() })
	return moves, errors.Join(errs...)
}

func (s *taskSet) names() string {
	var names []string
	for _, t := range s.tasks {
		names = append(names, fmt.Sprintf("%q", t.name))
	}
	return strings.Join(names, ", ")
}

// leaves calls f for each task that does something, in order.
func (s *taskSet) leaves(f func(*task)) {
	for _, t := range s.tasks {
		if t.set != nil {
			t.set.leaves(f)
		} else {
			f(t)
		}
	}
}
