package stampede_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede"
)

// actor notes what it does and sends nothing.
type actor struct {
	stampede.User
	stage *stage
}

// stage is what a test sees of its actors.
type stage struct {
	mu   sync.Mutex
	acts []string
	at   []time.Duration
	from time.Time
}

func (s *stage) note(act string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acts = append(s.acts, act)
	s.at = append(s.at, time.Since(s.from))
}

func act(name string) func(*actor, context.Context) error {
	return func(a *actor, _ context.Context) error {
		a.stage.note(name)
		return nil
	}
}

// play runs a spec in virtual time.
func play(t *testing.T, spec stampede.Spec[actor], plan stampede.Plan) (*stage, *stampede.Report) {
	t.Helper()
	var st *stage
	var rep *stampede.Report
	synctest.Test(t, func(t *testing.T) {
		st = &stage{from: time.Now()}
		spec.New = func() *actor { return &actor{stage: st} }
		plan.Test = stampede.Test{Users: []stampede.UserType{stampede.Users(spec)}}
		plan.Seed = 7
		var err error
		if rep, err = stampede.Run(t.Context(), stampede.InVirtualTime(plan)); err != nil {
			t.Fatal(err)
		}
	})
	return st, rep
}

func TestOrders(t *testing.T) {
	two := []stampede.Task[actor]{{Name: "a", Do: act("a")}, {Name: "b", Do: act("b")}}
	inner := &stampede.Set[actor]{
		Order: stampede.Once, Tasks: []stampede.Task[actor]{{Name: "x", Do: act("x")}, {Name: "y", Do: act("y")}},
		OnStart: act("("), OnStop: act(")"),
	}
	leaves := &stampede.Set[actor]{Order: stampede.InOrder, Tasks: []stampede.Task[actor]{
		{Name: "l", Do: act("l")},
		{Name: "leave", Do: func(a *actor, _ context.Context) error { a.stage.note("!"); return stampede.ErrLeave }},
		{Name: "never", Do: act("never")},
	}}
	tests := []struct {
		name string
		spec stampede.Spec[actor]
		want string
	}{
		{"in order", stampede.Spec[actor]{Order: stampede.InOrder, Tasks: two}, "a b a b a b"},
		{"once", stampede.Spec[actor]{Order: stampede.Once, Tasks: two}, "a b"},
		{"nested once", stampede.Spec[actor]{Order: stampede.InOrder, Tasks: append(slices.Clone(two), stampede.Task[actor]{Name: "in", Set: inner})}, "a b ( x y ) a b"},
		{"left", stampede.Spec[actor]{Order: stampede.InOrder, Tasks: []stampede.Task[actor]{two[0], {Name: "in", Set: leaves}}}, "a l ! a l !"},
		{"markov", stampede.Spec[actor]{Order: stampede.Markov, Tasks: two, Next: map[string]map[string]float64{"a": {"b": 1}, "b": {"a": 1}}}, "a b a b a b"},
		{"visit", stampede.Spec[actor]{Order: stampede.InOrder, Tasks: two, Visit: stampede.Visit{Tasks: 3}, OnStart: act("["), OnStop: act("]")}, "[ a b a ] [ a b a ]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			st, _ := play(t, tt.spec, stampede.Plan{Users: stampede.Level(1), Iterations: 6})
			if got := strings.Join(st.acts, " "); got != tt.want {
				t.Errorf("did %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWeightsAndSeed(t *testing.T) {
	spec := stampede.Spec[actor]{Tasks: []stampede.Task[actor]{{Name: "a", Weight: 3, Do: act("a")}, {Name: "b", Weight: 1, Do: act("b")}}}
	one, _ := play(t, spec, stampede.Plan{Users: stampede.Level(1), Iterations: 4000})
	two, _ := play(t, spec, stampede.Plan{Users: stampede.Level(1), Iterations: 4000})
	if !slices.Equal(one.acts, two.acts) {
		t.Error("the same seed gave two different runs")
	}
	n := 0
	for _, a := range one.acts {
		if a == "a" {
			n++
		}
	}
	if n < 2900 || n > 3100 { // 3000 expected, standard deviation 27
		t.Errorf("weight 3 of 4 came %d times of 4000", n)
	}
}

func TestControlFromInside(t *testing.T) {
	spec := stampede.Spec[actor]{Wait: stampede.Constant(time.Second), Order: stampede.InOrder, Tasks: []stampede.Task[actor]{
		{Name: "skip", Do: func(a *actor, _ context.Context) error { a.stage.note("skip"); return stampede.ErrNextTask }},
		{Name: "b", Do: act("b")},
		{Name: "stop", Do: func(*actor, context.Context) error { return errors.Join(errors.New("enough"), stampede.ErrStopUser) }},
	}}
	st, rep := play(t, spec, stampede.Plan{Users: stampede.Level(3), Duration: time.Hour})
	if len(st.acts) != 6 || st.at[5] != 0 {
		t.Errorf("acts %v at %v: after ErrNextTask there is no wait", st.acts, st.at)
	}
	if rep.Run.Stopped != "everybody has left" || rep.Died != 0 || len(rep.Whole.Errors) != 0 {
		t.Errorf("stopped by %q, %d died, errors %+v", rep.Run.Stopped, rep.Died, rep.Whole.Errors)
	}
	spec.Tasks = []stampede.Task[actor]{{Name: "end", Do: func(a *actor, _ context.Context) error {
		a.StopRun("the seats are sold")
		return nil
	}}}
	if _, rep := play(t, spec, stampede.Plan{Users: stampede.Level(3), Duration: time.Hour}); rep.Run.Stopped != "the seats are sold" {
		t.Errorf("stopped by %q", rep.Run.Stopped)
	}
}

func TestPacedUsersAreSpread(t *testing.T) {
	st, rep := play(t, stampede.Spec[actor]{Wait: stampede.Pacing(time.Second), Tasks: []stampede.Task[actor]{{Name: "a", Do: act("a")}}},
		stampede.Plan{Users: stampede.Level(100), Duration: 5 * time.Second})
	if !rep.Run.Paced || rep.Headline() != "response" {
		t.Error("a paced run does not headline response time")
	}
	slots := map[time.Duration]int{}
	for _, at := range st.at {
		slots[at.Truncate(100*time.Millisecond)]++
	}
	for slot, n := range slots {
		if n > 16 { // 10 on average; all 100 together would be the failure
			t.Errorf("%d tasks in the tenth of a second at %v", n, slot)
		}
	}
	if len(st.acts) < 490 || len(st.acts) > 510 { // what is due just when the run ends may still begin
		t.Errorf("%d tasks in 5 s of 100 users a second each", len(st.acts))
	}
}

func TestBetweenStaysInRange(t *testing.T) {
	st, _ := play(t, stampede.Spec[actor]{Wait: stampede.Between(time.Second, 3*time.Second), Tasks: []stampede.Task[actor]{{Name: "a", Do: act("a")}}},
		stampede.Plan{Users: stampede.Level(1), Duration: 10 * time.Minute})
	var sum time.Duration
	for i := 1; i < len(st.at); i++ {
		gap := st.at[i] - st.at[i-1]
		if gap < time.Second || gap > 3*time.Second+time.Millisecond {
			t.Fatalf("gap %v, want 1 to 3 s", gap)
		}
		sum += gap
	}
	if mean := sum / time.Duration(len(st.at)-1); mean < 1900*time.Millisecond || mean > 2100*time.Millisecond {
		t.Errorf("mean gap %v, want about 2 s", mean)
	}
}

func TestTagsChoose(t *testing.T) {
	spec := stampede.Spec[actor]{Order: stampede.InOrder, Tasks: []stampede.Task[actor]{
		{Name: "a", Tags: []string{"fast"}, Do: act("a")},
		{Name: "in", Tags: []string{"slow"}, Set: &stampede.Set[actor]{Stay: 1, Tasks: []stampede.Task[actor]{{Name: "b", Do: act("b")}, {Name: "c", Tags: []string{"fast"}, Do: act("c")}}}},
		{Name: "d", Do: act("d")},
	}}
	for _, tt := range []struct {
		tags, exclude []string
		want          string
	}{
		{[]string{"fast"}, nil, "a c"},
		{nil, []string{"slow"}, "a d"},
		{[]string{"fast"}, []string{"slow"}, "a"},
	} {
		st, _ := play(t, spec, stampede.Plan{Users: stampede.Level(1), Iterations: 6, Tags: tt.tags, ExcludeTags: tt.exclude})
		got := slices.Compact(slices.Sorted(slices.Values(st.acts)))
		if strings.Join(got, " ") != tt.want {
			t.Errorf("tags %v without %v ran %v, want %s", tt.tags, tt.exclude, got, tt.want)
		}
	}
}

func TestFeederRunsDryAndGetsRowsBack(t *testing.T) {
	rows := stampede.Rows([]string{"x", "y", "z"})
	take := func(a *actor, _ context.Context) error {
		row, err := rows.Take(a)
		if err != nil {
			return err
		}
		a.stage.note(row)
		return nil
	}
	spec := stampede.Spec[actor]{OnStart: take, Starts: 1, Visit: stampede.Visit{Tasks: 1}, Tasks: []stampede.Task[actor]{{Name: "a", Do: func(a *actor, ctx context.Context) error { return a.Pause(ctx, time.Second) }}}}
	st, rep := play(t, spec, stampede.Plan{Users: stampede.Level(3), Duration: 10 * time.Second})
	if len(st.acts) < 27 || rep.StartFailed != 0 {
		t.Errorf("%d rows taken, %d failures: visitors must give their rows back", len(st.acts), rep.StartFailed)
	}
	_, rep = play(t, spec, stampede.Plan{Users: stampede.Level(4), Duration: 2 * time.Second})
	if rep.StartFailed == 0 || len(rep.Whole.Errors) != 1 || !strings.Contains(rep.Whole.Errors[0].Text, "more than 3") {
		t.Errorf("errors %+v, want to be told how many rows are needed", rep.Whole.Errors)
	}
}
