package verdict

import (
	"math"

	"github.com/stampede-load/stampede/internal/hist"
)

// Measure is a figure that runs are compared by.
type Measure struct {
	kind measureKind
	q    float64
}

type measureKind uint8

const (
	measureQuantile measureKind = iota
	measureMean
	measureRate
	measureFailures
)

// QuantileMeasure is quantile q (0 < q < 1) of the times.
func QuantileMeasure(q float64) Measure { return Measure{measureQuantile, q} }

// MeanMeasure is the mean of the times; dropped arrivals are not in it.
func MeanMeasure() Measure { return Measure{kind: measureMean} }

// RateMeasure is requests per second: more is better.
func RateMeasure() Measure { return Measure{kind: measureRate} }

// FailureMeasure is the share of requests that failed. It is compared by difference, not by ratio.
func FailureMeasure() Measure { return Measure{kind: measureFailures} }

func (m Measure) timed() bool { return m.kind == measureQuantile || m.kind == measureMean }

// needs is how many requests a run must have: ten beyond the quantile.
func (m Measure) needs() int64 {
	if m.kind == measureQuantile {
		return int64(math.Ceil(10/(1-m.q) - 1e-6))
	}
	return 100
}

// change is that from old to new; NaN when it means nothing.
func (m Measure) change(before, after float64) float64 {
	if m.kind == measureFailures {
		return after - before
	}
	if math.IsInf(before, 1) && math.IsInf(after, 1) {
		return math.NaN()
	}
	return after / before
}

// sample is one run, prepared for being drawn from: everything is summed up over the windows before, so that a block costs two look-ups.
type sample struct {
	m                             Measure
	n                             int       // windows
	block                         int       // length of a block
	wider                         float64   // by how much the bootstrap's spread is too small
	*buckets                                // for quantiles; else nil
	sum, count, failures, seconds []float64 // before window w
	middle                        float64   // the figure of the whole run
	at                            int       // where in values that is
	starts, ends                  []int     // of the blocks drawn last
}

func newSample(windows []Window, m Measure) *sample { return newCourse(windows).sample(m) }

// course is the windows of a run and what the samples of all its figures share.
type course struct {
	windows []Window
	buckets *buckets // nil until a quantile is asked for
}

func newCourse(windows []Window) *course { return &course{windows: joined(windows)} }

// sample prepares the run for a figure.
func (c *course) sample(m Measure) *sample {
	windows := c.windows
	s := &sample{m: m, n: len(windows)}
	s.sum, s.count = make([]float64, s.n+1), make([]float64, s.n+1)
	s.failures, s.seconds = make([]float64, s.n+1), make([]float64, s.n+1)
	for i, w := range windows {
		s.count[i+1] = s.count[i] + float64(w.Count)
		s.failures[i+1] = s.failures[i] + float64(w.Failures)
		s.seconds[i+1] = s.seconds[i] + w.Seconds
		s.sum[i+1] = s.sum[i]
		if m.kind == measureMean && w.Times != nil {
			s.sum[i+1] += float64(w.Times.Sum())
			s.count[i+1] = s.count[i] + float64(w.Times.Count())
		}
	}
	if m.kind == measureQuantile {
		if c.buckets == nil {
			c.buckets = newBuckets(windows)
		}
		s.buckets = c.buckets
	}
	s.starts, s.ends = []int{0}, []int{s.n}
	s.middle = s.figure()
	s.block = blockLength(s.influence())
	s.wider = widening(s.block, s.n)
	return s
}

// Joined is what Compare makes of many windows first: at most mostBlocks by adding neighbours up. Who compares several figures of one name
// saves time by doing it once. The windows do not change.
func Joined(windows []Window) []Window { return joined(windows) }

// joined makes at most mostBlocks windows by adding neighbours up; the first few are left out where they do not come out even.
func joined(windows []Window) []Window {
	width := (len(windows) + mostBlocks - 1) / mostBlocks
	if width <= 1 {
		return windows
	}
	windows = windows[len(windows)%width:]
	out := make([]Window, 0, len(windows)/width)
	for i := 0; i < len(windows); i += width {
		sum := Window{Times: &hist.Hist{}}
		for _, w := range windows[i : i+width] {
			if w.Times != nil {
				sum.Times.Merge(w.Times)
			}
			sum.Endless += w.Endless
			sum.Count += w.Count
			sum.Failures += w.Failures
			sum.Seconds += w.Seconds
		}
		out = append(out, sum)
	}
	return out
}

// total is how many requests the figure rests on.
func (s *sample) total() int64 {
	if s.m.kind == measureQuantile {
		return s.upTo[len(s.values)-1][s.n]
	}
	return int64(s.count[s.n])
}

// figure is that of the blocks drawn last; NaN when there is nothing.
func (s *sample) figure() float64 {
	over := func(before []float64) float64 {
		sum := 0.0
		for i, start := range s.starts {
			sum += before[s.ends[i]] - before[start]
		}
		return sum
	}
	switch s.m.kind {
	case measureMean:
		return over(s.sum) / over(s.count)
	case measureRate:
		return over(s.count) / over(s.seconds)
	case measureFailures:
		return over(s.failures) / over(s.count)
	}
	return s.quantile()
}

// quantile is that of the blocks drawn last. It looks from where the whole run has it, for most are near.
func (s *sample) quantile() float64 {
	all := s.below(len(s.values) - 1)
	if all == 0 {
		return math.NaN()
	}
	rank := max(1, int64(math.Ceil(s.m.q*float64(all)-1e-9*float64(all))))
	low, high := 0, len(s.values)-1 // it lies among these
	for step, b := 1, s.at; ; step *= 2 {
		if s.below(b) >= rank {
			high = min(high, b)
			if b == 0 || low > 0 {
				break
			}
			b = max(0, b-step)
		} else {
			low = b + 1
			if high < len(s.values)-1 {
				break
			}
			b = min(len(s.values)-1, b+step)
		}
	}
	for low < high {
		if middle := (low + high) / 2; s.below(middle) >= rank {
			high = middle
		} else {
			low = middle + 1
		}
	}
	s.at = low
	return s.values[low]
}

// below is how many times in the blocks are in buckets up to b.
func (s *sample) below(b int) int64 {
	row := s.upTo[b]
	var sum int64
	for i, start := range s.starts {
		sum += row[s.ends[i]] - row[start]
	}
	return sum
}
