package site

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestClockStandsStillWhileFrozen(t *testing.T) {
	var c clock
	c.freeze(10*time.Second, 2*time.Second)
	for _, row := range []struct{ real, site time.Duration }{
		{10 * time.Second, 10 * time.Second},
		{11 * time.Second, 10 * time.Second},
		{12 * time.Second, 10 * time.Second},
		{13 * time.Second, 11 * time.Second},
	} {
		if got := c.site(row.real); got != row.site {
			t.Errorf("site(%v) = %v, want %v", row.real, got, row.site)
		}
	}
	if got := c.real(11 * time.Second); got != 13*time.Second {
		t.Errorf("real(11s) = %v, want 13s", got)
	}
}

func TestFreezeWithinFreezeAddsOnlyWhatOutlastsIt(t *testing.T) {
	for _, row := range []struct {
		name    string
		at, d   time.Duration
		lost    time.Duration
		thawing time.Duration
	}{
		{"inside", 11 * time.Second, 500 * time.Millisecond, 2 * time.Second, 12 * time.Second},
		{"overlapping", 11 * time.Second, 4 * time.Second, 5 * time.Second, 15 * time.Second},
		{"afterwards", 20 * time.Second, time.Second, 3 * time.Second, 21 * time.Second},
		{"negative", 20 * time.Second, -time.Second, 2 * time.Second, 12 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			var c clock
			c.freeze(10*time.Second, 2*time.Second)
			c.freeze(row.at, row.d)
			if c.lost != row.lost || c.thaw != row.thawing {
				t.Errorf("lost %v, thaw at %v; want %v, %v", c.lost, c.thaw, row.lost, row.thawing)
			}
		})
	}
}

func TestLineServesTwoAtOnceAndTurnsAwayTheFifth(t *testing.T) {
	l := newLine(2, 2)
	for i, want := range []time.Duration{10, 10, 20, 20} {
		if done, ok := l.arrive(0, 10); !ok || done != want {
			t.Errorf("arrival %d: done %d, %v; want %d, true", i, done, ok, want)
		}
	}
	if done, ok := l.arrive(0, 10); ok || done != 10 {
		t.Errorf("fifth arrival: done %d, %v; want 10, false: the last in the queue starts at 10", done, ok)
	}
	if l.length != 2 || l.longest != 2 || l.busy(5) != 2 {
		t.Errorf("length %d, longest %d, busy %d; want 2, 2, 2", l.length, l.longest, l.busy(5))
	}
	if done, ok := l.arrive(10, 10); !ok || done != 30 {
		t.Errorf("arrival as the queue empties: done %d, %v; want 30, true", done, ok)
	}
}

func TestLineWithoutQueue(t *testing.T) {
	l := newLine(1, 0)
	if _, ok := l.arrive(0, 10); !ok {
		t.Error("the first arrival was turned away")
	}
	if done, ok := l.arrive(4, 10); ok || done != 10 {
		t.Errorf("arrival at a busy worker: done %d, %v; want 10, false", done, ok)
	}
	if _, ok := l.arrive(10, 10); !ok {
		t.Error("the arrival at the moment the worker is free was turned away")
	}
}

// slowLine is the oracle of line: it keeps every request and looks at all of them each time.
type slowLine struct {
	workers, queue int
	starts, ends   []time.Duration
	longest        int
}

func (s *slowLine) arrive(now, service time.Duration) (time.Duration, bool) {
	start := now
	for !s.freeAt(start) {
		start = s.nextEnd(start)
	}
	waiting := 0
	for _, at := range s.starts {
		if at > now {
			waiting++
		}
	}
	if start > now {
		if waiting >= s.queue {
			return 0, false
		}
		s.longest = max(s.longest, waiting+1)
	}
	s.starts = append(s.starts, start)
	s.ends = append(s.ends, start+service)
	return start + service, true
}

// freeAt reports whether a worker is free at t, everybody before in the line having been placed.
func (s *slowLine) freeAt(t time.Duration) bool {
	busy := 0
	for i, start := range s.starts {
		if start <= t && t < s.ends[i] || start > t {
			busy++
		}
	}
	return busy < s.workers
}

func (s *slowLine) nextEnd(t time.Duration) time.Duration {
	next := time.Duration(1<<63 - 1)
	for _, end := range s.ends {
		if end > t {
			next = min(next, end)
		}
	}
	return next
}

func FuzzLineAgainstOracle(f *testing.F) {
	f.Add(uint64(1), uint8(1), uint8(0))
	f.Add(uint64(2), uint8(1), uint8(3))
	f.Add(uint64(3), uint8(8), uint8(20))
	f.Add(uint64(4), uint8(30), uint8(1))
	f.Fuzz(func(t *testing.T, seed uint64, workers, queue uint8) {
		c := max(1, int(workers%40))
		random := rand.New(rand.NewPCG(seed, 0))
		fast := newLine(c, int(queue))
		slow := slowLine{workers: c, queue: int(queue)}
		var now time.Duration
		for i := range 300 {
			now += time.Duration(random.IntN(40))
			service := time.Duration(random.IntN(60 * c))
			done, ok := fast.arrive(now, service)
			wantDone, wantOK := slow.arrive(now, service)
			if ok != wantOK || ok && done != wantDone {
				t.Fatalf("arrival %d at %d: done %d, %v; the oracle says %d, %v", i, now, done, ok, wantDone, wantOK)
			}
			if fast.longest != slow.longest {
				t.Fatalf("arrival %d: longest queue %d, the oracle says %d", i, fast.longest, slow.longest)
			}
		}
	})
}

// One worker with exponential service and Poisson arrivals is M/M/1, whose response times are exponential with rate mu - lambda.
func TestLineAgreesWithQueueingTheory(t *testing.T) {
	const n, mu, lambda = 400_000, 1.0, 0.7
	random := rand.New(rand.NewPCG(11, 12))
	l := newLine(1, 10_000)
	var now time.Duration
	times := make([]float64, 0, n)
	for range n {
		now += time.Duration(random.ExpFloat64() / lambda * float64(time.Second))
		done, ok := l.arrive(now, time.Duration(random.ExpFloat64()/mu*float64(time.Second)))
		if !ok {
			t.Fatal("turned away with 10,000 places at 70 % load")
		}
		times = append(times, (done - now).Seconds())
	}
	slices.Sort(times)
	for _, row := range []struct{ q, want float64 }{{.5, 2.310}, {.9, 7.675}, {.99, 15.351}} { // -ln(1-q)/(mu-lambda)
		got := times[int(row.q*n)]
		if got < row.want*.93 || got > row.want*1.07 {
			t.Errorf("quantile %v: %.3f s, theory says %.3f s", row.q, got, row.want)
		}
	}
}
