package engine

import (
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
)

// Account is what one share of a run comes to under the same orders, worked out without sending anything: whoever gives orders to workers
// knows from it what each should have sent by any time, also one that will never tell. It is used by one goroutine.
type Account struct {
	streams []*entryOf
	shift   int64 // run time minus plan time
	paused  bool
	pauseAt int64 // run time
	end     int64 // plan time at which the run stops; 0 when it is not known
}

// entryOf is one stream of an account.
type entryOf struct {
	spec  Stream
	users pace.Shape // as changed
	after time.Duration
	part  *pace.Part // of an open stream
}

// NewAccount opens the account of a share of a run. Of the config it takes Streams, Share, Poisson, Seed and Duration.
func NewAccount(cfg Config) *Account {
	a := &Account{}
	offset := 0
	for _, spec := range cfg.Streams {
		s := &entryOf{spec: spec, users: spec.Users, after: spec.After}
		if spec.Rate != nil {
			o := pace.Options{Share: cfg.Share, Poisson: cfg.Poisson, Seed: cfg.Seed + uint64(offset)}
			if cfg.Duration > 0 {
				o.Until = max(1, cfg.Duration-spec.After)
			}
			s.part = pace.NewPart(spec.Rate, o)
		}
		a.streams = append(a.streams, s)
		offset = (&stream{spec: &spec, offset: offset}).numbersEnd()
	}
	return a
}

// plan is the plan's time at a run time.
func (a *Account) plan(at int64) int64 {
	if a.paused {
		at = min(at, a.pauseAt)
	}
	plan := at - a.shift
	if a.end > 0 {
		plan = min(plan, a.end)
	}
	return plan
}

// Take takes note of an order. They come in the order of their times.
func (a *Account) Take(o Order) {
	plan := a.plan(int64(o.At))
	switch o.Kind {
	case OrderUsers:
		if s, others := a.closed(plan); s != nil {
			s.users, s.after = pace.Toward(s.target(plan), o.Users-others, o.SpawnRate), time.Duration(plan)
		}
	case OrderRate:
		if s, others := a.open(plan); s != nil {
			s.part.Switch(max(0, time.Duration(plan)-s.after), pace.Constant(o.Rate-others))
		}
	case OrderPause:
		if !a.paused {
			a.paused, a.pauseAt = true, int64(o.At)
		}
	case OrderResume:
		if a.paused {
			a.paused = false
			a.shift += max(0, int64(o.At)-a.pauseAt)
		}
	case OrderShare:
		for _, s := range a.streams {
			if s.part != nil {
				s.part.Reshare(time.Duration(plan)-s.after, o.Share)
			}
		}
	case OrderStop:
		a.end = max(1, plan)
	}
}

// Planned is how many arrivals of the share are due before a run time, which must not be before the last order.
func (a *Account) Planned(at time.Duration) int64 {
	plan := time.Duration(a.plan(int64(at)))
	var n int64
	for _, s := range a.streams {
		if s.part != nil {
			n += s.part.Planned(plan - s.after)
		}
	}
	return n
}

// Stood is how long the run has been paused so far, but for a pause that goes on.
func (a *Account) Stood() time.Duration { return time.Duration(a.shift) }

// Paused reports whether the plan stands still.
func (a *Account) Paused() bool { return a.paused }

// Rate is how many arrivals a second the plan wants over all workers at a run time; 0 in a closed run.
func (a *Account) Rate(at time.Duration) float64 {
	plan := time.Duration(a.plan(int64(at)))
	sum := 0.0
	for _, s := range a.streams {
		if s.part != nil && plan >= s.after {
			sum += s.part.Shape().Level(plan - s.after)
		}
	}
	return sum
}

// Users is how many users the plan wants over all workers at a run time; 0 in an open run.
func (a *Account) Users(at time.Duration) int {
	plan, sum := a.plan(int64(at)), 0
	for _, s := range a.streams {
		sum += s.target(plan)
	}
	return sum
}

// target is how many users a closed stream wants at a plan time.
func (s *entryOf) target(plan int64) int {
	if s.users == nil || time.Duration(plan) < s.after {
		return 0
	}
	return pace.Target(s.users, time.Duration(plan)-s.after)
}

// closed is the stream that a change of users changes, and how many users the others want.
func (a *Account) closed(plan int64) (first *entryOf, others int) {
	for _, s := range a.streams {
		switch {
		case s.part != nil:
		case first == nil:
			first = s
		default:
			others += s.target(plan)
		}
	}
	return first, others
}

// open is the stream that a change of the rate changes, and the rate of the others.
func (a *Account) open(plan int64) (first *entryOf, others float64) {
	for _, s := range a.streams {
		switch {
		case s.part == nil:
		case first == nil:
			first = s
		case time.Duration(plan) > s.after:
			others += s.part.Shape().Level(time.Duration(plan) - 1 - s.after)
		}
	}
	return first, others
}

// Check says why an order of users or of a rate cannot be obeyed; nil when it can.
func (a *Account) Check(o Order) error {
	plan := a.plan(int64(o.At))
	switch o.Kind {
	case OrderUsers:
		s, others := a.closed(plan)
		switch {
		case s == nil:
			return ErrModel
		case o.Users < others:
			return fmt.Errorf("other user types have a load of their own, and %d users by now: ask for so many at least", others)
		case s.spec.Most > 0 && o.Users-others > s.spec.Most:
			return fmt.Errorf("the fixed counts of the user types add up to %d: give a user type a weight", s.spec.Most+others)
		}
	case OrderRate:
		s, others := a.open(plan)
		switch {
		case s == nil:
			return ErrModel
		case o.Rate < others:
			return fmt.Errorf("other user types have a load of their own, %v/s by now: ask for so much at least", pace.Constant(others))
		}
	}
	return nil
}
