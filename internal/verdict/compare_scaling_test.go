package verdict

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestFitScaling(t *testing.T) {
	want := Scaling{Lambda: 995, Sigma: 0.0267, Kappa: 0.000769}
	rng := rand.New(rand.NewPCG(18, 19))
	var exact, noisy []ScalePoint
	for _, n := range []float64{1, 2, 4, 8, 12, 16, 24, 32, 48, 64} {
		exact = append(exact, ScalePoint{n, want.Throughput(n)})
		noisy = append(noisy, ScalePoint{n, want.Throughput(n) * (1 + 0.02*rng.NormFloat64())})
	}
	s, err := FitScaling(exact, 1)
	if err != nil {
		t.Fatal(err)
	}
	peak := math.Sqrt((1 - want.Sigma) / want.Kappa)
	for _, c := range []struct{ got, want float64 }{{s.Lambda, want.Lambda}, {s.Sigma, want.Sigma}, {s.Kappa, want.Kappa}, {s.Peak, peak}} {
		if math.Abs(c.got-c.want) > 1e-6*c.want {
			t.Errorf("%+v, want %+v with a peak at %v", s, want, peak)
		}
	}
	s, err = FitScaling(noisy, 1)
	if err != nil || math.Abs(s.Peak-peak) > 0.15*peak || s.PeakLow > peak || s.PeakHigh < peak {
		t.Errorf("with noise %+v, %v, want a peak at %.1f", s, err, peak)
	}
	if again, _ := FitScaling(noisy, 1); again != s {
		t.Errorf("the second time %+v, the first %+v", again, s)
	}
	linear := []ScalePoint{{1, 100}, {2, 200}, {4, 400}, {8, 800}, {16, 1600}, {32, 3200}}
	if s, err = FitScaling(linear, 1); err != nil || !math.IsInf(s.Peak, 1) || s.Kappa != 0 || math.Abs(s.Lambda-100) > 1e-6 {
		t.Errorf("no peak: %+v, %v", s, err)
	}
	for text, points := range map[string][]ScalePoint{
		"2 different loads":   {{1, 1}, {2, 2}, {2, 2}, {2, 2}, {2, 2}, {2, 2}},
		"loads are 1 or more": {{0, 1}},
		"throughputs above 0": {{1, 0}},
		"throughput NaN":      {{1, math.NaN()}},
		"throughput +Inf at":  {{1, math.Inf(1)}},
		"0 different loads":   nil,
	} {
		if _, err := FitScaling(points, 1); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%v: %v, want %q", points, err, text)
		}
	}
}

// TestFitScalingOfThePublishedBenchmark holds the fit against Gunther's own, published with the law: a Cisco benchmark of 32 loads.
func TestFitScalingOfThePublishedBenchmark(t *testing.T) {
	throughputs := []float64{
		955.16, 1878.91, 2688.01, 3548.68, 4315.54, 5130.43, 5931.37, 6531.08, 7219.8, 7867.61, 8278.71, 8646.7, 9047.84, 9426.55, 9645.37, 9897.24,
		10097.6, 10240.5, 10532.39, 10798.52, 11151.43, 11518.63, 11806, 12089.37, 12075.41, 12177.29, 12211.41, 12158.93, 12155.27, 12118.04, 12140.4,
		12074.39,
	}
	var points []ScalePoint
	for i, x := range throughputs {
		points = append(points, ScalePoint{Load: float64(i + 1), Throughput: x})
	}
	s, err := FitScaling(points, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"lambda", s.Lambda, 995.6486},
		{"sigma", s.Sigma, 0.02671591},
		{"kappa", s.Kappa, 7.690945e-4},
		{"peak", s.Peak, 35.57},
		{"throughput at the peak", s.Throughput(s.Peak), 12341},
	} {
		if math.Abs(c.got-c.want) > 0.005*c.want {
			t.Errorf("%s is %v, published %v", c.what, c.got, c.want)
		}
	}
}

func TestKnee(t *testing.T) {
	var figure2X, figure2Y []float64
	for i := range 10 {
		x := float64(i) / 9
		figure2X, figure2Y = append(figure2X, x), append(figure2Y, -1/(x+0.1)+5)
	}
	var gaussX, gaussY []float64 // a thousand values of a normal distribution, 50 +- 10, where they are expected
	for i := range 1000 {
		p := (float64(i) + 0.5) / 1000
		z := highestWhere(func(z float64) bool { return normalTail(z) >= min(p, 1-p) })
		gaussX, gaussY = append(gaussX, 50+10*math.Copysign(z, p-0.5)), append(gaussY, float64(i)/1000)
	}
	slices.Sort(gaussX)
	falling := []float64{2314, 802, 519, 417, 358, 318, 302, 284, 280}
	rising := slices.Clone(falling)
	slices.Reverse(rising)
	loads := []float64{1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000}
	for _, tc := range []struct {
		name   string
		x, y   []float64
		convex bool
		want   float64
		within float64
	}{
		{"figure 2 of the paper", figure2X, figure2Y, false, 0.22, 0.05 * 0.22},
		{"the Gaussian of the paper", gaussX, gaussY, false, 63, 0.05 * 63},
		{"latency over load", loads, rising, true, 7000, 0},
	} {
		got, ok := Knee(tc.x, tc.y, tc.convex, 0)
		if !ok || math.Abs(got-tc.want) > tc.within {
			t.Errorf("%s: %v, %v, want %v", tc.name, got, ok, tc.want)
		}
	}
	for name, xy := range map[string][2][]float64{
		"a line":    {{1, 2, 3, 4}, {1, 2, 3, 4}},
		"flat":      {{1, 2, 3, 4}, {1, 1, 1, 1}},
		"too short": {{1, 2}, {1, 2}},
		"unsorted":  {{3, 2, 1}, {1, 2, 2}},
		"one x":     {{1, 1, 1}, {1, 2, 3}},
		"unequal":   {{1, 2, 3}, {1, 2}},
		"NaN":       {{1, 2, 3}, {1, math.NaN(), 3}},
	} {
		if got, ok := Knee(xy[0], xy[1], false, 0); ok {
			t.Errorf("%s has a knee at %v", name, got)
		}
	}
}
