package compare

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
	"github.com/stampede-load/stampede/internal/verdict/verdicttest"
)

// simulated is a run that never happened. Each name has seconds of its own; what happens to one says nothing of another.
type simulated struct {
	report *stampede.Report
	points map[stats.Key][]stats.Point
}

// start is when the first simulated run began; later ones begin an hour apart.
var start = time.Date(2026, 11, 2, 19, 0, 0, 0, time.UTC)

func key(i int) stats.Key {
	return stats.Key{Type: "GET", Name: fmt.Sprintf("/page/%02d", i)}
}

// simulate makes a run of so many names. noise says what each is like.
func simulate(rng *rand.Rand, names, seconds int, noise func(i int) verdicttest.Noise) *simulated {
	s := &simulated{points: map[stats.Key][]stats.Point{}, report: &stampede.Report{Run: stampede.RunInfo{
		ID: fmt.Sprintf("run-%x", rng.Uint32()), Name: "shop", Started: start, Duration: time.Duration(seconds) * time.Second, Users: 50, UsersText: "50",
		Host: "http://127.0.0.1:8080", Model: stampede.Closed, PlanHash: "cafe", Version: "0.1.0", IO: "epoll", Seed: 7,
	}, Environment: []stampede.Setting{{Name: "cores", Value: "2"}, {Name: "go", Value: "go1.26"}}}}
	total := make([]stats.Point, seconds)
	for i := range total {
		total[i] = stats.Point{From: i, Width: 1, Lasted: time.Second}
	}
	for i := range names {
		n := noise(i)
		n.Seconds = seconds
		var points []stats.Point
		for second, w := range n.Run(rng) {
			p := stats.Point{From: second, Width: 1, Lasted: time.Second, Row: stats.Row{Key: key(i), Count: w.Count, Failures: w.Failures}}
			p.Row.Service.Merge(w.Times)
			p.Row.Response.Merge(w.Times)
			total[second].Row.Add(&p.Row)
			points = append(points, p)
		}
		s.points[key(i)] = points
	}
	s.points[stats.Key{}] = total
	for k, points := range s.points {
		sum := stats.Row{Key: k}
		for i := range points {
			sum.Add(&points[i].Row)
		}
		if k == (stats.Key{}) {
			s.report.Whole.Total = sum
		} else {
			s.report.Whole.Rows = append(s.report.Whole.Rows, sum)
		}
	}
	slices.SortFunc(s.report.Whole.Rows, func(a, b stats.Row) int { return compareKeys(a.Key, b.Key) })
	s.report.Whole.Seconds = float64(seconds)
	s.report.Judged = s.report.Whole
	return s
}

// run is the simulated run as it is compared.
func (s *simulated) run() Run {
	r := Run{Report: s.report, Course: func(k stats.Key) ([]stats.Point, error) { return s.points[k], nil }}
	for k := range s.points {
		if k != (stats.Key{}) {
			r.Names = append(r.Names, k)
		}
	}
	slices.SortFunc(r.Names, compareKeys)
	return r
}

// with changes what is known of a run.
func (s *simulated) with(change func(*stampede.Report)) *simulated {
	change(s.report)
	return s
}

// calm is a name with so many requests a second and little noise.
func calm(rate, scale float64) verdicttest.Noise {
	n := verdicttest.Usual(0)
	n.Rate, n.Scale, n.SpellEvery, n.Wander, n.Spread = rate, scale, 0, 0.01, 0.3
	return n
}

// quick are options for tests: fewer resamples, so that many comparisons fit in a second.
func quick() Options { return Options{CompareOptions: verdict.CompareOptions{Resamples: 400}} }
