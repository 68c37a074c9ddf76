package suspect

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

// site is simulated: six resources whose utilisation follows the throughput, one of which is at its end before the others; connections that follow the
// answers' times; and noise.
type site struct {
	rng       *rand.Rand
	noise     float64
	demand    [6]float64 // seconds of each resource for one request
	steps     int
	load      func(i int) float64
	planted   func(i int) (resource int, share float64) // a share of a resource that goes to something else; -1 for none
	connLimit float64
	grown     func(i int) float64 // times as many machines as at first; nil: as many
}

func newSite(seed uint64, noise float64) *site {
	rng := rand.New(rand.NewPCG(seed, 77))
	s := &site{rng: rng, noise: noise, steps: 180, connLimit: 400}
	worst := rng.IntN(len(s.demand))
	for i := range s.demand {
		s.demand[i] = 0.01 * (0.2 + 0.55*rng.Float64())
	}
	s.demand[worst] = 0.01
	return s
}

// worst is the resource that is at its end first: at 100 requests a second.
func (s *site) worst() int {
	at := 0
	for i, d := range s.demand {
		if d > s.demand[at] {
			at = i
		}
	}
	return at
}

// play makes a run and its series. hide leaves out a resource; -1 for none.
func (s *site) play(hide int) (Run, []Series) {
	run := Run{}
	points := make([][]monitor.Point, len(s.demand))
	var conns []monitor.Point
	queue := 0.0
	for i := range s.steps {
		offered := s.load(i)
		capacity := math.Inf(1)
		taken := [6]float64{}
		if s.planted != nil {
			if r, share := s.planted(i); r >= 0 {
				taken[r] = share
			}
		}
		machines := 1.0
		if s.grown != nil {
			machines = s.grown(i)
		}
		for r, d := range s.demand {
			capacity = min(capacity, (1-taken[r])*machines/d)
		}
		done := min(offered+queue, capacity)
		queue = max(0, queue+offered-done)
		latency := queue / capacity
		for r, d := range s.demand {
			u := min(0.995, taken[r]+done*d/machines)
			latency += d / max(0.02, 1-u)
			seen := 100 * u * (1 + s.noise*s.rng.NormFloat64())
			points[r] = append(points[r], monitor.Point{At: time.Duration(i) * time.Second, Value: min(100, max(0, seen))})
		}
		conns = append(conns, monitor.Point{At: time.Duration(i) * time.Second, Value: min(s.connLimit, 5+done*latency)})
		run.Offered = append(run.Offered, offered)
		run.Rate = append(run.Rate, done*(1+0.02*s.rng.NormFloat64()))
		run.Latency = append(run.Latency, 3*latency*(1+s.noise/2*s.rng.NormFloat64()))
		run.Failures = append(run.Failures, 0)
	}
	var series []Series
	for r := range points {
		if r != hide {
			series = append(series, Series{fmt.Sprintf("s%d", r), monitor.Series{Name: "cpu", Unit: "%", Limit: 100, Ceiling: true, Points: points[r]}})
		}
	}
	return run, append(series, Series{"db", monitor.Series{Name: "connections", Limit: s.connLimit, Ceiling: true, Follows: true, Points: conns}})
}

// ramp rises to 124 per cent of the capacity.
func ramp(steps int) func(int) float64 {
	return func(i int) float64 { return 5 + 119*float64(i)/float64(steps) }
}

func name(r int) string { return fmt.Sprintf("s%d", r) }

// TestRampToSaturation names the resource that is at its end, in nearly all of many sites.
func TestRampToSaturation(t *testing.T) {
	const sites = 300
	first, among, silent, wrongly := 0, 0, 0, 0
	for seed := range uint64(sites) {
		s := newSite(seed, []float64{0.03, 0.1, 0.2}[seed%3])
		s.load = ramp(s.steps)
		run, series := s.play(-1)
		f := Find(run, series)
		for i, x := range f.Suspects {
			if x.Server == name(s.worst()) {
				among++
				if i == 0 {
					first++
				}
			}
		}
		if run, series = s.play(s.worst()); len(Find(run, series).Suspects) == 0 {
			silent++
		}
		s.load = func(i int) float64 { return 30 + 25*math.Sin(float64(i)/20) } // up and down, far from the end
		if run, series = s.play(-1); len(Find(run, series).Suspects) > 0 || Find(run, series).Slow {
			wrongly++
		}
	}
	t.Logf("of %d sites: the right one first in %d, among those named in %d; nothing named though it was not watched in %d; healthy runs with a suspect %d", sites, first, among, silent, wrongly)
	if first < sites*95/100 || among < sites*97/100 || silent < sites*90/100 || wrongly > sites*5/100 {
		t.Error("too many mistakes")
	}
}

