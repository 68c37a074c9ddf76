package stampede_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede"
)

// clerk does something that takes 10 ms of virtual time, again and again.
type clerk struct{ stampede.User }

func (c *clerk) Stamp(context.Context) error {
	return c.Record("DO", "stamp", func() error { time.Sleep(10 * time.Millisecond); return nil })
}

func clerks(spec stampede.Spec[clerk]) stampede.UserType {
	spec.Tasks = []stampede.Task[clerk]{{Do: (*clerk).Stamp}}
	return stampede.Users(spec)
}

// steered runs a plan in virtual time while act changes it.
func steered(t *testing.T, plan stampede.Plan, act func(*stampede.Running)) (rep *stampede.Report) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		running, err := stampede.Start(t.Context(), stampede.InVirtualTime(plan))
		if err != nil {
			t.Fatal(err)
		}
		act(running)
		if rep, err = running.Wait(); err != nil {
			t.Fatal(err)
		}
	})
	return rep
}

// kinds are the events of a report but for those of every run, and when they were, in words.
func kinds(r *stampede.Report) string {
	var out []string
	for _, e := range r.Events {
		if e.Kind != "start" && e.Kind != "stop" {
			out = append(out, e.At.Round(100*time.Millisecond).String()+" "+e.Kind+" "+e.Text)
		}
	}
	return strings.Join(out, ", ")
}

func TestChangesAreQuickAndKept(t *testing.T) {
	plan := stampede.Plan{
		Test:  stampede.Test{Users: []stampede.UserType{clerks(stampede.Spec[clerk]{Wait: stampede.Constant(90 * time.Millisecond)})}},
		Users: stampede.Level(10), Duration: 20 * time.Second,
	}
	rep := steered(t, plan, func(r *stampede.Running) {
		for _, step := range []struct {
			after time.Duration
			users int
		}{{5 * time.Second, 30}, {5 * time.Second, 5}} {
			time.Sleep(step.after)
			if err := r.SetUsers(step.users, 0); err != nil {
				t.Error(err)
			}
			time.Sleep(100 * time.Millisecond)
			if l := r.Live(); l.Users != step.users {
				t.Errorf("%d users 100 ms after they were set to %d", l.Users, step.users)
			}
		}
		time.Sleep(2 * time.Second)
		r.Pause()
		r.Pause() // says nothing new
		time.Sleep(3 * time.Second)
		r.Resume()
		r.Resume()
	})
	if got, want := kinds(rep), "5s users users set to 30 (from 10), 10.1s users users set to 5 (from 30), 12.2s pause paused, 15.2s resume resumed"; got != want {
		t.Errorf("events: %s\nwant %s", got, want)
	}
	if d := rep.Run.Duration.Round(100 * time.Millisecond); d != 23*time.Second {
		t.Errorf("the run took %v, want 20 s and the 3 s of the pause", d)
	}
	// 10 users for 5 s, 30 for 5.1 s, 5 for 9.9 s: each 10 tasks a second.
	if n := rep.Whole.Total.Count; n < 2480 || n > 2570 {
		t.Errorf("%d tasks, want about 2525", n)
	}
	for s := range rep.Series.Seconds() {
		if s.Index > 12 && s.Index < 15 && s.Total.Count > 0 {
			t.Errorf("%d tasks in second %d, when the run stood still", s.Total.Count, s.Index)
		}
	}
}

