package verdict

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
)

// noise is a series around 100 with some spread.
func noise(rng *rand.Rand, n int, spread float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 100 + spread*rng.NormFloat64()
	}
	return out
}

// warmUpOracle is MSER-5 as it is written down.
func warmUpOracle(values []float64) (cut int, steady bool) {
	n := len(values) / 5
	if n < 4 {
		return 0, false
	}
	best, d := math.Inf(1), 0
	for k := 0; k <= n/2; k++ {
		var y []float64
		for i := k; i < n; i++ {
			y = append(y, meanOf(values[i*5:(i+1)*5]))
		}
		sum := 0.0
		for _, x := range y {
			sum += (x - meanOf(y)) * (x - meanOf(y))
		}
		if at := sum / float64(len(y)*len(y)); at < best {
			best, d = at, k
		}
	}
	return d * 5, d < n/2
}

func TestWarmUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		values := noise(rng, 20+rng.IntN(300), 5)
		for i := range values {
			values[i] += 300 * math.Exp(-float64(i)/20)
		}
		cut, steady := WarmUp(values)
		if wantCut, wantSteady := warmUpOracle(values); cut != wantCut || steady != wantSteady {
			t.Fatalf("%d values: cut %d, %v, want %d, %v", len(values), cut, steady, wantCut, wantSteady)
		}
	}
	values := noise(rng, 200, 1)
	for i := range 40 {
		values[i] += 50
	}
	if cut, steady := WarmUp(values); cut < 40 || cut > 50 || !steady {
		t.Errorf("a step after 40 values: cut %d, %v", cut, steady)
	}
	rising := make([]float64, 100)
	for i := range rising {
		rising[i] = float64(i)
	}
	if cut, steady := WarmUp(rising); steady {
		t.Errorf("a line never settles: cut %d", cut)
	}
	if _, steady := WarmUp(rising[:19]); steady {
		t.Error("too few values to tell")
	}
	flat := make([]float64, 100)
	if cut, steady := WarmUp(flat); cut != 0 || !steady {
		t.Errorf("a flat series: cut %d, %v", cut, steady)
	}
}

func TestMannKendall(t *testing.T) {
	for _, tc := range []struct {
		values []float64
		s      int
		z      float64
	}{
		{[]float64{1, 2, 3, 4, 5, 6}, 15, 14 / math.Sqrt(6*5*17/18.0)},
		{[]float64{6, 5, 4, 3, 2, 1}, -15, -14 / math.Sqrt(6*5*17/18.0)},
		// With ties: Var = (n(n-1)(2n+5) - sum t(t-1)(2t+5)) / 18.
		{[]float64{1, 1, 2, 2, 2, 3}, 11, 10 / math.Sqrt((6*5*17-2*1*9-3*2*11)/18.0)},
		{[]float64{5, 5, 5}, 0, 0},
		{[]float64{2, 1}, -1, 0},
		{nil, 0, 0},
	} {
		s, z, p := MannKendall(tc.values)
		if s != tc.s || math.Abs(z-tc.z) > 1e-12 {
			t.Errorf("%v: s %d, z %v, want %d, %v", tc.values, s, z, tc.s, tc.z)
		}
		if want := 2 * normalTail(math.Abs(tc.z)); math.Abs(p-min(1, want)) > 1e-12 {
			t.Errorf("%v: p %v, want %v", tc.values, p, want)
		}
	}
	if got := Slope([]float64{0, 2, 4, 100, 8}); got != 2 {
		t.Errorf("slope %v, want 2", got)
	}
	if got := Slope([]float64{7}); got != 0 {
		t.Errorf("slope of one value %v", got)
	}
}

// TestMannKendallFalseAlarms counts trends in noise.
func TestMannKendallFalseAlarms(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	alarms := 0
	for range 4000 {
		if _, _, p := MannKendall(noise(rng, 12, 1)); p < 0.05 {
			alarms++
		}
	}
	if share := float64(alarms) / 4000; share > 0.06 {
		t.Errorf("%.3f of noise is a trend at 5 %%", share)
	}
}

