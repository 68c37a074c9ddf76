package verdict

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func indexes(points []ChangePoint) []int {
	out := []int{}
	for _, p := range points {
		out = append(out, p.Index)
	}
	return out
}

// TestChangePoints uses the series that Hunter (now Apache Otava) is tested with.
func TestChangePoints(t *testing.T) {
	step := []float64{
		1.02, 0.95, 0.99, 1.00, 1.12, 1.00, 1.01, 0.98, 1.01, 0.96,
		0.50, 0.51, 0.48, 0.48, 0.55, 0.50, 0.49, 0.51, 0.50, 0.49,
	}
	falling := []float64{1.02, 0.95, 0.99, 1.00, 1.12, 0.90, 0.50, 0.51, 0.48, 0.48, 0.55}
	small := []float64{2.02, 2.03, 2.01, 2.04, 1.82, 1.85, 1.79, 1.81, 1.80, 1.76, 1.78}
	for _, tc := range []struct {
		name   string
		series []float64
		o      ChangeOptions
		want   []int
	}{
		{"a step", step, ChangeOptions{Window: 10, MaxP: 0.0001}, []int{10}},
		{"a step in one window", step, ChangeOptions{}, []int{10}},
		{"a fall", falling, ChangeOptions{}, []int{6}},
		{"a small fall", small, ChangeOptions{}, []int{4}},
		{"a fall too small to matter", small, ChangeOptions{MinMagnitude: 0.2}, []int{}},
		{"flat", make([]float64, 100), ChangeOptions{}, []int{}},
		{"nothing", nil, ChangeOptions{}, []int{}},
		{"three points", []float64{1, 2, 3}, ChangeOptions{}, []int{}},
		{"a clean step", slices.Concat(slices.Repeat([]float64{1}, 10), slices.Repeat([]float64{2}, 10)), ChangeOptions{}, []int{10}},
	} {
		if got := indexes(ChangePoints(tc.series, tc.o)); !slices.Equal(got, tc.want) {
			t.Errorf("%s: changes at %v, want %v", tc.name, got, tc.want)
		}
	}
	p := ChangePoints(step, ChangeOptions{})[0]
	if math.Abs(p.Before-1.004) > 1e-9 || math.Abs(p.After-0.501) > 1e-9 || p.P > 1e-9 || math.Abs(p.Magnitude()-(1.004/0.501-1)) > 1e-9 {
		t.Errorf("the step is %+v", p)
	}
}

func TestSplitP(t *testing.T) {
	if p := splitP([]float64{1.00, 1.02, 1.05, 0.95, 0.98}, []float64{1.00, 1.02, 1.05, 0.95, 0.98}); p < 0.99 {
		t.Errorf("two alike: p %v", p)
	}
	if p := splitP([]float64{1.00, 1.02, 1.05, 0.95, 0.98}, []float64{0.80, 0.82, 0.85, 0.79, 0.77}); p <= 0 || p >= 0.001 {
		t.Errorf("two unlike: p %v", p)
	}
	// Student's own: two samples of 3 with means 2 and 5 and population variance 2/3: t = 3 / sqrt(2/3 * 2/3) = 4.5 with 4 degrees of freedom.
	if p := splitP([]float64{1, 2, 3}, []float64{4, 5, 6}); math.Abs(p-studentTail(4.5, 4)) > 1e-12 {
		t.Errorf("p %v, want %v", p, studentTail(4.5, 4))
	}
}

// bestSplitOracle adds the pairs up one by one.
func bestSplitOracle(series []float64) (q float64, at int) {
	q, at = math.Inf(-1), -1
	for tau := 2; tau <= len(series)-2; tau++ {
		for kappa := tau + 2; kappa <= len(series); kappa++ {
			x, y := series[:tau], series[tau:kappa]
			n, m := float64(len(x)), float64(len(y))
			var xy, xx, yy float64
			for i, a := range x {
				for _, b := range y {
					xy += math.Abs(a - b)
				}
				for _, b := range x[:i] {
					xx += math.Abs(a - b)
				}
			}
			for i, a := range y {
				for _, b := range y[:i] {
					yy += math.Abs(a - b)
				}
			}
			if v := 2/(m+n)*xy - 2*m/((m+n)*(n-1))*xx - 2*n/((m+n)*(m-1))*yy; v > q+1e-9 {
				q, at = v, tau
			}
		}
	}
	return q, at
}

func TestBestSplit(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 15))
	for range 100 {
		series := drawn(rng, 4+rng.IntN(20), 0, 0)
		q, at, _ := bestSplit(series)
		if wantQ, want := bestSplitOracle(series); at != want || math.Abs(q-wantQ) > 1e-9 {
			t.Fatalf("%v: %v at %d, want %v at %d", series, q, at, wantQ, want)
		}
	}
}

// A level that comes and goes again is found, however alike what is before and after.
func TestChangePointsOfAnEpisode(t *testing.T) {
	rng := rand.New(rand.NewPCG(18, 19))
	for range 20 {
		var series []float64
		for i := range 25 {
			level := 66.0
			if i >= 8 && i < 17 {
				level = 92
			}
			series = append(series, level+2*(rng.Float64()-0.5))
		}
		if got := indexes(ChangePoints(series, ChangeOptions{})); len(got) != 2 || got[0] != 8 || got[1] != 17 {
			t.Errorf("changes at %v, want 8 and 17", got)
		}
	}
}

func TestChangePointsInALongHistory(t *testing.T) {
	rng := rand.New(rand.NewPCG(16, 17))
	var series []float64
	for i := range 300 {
		level := 100.0
		if i >= 110 && i < 180 {
			level = 120
		}
		series = append(series, level+3*rng.NormFloat64())
	}
	got := indexes(ChangePoints(series, ChangeOptions{}))
	if len(got) != 2 || got[0] < 109 || got[0] > 111 || got[1] < 179 || got[1] > 181 {
		t.Errorf("changes at %v, want 110 and 180", got)
	}
	alarms := 0
	for range 50 {
		alarms += len(ChangePoints(drawn(rng, 100, 0, 100), ChangeOptions{}))
	}
	if alarms > 10 {
		t.Errorf("%d changes in 50 histories of noise", alarms)
	}
}