func TestPauseMovesWhatThePlanHasLater(t *testing.T) {
	shape, err := stampede.ParseShape("100 for 10s then 200 for 10s")
	if err != nil {
		t.Fatal(err)
	}
	plan := stampede.Plan{
		Test: stampede.Test{Users: []stampede.UserType{clerks(stampede.Spec[clerk]{})}}, Rate: shape,
		Phases: []stampede.Phase{{Name: "calm", To: 10 * time.Second}, {Name: "rush", From: 10 * time.Second, To: 20 * time.Second}},
		Thresholds: []stampede.Threshold{
			stampede.ParseThreshold("rate >= 199/s during rush"), stampede.ParseThreshold("rate <= 201/s over 5s"),
			stampede.ParseThreshold("rate >= 199/s over 2s during rush"), stampede.ParseThreshold("rate <= 101/s during calm"),
		},
	}
	rep := steered(t, plan, func(r *stampede.Running) {
		time.Sleep(5 * time.Second)
		r.Pause()
		time.Sleep(30*time.Second + 500*time.Millisecond)
		r.Resume()
		if l := r.Live(); l.Planned != 50*time.Second+500*time.Millisecond {
			t.Errorf("the run is said to last %v, want its 20 s and the 30.5 s of the pause", l.Planned)
		}
	})
	for _, res := range rep.Thresholds {
		if !res.Passed {
			t.Errorf("%s: %s %s", res.Expr, res.ValueText, res.Reason)
		}
	}
	for _, p := range rep.Phases {
		if p.Name == "rush" && (p.From.Seconds() != 40.5 || p.To.Seconds() != 50.5) {
			t.Errorf("the rush was from %v to %v, want 40.5 s to 50.5 s", p.From, p.To)
		}
	}
	if rep.Planned != 3000 || rep.Sent != 3000 || rep.Dropped != 0 {
		t.Errorf("planned %d, sent %d, dropped %d; want all 3000", rep.Planned, rep.Sent, rep.Dropped)
	}
}

func TestChangesThatMakeNoSense(t *testing.T) {
	closed := stampede.Plan{
		Test:  stampede.Test{Users: []stampede.UserType{clerks(stampede.Spec[clerk]{Fixed: 3, Wait: stampede.Constant(time.Second)})}},
		Users: stampede.Level(3), Duration: 3 * time.Second,
	}
	open := stampede.Plan{
		Test: stampede.Test{Users: []stampede.UserType{clerks(stampede.Spec[clerk]{})}},
		Rate: stampede.Level(10), Duration: 3 * time.Second,
	}
	two := twoLoads()
	for _, c := range []struct {
		plan   stampede.Plan
		change func(*stampede.Running) error
		want   string
	}{
		{closed, func(r *stampede.Running) error { return r.SetUsers(4, 0) }, "fixed counts of the user types add up to 3"},
		{closed, func(r *stampede.Running) error { return r.SetUsers(-1, 0) }, "numbers from 0 up"},
		{closed, func(r *stampede.Running) error { return r.SetRate(5) }, "has a number of users, not a rate"},
		{two, func(r *stampede.Running) error { return r.SetRate(3) }, "a load of their own, 4/s by now: ask for so much at least"},
		{two, func(r *stampede.Running) error { return r.SetUsers(2, 0) }, "a load of their own, and 3 users by now: ask for so many at least"},
		{open, func(r *stampede.Running) error { return r.SetUsers(5, 0) }, "has a rate of arrivals, not a number of users"},
		{open, func(r *stampede.Running) error { return r.SetRate(-1) }, "below zero"},
		{open, func(r *stampede.Running) error { return r.SetRate(1e12) }, "too high"},
		{open, func(r *stampede.Running) error { r.Stop("by hand"); return r.SetRate(5) }, "coming to its end"},
	} {
		rep := steered(t, c.plan, func(r *stampede.Running) {
			time.Sleep(time.Second)
			if err := c.change(r); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
		})
		if got := kinds(rep); got != "" {
			t.Errorf("events %s: nothing was changed", got)
		}
	}
}

// twoLoads is a run of two rates and two numbers of users.
func twoLoads() stampede.Plan {
	think := stampede.Constant(time.Second)
	return stampede.Plan{Duration: 10 * time.Second, Test: stampede.Test{Users: []stampede.UserType{
		clerks(stampede.Spec[clerk]{Name: "a", Rate: stampede.Level(10)}), clerks(stampede.Spec[clerk]{Name: "b", Rate: stampede.Level(4)}),
		clerks(stampede.Spec[clerk]{Name: "c", Users: stampede.Level(5), Wait: think}), clerks(stampede.Spec[clerk]{Name: "d", Users: stampede.Level(3), Wait: think}),
	}}}
}

