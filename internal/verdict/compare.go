package verdict

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/hist"
)

// Window is what is known of one name over one second of a run, or a longer stretch: the unit of comparison. Requests are not, for they
// depend on each other.
type Window struct {
	Times    *hist.Hist // the headline; nil for none
	Endless  int64      // arrivals that were dropped: they count as slower than any answer
	Count    int64
	Failures int64
	Seconds  float64
}

// Outcome is what a comparison found.
type Outcome uint8

// The outcomes. Inconclusive says that the runs do not tell, and Comparison.Reason what would.
const (
	Inconclusive Outcome = iota
	Same
	Improved
	Regressed
)

// String is the outcome in capitals.
func (o Outcome) String() string {
	switch o {
	case Same:
		return "SAME"
	case Improved:
		return "IMPROVED"
	case Regressed:
		return "REGRESSED"
	default:
		return "INCONCLUSIVE"
	}
}

// CompareOptions says how large a change matters. The zero value is good.
type CompareOptions struct {
	Limit     float64       // a change of this share matters; zero means 0.05
	Points    float64       // for failures: a difference of this share of the requests; zero means 0.005
	Floor     time.Duration // a change of a time that is smaller does not matter, whatever its share; zero means 100 us
	Resamples int           // zero means 2,000
	Seed      uint64
}

// Comparison is one figure of two runs.
type Comparison struct {
	Outcome   Outcome
	Old, New  float64 // of the whole of each run: ns, per second, or a share
	Change    float64 // New / Old; for failures New - Old
	Low, High float64 // its 95 % interval
	Chance    float64 // how probable a change so large is where nothing changed, for this figure alone; NaN where it is not known
	Reason    string  // for Inconclusive: what would decide it; else ""
}

// Known reports whether there is an interval: whether there was enough to compare at all.
func (c *Comparison) Known() bool { return !math.IsInf(c.Low, -1) || !math.IsInf(c.High, 1) }

// unknown is a comparison for which there was not enough.
func (c *Comparison) unknown(reason string) {
	c.Low, c.High, c.Chance, c.Reason = math.Inf(-1), math.Inf(1), math.NaN(), reason
}

// LeastWindows is the fewest windows of a run that can be compared.
const LeastWindows = 10

// mostBlocks is the number that windows are joined to: blocks of longer windows say the same for less work.
const mostBlocks = 240

// Compare compares a figure of two runs by a circular block bootstrap: windows are drawn again and again in blocks of about the square root of
// their number, longer where the run has a long memory, so that neighbours that depend on each other stay together; the figure of each such
// pair of runs is taken, and the middle 95 % of their ratios, made wider for how few blocks there are, is the interval of the change. Of
// failures it is at least as wide as that of requests that fail independently of each other: see [Comparison.AtLeast].
// REGRESSED when all of it lies beyond the limit, SAME when all of it lies within. The same windows, options and seed give the same answer.
//
// The interval knows what moved within the two runs. What moves from one run to the next only repeated runs can tell: see CompareRuns.
func Compare(before, after []Window, m Measure, o CompareOptions) Comparison {
	return CompareAll(before, after, []Measure{m}, o)[0]
}

// CompareAll is [Compare] for several figures of two runs, which takes less than one after the other: what they share is worked out once.
func CompareAll(before, after []Window, ms []Measure, o CompareOptions) []Comparison {
	o.fill()
	old, fresh := newCourse(before), newCourse(after)
	out := make([]Comparison, len(ms))
	for i, m := range ms {
		out[i] = compareSamples(old.sample(m), fresh.sample(m), m, o)
	}
	return out
}

