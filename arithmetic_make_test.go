package stampede_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/pace"
)

// sumsRun is a random run, and what its own code counts.
type sumsRun struct {
	rng   *rand.Rand
	plan  stampede.Plan
	text  string
	acts  []sumsAct
	plain bool         // nobody changes the load and no limit ends it: what is planned follows from the shapes
	loads []pace.Shape // of arrivals; nil for one of users
	after []time.Duration
	visit bool // an arrival is a visit in some stream

	entered, firsts, tasks, records, gotIn, startErrors atomic.Int64
}

type sumsAct struct {
	at time.Duration
	do func(*stampede.Running) error
}

// ways in which code of a test goes on, the usual one first.
const (
	goesWell = iota
	fails
	panics
	exits
	stopsUser
	stopsRun
	hangs
)

// habit is how the code of one user type goes.
type habit struct {
	s           *sumsRun
	start, task [hangs + 1]float64 // share of each way
	takes       time.Duration      // the longest task
	starts      time.Duration      // the longest OnStart
}

type walker struct {
	stampede.User
	h     *habit
	begun bool
}

func pickWay(r *rand.Rand, shares *[hangs + 1]float64) int {
	x := r.Float64()
	for way, share := range shares {
		if x -= share; x < 0 {
			return way
		}
	}
	return goesWell
}

var errSums = errors.New("it failed")

