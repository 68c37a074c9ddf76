package verdict

import (
	"math"
	"math/rand/v2"
	"testing"
)

// wandering is an AR(1) series: each value is memory times the one before and a normal step.
func wandering(rng *rand.Rand, n int, memory float64) []float64 {
	out := make([]float64, n)
	level := rng.NormFloat64() / math.Sqrt(1-memory*memory)
	for i := range out {
		level = memory*level + rng.NormFloat64()
		out[i] = level
	}
	return out
}

// TestLongRun uses what is known of AR(1) with variance 1 of the steps: the autocovariances add up to 1/(1-a)^2, and those times their lags
// to 2a/((1-a)^2 (1-a^2)).
func TestLongRun(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	for _, a := range []float64{0, 0.5, 0.8} {
		sum, weighted := longRun(wandering(rng, 6000, a))
		wantSum := 1 / ((1 - a) * (1 - a))
		wantWeighted := 2 * a * wantSum / (1 - a*a)
		if math.Abs(sum-wantSum) > 0.25*wantSum || math.Abs(weighted-wantWeighted) > 0.4*wantWeighted+0.2 {
			t.Errorf("memory %v: %.2f and %.2f, want %.2f and %.2f", a, sum, weighted, wantSum, wantWeighted)
		}
	}
	if sum, weighted := longRun(nil); sum != 0 || weighted != 0 {
		t.Errorf("nothing: %v, %v", sum, weighted)
	}
	if sum, _ := longRun([]float64{3, 3, 3, 3}); sum != 0 {
		t.Errorf("what does not vary: %v", sum)
	}
}

func TestBlockLength(t *testing.T) {
	rng := rand.New(rand.NewPCG(33, 34))
	if got := blockLength(wandering(rng, 225, 0)); got != 15 {
		t.Errorf("without a memory: blocks of %d, want the square root of 225", got)
	}
	if got := blockLength(wandering(rng, 225, 0.9)); got < 20 || got > 45 {
		t.Errorf("with a long memory: blocks of %d", got)
	}
	trend := make([]float64, 100)
	for i := range trend {
		trend[i] = float64(i)
	}
	if got := blockLength(trend); got != 20 {
		t.Errorf("with a trend: blocks of %d, want a fifth of 100", got)
	}
	for n, want := range map[int]int{0: 1, 1: 1, 10: 2} {
		if got := blockLength(make([]float64, n)); got != want {
			t.Errorf("%d windows: blocks of %d, want %d", n, got, want)
		}
	}
}

// TestWidening holds the polynomial against its ends: 1.96 where blocks are without number, and for one block 4.771 (Kiefer and Vogelsang,
// "Heteroskedasticity-autocorrelation robust testing using bandwidth equal to sample size", Econometric Theory 18, 2002), to one per cent.
func TestWidening(t *testing.T) {
	for _, tc := range []struct {
		block, n int
		want     float64
	}{{1, 1e9, 1.96}, {1, 10, 2.2606}, {1, 1, 4.771}} {
		if got := 1.96 * widening(tc.block, tc.n); math.Abs(got-tc.want) > 0.01*tc.want {
			t.Errorf("a block of %d in %d: %v, want %v", tc.block, tc.n, got, tc.want)
		}
	}
}