// site is a run second by second: how long requests take, how many are in flight, how many arrive.
type site struct {
	opt      SteadyOptions
	seconds  int
	took     func(second int) float64 // ms
	inFlight func(second int) float64
	arrive   func(second int) int64
}

func (s site) notices() []string {
	st := NewSteady(s.opt)
	planned := int64(0)
	for i := range s.seconds {
		sec := &stats.Second{Index: i, Width: 1, Final: i == s.seconds-1}
		if s.took != nil {
			sec.Total.Response.RecordN(int64(s.took(i)*1e6), 100)
			sec.Total.Service.RecordN(int64(s.took(i)*1e6), 100)
		}
		if s.inFlight != nil {
			sec.Gauges.InFlightNS = int64(s.inFlight(i) * 1e9)
		}
		n := int64(1000)
		if s.arrive != nil {
			n = s.arrive(i)
		}
		planned += n
		sec.Gauges.Planned, sec.Gauges.Users = planned, 50
		st.Add(sec)
	}
	return st.Notices()
}

func TestNotices(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	open := SteadyOptions{Paced: true, Open: true}
	jitter := func(x float64) float64 { return x * (1 + 0.05*rng.NormFloat64()) }
	for _, tc := range []struct {
		name string
		s    site
		want string // "" for none
	}{
		{"settled", site{opt: open, seconds: 60, took: func(int) float64 { return jitter(20) }, inFlight: func(int) float64 { return jitter(20) }}, ""},
		{
			"a queue that grows",
			site{opt: open, seconds: 61, took: func(s int) float64 { return 20 + float64(s)*40 }, inFlight: func(s int) float64 { return jitter(20 + 40*float64(s)) }},
			"the site is not keeping up: requests in flight grew by 4",
		},
		{
			"a growing queue in the steady phase only",
			site{
				opt:     SteadyOptions{Paced: true, Open: true, Phases: []Phase{{"ramp", 0, 20 * time.Second}, {"steady", 20 * time.Second, 0}}},
				seconds: 61, inFlight: func(s int) float64 { return float64(s) * 10 }, took: func(int) float64 { return 5 },
			},
			"from 20s to 1m",
		},
		{
			"a ramp may grow",
			site{
				opt:     SteadyOptions{Paced: true, Open: true, Phases: []Phase{{"ramp", 0, 60 * time.Second}}},
				seconds: 61, inFlight: func(s int) float64 { return float64(s) * 10 }, took: func(s int) float64 { return float64(s) },
			},
			"",
		},
		{
			"load that was raised by hand",
			site{
				opt: open, seconds: 60, took: func(int) float64 { return 20 }, inFlight: func(s int) float64 { return float64(20 + s) },
				arrive: func(s int) int64 { return int64(1000 + 50*s) },
			},
			"",
		},
		{
			"a growing queue in a closed loop is only more users",
			site{seconds: 60, took: func(int) float64 { return jitter(20) }, inFlight: func(s int) float64 { return float64(s) }},
			"",
		},
		{
			"a warm-up",
			site{opt: open, seconds: 121, took: func(s int) float64 {
				if s < 21 {
					return jitter(90)
				}
				return jitter(20)
			}},
			"the first 26 s were a warm-up (typically ",
		},
		{
			"a warm-up that is left out already",
			site{
				opt: SteadyOptions{Paced: true, Phases: []Phase{{"warm-up", 0, 30 * time.Second}}}, seconds: 121,
				took: func(s int) float64 {
					if s < 21 {
						return jitter(90)
					}
					return jitter(20)
				},
			},
			"",
		},
		{
			"a drift",
			site{opt: open, seconds: 121, took: func(s int) float64 { return jitter(20 + 0.2*float64(s)) }},
			"the times rose by about",
		},
		{
			"a drift downwards",
			site{opt: open, seconds: 121, took: func(s int) float64 { return jitter(60 - 0.4*float64(s)) }},
			"the times fell by about",
		},
		{
			"a freeze is no warm-up and no drift",
			site{opt: open, seconds: 61, took: func(s int) float64 {
				if s == 10 || s == 11 {
					return 1000
				}
				return jitter(20)
			}},
			"",
		},
		{"too short", site{opt: open, seconds: 10, took: func(s int) float64 { return float64(s) }}, ""},
		{"nothing measured", site{opt: open, seconds: 60}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := tc.s.notices()
			switch {
			case tc.want == "" && len(got) > 0:
				t.Errorf("notices %q", got)
			case tc.want != "" && (len(got) != 1 || !strings.Contains(got[0], tc.want)):
				t.Errorf("notices %q, want %q", got, tc.want)
			}
		})
	}
}

