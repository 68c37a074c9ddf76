package pace

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestFromAndPeek(t *testing.T) {
	for _, poisson := range []bool{false, true} {
		s := parse(t, "ramp(0, 500, over=10s)")
		o := Options{Poisson: poisson, Seed: 11, Share: Share{I: 1, N: 3}}
		_, all := walk(NewArrivals(s, o))
		for _, from := range []time.Duration{1, time.Second, all[100], all[100] + 1, 9 * time.Second, time.Hour} {
			o.From = from
			a := NewArrivals(s, o)
			i := slices.IndexFunc(all, func(due time.Duration) bool { return due >= from })
			if i < 0 {
				i = len(all)
			}
			for j := i; j < len(all); j++ {
				pn, pdue, pok := a.Peek()
				n, due, ok := a.Next()
				if n != pn || due != pdue || ok != pok || !ok || due != all[j] {
					t.Fatalf("from %v: arrival %d at %v, %v, want %v; peeked %d, %v, %v", from, n, due, ok, all[j], pn, pdue, pok)
				}
			}
			for range 2 {
				if _, _, ok := a.Peek(); ok {
					t.Fatalf("from %v: more arrivals than there are", from)
				}
				if _, _, ok := a.Next(); ok {
					t.Fatalf("from %v: more arrivals than there are", from)
				}
			}
		}
	}
}

// TestSwitch changes the rate again and again while workers walk, as a live run does.
func TestSwitch(t *testing.T) {
	for _, poisson := range []bool{false, true} {
		shapes := shapesOfAllKinds(t)
		rng := rand.New(rand.NewPCG(1, 2))
		s := shapes[2]
		o := Options{Poisson: poisson, Seed: 5, Until: 20 * time.Second}
		const workers = 3
		var walked [workers][]int64
		var iterators [workers]*Arrivals
		for i := range iterators {
			o.Share = Share{I: i, N: workers}
			iterators[i] = NewArrivals(s, o)
		}
		now := time.Duration(0)
		step := func(until time.Duration) {
			for i, a := range iterators {
				for {
					n, due, ok := a.Peek()
					if !ok || due >= until {
						break
					}
					a.Next()
					walked[i] = append(walked[i], n)
				}
			}
			now = until
		}
		for range 15 {
			step(now + time.Duration(rng.Int64N(int64(time.Second))))
			s = Switch(s, now, shapes[rng.IntN(len(shapes))])
			o.From = now
			for i := range iterators {
				o.Share = Share{I: i, N: workers}
				iterators[i] = NewArrivals(s, o)
			}
		}
		step(20 * time.Second)
		var all []int64
		for _, w := range walked {
			all = append(all, w...)
		}
		slices.Sort(all)
		for i, n := range all {
			if n != int64(i) {
				t.Fatalf("arrival %d was lost or doubled (at place %d)", n, i)
			}
		}
		if total := NewSchedule(s, Options{Poisson: poisson, Seed: 5}).By(20 * time.Second); int64(len(all)) != total {
			t.Errorf("%d arrivals, want %d", len(all), total)
		}
		if again := parse(t, s.String()); math.Abs(again.Integral(20*time.Second)-s.Integral(20*time.Second)) > 1e-6 {
			t.Errorf("%v reads back as %v", s, again)
		}
	}
}

func TestShiftBeyondTheEnd(t *testing.T) {
	s := Shift(parse(t, "ramp(0, 100, over=10s)"), 10*time.Second)
	if _, ends := s.End(); ends || s.String() != "100" {
		t.Errorf("%v, ends %v", s, ends)
	}
	checkShape(t, s)
}

func TestPauseAndResume(t *testing.T) {
	s := parse(t, "ramp(0, 100, over=10s)")
	paused := Switch(s, 4*time.Second, Constant(0))
	resumed := Switch(paused, 9*time.Second, Shift(s, 4*time.Second))
	if got, _ := NewSchedule(resumed, Options{}).Total(); got != 500 {
		t.Errorf("total %d, want 500", got)
	}
	if end, _ := resumed.End(); end != 15*time.Second {
		t.Errorf("it ends at %v, want 15s", end)
	}
	if a, b := resumed.Level(9*time.Second), s.Level(4*time.Second); a != b {
		t.Errorf("it goes on at %v, want %v", a, b)
	}
}

func TestWalkDoesNotAllocate(t *testing.T) {
	s := parse(t, "(0:0,3s:50000,10s:50000 then sine(100, 90000, period=1s) for 1h) + steps(10, 50, by=20, every=2s)")
	for _, poisson := range []bool{false, true} {
		a := NewArrivals(s, Options{Poisson: poisson, Share: Share{I: 1, N: 3}})
		if n := testing.AllocsPerRun(100_000, func() { a.Next(); a.Peek() }); n != 0 {
			t.Errorf("poisson %v: %v allocations an arrival", poisson, n)
		}
	}
	l := NewLevels(s, 0)
	if n := testing.AllocsPerRun(10_000, func() { l.Next() }); n != 0 {
		t.Errorf("%v allocations a change of level", n)
	}
	d := NewSchedule(s, Options{Poisson: true})
	if n := testing.AllocsPerRun(10, func() { d.Due(10_000); d.By(time.Second); s.Level(5); s.Integral(5); Target(s, 5) }); n != 0 {
		t.Errorf("%v allocations a look-up", n)
	}
}

func BenchmarkNext(b *testing.B) {
	for _, bc := range []struct {
		name, text string
		o          Options
	}{
		{"constant", "100000", Options{}},
		{"ramp", "ramp(0, 1000000000, over=1000h)", Options{}},
		{"sine", "sine(1000, 100000, period=1m)", Options{}},
		{"sum", "sine(1000, 100000, period=1m) + 500 + ramp(0, 100, over=30s)", Options{}},
		{"share", "100000", Options{Share: Share{I: 3, N: 8}}},
		{"poisson", "100000", Options{Poisson: true}},
		{"poisson-share", "100000", Options{Poisson: true, Share: Share{I: 3, N: 8}}},
	} {
		b.Run(bc.name, func(b *testing.B) {
			s := parse(b, bc.text)
			bc.o.Until = forever
			a := NewArrivals(s, bc.o)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, ok := a.Next(); !ok {
					b.Fatal("no more arrivals")
				}
			}
		})
	}
}