func compareSamples(x, y *sample, m Measure, o CompareOptions) Comparison {
	c := Comparison{Old: x.middle, New: y.middle}
	c.Change = m.change(c.Old, c.New)
	if reason := tooLittle(x, y, m); reason != "" {
		c.unknown(reason)
		return c
	}
	rng := rand.New(rand.NewPCG(o.Seed, 0x51a3))
	changes := make([]float64, 0, o.Resamples)
	for range o.Resamples {
		if change := m.change(x.draw(rng), y.draw(rng)); !math.IsNaN(change) {
			changes = append(changes, change)
		}
	}
	if len(changes) < o.Resamples/2 {
		c.unknown("the figure is beyond what was measured in both runs: lower the load until nothing is dropped")
		return c
	}
	slices.Sort(changes)
	c.Low = changes[int(0.025*float64(len(changes)))]
	c.High = changes[min(len(changes)-1, int(0.975*float64(len(changes))))]
	c.Chance = chanceOf(changes, c.Change, m, x, y)
	c.decide(m, o)
	if m.kind == measureFailures {
		c.AtLeast(x.tally(), y.tally(), o)
	}
	return c
}

// Matters is the change of a figure that matters: for failures a difference of the shares, else a share of old, the figure before, which for
// times is no less than the floor.
func (o CompareOptions) Matters(m Measure, old float64) float64 {
	o.fill()
	switch {
	case m.kind == measureFailures:
		return o.Points
	case m.timed():
		return max(o.Limit, float64(o.Floor)/old)
	default:
		return o.Limit
	}
}

// Filled is the options with what was left out filled in.
func (o CompareOptions) Filled() CompareOptions {
	o.fill()
	return o
}

func (o *CompareOptions) fill() {
	if o.Limit <= 0 {
		o.Limit = 0.05
	}
	if o.Points <= 0 {
		o.Points = 0.005
	}
	if o.Floor <= 0 {
		o.Floor = 100 * time.Microsecond
	}
	if o.Resamples <= 0 {
		o.Resamples = 2000
	}
}

// tooLittle says why two runs cannot be compared; "" when they can.
func tooLittle(x, y *sample, m Measure) string {
	for _, s := range []*sample{x, y} {
		if s.n < LeastWindows {
			return fmt.Sprintf("a run of %s: at least %d are needed", countWords(int64(s.n), "window"), LeastWindows)
		}
		if need := m.needs(); s.total() < need {
			if m.kind == measureRate && max(x.total(), y.total()) >= need {
				continue // few requests where there were many are no lack of figures
			}
			return fmt.Sprintf("%s in a run: at least %d are needed for this figure", countWords(s.total(), "request"), need)
		}
	}
	return ""
}

// decide makes an outcome of the interval. A small difference is no reason to say SAME: the whole interval must be within the limit.
func (c *Comparison) decide(m Measure, o CompareOptions) {
	middle, limit := 1.0, o.Matters(m, c.Old)
	if m.kind == measureFailures {
		middle = 0
	}
	c.Outcome, c.Reason = Inconclusive, ""
	up, down := Regressed, Improved
	if m.kind == measureRate {
		up, down = Improved, Regressed
	}
	switch {
	case c.Low > middle+limit:
		c.Outcome = up
	case c.High < middle-limit:
		c.Outcome = down
	case c.Low >= middle-limit && c.High <= middle+limit:
		c.Outcome = Same
	default:
		c.Reason = c.wouldDecide(middle, limit)
	}
}

// wouldDecide says how much longer the runs would have to be for an interval that lies on one side of a limit: it narrows with the square
// root of the length.
func (c *Comparison) wouldDecide(middle, limit float64) string {
	half := (c.High - c.Low) / 2
	room := math.Abs(math.Abs(c.Change-middle) - limit)
	factor := math.Ceil(math.Pow(half/room, 2) * 1.2)
	if math.IsNaN(factor) || factor > 50 {
		return fmt.Sprintf("the change is too near to the limit of %s: repeat both runs several times, or choose another limit", shareWords(limit))
	}
	return fmt.Sprintf("the change may lie on either side of the limit of %s: runs about %.0f times as long would decide", shareWords(limit), max(2, factor))
}