func (w *walker) goWay(ctx context.Context, way int) error {
	switch way {
	case fails:
		return errSums
	case panics:
		panic("it panicked")
	case exits:
		runtime.Goexit()
	case stopsUser:
		return stampede.ErrStopUser
	case stopsRun:
		return stampede.ErrStopRun
	case hangs:
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (w *walker) Enter(ctx context.Context) error {
	w.h.s.entered.Add(1)
	if d := w.h.starts; d > 0 {
		if err := w.Pause(ctx, time.Duration(w.Rand().Int64N(int64(d)))); err != nil {
			return err
		}
	}
	way := pickWay(w.Rand(), &w.h.start)
	switch way {
	case goesWell:
		w.h.s.gotIn.Add(1)
	case fails, panics, exits:
		w.h.s.startErrors.Add(1)
	}
	return w.goWay(ctx, way)
}

func (w *walker) Step(ctx context.Context) error {
	w.h.s.tasks.Add(1)
	if !w.begun {
		w.begun = true
		w.h.s.firsts.Add(1)
	}
	way := pickWay(w.Rand(), &w.h.task)
	w.h.s.records.Add(1)
	err := w.Record("DO", "step", func() error {
		if way == hangs {
			return w.goWay(ctx, hangs)
		}
		return w.Pause(ctx, 1+time.Duration(w.Rand().Int64N(int64(w.h.takes))))
	})
	if err != nil || way == hangs {
		return err
	}
	return w.goWay(ctx, way)
}

func newSumsRun(seed uint64) *sumsRun {
	s := &sumsRun{rng: rand.New(rand.NewPCG(seed, 12)), plain: true}
	r := s.rng
	length := time.Duration(200+r.IntN(3300)) * time.Millisecond
	s.plan = stampede.Plan{Seed: seed + 1, StopTimeout: []time.Duration{-1, 100 * time.Millisecond, 2 * time.Second}[r.IntN(3)]}
	if r.IntN(4) > 0 {
		s.plan.Duration = length
	}
	open := r.IntN(3) > 0
	visits := open && r.IntN(3) == 0
	types := 1 + r.IntN(3)
	for i := range types {
		s.plan.Test.Users = append(s.plan.Test.Users, stampede.Users(s.userType(i, open, visits, length)))
	}
	if len(s.loads) < types {
		shape := s.shape(open, length)
		if open {
			s.plan.Rate = shape
			s.loads, s.after = append(s.loads, shape), append(s.after, 0)
		} else {
			s.plan.Users = shape
			s.plain = false
		}
	}
	s.limits(open, length)
	s.changes(length)
	s.text = fmt.Sprintf("open %v, visits %v, %d types, length %v, users %v, rate %v, iterations %d, max users %d, waiting %d, poisson %v, stop timeout %v, %d changes",
		open, visits, types, s.plan.Duration, s.plan.Users, s.plan.Rate, s.plan.Iterations, s.plan.MaxUsers, s.plan.MaxWaiting, s.plan.Poisson,
		s.plan.StopTimeout, len(s.acts))
	return s
}

func (s *sumsRun) userType(i int, open, visits bool, length time.Duration) stampede.Spec[walker] {
	r := s.rng
	h := &habit{s: s, takes: time.Duration(1+r.IntN(300)) * time.Millisecond}
	if r.IntN(3) == 0 {
		h.takes = time.Duration(1+r.IntN(3000)) * time.Millisecond
	}
	if r.IntN(2) == 0 {
		for way := fails; way <= hangs; way++ {
			if r.IntN(3) == 0 && way != stopsRun {
				h.task[way] = 0.3 * r.Float64()
			}
		}
		if r.IntN(10) == 0 {
			h.task[stopsRun], s.plain = 0.02, false
		}
	}
	spec := stampede.Spec[walker]{
		Name: fmt.Sprintf("type %d", i), Weight: 1 + 3*r.Float64(), Starts: 1 + r.IntN(3),
		New: func() *walker { return &walker{h: h} }, Tasks: []stampede.Task[walker]{{Do: (*walker).Step}},
	}
	if r.IntN(2) == 0 {
		spec.OnStart = (*walker).Enter
		h.starts = time.Duration(r.IntN(400)) * time.Millisecond
		for way := fails; way <= hangs; way++ {
			if r.IntN(3) == 0 && way != stopsRun {
				h.start[way] = 0.4 * r.Float64()
			}
		}
		if r.IntN(20) == 0 {
			h.start[stopsRun], s.plain = 0.02, false
		}
	}
	for range r.IntN(3) {
		spec.Tasks = append(spec.Tasks, stampede.Task[walker]{Name: fmt.Sprint("more ", len(spec.Tasks)), Do: (*walker).Step})
	}
	switch r.IntN(5) {
	case 0:
		spec.Wait = stampede.Constant(time.Duration(1+r.IntN(300)) * time.Millisecond)
	case 1:
		spec.Wait = stampede.Between(0, time.Duration(1+r.IntN(300))*time.Millisecond)
	case 2:
		spec.Wait = stampede.Pacing(time.Duration(1+r.IntN(500)) * time.Millisecond)
	}
	if !visits && r.IntN(4) == 0 {
		spec.Order = []stampede.Order{stampede.InOrder, stampede.Once}[r.IntN(2)]
	}
	if visits || !open && r.IntN(3) == 0 {
		spec.Visit = stampede.Visit{Tasks: 1 + r.IntN(4)}
		if r.IntN(3) == 0 {
			spec.Visit.For = time.Duration(1+r.IntN(1000)) * time.Millisecond
		}
	}
	if visits {
		s.visit = true
	}
	if r.IntN(5) > 0 {
		return spec
	}
	spec.After = time.Duration(r.IntN(500)) * time.Millisecond
	if shape := s.shape(open, length); open {
		spec.Rate = shape
		s.loads, s.after = append(s.loads, shape), append(s.after, spec.After)
	} else {
		spec.Users = shape
		s.loads, s.after, s.plain = append(s.loads, nil), append(s.after, spec.After), false
	}
	return spec
}

// shape is a random load, of a few hundred arrivals or some tens of users.
func (s *sumsRun) shape(open bool, length time.Duration) stampede.Shape {
	r := s.rng
	top := 1 + r.Float64()*25
	if open {
		top = 1 + r.Float64()*150
	}
	low := top * r.Float64()
	text := ""
	switch r.IntN(6) {
	case 0:
		text = fmt.Sprintf("ramp(%.1f, %.1f, over=%v)", low, top, length)
	case 1:
		text = fmt.Sprintf("0:%.1f,%v:%.1f,%v:%.1f", low, length/3, top, length, low/2)
	case 2:
		text = fmt.Sprintf("spike(%.1f, %.1f, at=%v, for=%v)", low, top, length/4, length/3)
	case 3:
		text = fmt.Sprintf("steps(%.1f, %.1f, by=%.1f, every=%v)", 1.0, top+1, 1+top/4, length/5)
	case 4:
		text = fmt.Sprintf("sine(%.1f, %.1f, period=%v)", low, top, length/2)
	default:
		return stampede.Level(float64(1 + int(top)))
	}
	shape, err := stampede.ParseShape(text)
	if err != nil || !open && shape.Max() < 1 {
		return stampede.Level(float64(1 + int(top)))
	}
	return shape
}

func (s *sumsRun) limits(open bool, length time.Duration) {
	r := s.rng
	if r.IntN(4) == 0 {
		s.plan.Iterations = int64(1 + r.IntN(200))
		s.plain = false
	}
	if open {
		s.plan.Poisson = r.IntN(3) == 0
		if s.plan.Poisson && len(s.loads) > 1 {
			s.plain = false // each stream has random arrivals of its own
		}
		if r.IntN(2) == 0 {
			s.plan.MaxUsers = 1 + r.IntN(30)
		}
		if r.IntN(3) == 0 {
			s.plan.MaxWaiting = 1 + r.IntN(50)
		}
	}
	if s.plan.Duration == 0 {
		s.plain = false
		s.acts = append(s.acts, sumsAct{length, func(r *stampede.Running) error { r.Stop("it was long enough"); return nil }})
	}
}

// changes are what somebody does to the run while it goes on.
func (s *sumsRun) changes(length time.Duration) {
	r := s.rng
	if r.IntN(2) == 0 {
		return
	}
	for range 1 + r.IntN(4) {
		act := sumsAct{at: time.Duration(r.Int64N(int64(length)))}
		if r.IntN(5) == 0 {
			act.at = 0
		}
		users, rate, gap, spawn := r.IntN(40), r.Float64()*200, time.Duration(r.IntN(700))*time.Millisecond, float64(r.IntN(2)*50)
		switch r.IntN(8) {
		case 0, 1, 2:
			act.do = func(run *stampede.Running) error { return run.SetUsers(users, spawn) }
		case 3, 4, 5:
			act.do = func(run *stampede.Running) error { return run.SetRate(rate) }
		case 6:
			act.do = func(run *stampede.Running) error {
				run.Pause()
				time.Sleep(gap)
				run.Resume()
				return nil
			}
		default:
			act.do = func(run *stampede.Running) error {
				if users%3 == 0 {
					run.Cancel("cancelled")
				}
				run.Stop("stopped")
				return nil
			}
		}
		s.acts = append(s.acts, act)
	}
	s.plain = false
}
