package stampede_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
)

// sleeper answers at once, but for one in so many that takes long.
type sleeper struct {
	stampede.User
	n     *atomic.Int64
	every int64
	long  time.Duration
}

func (s *sleeper) Ask(ctx context.Context) error {
	return s.Record("DO", "ask", func() error {
		if s.n.Add(1)%s.every == 0 {
			return s.Pause(ctx, s.long)
		}
		return s.Pause(ctx, 10*time.Millisecond)
	})
}

func sleepers(every int64, long time.Duration) stampede.Test {
	n := new(atomic.Int64)
	return stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[sleeper]{
		New:   func() *sleeper { return &sleeper{n: n, every: every, long: long} },
		Tasks: []stampede.Task[sleeper]{{Do: (*sleeper).Ask}},
		Wait:  stampede.Constant(90 * time.Millisecond),
	})}}
}

// TestOneRate holds the rate of a run against that of a threshold in it: both are per second of load, without the wait for the last answers
// and without pauses.
func TestOneRate(t *testing.T) {
	for name, c := range map[string]struct {
		plan   stampede.Plan
		act    func(*stampede.Running)
		rate   float64
		load   time.Duration // of the run, pauses included
		drain  time.Duration
		phases string
	}{
		"an answer that takes 9 s": {
			plan: stampede.Plan{Test: sleepers(100, 9*time.Second), Rate: stampede.Level(50), Duration: 5 * time.Second},
			rate: 50, load: 5 * time.Second, drain: 7980 * time.Millisecond, phases: "steady 0s-5s, drain 5s-12.98s",
		},
		"with a warm-up": {
			plan: stampede.Plan{Test: sleepers(250, 9*time.Second), Rate: stampede.Level(50), Duration: 5 * time.Second, Warmup: 2 * time.Second},
			rate: 50, load: 5 * time.Second, drain: 8980 * time.Millisecond, phases: "warm-up 0s-2s, steady 0s-5s, drain 5s-13.98s",
		},
		"paused for 3 s": {
			plan: stampede.Plan{Test: sleepers(1e9, 0), Rate: stampede.Level(50), Duration: 5 * time.Second},
			act: func(r *stampede.Running) {
				time.Sleep(2500 * time.Millisecond)
				r.Pause()
				time.Sleep(3 * time.Second)
				r.Resume()
			},
			rate: 50, load: 8 * time.Second, phases: "steady 0s-8s",
		},
		"stopped early": {
			plan: stampede.Plan{Test: sleepers(1e9, 0), Rate: stampede.Level(50), Duration: time.Minute},
			act:  func(r *stampede.Running) { time.Sleep(3990 * time.Millisecond); r.Stop("enough") },
			rate: 200 / 3.99, load: 3990 * time.Millisecond, phases: "steady 0s-3.99s",
		},
		"iterations": {
			plan: stampede.Plan{Test: sleepers(1e9, 0), Users: stampede.Level(10), Iterations: 300},
			rate: 300 / 2.91, load: 2910 * time.Millisecond, phases: "steady 0s-2.91s",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.plan.Thresholds = []stampede.Threshold{stampede.ParseThreshold(fmt.Sprintf("rate > %f/s and rate < %f/s", 0.99*c.rate, 1.01*c.rate))}
			act := c.act
			if act == nil {
				act = func(*stampede.Running) {}
			}
			rep := steered(t, c.plan, act)
			if got := rep.Judged.Total.Rate(rep.Judged.Seconds); got < 0.999*c.rate || got > 1.001*c.rate {
				t.Errorf("%.2f/s over %v s, want %.2f/s", got, rep.Judged.Seconds, c.rate)
			}
			if r := rep.Thresholds[0]; !r.Passed {
				t.Errorf("the threshold has another rate: %s", r.ValueText)
			}
			if rep.Run.Load != c.load || rep.Run.Drain().Round(20*time.Millisecond) != c.drain {
				t.Errorf("load for %v and %v of waiting, want %v and %v", rep.Run.Load, rep.Run.Drain(), c.load, c.drain)
			}
			var phases []string
			for _, p := range rep.Phases {
				phases = append(phases, fmt.Sprintf("%s %v-%v", p.Name, p.From, p.To.Round(10*time.Millisecond)))
			}
			if got := strings.Join(phases, ", "); got != c.phases {
				t.Errorf("phases: %s\nwant    %s", got, c.phases)
			}
		})
	}
}

