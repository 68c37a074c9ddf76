package compare

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
	"github.com/stampede-load/stampede/internal/verdict/verdicttest"
)

// one compares one run a side.
func one(t *testing.T, before, after *simulated, o Options) *Result {
	t.Helper()
	r, err := Compare([]Run{before.run()}, []Run{after.run()}, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *Result) row(i int) *Row {
	k := slices.IndexFunc(r.Rows, func(row Row) bool { return row.Key == key(i) })
	return &r.Rows[k]
}

func TestCompareFindsWhatChanged(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	before := simulate(rng, 4, 240, func(int) verdicttest.Noise { return calm(300, 1) })
	after := simulate(rng, 4, 240, func(i int) verdicttest.Noise {
		n := calm(300, 1)
		switch i {
		case 1:
			n.Scale = 1.4
		case 2:
			n.Failing = 0.05
		case 3:
			n.Scale = 0.7
		}
		return n
	})
	r := one(t, before, after, Options{})
	if r.Outcome != verdict.Regressed || r.Reason != "" || len(r.Missing) != 0 || len(r.Rows) != 5 {
		t.Fatalf("%v %q, %d rows, missing %v", r.Outcome, r.Reason, len(r.Rows), r.Missing)
	}
	for i, want := range []verdict.Outcome{verdict.Same, verdict.Regressed, verdict.Regressed, verdict.Improved} {
		if got := r.row(i); got.Outcome != want {
			t.Errorf("%s: %v (%s), want %v", got.Name, got.Outcome, got.Reason, want)
		}
	}
	p95 := r.row(1).Figure("p95")
	if math.Abs(p95.Change-1.4) > 0.05 || p95.P > 0.001 || p95.Low > p95.Change || p95.High < p95.Change {
		t.Errorf("p95 is %+v", p95)
	}
	if f := r.row(2).Figure("failures"); f.Outcome != verdict.Regressed || math.Abs(f.Change-0.045) > 0.01 {
		t.Errorf("failures are %+v", f)
	}
	if r.row(1).Figure("p96") != nil {
		t.Error("there is no p96")
	}
}

// Swapping the sides turns worse into better, of every figure and of the whole. What lies at the edge of an interval may become
// undecided, for the resamples are others.
func TestSwappedSides(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	opposite := func(a, b verdict.Outcome) bool {
		want := map[verdict.Outcome]verdict.Outcome{verdict.Same: verdict.Same, verdict.Improved: verdict.Regressed, verdict.Regressed: verdict.Improved}
		return a == verdict.Inconclusive || b == verdict.Inconclusive || want[a] == b
	}
	for _, scale := range []float64{0.5, 0.8, 1, 1.3, 2} {
		before := simulate(rng, 3, 120, func(int) verdicttest.Noise { return calm(60, 1) })
		after := simulate(rng, 3, 120, func(int) verdicttest.Noise { return calm(60, scale) })
		there, back := one(t, before, after, quick()), one(t, after, before, quick())
		if !opposite(there.Outcome, back.Outcome) || (scale >= 1.3 || scale < 1) && there.Outcome == verdict.Inconclusive {
			t.Errorf("%v: %v there and %v back", scale, there.Outcome, back.Outcome)
		}
		for i := range there.Rows {
			for k := range there.Rows[i].Figures {
				f, g := &there.Rows[i].Figures[k], &back.Rows[i].Figures[k]
				if !opposite(f.Outcome, g.Outcome) {
					t.Errorf("%v: %s of %s: %v there and %v back", scale, f.Name, there.Rows[i].Name, f.Outcome, g.Outcome)
				}
				if f.Name != "failures" && math.Abs(f.Change*g.Change-1) > 1e-9 {
					t.Errorf("%v: %s: %v there and %v back", scale, f.Name, f.Change, g.Change)
				}
			}
		}
	}
}

// The same pair gives the same answer, and a run against itself is the same.
func TestCompareIsDeterministic(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	a := simulate(rng, 12, 60, func(int) verdicttest.Noise { return calm(40, 1) })
	b := simulate(rng, 12, 60, func(int) verdicttest.Noise { return calm(40, 1.1) })
	first := one(t, a, b, quick())
	for range 3 {
		again := one(t, a, b, quick())
		for i := range first.Rows {
			for k := range first.Rows[i].Figures {
				if f, g := first.Rows[i].Figures[k], again.Rows[i].Figures[k]; f.Low != g.Low || f.High != g.High || f.Outcome != g.Outcome {
					t.Fatalf("%+v and %+v", f, g)
				}
			}
		}
	}
	long := simulate(rng, 1, 300, func(int) verdicttest.Noise { return calm(200, 1) })
	if r := one(t, long, long, quick()); r.Outcome != verdict.Same || r.Reason != "" {
		t.Errorf("a run against itself is %v: %s", r.Outcome, r.Reason)
	}
}

// A rare name cannot be judged, says so, and leaves the whole decided.
func TestRareName(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	noise := func(i int) verdicttest.Noise {
		if i == 1 {
			return calm(0.03, 1)
		}
		return calm(200, 1)
	}
	r := one(t, simulate(rng, 2, 300, noise), simulate(rng, 2, 300, noise), quick())
	rare := r.row(1)
	if rare.Outcome != verdict.Inconclusive || !strings.Contains(rare.Reason, "at least") {
		t.Errorf("the rare name is %v: %q", rare.Outcome, rare.Reason)
	}
	if r.Outcome != verdict.Same {
		t.Errorf("the whole is %v: %s", r.Outcome, r.Reason)
	}
}

func TestReasons(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	wild := func(int) verdicttest.Noise {
		n := verdicttest.Usual(0)
		n.Wander = 0.1
		return n
	}
	r := one(t, simulate(rng, 1, 60, wild), simulate(rng, 1, 60, wild), Options{})
	if r.Outcome != verdict.Inconclusive || !strings.Contains(r.Reason, "more in each run, or") || !strings.Contains(r.Reason, "to see a change of 5 %") {
		t.Errorf("%v: %q", r.Outcome, r.Reason)
	}
	r = one(t, simulate(rng, 1, 6, wild), simulate(rng, 1, 60, wild), Options{})
	if !strings.Contains(r.Reason, "only 6 seconds can be compared") || !strings.Contains(r.Reason, "at least 10 are needed") {
		t.Errorf("a short run: %q", r.Reason)
	}
}

func TestMissingNames(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	noise := func(int) verdicttest.Noise { return calm(50, 1) }
	before, after := simulate(rng, 3, 60, noise), simulate(rng, 3, 60, noise)
	delete(before.points, key(0))
	delete(after.points, key(2))
	drops := stats.Key{Type: "USER", Name: "Fan"} // has no requests
	after.points[drops] = nil
	after.report.Whole.Rows = append(after.report.Whole.Rows, stats.Row{Key: drops, Dropped: 5})
	r := one(t, before, after, quick())
	if !slices.Equal(r.Missing, []stats.Key{key(0), key(2)}) || !slices.Equal(r.Gone, []stats.Key{key(2)}) || !slices.Equal(r.Added(), []stats.Key{key(0)}) {
		t.Errorf("missing %v, gone %v, added %v", r.Missing, r.Gone, r.Added())
	}
	if len(r.Rows) != 2 || r.Rows[0].Key != (stats.Key{}) || r.Rows[1].Key != key(1) {
		t.Errorf("%d rows", len(r.Rows))
	}
	o := quick()
	o.Names = func(k stats.Key) bool { return k == key(2) }
	if r = one(t, before, after, o); len(r.Rows) != 1 || !slices.Equal(r.Missing, []stats.Key{key(2)}) {
		t.Errorf("chosen names: %d rows, missing %v", len(r.Rows), r.Missing)
	}
}

func TestNoRunAndBrokenRun(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	good := simulate(rng, 1, 20, func(int) verdicttest.Noise { return calm(50, 1) })
	if _, err := Compare(nil, []Run{good.run()}, Options{}); err == nil {
		t.Error("a side without runs")
	}
	broken := good.run()
	wrong := errors.New("the disk is gone")
	broken.Course = func(k stats.Key) ([]stats.Point, error) {
		if k == key(0) {
			return nil, wrong
		}
		return good.points[k], nil
	}
	for _, sides := range [][2]Run{{broken, good.run()}, {good.run(), broken}} {
		if _, err := Compare(sides[:1], sides[1:], quick()); !errors.Is(err, wrong) {
			t.Errorf("got %v", err)
		}
	}
}

// The warm-up, the ramps and the last, unfinished second are left out.
func TestSpan(t *testing.T) {
	at := func(s int) time.Duration { return time.Duration(s) * time.Second }
	for _, c := range []struct {
		name   string
		phases []stampede.Phase
		want   Span
	}{
		{"nothing known", nil, Span{0, 60}},
		{"a warm-up", []stampede.Phase{{Name: "warm-up", To: at(5)}}, Span{5, 60}},
		{"a ramp", []stampede.Phase{{Name: "ramp", To: at(20)}, {Name: "steady", From: at(20)}}, Span{20, 60}},
		{"a ramp within the warm-up", []stampede.Phase{{Name: "warm-up", To: at(30)}, {Name: "ramp", To: at(20)}, {Name: "steady", From: at(20)}}, Span{30, 60}},
		{"up and down", []stampede.Phase{
			{Name: "ramp", To: at(10)}, {Name: "steady", From: at(10), To: at(40)}, {Name: "ramp-down", From: at(40)},
		}, Span{10, 40}},
		{"a spike", []stampede.Phase{
			{Name: "steady", To: at(20)}, {Name: "ramp", From: at(20), To: at(22)}, {Name: "spike", From: at(22), To: at(30)}, {Name: "steady", From: at(30)},
		}, Span{0, 60}},
		{"too little steady load", []stampede.Phase{{Name: "ramp", To: at(55)}, {Name: "steady", From: at(55)}}, Span{0, 60}},
		{"a ramp alone", []stampede.Phase{{Name: "ramp"}}, Span{0, 60}},
	} {
		r := &stampede.Report{Phases: c.phases}
		r.Run.Duration = 60*time.Second + 300*time.Millisecond
		if got := SpanOf(r); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// A run of a load that rises, stopped before it did, is held against as much of the other: the low load is no improvement.
func TestStoppedBeforeTheLoadRose(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 18))
	phases := []stampede.Phase{{Name: "step 1", To: 60 * time.Second}, {Name: "step 2", From: 60 * time.Second, To: 120 * time.Second}}
	rising := func(seconds int) *simulated {
		s := simulate(rng, 1, seconds, func(int) verdicttest.Noise { return calm(200, 1) })
		slow := simulate(rng, 1, seconds, func(int) verdicttest.Noise { return calm(200, 2) })
		for k := range s.points {
			copy(s.points[k][min(60, seconds):], slow.points[k][min(60, seconds):])
		}
		return s.with(func(r *stampede.Report) { r.Phases = phases })
	}
	stopped := rising(60).with(func(r *stampede.Report) { r.Run.Interrupted = true })
	o := quick()
	o.Limit = 0.2
	r := one(t, rising(120), stopped, o)
	if r.Outcome != verdict.Same || r.Spans != [2]Span{{0, 60}, {0, 60}} {
		t.Errorf("%v of %v: %s", r.Outcome, r.Spans, r.Sentence())
	}
	if r = one(t, stopped, rising(120), o); r.Outcome != verdict.Same {
		t.Errorf("the other way round %v: %s", r.Outcome, r.Sentence())
	}
	// Of a load that stays, all of both is compared.
	level := []stampede.Phase{{Name: "steady"}}
	long := simulate(rng, 1, 120, func(int) verdicttest.Noise { return calm(200, 1) }).with(func(r *stampede.Report) { r.Phases = level })
	short := simulate(rng, 1, 60, func(int) verdicttest.Noise { return calm(200, 1) }).with(func(r *stampede.Report) { r.Phases = level })
	if r = one(t, long, short, o); r.Spans != [2]Span{{0, 120}, {0, 60}} {
		t.Errorf("a steady load: %v", r.Spans)
	}
}

func TestFrames(t *testing.T) {
	point := func(from, width int) stats.Point {
		return stats.Point{From: from, Width: width, Lasted: time.Duration(width) * time.Second}
	}
	cut := point(4, 1)
	cut.Lasted = time.Second / 2
	got := framesOf([]stats.Point{point(0, 1), point(1, 1), point(2, 1), point(3, 1), cut}, Span{1, 60})
	if want := []frame{{1, 2, 1}, {2, 3, 1}, {3, 4, 1}}; !slices.Equal(got, want) {
		t.Errorf("seconds: %v", got)
	}
	// The old minute of a run that was rolled up, and the seconds after it.
	points := []stats.Point{point(0, 10), point(10, 10)}
	for i := 20; i < 35; i++ {
		points = append(points, point(i, 1))
	}
	if got = framesOf(points, Span{0, 60}); !slices.Equal(got, []frame{{0, 10, 10}, {10, 20, 10}, {20, 30, 10}}) {
		t.Errorf("rolled up: %v", got)
	}
}

// A name that a ledger only has points of where something happened still has a window for every second.
func TestWindowsOfSparseName(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	s := simulate(rng, 1, 30, func(int) verdicttest.Noise { return calm(20, 1) })
	s.points[key(0)] = slices.DeleteFunc(s.points[key(0)], func(p stats.Point) bool { return p.From%3 != 1 })
	side, err := newSide([]Run{s.run()}, []Span{SpanOf(s.report)})
	if err != nil {
		t.Fatal(err)
	}
	windows, err := side.windows(0, key(0))
	if err != nil || len(windows) != 30 {
		t.Fatalf("%d windows, %v", len(windows), err)
	}
	for i, w := range windows {
		if (w.Count > 0) != (i%3 == 1) || w.Seconds != 1 {
			t.Errorf("second %d: %+v", i, w)
		}
	}
}