// TestChangeAtEqualLoad plants something that takes most of one resource while the load stays as it is.
func TestChangeAtEqualLoad(t *testing.T) {
	const sites = 200
	first, among := 0, 0
	for seed := range uint64(sites) {
		s := newSite(seed, []float64{0.03, 0.1, 0.2}[seed%3])
		s.load = func(int) float64 { return 40 }
		hurt := int(seed) % len(s.demand)
		s.planted = func(i int) (int, float64) {
			if i < 90 {
				return -1, 0
			}
			return hurt, 1 - 0.9*40*s.demand[hurt] // it cannot do all that is asked of it
		}
		run, series := s.play(-1)
		f := Find(run, series)
		if !f.Slow || f.Rising {
			t.Errorf("site %d: slow %v, rising %v", seed, f.Slow, f.Rising)
		}
		if k := f.Knee / time.Second; k < 88 || k > 100 {
			t.Errorf("site %d: the knee is at %v, not at 90 s", seed, f.Knee)
		}
		for i, x := range f.Suspects {
			if x.Server == name(hurt) {
				among++
				if i == 0 {
					first++
				}
			}
		}
	}
	t.Logf("of %d sites: the right one first in %d, among those named in %d", sites, first, among)
	if first < sites*95/100 || among < sites*97/100 {
		t.Error("too many mistakes")
	}
}

// TestFullPool names a pool that is full while nothing behind it is: max_connections, MaxRequestWorkers.
func TestFullPool(t *testing.T) {
	run, web, db, cpu := Run{}, Series{"web", monitor.Series{Name: "busy_workers", Limit: 40, Ceiling: true, Follows: true}},
		Series{"db", monitor.Series{Name: "connections", Limit: 10, Ceiling: true, Follows: true}},
		Series{"host", monitor.Series{Name: "cpu", Unit: "%", Limit: 100, Ceiling: true}}
	for i := range 120 {
		at := time.Duration(i) * time.Second
		offered := float64(2 * i)
		done := min(offered, 100)
		latency := 0.05
		if offered > 100 {
			latency = 0.05 + float64(i-50)*0.05
		}
		run.Offered, run.Rate = append(run.Offered, offered), append(run.Rate, done)
		run.Latency, run.Failures = append(run.Latency, latency), append(run.Failures, 0)
		db.Points = append(db.Points, monitor.Point{At: at, Value: min(10, done/10+0.2)})
		web.Points = append(web.Points, monitor.Point{At: at, Value: min(40, 1+done*latency)})
		cpu.Points = append(cpu.Points, monitor.Point{At: at, Value: done * 0.3})
	}
	f := Find(run, []Series{web, cpu, db})
	if len(f.Suspects) == 0 || f.Suspects[0].Server != "db" || f.Suspects[0].Headroom > 1.1 {
		t.Errorf("%+v", f)
	}
	if want := "db.connections gave way first: 10 of 10 from 0:"; len(f.Text) < len(want) || f.Text[:len(want)] != want {
		t.Errorf("%q", f.Text)
	}
	if f = Find(run, []Series{cpu}); len(f.Suspects) != 0 || f.Watched != 1 {
		t.Errorf("with the processor alone: %+v", f)
	}
	if f = Find(run, nil); f.Text == "" || !f.Slow {
		t.Errorf("with no server: %+v", f)
	}
	if f = Find(Run{}, nil); f.Slow {
		t.Errorf("an empty run: %+v", f)
	}
}

// TestCoarseSeries have a point a minute, and gaps.
func TestCoarseSeries(t *testing.T) {
	s := newSite(5, 0.03)
	s.steps = 900
	s.load = ramp(s.steps)
	run, series := s.play(-1)
	for i := range series {
		p := series[i].Points
		series[i].Points = slices.DeleteFunc(slices.Clone(p), func(p monitor.Point) bool { return p.At%time.Minute != 0 })
	}
	f := Find(run, series)
	if len(f.Suspects) == 0 || f.Suspects[0].Server != name(s.worst()) {
		t.Errorf("%+v", f)
	}
}

// TestLongRun: half a day by the second takes no minutes to look at.
func TestLongRun(t *testing.T) {
	s := newSite(3, 0.03)
	s.steps = 43_200
	s.load = func(int) float64 { return 40 }
	run, series := s.play(-1)
	begun := time.Now()
	if f := Find(run, series); f.Slow {
		t.Errorf("%+v", f)
	}
	if took := time.Since(begun); took > 40*time.Second {
		t.Errorf("it took %v", took)
	}
}
