package pace

import (
	"math"
	"slices"
	"testing"
	"time"
)

// walk is the due times of one share up to the end.
func walk(a *Arrivals) (ns []int64, due []time.Duration) {
	for {
		n, at, ok := a.Next()
		if !ok {
			return ns, due
		}
		ns, due = append(ns, n), append(due, at)
	}
}

func TestConstantIsExact(t *testing.T) {
	for _, rate := range []float64{1, 3, 7, 1000, 20_000, 99_999, 100_000} {
		d := NewSchedule(Constant(rate), Options{})
		day := int64(rate) * 86400
		for _, n := range []int64{0, 1, 2, 10, 999_999, day - 1, day, day + 1} {
			due, ok := d.Due(n)
			// n / rate in whole nanoseconds, to the nearest: no arithmetic in between that could drift.
			seconds, rest := n/int64(rate), n%int64(rate)
			want := time.Duration(seconds)*time.Second + time.Duration(math.Round(float64(rest)*1e9/rate))
			if off := due - want; !ok || off < -1 || off > 1 {
				t.Errorf("%v/s: arrival %d at %d, want %d", rate, n, due, want)
			}
		}
		if due, _ := d.Due(day); due != 24*time.Hour {
			t.Errorf("%v/s: the first arrival of the second day is due at %v", rate, due)
		}
		if n := d.By(24 * time.Hour); n != day {
			t.Errorf("%v/s: %d arrivals in a day, want %d", rate, n, day)
		}
	}
}

func TestRampClosedForm(t *testing.T) {
	s := parse(t, "ramp(0, 5000, over=60s)")
	d := NewSchedule(s, Options{})
	if total, ok := d.Total(); total != 150_000 || !ok {
		t.Fatalf("total %d, want 150000", total)
	}
	for n := range int64(150_000) {
		due, ok := d.Due(n)
		want := math.Sqrt(2*float64(n)/(5000.0/60)) * 1e9
		if !ok || math.Abs(float64(due)-want) > 1 {
			t.Fatalf("arrival %d at %v, want %.0f ns", n, due, want)
		}
	}
	_, dues := walk(NewArrivals(s, Options{}))
	if len(dues) != 150_000 {
		t.Fatalf("walked %d arrivals", len(dues))
	}
	perSecond := make([]int, 60)
	for _, due := range dues {
		perSecond[due/time.Second]++
	}
	for second, n := range perSecond {
		want := 5000.0 / 60 * (float64(second) + 0.5)
		if math.Abs(float64(n)-want) > max(1, want/100) {
			t.Errorf("second %d: %d arrivals, want %.1f", second, n, want)
		}
	}
}

func TestSegments(t *testing.T) {
	for _, tc := range []struct {
		text  string
		total int64
		due   map[int64]time.Duration
	}{
		{"0:10,1s:10", 10, map[int64]time.Duration{0: 0, 9: 900 * time.Millisecond}},
		// Nothing is due while the level is 0, not even at its edge.
		{"0:0,10s:0,10s:5,20s:5", 50, map[int64]time.Duration{0: 10 * time.Second, 49: 19800 * time.Millisecond}},
		{"0:10,1s:10,1s:0,5s:0,5s:10,6s:10", 20, map[int64]time.Duration{9: 900 * time.Millisecond, 10: 5 * time.Second}},
		{"10 for 1s then 0 for 4s then 10 for 1s", 20, map[int64]time.Duration{10: 5 * time.Second}},
		{"ramp(10, 0, over=2s)", 10, map[int64]time.Duration{0: 0, 9: 1367544468}},
		{"ramp(0, 10, over=2s) then ramp(10, 0, over=2s)", 20, map[int64]time.Duration{10: 2 * time.Second}},
		{"steps(1, 3, by=1, every=1s)", 6, map[int64]time.Duration{1: time.Second, 2: 1500 * time.Millisecond, 3: 2 * time.Second}},
		{"2 * 0:10,1s:10", 20, map[int64]time.Duration{19: 950 * time.Millisecond}},
		{"0:10,2s:10 from 1s", 10, map[int64]time.Duration{1: 100 * time.Millisecond}},
		{"rates(0.5, 0.25, 0.25, every=1s)", 1, map[int64]time.Duration{0: 0}},
		{"0", 0, nil},
	} {
		d := NewSchedule(parse(t, tc.text), Options{Until: map[bool]time.Duration{true: time.Hour}[tc.text == "0"]})
		if total, ok := d.Total(); total != tc.total || !ok {
			t.Errorf("%s: total %d, want %d", tc.text, total, tc.total)
		}
		for n, want := range tc.due {
			if due, ok := d.Due(n); due != want || !ok {
				t.Errorf("%s: arrival %d at %v, %v, want %v", tc.text, n, due, ok, want)
			}
		}
		if due, ok := d.Due(tc.total); ok {
			t.Errorf("%s: arrival %d beyond the total is due at %v", tc.text, tc.total, due)
		}
	}
}

