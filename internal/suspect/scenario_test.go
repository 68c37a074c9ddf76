package suspect

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

// scenario is something that happens at a simulated site, and what may be said of it.
type scenario struct {
	set     func(s *site, seed int) // plants it
	rewrite func(s *site, series []Series) []Series
	right   func(s *site, seed int) []string // any of them may come first; nil: nothing may be named
	orNone  bool                             // nothing may be named, too
	least   int                              // of 100 sites, so many have one of those first, or nothing named
	most    int                              // of 100 sites, so many may have something else first
}

// taken lets something else have a share of a resource for some of the time.
func taken(resource int, share float64, when func(i int) bool) func(int) (int, float64) {
	return func(i int) (int, float64) {
		if when(i) {
			return resource, share
		}
		return -1, 0
	}
}

func equal(rate float64) func(int) float64 { return func(int) float64 { return rate } }

// most is the share of a resource that something must take for it to fall short of a rate by a tenth.
func (s *site) most(resource int, rate float64) float64 { return 1 - 0.9*rate*s.demand[resource] }

// TestScenarios are sites where more happens than one thing at its end: the right one is named, or nothing, and hardly ever something else.
func TestScenarios(t *testing.T) {
	const sites = 100
	names := func(list ...int) (out []string) {
		for _, r := range list {
			out = append(out, name(r))
		}
		return out
	}
	for what, c := range map[string]scenario{
		"two at their end at once": {
			set: func(s *site, _ int) {
				s.load = ramp(s.steps)
				s.demand[(s.worst()+1)%6] = 0.0098
			},
			right: func(s *site, _ int) []string { return names(s.worst(), (s.worst()+1)%6) }, least: 95, most: 2,
		},
		"comes and goes": {
			set: func(s *site, seed int) {
				s.load = equal(40)
				s.planted = taken(seed%6, s.most(seed%6, 40), func(i int) bool { return i >= 60 && i < 90 })
			},
			right: func(_ *site, seed int) []string { return names(seed % 6) }, least: 95, most: 2,
		},
		"comes and goes twice, another each time": {
			set: func(s *site, seed int) {
				s.load = equal(40)
				first, second := taken(seed%6, s.most(seed%6, 40), func(i int) bool { return i >= 60 && i < 80 }), taken((seed+2)%6, s.most((seed+2)%6, 40), func(i int) bool { return i >= 120 && i < 140 })
				s.planted = func(i int) (int, float64) {
					if r, share := first(i); r >= 0 {
						return r, share
					}
					return second(i)
				}
			},
			right: func(_ *site, seed int) []string { return names(seed%6, (seed+2)%6) }, least: 95, most: 2,
		},
		"the one at its end has no known limit": {
			set: func(s *site, _ int) { s.load = ramp(s.steps) },
			rewrite: func(s *site, series []Series) []Series {
				for i := range series {
					if series[i].Server == name(s.worst()) {
						series[i].Unit, series[i].Limit, series[i].Ceiling, series[i].Name = "", 0, false, "threads"
					}
				}
				return series
			},
			least: 87, most: 13, // as if it were not watched
		},
		"scales out in mid-run": {
			set: func(s *site, _ int) {
				s.load = ramp(s.steps)
				s.grown = func(i int) float64 {
					if i >= 165 {
						return 2
					}
					return 1
				}
			},
			right: func(s *site, _ int) []string { return names(s.worst()) }, least: 90, most: 2,
		},
		"a job each minute": {
			set: func(s *site, seed int) {
				s.load = equal(40)
				s.planted = taken(seed%6, s.most(seed%6, 40), func(i int) bool { return i%60 >= 40 && i%60 < 55 })
			},
			right: func(_ *site, seed int) []string { return names(seed % 6) }, least: 90, most: 2,
		},
		"pauses of two seconds": {
			set: func(s *site, seed int) {
				s.load = equal(40)
				s.planted = taken(seed%6, 0.999, func(i int) bool { return i%30 >= 28 })
			},
			least: 95, most: 5,
		},
		"a noisy neighbour while the load rises": {
			set: func(s *site, seed int) {
				s.load = func(i int) float64 { return 10 + 40*float64(i)/float64(s.steps) }
				s.planted = taken(seed%6, 1-0.8*30*s.demand[seed%6], func(i int) bool { return i >= 90 })
			},
			right: func(_ *site, seed int) []string { return names(seed % 6) }, least: 90, most: 2,
		},
		"a cold cache at the start": {
			set: func(s *site, seed int) {
				s.load = equal(40)
				s.planted = taken(seed%6, s.most(seed%6, 40), func(i int) bool { return i < 40 })
			},
			right: func(_ *site, seed int) []string { return names(seed % 6) }, orNone: true, // it is at its end while the caches are cold
			least: 98, most: 2,
		},
		"a cold cache, then a rising load that is held": {
			set: func(s *site, seed int) {
				s.load = func(i int) float64 { return 20 + 40*float64(i)/float64(s.steps) }
				s.planted = taken(seed%6, s.most(seed%6, 20), func(i int) bool { return i < 20 })
			},
			right: func(_ *site, seed int) []string { return names(seed % 6) }, orNone: true,
			least: 98, most: 2,
		},
	} {
		t.Run(strings.NewReplacer(" ", "-", ",", "").Replace(what), func(t *testing.T) {
			right, other, said := 0, 0, map[string]int{}
			for seed := range sites {
				s := newSite(uint64(1000+seed), []float64{0.03, 0.1, 0.2}[seed%3])
				c.set(s, seed)
				run, series := s.play(-1)
				if c.rewrite != nil {
					series = c.rewrite(s, series)
				}
				f := Find(run, series)
				var want []string
				if c.right != nil {
					want = c.right(s, seed)
				}
				switch {
				case len(f.Suspects) == 0 && (want == nil || c.orNone):
					right++
				case len(f.Suspects) == 0:
					said["none"]++
				case strings.Contains(strings.Join(want, " "), f.Suspects[0].Server):
					right++
				default:
					other++
					said[f.Text]++
				}
				if strings.Contains(f.Text, "caus") || strings.Contains(f.Text, "because") {
					t.Errorf("a claim of cause: %s", f.Text)
				}
			}
			t.Logf("of %d sites: right in %d, something else first in %d", sites, right, other)
			if right < c.least || other > c.most {
				t.Errorf("right in %d, want %d; something else first in %d, at most %d may be; %v", right, c.least, other, c.most, said)
			}
		})
	}
}

