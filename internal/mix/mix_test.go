package mix

import (
	"math"
	"strings"
	"sync"
	"testing"
)

// read writes the first n types of a mix as letters.
func read(t *testing.T, n int, weights []float64, fixed []int) string {
	t.Helper()
	m, err := New(weights, fixed)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for k := range n {
		if i := m.Type(k); i < 0 {
			b.WriteByte('.')
		} else {
			b.WriteByte(byte('A' + i))
		}
	}
	return b.String()
}

func TestSequences(t *testing.T) {
	for _, tc := range []struct {
		name    string
		weights []float64
		fixed   []int
		want    string
	}{
		{"five to one", []float64{5, 1}, nil, "AABAAAAABAAA"},
		{"one to five", []float64{1, 5}, nil, "BBABBBBBABBB"},
		{"equal", []float64{1, 1, 1}, nil, "ABCABC"},
		{"one type", []float64{0.25}, nil, "AAAA"},
		{"weight 0 removes", []float64{0, 2, 0, 2}, nil, "BDBD"},
		{"four to five", []float64{4, 5}, nil, "BABABABAB"},
		{"the same in decimals", []float64{0.8, 1}, nil, "BABABABAB"},
		{"fixed first", []float64{5, 9, 1}, []int{0, 3, 0}, "BBBAACAAA"},
		{"fixed are interleaved", []float64{1, 1, 1}, []int{2, 4, 0}, "BABBABCC"},
		{"fixed only", []float64{1, 0}, []int{1, 2}, "BAB.."},
		{"fixed without a weight", []float64{0, 1}, []int{2, 0}, "AABB"},
		{"a heavy one among many", []float64{10, 1, 1, 1, 1, 1, 1}, nil, "AABAACADAAEAAFGA"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := read(t, len(tc.want), tc.weights, tc.fixed); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestCounts(t *testing.T) {
	if got := read(t, 9, []float64{4, 5}, nil); strings.Count(got, "A") != 4 {
		t.Errorf("4:5 at 9 users: %s", got)
	}
	if got := read(t, 18, []float64{0.8, 1}, nil); strings.Count(got, "A") != 8 {
		t.Errorf("0.8:1 at 18 users: %s", got)
	}
	if got := strings.Index(read(t, 31, []float64{30, 1}, nil), "B"); got != 15 {
		t.Errorf("30:1: the first B is user %d, want 15, the middle", got)
	}
}

// deviation is the largest distance of any type from its share over the first n entries.
func deviation(m *Mix, weights []float64, n int) float64 {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	counts := make([]float64, len(weights))
	worst := 0.0
	for k := range n {
		counts[m.Type(k)]++
		for i, w := range weights {
			worst = max(worst, math.Abs(counts[i]-w/sum*float64(k+1)))
		}
	}
	return worst
}

func TestNeverAWholeUserOff(t *testing.T) {
	many := make([]float64, 60)
	for i := range many {
		many[i] = 1
	}
	many[7] = 100
	for _, weights := range [][]float64{
		{5, 1},
		{0.8, 1},
		{30, 1, 1, 1},
		{1, 2, 3, 4, 5, 6, 7},
		{math.Pi, math.E, math.Sqrt2}, // no period: the growing table
		{0.1, 0.001, 99.7},
		{1e-9, 1},
		many,
	} {
		m, err := New(weights, nil)
		if err != nil {
			t.Fatal(err)
		}
		if worst := deviation(m, weights, 20_000); worst >= 1 {
			t.Errorf("%v: a type was %.3f users from its share", weights, worst)
		}
	}
}

func TestGrowingTableAgreesWithItself(t *testing.T) {
	weights := []float64{math.Pi, math.E, 1}
	whole, err := New(weights, nil)
	if err != nil {
		t.Fatal(err)
	}
	const n = 50_000
	whole.Type(n)
	shared, err := New(weights, nil)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for k := i; k < n; k += 4 { // a share: each asks only its own numbers, all at once
				if shared.Type(k) != whole.Type(k) {
					t.Errorf("user %d: %d, want %d", k, shared.Type(k), whole.Type(k))
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestErrors(t *testing.T) {
	for _, tc := range []struct {
		weights []float64
		fixed   []int
		want    string
	}{
		{nil, nil, "no user type"},
		{[]float64{0, 0}, []int{0, 0}, "no user type"},
		{[]float64{1, -2}, nil, "weight -2 of user type 2"},
		{[]float64{math.NaN()}, nil, "weight NaN"},
		{[]float64{math.Inf(1)}, nil, "weight +Inf"},
		{[]float64{1}, []int{-1}, "fixed count -1 of user type 1"},
		{[]float64{1, 1}, []int{1}, "1 fixed counts for 2"},
		{[]float64{1, 1}, []int{math.MaxInt32, 1}, "add up to more"},
	} {
		_, err := New(tc.weights, tc.fixed)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("New(%v, %v): %v, want %q", tc.weights, tc.fixed, err, tc.want)
		}
	}
}

func TestLimit(t *testing.T) {
	m, err := New([]float64{1, 1}, []int{2, 3})
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := m.Limit(); n != 5 || !ok {
		t.Errorf("Limit() = %d, %v, want 5, true", n, ok)
	}
	if m.Type(5) != -1 || m.Type(-1) != -1 {
		t.Errorf("beyond the fixed counts: %d and %d, want -1", m.Type(5), m.Type(-1))
	}
	if m, err = New([]float64{1, 1}, []int{2, 0}); err != nil {
		t.Fatal(err)
	}
	if _, ok := m.Limit(); ok {
		t.Error("a weighted type has no limit")
	}
}

func TestTypeDoesNotAllocate(t *testing.T) {
	for _, weights := range [][]float64{{5, 1}, {math.Pi, math.E}} {
		m, err := New(weights, []int{0, 0})
		if err != nil {
			t.Fatal(err)
		}
		m.Type(100_000)
		k := 0
		if n := testing.AllocsPerRun(1000, func() { m.Type(k); k++ }); n != 0 {
			t.Errorf("%v: %v allocations a user", weights, n)
		}
	}
}

func FuzzMix(f *testing.F) {
	f.Add(5.0, 1.0, 0.0, 0, 0)
	f.Add(0.8, 1.0, 33.3, 2, 7)
	f.Add(1e-300, 1e300, 1.0, 0, 1)
	f.Add(math.Pi, math.E, 1e-3, 0, 0)
	f.Fuzz(func(t *testing.T, a, b, c float64, fixedA, fixedB int) {
		weights := []float64{a, b, c}
		m, err := New(weights, []int{fixedA % 100, fixedB % 100, 0})
		if err != nil {
			return
		}
		limit, bounded := m.Limit()
		var live []float64
		index := map[int]int{}
		for i, w := range weights {
			if w > 0 && (i > 1 || [2]int{fixedA % 100, fixedB % 100}[i] == 0) {
				index[i] = len(live)
				live = append(live, w)
			}
		}
		counts := make([]int, 3)
		for k := range limit {
			counts[m.Type(k)]++
		}
		if counts[0] != max(0, fixedA%100) || counts[1] != max(0, fixedB%100) || counts[2] != 0 {
			t.Fatalf("the first %d users are %v", limit, counts)
		}
		if bounded {
			if m.Type(limit) != -1 {
				t.Fatal("a user beyond the fixed counts")
			}
			return
		}
		largest, sum := 0.0, 0.0
		for _, w := range live {
			largest = max(largest, w)
		}
		for _, w := range live {
			sum += w / largest
		}
		seen := make([]float64, len(live))
		for k := range 2000 {
			i, ok := index[m.Type(limit+k)]
			if !ok {
				t.Fatalf("user %d has type %d", limit+k, m.Type(limit+k))
			}
			seen[i]++
			for j, w := range live {
				if off := math.Abs(seen[j] - w/largest/sum*float64(k+1)); off >= 1 {
					t.Fatalf("%v: after %d users type %d is %.4f from its share", live, k+1, j, off)
				}
			}
		}
	})
}

func BenchmarkType(b *testing.B) {
	for name, weights := range map[string][]float64{"periodic": {5, 1, 3}, "growing": {math.Pi, math.E, 1}} {
		b.Run(name, func(b *testing.B) {
			m, err := New(weights, nil)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for k := 0; b.Loop(); k++ {
				m.Type(k)
			}
		})
	}
}