func TestChangesOfSeveralLoads(t *testing.T) {
	rep := steered(t, twoLoads(), func(r *stampede.Running) {
		time.Sleep(4*time.Second + 50*time.Millisecond)
		if err := r.SetRate(24); err != nil {
			t.Error(err)
		}
		if err := r.SetUsers(4, 0); err != nil {
			t.Error(err)
		}
	})
	perSecond := map[int]int64{}
	for s := range rep.Series.Seconds() {
		perSecond[s.Index] = s.Total.Count
	}
	// 14 arrivals and 8 users with a task a second, then 24 and 4.
	if before, after := perSecond[2], perSecond[7]; before < 21 || before > 23 || after < 27 || after > 29 {
		t.Errorf("%d tasks a second before and %d after, want 22 and 28", before, after)
	}
}

func TestARateNeedsAWeight(t *testing.T) {
	plan := stampede.Plan{
		Test: stampede.Test{Users: []stampede.UserType{clerks(stampede.Spec[clerk]{Fixed: 3})}}, Rate: stampede.Level(10), Duration: time.Second,
	}
	if err := plan.Validate(); err == nil || !strings.Contains(err.Error(), "give one of them a weight") {
		t.Errorf("error %v, want that fixed counts and a rate do not go together", err)
	}
}

func TestLoadThatNobodyTakes(t *testing.T) {
	own := stampede.Test{Users: []stampede.UserType{clerks(stampede.Spec[clerk]{Users: stampede.Level(3)})}}
	for _, plan := range []stampede.Plan{{Test: own, Users: stampede.Level(5)}, {Test: own, Rate: stampede.Level(5)}} {
		plan.Duration = time.Second
		if err := plan.Validate(); err == nil || !strings.Contains(err.Error(), "every user type has a load of its own") {
			t.Errorf("error %v, want that the load of the plan is nobody's", err)
		}
	}
}

