package pace

import (
	"math"
	"slices"
	"testing"
	"time"
)

// TestPoissonIsPoisson checks the gaps against the exponential distribution (Kolmogorov and Smirnov) and the counts of each second
// against a Poisson distribution (index of dispersion). The seed is fixed, so the outcome is too.
func TestPoissonIsPoisson(t *testing.T) {
	const rate = 1000
	_, dues := walk(NewArrivals(Constant(rate), Options{Poisson: true, Seed: 42, Until: 200 * time.Second}))
	n := len(dues)
	if math.Abs(float64(n)-200*rate) > 3*math.Sqrt(200*rate) {
		t.Errorf("%d arrivals, want about %d", n, 200*rate)
	}
	gaps := make([]float64, n-1)
	for i := range gaps {
		gaps[i] = (dues[i+1] - dues[i]).Seconds()
	}
	var product, square float64
	for i := range len(gaps) - 1 {
		product += (gaps[i] - 1.0/rate) * (gaps[i+1] - 1.0/rate)
		square += (gaps[i] - 1.0/rate) * (gaps[i] - 1.0/rate)
	}
	if r := product / square; math.Abs(r) > 3/math.Sqrt(float64(n)) {
		t.Errorf("neighbouring gaps correlate: %v", r)
	}
	slices.Sort(gaps)
	worst := 0.0
	for i, g := range gaps {
		want := 1 - math.Exp(-g*rate)
		worst = max(worst, math.Abs(want-float64(i)/float64(len(gaps))), math.Abs(want-float64(i+1)/float64(len(gaps))))
	}
	if d := worst * math.Sqrt(float64(n)); d > 1.63 {
		t.Errorf("the gaps are not exponential: D sqrt(n) = %v", d)
	}
	// In stretches of ten blocks: the sums of whole blocks must vary as sums of free gaps do.
	for _, stretch := range []time.Duration{100 * ms, time.Second, 2560 * ms} {
		counts := make([]float64, 200*time.Second/stretch)
		for _, due := range dues {
			if i := int(due / stretch); i < len(counts) {
				counts[i]++
			}
		}
		mean, variance := 0.0, 0.0
		for _, c := range counts {
			mean += c / float64(len(counts))
		}
		for _, c := range counts {
			variance += (c - mean) * (c - mean) / float64(len(counts)-1)
		}
		if index := variance / mean; math.Abs(index-1) > 4*math.Sqrt(2/float64(len(counts))) {
			t.Errorf("counts per %v: variance / mean = %v", stretch, index)
		}
	}
}

func TestPoissonFollowsTheShape(t *testing.T) {
	s := parse(t, "ramp(0, 2000, over=60s)")
	d := NewSchedule(s, Options{Poisson: true, Seed: 1})
	for at := time.Second; at <= time.Minute; at += time.Second {
		want := s.Integral(at)
		if got := float64(d.By(at)); math.Abs(got-want) > 4*math.Sqrt(want) {
			t.Errorf("by %v: %v arrivals, want about %.0f", at, got, want)
		}
	}
}

func TestPlannedFollowsTheWalk(t *testing.T) {
	for _, poisson := range []bool{false, true} {
		o := Options{Poisson: poisson, Seed: 4, Share: Share{I: 1, N: 3}, Until: 10 * time.Second}
		s := parse(t, "ramp(0, 2000, over=10s)")
		_, dues := walk(NewArrivals(s, o))
		a := NewArrivals(s, o)
		for _, at := range []time.Duration{0, 1, time.Second, 5 * time.Second, 9999 * ms, 3 * time.Second, 10 * time.Second, time.Hour} {
			want, _ := slices.BinarySearch(dues, at)
			if got := a.Planned(at); got != int64(want) {
				t.Errorf("poisson %v: %d planned by %v, want %d", poisson, got, at, want)
			}
		}
		if n := testing.AllocsPerRun(10, func() { a.Planned(9 * time.Second) }); n != 0 {
			t.Errorf("poisson %v: %v allocations", poisson, n)
		}
	}
}

func TestPoissonSeeds(t *testing.T) {
	first := func(seed uint64) time.Duration {
		due, _ := NewSchedule(Constant(10), Options{Poisson: true, Seed: seed}).Due(300)
		return due
	}
	one, again, other := first(1), first(1), first(2)
	if one != again || one == other {
		t.Errorf("a seed gives %v and %v, another %v", one, again, other)
	}
}