// TestWhatTheUsersBecame is what a report says of a load that was changed, and of users that were never there.
func TestWhatTheUsersBecame(t *testing.T) {
	plan := stampede.Plan{Test: sleepers(1e9, 0), Users: stampede.Level(20), Duration: 5 * time.Second}
	rep := steered(t, plan, func(r *stampede.Running) {
		time.Sleep(2 * time.Second)
		if err := r.SetUsers(50, 0); err != nil {
			t.Error(err)
		}
	})
	if rep.Run.UsersText != "20, then 50" || rep.Run.Users != 50 {
		t.Errorf("users %q, %d", rep.Run.UsersText, rep.Run.Users)
	}
	plan = stampede.Plan{Test: sleepers(1e9, 0), Rate: stampede.Level(20), Duration: 5 * time.Second}
	rep = steered(t, plan, func(r *stampede.Running) {
		for range 5 {
			time.Sleep(500 * time.Millisecond)
			if err := r.SetRate(30); err != nil {
				t.Error(err)
			}
		}
	})
	if rep.Run.RateText != "20, changed 5 times, at last 30/s" {
		t.Errorf("rate %q", rep.Run.RateText)
	}
	rep = steered(t, stampede.Plan{Test: sleepers(1e9, 0), Users: stampede.Level(1500), SpawnRate: 100, Duration: 4 * time.Second}, func(*stampede.Running) {})
	if rep.Run.UsersText != "1500" || rep.Run.Users < 390 || rep.Run.Users > 401 {
		t.Errorf("users %q, %d ran", rep.Run.UsersText, rep.Run.Users)
	}
}

// TestAnswersAfterTheLoadBelongToTheirSecond has answers that take 9 s of a run of 5 s: they are counted in the seconds in which they were
// asked for, so that the seconds of a run add up to its totals and none of them is one without load.
func TestAnswersAfterTheLoadBelongToTheirSecond(t *testing.T) {
	pause := func(r *stampede.Running) {
		time.Sleep(2490 * time.Millisecond)
		r.Pause()
		time.Sleep(3 * time.Second)
		r.Resume()
	}
	for name, c := range map[string]struct {
		plan stampede.Plan
		act  func(*stampede.Running)
		want string
	}{
		"answers that take 9 s": {plan: stampede.Plan{Duration: 5 * time.Second}, want: "50 50 50 50 50 "},
		"with a warm-up":        {plan: stampede.Plan{Duration: 5 * time.Second, Warmup: 2 * time.Second}, want: "50 50 50 50 50 "},
		"with a pause":          {plan: stampede.Plan{Duration: 5 * time.Second}, act: pause, want: "50 50 25 0 0 25 50 50 "},
		"stopped early":         {plan: stampede.Plan{Duration: time.Minute}, act: func(r *stampede.Running) { time.Sleep(2490 * time.Millisecond); r.Stop("enough") }, want: "50 50 25 "},
	} {
		t.Run(name, func(t *testing.T) {
			c.plan.Test, c.plan.Rate = sleepers(40, 9*time.Second), stampede.Level(50)
			c.plan.StopTimeout = time.Minute
			if c.act == nil {
				c.act = func(*stampede.Running) {}
			}
			rep := steered(t, c.plan, c.act)
			got, judged, whole := "", int64(0), int64(0)
			for sec := range rep.Series.Seconds() {
				whole += sec.Total.Count
				if time.Duration(sec.Index)*time.Second >= c.plan.Warmup {
					judged += sec.Total.Count
				}
				if time.Duration(sec.Index)*time.Second < rep.Run.Load {
					got += fmt.Sprintf("%d ", sec.Total.Count)
				} else if sec.Total.Count > 0 {
					t.Errorf("%d requests in second %d, after the load", sec.Total.Count, sec.Index)
				}
			}
			if got != c.want {
				t.Errorf("seconds have %s, want %s", got, c.want)
			}
			if whole != rep.Whole.Total.Count || judged != rep.Judged.Total.Count {
				t.Errorf("the seconds add up to %d and %d without the warm-up, the totals to %d and %d", whole, judged, rep.Whole.Total.Count, rep.Judged.Total.Count)
			}
			if rep.Run.Drain() < 5*time.Second {
				t.Errorf("waited %v for the last answers", rep.Run.Drain())
			}
		})
	}
}

// TestWindowsOfASiteThatStops has a site that answers nothing of the last two of six seconds for as long as there is load: rules with windows hear of it
// when the answers come.
func TestWindowsOfASiteThatStops(t *testing.T) {
	n := new(atomic.Int64)
	plan := stampede.Plan{Rate: stampede.Level(50), Duration: 6 * time.Second}
	plan.Test.Users = []stampede.UserType{stampede.Users(stampede.Spec[stopper]{
		New: func() *stopper { return &stopper{n: n} }, Tasks: []stampede.Task[stopper]{{Do: (*stopper).Ask}},
	})}
	plan.Thresholds = []stampede.Threshold{stampede.ParseThreshold("max < 1s over 1s"), stampede.ParseThreshold("count > 0 over 6s")}
	rep := steered(t, plan, func(*stampede.Running) {})
	if r := rep.Thresholds[0]; r.Passed || r.FirstBroken != 5*time.Second || !strings.Contains(r.Reason, "2 of 6 windows") {
		t.Errorf("%+v", r)
	}
	if r := rep.Thresholds[1]; !r.Passed {
		t.Errorf("%+v", r)
	}
}

// stopper answers 200 times at once, and then after six seconds.
type stopper struct {
	stampede.User
	n *atomic.Int64
}

func (s *stopper) Ask(ctx context.Context) error {
	return s.Record("DO", "ask", func() error {
		if s.n.Add(1) > 200 {
			return s.Pause(ctx, 6*time.Second)
		}
		return nil
	})
}