func TestPhasesOfAllLoads(t *testing.T) {
	shape := func(text string) stampede.Shape {
		s, err := stampede.ParseShape(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	plan := stampede.Plan{Duration: 10 * time.Second, Test: stampede.Test{Users: []stampede.UserType{
		clerks(stampede.Spec[clerk]{Name: "a", Users: shape("0:0,2s:4,10s:4"), Wait: stampede.Constant(time.Second)}),
		clerks(stampede.Spec[clerk]{Name: "b", Rate: shape("spike(1, 5, at=2s, for=2s, after=3s)"), After: 3 * time.Second}),
	}}}
	rep := steered(t, plan, func(*stampede.Running) {})
	got := fmt.Sprint(rep.Phases)
	if want := "[{ramp 0s 2s} {steady 2s 5s} {spike 5s 7s} {steady 7s 10s}]"; got != want {
		t.Errorf("phases %s, want %s", got, want)
	}
}

func TestVisitorsLeave(t *testing.T) {
	visit := stampede.Visit{Tasks: 2}
	for _, c := range []struct {
		beside stampede.Spec[clerk]
		want   string
	}{
		{stampede.Spec[clerk]{Name: "b", Visit: visit}, ""},
		{stampede.Spec[clerk]{Name: "b", Order: stampede.Once}, ""},
		{stampede.Spec[clerk]{Name: "b", Rate: stampede.Level(5)}, ""},
		{stampede.Spec[clerk]{Name: "b"}, `user type "b" has none: its users would stay for ever`},
	} {
		plan := stampede.Plan{
			Test: stampede.Test{Users: []stampede.UserType{clerks(stampede.Spec[clerk]{Name: "a", Visit: visit}), clerks(c.beside)}},
			Rate: stampede.Level(10), Duration: time.Second,
		}
		if err := plan.Validate(); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want %q", c.beside, err, c.want)
		}
	}
}

func TestRandomArrivalsAreHeldAgainstTheirOwnPlan(t *testing.T) {
	ramp, err := stampede.Ramp(0, 100, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	late := stampede.Test{Users: []stampede.UserType{clerks(stampede.Spec[clerk]{Rate: ramp, After: 20 * time.Second})}}
	plain := stampede.Test{Users: []stampede.UserType{clerks(stampede.Spec[clerk]{})}}
	for name, c := range map[string]struct {
		plan stampede.Plan
		act  func(*stampede.Running)
	}{
		"delayed": {stampede.Plan{Test: late}, func(*stampede.Running) {}},
		"changed": {stampede.Plan{Test: plain, Rate: stampede.Level(20), Duration: 40 * time.Second}, func(r *stampede.Running) {
			time.Sleep(20 * time.Second)
			if err := r.SetRate(150); err != nil {
				t.Error(err)
			}
		}},
		"paused": {stampede.Plan{Test: plain, Rate: stampede.Level(20), Duration: 40 * time.Second}, func(r *stampede.Running) {
			time.Sleep(20 * time.Second)
			r.Pause()
			time.Sleep(time.Minute)
			r.Resume()
		}},
	} {
		c.plan.Poisson, c.plan.Seed = true, 7
		rep := steered(t, c.plan, c.act)
		if strings.Contains(strings.Join(rep.Verdict.Reasons, "\n"), "Poisson") || rep.Sent != rep.Planned {
			t.Errorf("%s: %d of %d sent, verdict %v; want arrivals as random as planned", name, rep.Sent, rep.Planned, rep.Verdict)
		}
	}
}

func TestWarmupLeavesSomething(t *testing.T) {
	for _, c := range []struct {
		warm, length time.Duration
		want         string
	}{
		{time.Second, 1100 * time.Millisecond, ""},
		{500 * time.Millisecond, 1500 * time.Millisecond, ""},
		{time.Second, time.Second, "leaves nothing of a run of 1s"},
		{500 * time.Millisecond, time.Second, "the warm-up of 500ms counts as 1s"},
		{1500 * time.Millisecond, 2 * time.Second, "the warm-up of 1.5s counts as 2s"},
		{-time.Second, time.Second, "warm-up -1s: it cannot be negative"},
	} {
		ramp, err := stampede.Ramp(0, 10, c.length)
		if err != nil {
			t.Fatal(err)
		}
		test := stampede.Test{Users: []stampede.UserType{clerks(stampede.Spec[clerk]{})}}
		for _, plan := range []stampede.Plan{{Test: test, Warmup: c.warm, Duration: c.length}, {Test: test, Warmup: c.warm, Rate: ramp}} {
			if err := plan.Validate(); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v of %v: error %v, want %q", c.warm, c.length, err, c.want)
			}
		}
	}
}

func TestPauseIsNoPartOfAVisit(t *testing.T) {
	plan := stampede.Plan{
		Test: stampede.Test{Users: []stampede.UserType{clerks(stampede.Spec[clerk]{
			Visit: stampede.Visit{For: 5 * time.Second}, Wait: stampede.Constant(90 * time.Millisecond),
		})}},
		Rate: stampede.Level(1), Duration: 10 * time.Second, StopTimeout: 10 * time.Second,
	}
	tasks := func(act func(*stampede.Running)) int64 { return steered(t, plan, act).Whole.Total.Count }
	plain := tasks(func(*stampede.Running) {})
	paused := tasks(func(r *stampede.Running) {
		time.Sleep(6500 * time.Millisecond)
		r.Pause()
		time.Sleep(time.Minute)
		r.Resume()
	})
	if plain < 300 || paused < plain-10 || paused > plain+10 {
		t.Errorf("%d tasks, %d with a pause: visitors are to stay as long", plain, paused)
	}
}
