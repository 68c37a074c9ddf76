package verdict

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestHealthArrivals(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	poisson, bunched := make([]float64, 5000), make([]float64, 5000)
	for i := range poisson {
		poisson[i] = rng.ExpFloat64()
		if i%4 == 0 {
			bunched[i] = 4 * rng.ExpFloat64()
		}
	}
	m := watched{seconds: 5}.monitor()
	m.Arrivals(poisson)
	if h := m.Health(); h.Level != Valid {
		t.Errorf("a Poisson process: %+v", h)
	}
	m.Arrivals(bunched)
	if h := m.Health(); h.Level != Suspect || !strings.Contains(h.Reasons[0], "do not look like a Poisson process") {
		t.Errorf("bunches: %+v", h)
	}
	m.Arrivals(bunched[:50])
	if h := m.Health(); h.Level != Valid {
		t.Errorf("too few to tell: %+v", h)
	}
}

// TestKolmogorovSmirnov uses the known 1 % and 5 % points of the distribution for many values.
func TestKolmogorovSmirnov(t *testing.T) {
	even := make([]float64, 10_000)
	for i := range even {
		even[i] = (float64(i) + 0.5) / 10_000
	}
	uniform := func(x float64) float64 { return min(max(x, 0), 1) }
	if d, p := KolmogorovSmirnov(even, uniform); math.Abs(d-0.00005) > 1e-9 || p != 1 {
		t.Errorf("even values: d %v, p %v", d, p)
	}
	for _, tc := range []struct{ shift, p float64 }{{0.01628, 0.01}, {0.01358, 0.05}, {0.01224, 0.10}} {
		_, p := KolmogorovSmirnov(even, func(x float64) float64 { return uniform(x - tc.shift + 0.00005) })
		if math.Abs(p-tc.p) > 0.1*tc.p {
			t.Errorf("d %v of 10000 values: p %v, want %v", tc.shift, p, tc.p)
		}
	}
	if d, p := KolmogorovSmirnov(nil, uniform); d != 0 || p != 1 {
		t.Errorf("no values: %v, %v", d, p)
	}
}