// TestRunsOutOfCredits: a machine whose burst credits are used up does less at the same load. What is left of them has no ceiling, and falls to nothing.
func TestRunsOutOfCredits(t *testing.T) {
	run := Run{}
	credits, cpu := Series{"ec2", monitor.Series{Name: "credits"}}, Series{"ec2", monitor.Series{Name: "cpu", Unit: "%", Limit: 100, Ceiling: true}}
	for i := range 240 {
		at, left := time.Duration(i)*time.Second, math.Max(0, 90-float64(i)*0.75)
		done, latency, busy := 40.0, 0.05, 40.0
		if left == 0 {
			done, latency, busy = 20, 3, 20
		}
		run.Users, run.Rate = append(run.Users, 50), append(run.Rate, done)
		run.Latency, run.Failures = append(run.Latency, latency), append(run.Failures, 0)
		credits.Points, cpu.Points = append(credits.Points, monitor.Point{At: at, Value: left}), append(cpu.Points, monitor.Point{At: at, Value: busy})
	}
	f := Find(run, []Series{cpu, credits})
	if len(f.Suspects) == 0 || f.Suspects[0].Series != "credits" || !strings.HasPrefix(f.Suspects[0].Why, "used up, 0 of 90 at first, from 1:58") {
		t.Errorf("%+v", f)
	}
	// What was used up long before, or falls with the load, is not it.
	for i := range credits.Points {
		credits.Points[i].Value = math.Max(0, 90-2*float64(i))
	}
	if f = Find(run, []Series{cpu, credits}); len(f.Suspects) != 0 {
		t.Errorf("%+v", f)
	}
}
