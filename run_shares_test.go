package stampede_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
)

// chooser picks among tasks; each takes the time of a record.
type chooser struct{ stampede.User }

func (c *chooser) do(name string) func(*chooser, context.Context) error {
	return func(c *chooser, ctx context.Context) error {
		return c.Record("DO", name, func() error { return c.Pause(ctx, 10*time.Millisecond) })
	}
}

func TestTaskShares(t *testing.T) {
	var c chooser
	plan := stampede.Plan{
		Test: stampede.Test{Users: []stampede.UserType{
			stampede.Users(stampede.Spec[chooser]{
				Name: "Fan", Weight: 2, Wait: stampede.Constant(90 * time.Millisecond),
				Tasks: []stampede.Task[chooser]{
					{Name: "look", Weight: 6, Do: c.do("look")},
					{Name: "never", Weight: 2, Do: c.do("never"), Tags: []string{"out"}},
					{Name: "store", Weight: 2, Set: &stampede.Set[chooser]{Stay: 1, Tasks: []stampede.Task[chooser]{
						{Name: "shirt", Weight: 1, Do: c.do("shirt")}, {Name: "poster", Weight: 3, Do: c.do("poster")},
					}}},
				},
			}),
			stampede.Users(stampede.Spec[chooser]{Name: "Press", Weight: 1, Tasks: []stampede.Task[chooser]{{Name: "alone", Do: c.do("alone")}}, Wait: stampede.Constant(time.Second)}),
		}},
		Users: stampede.Level(60), Duration: time.Minute, ExcludeTags: []string{"out"},
	}
	rep := steered(t, plan, func(*stampede.Running) {})
	want := map[string]float64{"look": 0.75, "store": 0.25, "store / shirt": 0.25, "store / poster": 0.75}
	if len(rep.Tasks) != len(want) {
		t.Errorf("shares of %d tasks, want %d: %+v", len(rep.Tasks), len(want), rep.Tasks)
	}
	counts := map[string]int64{}
	for _, s := range rep.Tasks {
		counts[s.Task] = s.Count
		if s.UserType != "Fan" || s.Wanted != want[s.Task] || s.Seen < s.Wanted-0.05 || s.Seen > s.Wanted+0.05 || s.Odd {
			t.Errorf("%+v, wanted %v", s, want[s.Task])
		}
	}
	for task, row := range map[string]string{"look": "look", "store / shirt": "shirt", "store / poster": "poster"} {
		if got := rep.Whole.Row(stampede.Key{Type: "DO", Name: row}).Count; got != counts[task] {
			t.Errorf("%s was begun %d times, and measured %d times", task, counts[task], got)
		}
	}
}

// TestOddShares draws as users do: hardly one run in ten thousand may be called odd, and a wrong weight must be.
func TestOddShares(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	shares := []float64{0.5, 0.3, 0.19, 0.01}
	odd := 0
	for range 4000 {
		counts, n := make([]int64, len(shares)), 1+rng.Int64N(400)
		for range n {
			x := rng.Float64()
			for i, s := range shares {
				if x -= s; x < 0 || i == len(shares)-1 {
					counts[i]++
					break
				}
			}
		}
		for i, s := range shares {
			if stampede.Odd(counts[i], n, s, len(shares)) {
				odd++
			}
		}
	}
	if odd > 2 {
		t.Errorf("%d of 4000 fair runs are called odd", odd)
	}
	for _, c := range []struct {
		k, n  int64
		share float64
		odd   bool
	}{{500, 1000, 0.25, true}, {260, 1000, 0.25, false}, {0, 100, 0.25, true}, {0, 10, 0.25, false}, {30, 30, 1, false}, {1, 30, 0, true}, {0, 30, 0, false}, {600, 1000, 0.5, true}} {
		if got := stampede.Odd(c.k, c.n, c.share, 4); got != c.odd {
			t.Errorf("%d of %d where %v is wanted: odd %v", c.k, c.n, c.share, got)
		}
	}
}