// windowsOf is a window for each second.
func windowsOf(seconds []*hist.Hist) []Window {
	windows := make([]Window, len(seconds))
	for i, h := range seconds {
		windows[i] = Window{Times: h, Count: h.Count(), Seconds: 1}
	}
	return windows
}

// TestQuantileInterval counts how often the interval of independent seconds holds the truth.
func TestQuantileInterval(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	const truth = 4.605170185988091e6 // p99 of an exponential of mean 1 ms, in ns
	held, runs := 0, 200
	for range runs {
		var seconds []*hist.Hist
		for range 60 {
			h := &hist.Hist{}
			for range 1000 {
				h.Record(int64(rng.ExpFloat64() * 1e6))
			}
			seconds = append(seconds, h)
		}
		in, ok := QuantileInterval(windowsOf(seconds), 0.99)
		if !ok || in.Low >= in.High || in.Windows != 60 {
			t.Fatalf("%+v, %v", in, ok)
		}
		if in.Low <= truth && truth <= in.High {
			held++
		}
	}
	if share := float64(held) / float64(runs); share < 0.90 {
		t.Errorf("the interval holds the truth in %.2f of the runs, want about 0.95", share)
	}
}

func TestQuantileIntervalWidensWithDependence(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	var free, bound []*hist.Hist
	level := 0.0
	for range 240 {
		level = 0.9*level + rng.NormFloat64()
		f, b := &hist.Hist{}, &hist.Hist{}
		for range 200 {
			spread := rng.NormFloat64() / math.Sqrt(1-0.81) // as wide as the other, and without its memory
			f.Record(int64((50 + spread + rng.Float64()) * 1e6))
			b.Record(int64((50 + level + rng.Float64()) * 1e6))
		}
		free, bound = append(free, f), append(bound, b)
	}
	a, okA := QuantileInterval(windowsOf(free), 0.9)
	b, okB := QuantileInterval(windowsOf(bound), 0.9)
	if !okA || !okB || b.High-b.Low < 2*(a.High-a.Low) {
		t.Errorf("independent %+v, %v; dependent %+v, %v", a, okA, b, okB)
	}
	if _, ok := QuantileInterval(windowsOf(free[:5]), 0.9); ok {
		t.Error("five seconds say nothing")
	}
	if _, ok := QuantileInterval(windowsOf(free), 0.999999); ok {
		t.Error("nothing lies beyond such a quantile")
	}
	if _, ok := QuantileInterval(windowsOf(slices.Repeat([]*hist.Hist{{}}, 50)), 0.5); ok {
		t.Error("empty seconds say nothing")
	}
}

// One freeze in a run moves its high quantiles and not its median.
func TestQuantileIntervalOfOneFreeze(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	var seconds []*hist.Hist
	for s := range 30 {
		h := &hist.Hist{}
		for i := range 1000 {
			took := 1e6 * (1 + rng.Float64())
			if s == 12 {
				took = 1e6 * float64(1000-i)
			}
			h.Record(int64(took))
		}
		seconds = append(seconds, h)
	}
	in, ok := QuantileInterval(windowsOf(seconds), 0.5)
	if !ok || in.Low < 1.3e6 || in.High > 1.8e6 {
		t.Errorf("the median lies within %+v, %v", in, ok)
	}
	in, ok = QuantileInterval(windowsOf(seconds), 0.98)
	if !ok || in.Low > 100e6 || in.High < 600e6 || in.Low < 1e6 || in.High > 1004e6 {
		t.Errorf("the p98 lies within %+v, %v: want that it may be without the freeze", in, ok)
	}
}
