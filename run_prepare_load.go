package stampede

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/engine"
	"github.com/stampede-load/stampede/internal/mix"
	"github.com/stampede-load/stampede/internal/pace"
)

// makeStreams turns the plan's load and the types' own into streams of the engine.
func (p *prepared) makeStreams() error {
	once := p.plan.Users == nil && p.plan.Rate == nil && p.plan.Duration == 0 && p.plan.Iterations == 0
	var shared []int
	for i, t := range p.types {
		if t.users == nil && t.rate == nil {
			shared = append(shared, i)
			continue
		}
		once = false
		p.streams = append(p.streams, engine.Stream{
			Users: t.users, Rate: t.rate, Visits: t.rate != nil && t.visit.set(), After: t.after, Pick: func(int) int { return i },
		})
	}
	switch given := p.plan.Users != nil || p.plan.Rate != nil; {
	case len(shared) == 0 && given:
		return errors.New("users or a rate are given for the run, and every user type has a load of its own: leave it out, or let a user type have none")
	case len(shared) > 0:
		s, err := p.sharedStream(shared, once)
		if err != nil {
			return err
		}
		p.streams = append([]engine.Stream{s}, p.streams...)
	}
	if once {
		for _, t := range p.types {
			t.root.order = Once
			t.root.stay = 0
		}
	}
	p.settle()
	return p.checkWarmup(p.length)
}

// sharedStream is the plan's own load, over the user types that have none.
func (p *prepared) sharedStream(types []int, once bool) (engine.Stream, error) {
	weights, fixed := make([]float64, len(types)), make([]int, len(types))
	visits, stays := false, ""
	for j, i := range types {
		t := p.types[i]
		weights[j], fixed[j] = t.weight, t.fixed
		if t.fixed > 0 {
			weights[j] = 0
		}
		switch {
		case t.visit.set():
			visits = true
		case t.root.order != Once:
			stays = t.name
		}
	}
	if p.plan.Rate != nil && visits && stays != "" {
		return engine.Stream{}, fmt.Errorf("under a rate each arrival is a visit when a user type has one, and user type %q has none: its users would "+
			"stay for ever; give it a Visit, or a Rate of its own", stays)
	}
	m, err := mix.New(weights, fixed)
	if err != nil {
		return engine.Stream{}, fmt.Errorf("user types: %w", err)
	}
	s := engine.Stream{Pick: func(k int) int { return types[m.Type(k)] }}
	switch {
	case p.plan.Rate != nil:
		s.Rate, s.Visits = p.plan.Rate, visits
	case once || p.plan.Users == nil:
		s.Users = pace.Constant(1)
	default:
		s.Users = p.plan.Users
		if pace.IsLevel(s.Users) {
			s.Users = pace.Closed(int(math.Ceil(s.Users.Max())), p.plan.SpawnRate)
		} else if p.plan.SpawnRate > 0 {
			return s, errors.New("a spawn rate goes with a plain number of users; the shape given for users says itself how fast they come")
		}
	}
	limit, limited := m.Limit()
	switch {
	case !limited:
	case s.Rate != nil:
		return s, fmt.Errorf("a rate has no end of arrivals, and the fixed counts of the user types add up to %d: give one of them a weight", limit)
	case int(math.Ceil(s.Users.Max())) > limit:
		return s, fmt.Errorf("%d users are wanted, and the fixed counts add up to %d: give a user type a weight, or lower the users",
			int(math.Ceil(s.Users.Max())), limit)
	default:
		s.Most = limit
	}
	return s, nil
}

// settle finds the model, the length and whether the load is paced.
func (p *prepared) settle() {
	p.model = Closed
	ends, end := true, time.Duration(0)
	for _, s := range p.streams {
		shape := s.Users
		if s.Rate != nil {
			shape, p.paced = s.Rate, true
			if s.Visits {
				p.model = PartlyOpen
			} else if p.model == Closed {
				p.model = Open
			}
		}
		if e, ok := shape.End(); ok {
			end = max(end, s.After+e)
		} else {
			ends = false
		}
	}
	for _, t := range p.types {
		p.paced = p.paced || t.root.paced()
	}
	p.length = p.plan.Duration
	if p.length == 0 && ends {
		p.length = end
	}
}

// paced reports whether a wait in the set decides when tasks start.
func (s *taskSet) paced() bool {
	if s.wait != nil && s.wait.paced() {
		return true
	}
	return slices.ContainsFunc(s.tasks, func(t *task) bool { return t.set != nil && t.set.paced() })
}