func TestUntil(t *testing.T) {
	s := parse(t, "0:0,30s:500,1m:500")
	if total, _ := NewSchedule(s, Options{}).Total(); total != 7500+15000 {
		t.Errorf("the shape's own end: %d", total)
	}
	if total, _ := NewSchedule(s, Options{Until: 2 * time.Minute}).Total(); total != 7500+45000 {
		t.Errorf("a longer run stays at the last level: %d", total)
	}
	if total, _ := NewSchedule(s, Options{Until: 30 * time.Second}).Total(); total != 7500 {
		t.Errorf("a shorter run: %d", total)
	}
	if _, ok := NewSchedule(Constant(5), Options{}).Total(); ok {
		t.Error("a constant has no total")
	}
}

// shapesOfAllKinds are one of each.
func shapesOfAllKinds(t testing.TB) []Shape {
	t.Helper()
	var shapes []Shape
	for _, text := range []string{
		"7", "0.3", "0:0,3s:50,10s:50", "0:10,1s:10,1s:0,5s:0,5s:100,6s:3", "ramp(40, 0, over=7s)", "steps(10, 50, by=20, every=2s)",
		"spike(5, 200, at=2s, for=1s, rise=500ms)", "sine(1, 60, period=3s)", "rates(8, 0, 5.5, 12, every=1s)",
		"sine(1, 60, period=3s) + spike(5, 200, at=2s, for=1s) for 8s", "2.5 * (ramp(0, 9, over=3s) then 4)", "0:0,10s:90 from 2500ms",
		"(sine(3, 20, period=2s) for 5s then 0 for 1s then 15 + 0:0,1s:0,1s:9,2s:9) + 1",
	} {
		shapes = append(shapes, parse(t, text))
	}
	odd, err := Func(func(t time.Duration) float64 { return 20 + 19*math.Sin(t.Seconds()*t.Seconds()) }, 6*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return append(shapes, odd, Toward(3, 30, 9), Switch(shapes[2], 4*time.Second, shapes[6]))
}

// TestIntegralOracle adds up the level in small steps.
func TestIntegralOracle(t *testing.T) {
	for _, s := range shapesOfAllKinds(t) {
		const step = 100 * time.Microsecond
		sum := 0.0
		for at := time.Duration(0); at < 12*time.Second; at += step {
			if at%time.Second == 0 && math.Abs(s.Integral(at)-sum) > 0.05 {
				t.Errorf("%v: Integral(%v) = %v, numerically %v", s, at, s.Integral(at), sum)
			}
			sum += s.Level(at+step/2) * step.Seconds()
		}
	}
}

// TestInverseIsTheInverse checks Due and By against the integral and against each other.
func TestInverseIsTheInverse(t *testing.T) {
	for _, s := range shapesOfAllKinds(t) {
		for _, poisson := range []bool{false, true} {
			d := NewSchedule(s, Options{Until: 12 * time.Second, Poisson: poisson, Seed: 7})
			total, _ := d.Total()
			last := time.Duration(-1)
			for n := range total {
				if poisson && n%4 != 0 {
					continue // each look-up makes a block of gaps
				}
				due, ok := d.Due(n)
				switch {
				case !ok || due < last || due >= 12*time.Second:
					t.Fatalf("%v: arrival %d of %d at %v, %v, after %v", s, n, total, due, ok, last)
				case !poisson && math.Abs(s.Integral(due)-float64(n)) > 1e-6*s.Max()+1e-9:
					t.Fatalf("%v: arrival %d at %v, where the integral is %v", s, n, due, s.Integral(due))
				case s.Level(due) == 0 && s.Level(due+1) == 0:
					t.Fatalf("%v: arrival %d at %v, where the level is 0", s, n, due)
				case (!poisson || n%16 == 0) && d.By(due+1) != n+1:
					t.Fatalf("%v: By(%v) = %d, want %d", s, due+1, d.By(due+1), n+1)
				}
				last = due
			}
			if due, ok := d.Due(total); ok {
				t.Fatalf("%v: arrival %d, beyond the total, at %v", s, total, due)
			}
		}
	}
}

// union walks all shares and checks that they are the whole schedule.
func union(t *testing.T, s Shape, o Options, shares []Share) {
	t.Helper()
	whole := NewSchedule(s, o)
	total := whole.By(o.Until)
	seen := make([]bool, total)
	for _, share := range shares {
		o.Share = share
		last := time.Duration(-1)
		ns, dues := walk(NewArrivals(s, o))
		for i, n := range ns {
			if want, ok := whole.Due(n); !ok || dues[i] != want || dues[i] < last || n >= total || seen[n] {
				t.Fatalf("%v, share %v: arrival %d at %v after %v, want %v, %v", s, share, n, dues[i], last, want, ok)
			}
			seen[n], last = true, dues[i]
		}
		if got := NewArrivals(s, o).Planned(o.Until); got != int64(len(ns)) {
			t.Fatalf("%v, share %v: %d arrivals, Planned says %d", s, share, len(ns), got)
		}
		if got := share.Count(int(total)); got != len(ns) {
			t.Fatalf("%v, share %v: %d arrivals, Count says %d of %d", s, share, len(ns), got, total)
		}
	}
	if i := slices.Index(seen, false); i >= 0 {
		t.Fatalf("%v: arrival %d of %d is nobody's among %d shares", s, i, total, len(shares))
	}
}

func TestSharesAreTheWhole(t *testing.T) {
	for _, s := range shapesOfAllKinds(t) {
		for _, poisson := range []bool{false, true} {
			o := Options{Until: 9 * time.Second, Poisson: poisson, Seed: 3}
			for _, n := range []int{1, 2, 3, 7} {
				var even, uneven []Share
				weights := make([]float64, n)
				for i := range weights {
					weights[i] = float64(i*i) + 0.5
				}
				for i := range n {
					even = append(even, Share{I: i, N: n})
					share, err := ShareOf(weights, i)
					if err != nil {
						t.Fatal(err)
					}
					uneven = append(uneven, share)
				}
				union(t, s, o, even)
				union(t, s, o, uneven)
			}
		}
	}
}

func FuzzShares(f *testing.F) {
	f.Add("0:0,3s:50,10s:50", uint8(3), uint16(2), 1.0, 5.0, uint64(1), false)
	f.Add("sine(1, 60, period=3s) + 5", uint8(9), uint16(700), 0.3, 0.0, uint64(9), true)
	f.Fuzz(func(t *testing.T, text string, n uint8, from uint16, a, b float64, seed uint64, poisson bool) {
		s, err := Parse(text)
		if err != nil || s.Max() > 1000 {
			return
		}
		o := Options{Poisson: poisson, Seed: seed, Until: 4 * time.Second}
		workers := int(n%8) + 1
		weights := make([]float64, workers)
		for i := range weights {
			weights[i] = []float64{a, b, 1}[i%3]
		}
		var even, uneven []Share
		for i := range workers {
			even = append(even, Share{I: i, N: workers})
			if share, err := ShareOf(weights, i); err == nil {
				uneven = append(uneven, share)
			}
		}
		union(t, s, o, even)
		if len(uneven) > 0 {
			union(t, s, o, uneven)
		}
		o.From = time.Duration(from) * time.Millisecond
		o.Share = even[workers-1]
		_, dues := walk(NewArrivals(s, o))
		o.From = 0
		_, all := walk(NewArrivals(s, o))
		for len(all) > 0 && all[0] < time.Duration(from)*time.Millisecond {
			all = all[1:]
		}
		if !slices.Equal(dues, all) {
			t.Fatalf("%v from %d ms: %d arrivals, want %d", s, from, len(dues), len(all))
		}
	})
}
