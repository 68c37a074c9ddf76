package testsite

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestClockStandsStillWhileFrozen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock{origin: time.Now()}
		time.Sleep(10 * time.Second)
		c.freeze(2 * time.Second)
		for _, row := range []struct{ real, own time.Duration }{
			{10 * time.Second, 10 * time.Second},
			{11 * time.Second, 10 * time.Second},
			{12 * time.Second, 10 * time.Second},
			{15 * time.Second, 13 * time.Second},
		} {
			if got := c.at(row.real); got != row.own {
				t.Errorf("at(%v) = %v, want %v", row.real, got, row.own)
			}
		}
		if got := c.real(9 * time.Second); got != 12*time.Second {
			t.Errorf("what was ready before the freeze leaves at %v, want 12s", got)
		}
		if got := c.real(11 * time.Second); got != 13*time.Second {
			t.Errorf("real(11s) = %v, want 13s", got)
		}
		time.Sleep(time.Second)
		c.freeze(500 * time.Millisecond) // within the first
		c.freeze(4 * time.Second)        // outlasts the first by 3 s
		c.freeze(-time.Second)
		if got, want := *c.frozen.Load(), (freezes{thaw: 15 * time.Second, lost: 5 * time.Second}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

func TestShareIsExactAndEven(t *testing.T) {
	for _, share := range []float64{0, .001, .1, .25, 1. / 3, .5, .999, 1} {
		chosen, last := 0, int64(-1)
		for n := range int64(10_000) {
			if !inShare(n, share) {
				continue
			}
			chosen++
			if gap := float64(n - last); last >= 0 && math.Abs(gap-1/share) >= 1 {
				t.Fatalf("share %v: %v requests from one chosen to the next", share, gap)
			}
			last = n
		}
		if want := int(math.Floor(10_000 * share)); chosen != want {
			t.Errorf("share %v: %d of 10,000, want %d", share, chosen, want)
		}
	}
}

func TestWorkerIsFirstComeFirstServed(t *testing.T) {
	w := newWorker(10*time.Millisecond, 1)
	var last time.Duration
	for i := range 1000 {
		arrived := time.Duration(i) * 5 * time.Millisecond // twice what it can do
		done := w.take(arrived)
		if done < last || done < arrived {
			t.Fatalf("request %d arrived at %v, is done at %v, after one done at %v", i, arrived, done, last)
		}
		last = done
	}
	if want := 10 * time.Second; last < want*9/10 || last > want*11/10 {
		t.Errorf("1000 requests took %v, want about %v", last, want)
	}
}

// With Poisson arrivals the response times of the exp mode follow P(R > t) = exp(-(mu-lambda)t). The bands are wide: response times of one
// queue depend on each other, so 200,000 of them say less than as many independent ones.
func TestWorkerIsMM1(t *testing.T) {
	const n = 200_000
	for _, load := range []float64{.3, .5, .7} {
		w := newWorker(10*time.Millisecond, 3)
		random := rand.New(rand.NewPCG(4, 4))
		var now time.Duration
		times := make([]time.Duration, n)
		for i := range times {
			now += time.Duration(random.ExpFloat64() / load * float64(10*time.Millisecond))
			times[i] = w.take(now) - now
		}
		slices.Sort(times)
		for _, q := range []float64{.5, .9, .99} {
			want := -math.Log(1-q) / (1 - load) * .010
			if got := quantile(times, q).Seconds(); math.Abs(got/want-1) > .06 {
				t.Errorf("load %v, quantile %v: %.1f ms, theory says %.1f", load, q, got*1e3, want*1e3)
			}
		}
	}
}

func TestGaps(t *testing.T) {
	even := make([]time.Duration, 1001)
	for i := range even {
		even[i] = time.Duration(i) * time.Millisecond
	}
	even[1000] += 5 * time.Millisecond
	want := Gaps{
		Count: 1000, Mean: 1005 * time.Microsecond, Median: time.Millisecond, P99: time.Millisecond, P999: time.Millisecond, Max: 6 * time.Millisecond,
		Histogram: []Bin{{time.Millisecond, 999}, {10 * time.Millisecond, 1}},
	}
	if got := gaps(even); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if got, want := perSecond(even), []int64{1000, 1}; !slices.Equal(got, want) {
		t.Errorf("per second %v, want %v", got, want)
	}
	if got := gaps(even[:1]); !reflect.DeepEqual(got, Gaps{}) || perSecond(nil) != nil {
		t.Errorf("no gaps: %+v", got)
	}
}

func TestBins(t *testing.T) {
	us := time.Microsecond
	got := bins([]time.Duration{0, us, us + 1, 2 * us, 3 * us, 5 * us, 7 * us, 15 * us, 20 * us, 50*us + 1, time.Second, time.Hour})
	want := []Bin{{us, 2}, {2 * us, 2}, {5 * us, 2}, {10 * us, 1}, {20 * us, 2}, {100 * us, 1}, {time.Second, 1}, {5000 * time.Second, 1}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestArrivalsAreBounded(t *testing.T) {
	a := newArrivals(3)
	for i, at := range []time.Duration{5, 3, 0, 9} {
		if n := a.add(at); n != int64(i) {
			t.Errorf("arrival %d has number %d", i, n)
		}
	}
	if got := a.sorted(); !slices.Equal(got, []time.Duration{0, 3, 5}) || a.count.Load() != 4 {
		t.Errorf("kept %v of %d, want the first three of 4", got, a.count.Load())
	}
	a.reset()
	if got := a.sorted(); len(got) != 0 || a.count.Load() != 0 {
		t.Errorf("after reset: %v of %d", got, a.count.Load())
	}
	none := newArrivals(-1)
	if n := none.add(1); n != 0 || len(none.sorted()) != 0 {
		t.Error("told to keep nothing, it keeps something")
	}
}

func TestParseVisitor(t *testing.T) {
	for header, want := range map[string][2]int64{
		"visitor=7-3": {7, 3}, "a=b; visitor=1-1": {1, 1}, "visitor=1-1; a=b": {1, 1},
		"": {}, "visitor=": {}, "visitor=7": {}, "visitor=-7-3": {}, "visitor=7-x": {}, "visitors=7-3": {},
	} {
		visitor, visits, ok := parseVisitor([]byte(header))
		if ok != (want[0] > 0) || ok && (visitor != want[0] || visits != want[1]) {
			t.Errorf("%q: %d, %d, %v; want %v", header, visitor, visits, ok, want)
		}
	}
}
