package pace

import (
	"math"
	"strings"
	"testing"
)

func TestShareZeroValueIsTheWhole(t *testing.T) {
	var s Share
	if s.Count(17) != 17 || s.Number(5) != 5 || !s.Owns(3) || s.String() != "1 of 1" {
		t.Errorf("%v: %d, %d, %v", s, s.Count(17), s.Number(5), s.Owns(3))
	}
	if s.Count(0) != 0 || s.Count(-4) != 0 || s.Owns(-1) {
		t.Errorf("%v: no numbers below 0", s)
	}
}

// checkShares compares Count, Number and Owns of all shares with one another over the first n numbers.
func checkShares(t *testing.T, shares []Share, n int) {
	t.Helper()
	counts := make([]int, len(shares))
	for k := range n {
		owner := -1
		for i, s := range shares {
			if s.Count(k) != counts[i] {
				t.Fatalf("share %d of %d: Count(%d) = %d, want %d", i, len(shares), k, s.Count(k), counts[i])
			}
			if !s.Owns(k) {
				continue
			}
			if owner >= 0 || s.Number(counts[i]) != k {
				t.Fatalf("share %d of %d: number %d is also of %d; its own number %d is %d", i, len(shares), k, owner, counts[i], s.Number(counts[i]))
			}
			owner = i
			counts[i]++
		}
		if owner < 0 {
			t.Fatalf("number %d is nobody's", k)
		}
	}
}

// sharesOf are all shares of some weights.
func sharesOf(t *testing.T, weights []float64) []Share {
	t.Helper()
	var shares []Share
	for i := range weights {
		s, err := ShareOf(weights, i)
		if err != nil {
			t.Fatal(err)
		}
		shares = append(shares, s)
	}
	return shares
}

func TestShares(t *testing.T) {
	for _, weights := range [][]float64{
		{1},
		{3, 3, 3},
		{2, 1},
		{0.5, 1.5, 1},
		{5, 1, 0, 2},
		{0, 0, 1},
		{math.Pi, math.E, 0.01},
		{1e-12, 1},
		{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
	} {
		shares := sharesOf(t, weights)
		checkShares(t, shares, 5000)
		sum := 0.0
		for _, w := range weights {
			sum += w
		}
		for i, s := range shares {
			want := weights[i] / sum * 100_000
			got := float64(s.Count(100_000))
			if math.Abs(got-want) > 1+100_000.0/float64(len(weights))/500 {
				t.Errorf("%v: worker %d has %v of 100000, want %.0f", weights, i, got, want)
			}
			if weights[i] > 0 && got == 0 {
				t.Errorf("%v: worker %d gets nothing", weights, i)
			}
			if weights[i] == 0 && (got != 0 || s.Number(0) != -1) {
				t.Errorf("%v: worker %d has no weight and gets %v, first %d", weights, i, got, s.Number(0))
			}
		}
	}
}

func TestShareOfIsExactAndSmooth(t *testing.T) {
	shares := sharesOf(t, []float64{2, 1})
	for _, n := range []int{3, 6, 3000} {
		if shares[0].Count(n) != n/3*2 {
			t.Errorf("2:1: the first has %d of %d", shares[0].Count(n), n)
		}
	}
	for i, s := range sharesOf(t, []float64{8, 4, 2, 2}) {
		weight := []float64{8, 4, 2, 2}[i] / 16
		for n := range 1000 {
			if off := math.Abs(float64(s.Count(n)) - weight*float64(n)); off >= 1.5 {
				t.Errorf("worker %d is %.2f from its share at %d", i, off, n)
			}
		}
	}
}

func TestShareErrors(t *testing.T) {
	for _, tc := range []struct {
		weights []float64
		i       int
		want    string
	}{
		{nil, 0, "share 0 of 0"},
		{[]float64{1}, 1, "share 1 of 1"},
		{[]float64{1}, -1, "share -1 of 1"},
		{[]float64{1, -1}, 0, "worker 1 is -1"},
		{[]float64{math.NaN()}, 0, "NaN"},
		{[]float64{0, 0}, 0, "all workers are 0"},
	} {
		if _, err := ShareOf(tc.weights, tc.i); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("ShareOf(%v, %d): %v, want %q", tc.weights, tc.i, err, tc.want)
		}
	}
}

func FuzzShareOf(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, uint8(3))
	f.Add(1e300, 1e-300, 0.0, uint8(2))
	f.Fuzz(func(t *testing.T, a, b, c float64, n uint8) {
		weights := make([]float64, n%9+1)
		for i := range weights {
			weights[i] = []float64{a, b, c}[i%3]
		}
		if _, err := ShareOf(weights, 0); err != nil {
			return
		}
		checkShares(t, sharesOf(t, weights), 400)
	})
}
