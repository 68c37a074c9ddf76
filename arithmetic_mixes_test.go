package stampede_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede"
)

// harder makes of a random run one that changes at the worst moments: before the first arrival, during a pause, at one and the same moment, down
// to nothing and up again, with one user for all arrivals, with starts that nobody survives, and with a feeder that runs dry.
func (s *sumsRun) harder() {
	r := s.rng
	s.plain = false
	length := time.Duration(200+r.IntN(1500)) * time.Millisecond
	at := func(do func(*stampede.Running)) {
		when := []time.Duration{0, 1, time.Duration(r.Int64N(int64(length))), length / 2, time.Second, time.Second - 1, length}[r.IntN(7)]
		s.acts = append(s.acts, sumsAct{when, func(run *stampede.Running) error { do(run); return nil }})
	}
	gap := func() time.Duration {
		return []time.Duration{0, 1, time.Millisecond, 300 * time.Millisecond, 1100 * time.Millisecond}[r.IntN(5)]
	}
	for range 1 + r.IntN(4) {
		first, second, rate, users := gap(), gap(), 1+300*r.Float64(), 1+r.IntN(40)
		switch r.IntN(8) {
		case 0: // a pause that is the first thing that happens
			s.acts = append(s.acts, sumsAct{0, func(run *stampede.Running) error { run.Pause(); time.Sleep(first); run.Resume(); return nil }})
		case 1: // an end during a pause
			at(func(run *stampede.Running) { run.Pause(); time.Sleep(first); run.Stop("paused") })
		case 2:
			at(func(run *stampede.Running) { run.Pause(); time.Sleep(first); run.Cancel("paused") })
		case 3: // to nothing and back, more than once
			at(func(run *stampede.Running) {
				for range 3 {
					_ = run.SetRate(0) // which does not fit every model
					time.Sleep(first)
					_ = run.SetRate(rate)
					time.Sleep(second)
				}
			})
		case 4:
			at(func(run *stampede.Running) {
				for range 3 {
					_ = run.SetUsers(0, 0)
					time.Sleep(first)
					_ = run.SetUsers(users, 0)
					time.Sleep(second)
				}
			})
		case 5: // a change while nothing goes on, and pauses within pauses
			at(func(run *stampede.Running) {
				run.Pause()
				run.Pause()
				_ = run.SetRate(rate)
				_ = run.SetUsers(users, 0)
				time.Sleep(first)
				run.Resume()
				time.Sleep(second)
				run.Resume()
			})
		case 6: // all at once
			for range 4 {
				s.acts = append(s.acts, sumsAct{length / 3, func(run *stampede.Running) error { run.Pause(); run.Resume(); return run.SetRate(rate) }})
			}
		default:
			at(func(run *stampede.Running) { time.Sleep(first); run.Stop("it was long enough") })
		}
	}
	if s.plan.Rate != nil || len(s.loads) > 0 {
		s.plan.MaxUsers = []int{1, 1, 2, s.plan.MaxUsers}[r.IntN(4)]
		s.plan.MaxWaiting = []int{1, 2, s.plan.MaxWaiting}[r.IntN(3)]
	}
	s.plan.Iterations = []int64{0, 1, 2, s.plan.Iterations}[r.IntN(4)]
	if s.plan.Duration == 0 {
		s.acts = append(s.acts, sumsAct{4 * time.Second, func(run *stampede.Running) error { run.Stop("the end"); return nil }})
	}
}

// TestSumsOfHardMixes is TestSumsInVirtualTime at the worst moments.
func TestSumsOfHardMixes(t *testing.T) {
	t.Parallel()
	first := runsWanted(t, "STAMPEDE_SUMS_SEED", 0)
	for i := range runsWanted(t, "STAMPEDE_SUMS", 400) {
		seed := uint64(first+i) + 1<<40
		s := newSumsRun(seed)
		s.harder()
		synctest.Test(t, func(t *testing.T) {
			s.run(t)
			if t.Failed() {
				t.Logf("seed %d: %s", seed, s.text)
			}
		})
		if t.Failed() {
			return
		}
	}
}

type taker struct {
	stampede.User
	feeder *stampede.Feeder[int]
}

func (u *taker) Enter(context.Context) error { _, err := u.feeder.Take(u); return err }

func (u *taker) Step(ctx context.Context) error {
	return u.Record("DO", "step", func() error { return u.Pause(ctx, 30*time.Millisecond) })
}

// Arrivals that find no row left are not started, and each of the others is sent; with a limit of iterations, with one user at a time, and beside a
// type that nobody gets into.
func TestSumsOfDryFeeders(t *testing.T) {
	for _, tt := range []struct {
		rows, iterations, users int
		closed                  bool
	}{{3, 0, 0, false}, {3, 10, 0, false}, {0, 0, 0, false}, {1, 0, 1, false}, {2, 7, 1, false}, {3, 0, 0, true}, {0, 5, 0, true}} {
		synctest.Test(t, func(t *testing.T) {
			feeder := stampede.Rows(make([]int, tt.rows))
			dry := stampede.Spec[taker]{
				Name: "dry", Weight: 1, OnStart: (*taker).Enter, Tasks: []stampede.Task[taker]{{Do: (*taker).Step}},
				New: func() *taker { return &taker{feeder: feeder} },
			}
			shut := dry
			shut.Name, shut.OnStart = "shut", func(*taker, context.Context) error { return errSums }
			plan := stampede.Plan{
				Test:     stampede.Test{Name: "dry", Users: []stampede.UserType{stampede.Users(dry), stampede.Users(shut)}},
				Duration: 3 * time.Second, Iterations: int64(tt.iterations), MaxUsers: tt.users, Rate: stampede.Level(20),
			}
			if tt.closed {
				plan.Rate, plan.Users = nil, stampede.Level(6)
			}
			running, err := stampede.Start(t.Context(), stampede.InVirtualTime(plan))
			if err != nil {
				t.Fatal(err)
			}
			rep, err := running.Wait()
			if err != nil {
				t.Fatal(err)
			}
			if rep.Planned != rep.Sent+rep.Dropped+rep.NotStarted || rep.Sent != rep.Whole.Total.Count+rep.InFlight || rep.StartFailed == 0 {
				t.Errorf("%+v: planned %d, sent %d, dropped %d, not started %d; %d requests, %d in flight, %d starts failed",
					tt, rep.Planned, rep.Sent, rep.Dropped, rep.NotStarted, rep.Whole.Total.Count, rep.InFlight, rep.StartFailed)
			}
			if tt.rows == 0 && rep.Sent > 0 || tt.iterations > 0 && rep.Sent > int64(tt.iterations) {
				t.Errorf("%+v: sent %d", tt, rep.Sent)
			}
			if !tt.closed && tt.iterations == 0 && rep.Planned != 60 {
				t.Errorf("%+v: planned %d, want 60", tt, rep.Planned)
			}
		})
	}
}
