package limit

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/verdict"
)

// Options says what is searched for. Rule, From and To must be set.
type Options struct {
	Rule *verdict.Rule
	Open bool // the load is a rate of arrivals, so the rule reads response times; else a number of users

	From, To  float64       // the loads between which the limit is looked for: users, or arrivals per second
	Precision float64       // how near the answer is to the truth, as a share of it; zero means 0.05
	Step      time.Duration // how long a level lasts at least, unless the answer is plain sooner; zero means 30 s
	// AllowInvalid counts levels whose verdict is INVALID as if it were not.
	AllowInvalid bool
	MaxLevels    int // after so many levels the answer is what is known by then; zero means 20

	// GiveUp ends a level at once, such as "failures > 50% over 5s" written as the rule that must hold: failures <= 50% over 5s. nil means
	// just that rule.
	GiveUp *verdict.Rule
}

// The defaults.
const (
	defaultPrecision = 0.05
	defaultStep      = 30 * time.Second
	defaultLevels    = 20
	giveUpRule       = "failures <= 50% over 5s"
)

// filled is o with its defaults, or everything that is wrong with it.
func (o Options) filled() (Options, error) {
	var errs []error
	if o.Rule == nil {
		errs = append(errs, errors.New(`limit: no rule: say what must hold, such as "p95 < 500ms and failures < 1%"`))
	}
	if !(o.From > 0) || !(o.To > o.From) || math.IsInf(o.To, 0) {
		errs = append(errs, fmt.Errorf("limit: from %v to %v: use a low load above 0 that surely holds, and a higher one that is never passed", o.From, o.To))
	}
	if o.Precision < 0 || o.Precision >= 1 || math.IsNaN(o.Precision) {
		errs = append(errs, fmt.Errorf("limit: precision %v: use a share such as 5%%", o.Precision))
	}
	if o.Step < 0 || o.Step > 0 && o.Step < 5*time.Second {
		errs = append(errs, fmt.Errorf("limit: step %v: a level lasts at least 5s, or nothing can be said of it", o.Step))
	}
	if o.Precision == 0 {
		o.Precision = defaultPrecision
	}
	if o.Step == 0 {
		o.Step = defaultStep
	}
	if o.MaxLevels <= 0 {
		o.MaxLevels = defaultLevels
	}
	if o.GiveUp == nil {
		rule, err := verdict.Parse(giveUpRule)
		errs = append(errs, err)
		o.GiveUp = rule
	}
	return o, errors.Join(errs...)
}

// Step is one level that was measured.
type Step struct {
	Load     float64       // users, or arrivals per second, as they were asked for
	Holds    bool          // the rule held
	Sure     bool          // as sure as was asked for; false when the longest time was too short to tell
	Value    string        // what the rule read, with units: "412 ms, 0.3 %"
	Rate     float64       // requests that were answered without a failure, per second: the curve's throughput
	InFlight float64       // requests in flight or waiting to be sent, on average
	From, To time.Duration // of the run: what was judged
	Verdict  verdict.Level // Invalid: the generator, not the site, was at its end
	Why      string        // why the level ended as it did, when the rule alone does not say it
	Failed   float64       // share of the requests that failed

	gaveUp  bool    // it was ended at once, to spare the site
	growing bool    // requests in flight kept growing: what the rule read depends on how long it was watched
	excess  float64 // what the rule read, as a share of its limit; 0 when that is not known
}

// Search decides which load is measured next. Make one with [NewSearch]; it is not safe for concurrent use.
type Search struct {
	o     Options
	grow  float64 // factor from one level to the next while nothing has broken
	steps []Step
}

// NewSearch starts a search.
func NewSearch(o Options) (*Search, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	return &Search{o: o, grow: growth(o.To/o.From, o.Precision)}, nil
}

// growth is the factor that needs the fewest levels in the worst case: ln(range)/ln(g) of them to pass the limit, and then as many halvings
// of ln(g) as it takes to come down to twice the precision. Doubling needs twelve levels from 20/s to 5,000/s; a factor of 4, ten.
func growth(reach, precision float64) float64 {
	best, fewest := 2.0, math.Inf(1)
	for _, g := range []float64{1.5, 2, 2.5, 3, 4, 5, 6, 8} {
		n := math.Ceil(math.Log(reach)/math.Log(g)) + math.Ceil(math.Log2(math.Log(g)/gap(precision)))
		if n < fewest {
			best, fewest = g, n
		}
	}
	return best
}

// gap is how far apart, as the logarithm of their ratio, the highest load that holds and the lowest that breaks may be: their middle is then
// within the precision of both.
func gap(precision float64) float64 { return 2 * math.Log1p(precision) }

// mostRefined is after how many levels the gap is not halved once more.
const mostRefined = 8

// enough is how near the highest load that holds and the lowest that breaks must come. Each was judged by what was seen in a few minutes, and the one next
// to the limit may be on the wrong side of it: so the gap is halved once more than the precision needs, where that does not take many levels.
func (s *Search) enough() float64 {
	if len(s.steps) > mostRefined {
		return gap(s.o.Precision)
	}
	return gap(s.o.Precision) / 2
}

// Next is the load to measure next; false when the search is over.
func (s *Search) Next() (load float64, more bool) {
	if len(s.steps) >= s.o.MaxLevels {
		return 0, false
	}
	if len(s.steps) == 0 {
		return s.whole(s.o.From), true
	}
	if last := s.steps[len(s.steps)-1]; s.spoiled(last) && s.times(last.Load) == 1 {
		return last.Load, true // something may have disturbed the generator once
	}
	holds, breaks := s.bounds()
	switch {
	case holds == 0: // not even the first one
		return breaks, s.doubtful(breaks)
	case breaks == 0:
		if holds >= s.o.To {
			return 0, false
		}
		return s.whole(min(holds*s.grow, s.o.To)), true
	case s.recovered(holds) && holds*nearby < breaks:
		return s.whole(holds * nearby), true
	case math.Log(breaks/holds) <= s.enough():
		return breaks, s.doubtful(breaks)
	}
	load = s.whole(math.Sqrt(holds * breaks))
	if load <= holds || load >= breaks { // users are whole numbers
		return breaks, s.doubtful(breaks)
	}
	return load, true
}

// doubtful reports whether the lowest load that broke is worth a second look: nothing was measured before it, or three levels or more were
// measured since, and all held. A site that scales out, or whose caches were cold, breaks once like that. One that was given up at once is left in peace.
func (s *Search) doubtful(breaks float64) bool {
	at := slices.IndexFunc(s.steps, func(st Step) bool { return st.Load == breaks })
	if at < 0 || s.times(breaks) > 1 || s.steps[at].gaveUp {
		return false
	}
	since := s.steps[at+1:]
	if at == 0 && len(since) == 0 {
		return true
	}
	return len(since) >= 3 && !slices.ContainsFunc(since, func(st Step) bool { return !s.good(st) })
}

// nearby is how far above a load that broke once and holds now the next one is: it broke there by chance, or the site has grown.
const nearby = 1.1

// recovered reports that the last level was one that broke before, and holds.
func (s *Search) recovered(holds float64) bool {
	last := s.steps[len(s.steps)-1]
	return last.Load == holds && s.good(last) && slices.ContainsFunc(s.steps[:len(s.steps)-1], func(st Step) bool { return st.Load == holds && !s.good(st) && !s.spoiled(st) })
}

// whole rounds a number of users; rates to three digits, which is finer than any precision that can be asked for.
func (s *Search) whole(load float64) float64 {
	if !s.o.Open {
		return math.Max(1, math.Round(load))
	}
	unit := math.Pow(10, math.Floor(math.Log10(load))-3)
	return math.Round(load/unit) * unit
}

// near reports that the limit is known to within a factor of 1.75.
func (s *Search) near() bool {
	holds, breaks := s.bounds()
	return holds > 0 && breaks > 0 && breaks < 1.75*holds
}

// Add takes the outcome of a level.
func (s *Search) Add(step Step) { s.steps = append(s.steps, step) }

// good reports whether a step counts as one at which the rule holds. What the generator could not send was not measured.
func (s *Search) good(st Step) bool { return st.Holds && !s.spoiled(st) }

// spoiled reports that a level says nothing of the site.
func (s *Search) spoiled(st Step) bool { return st.Verdict == verdict.Invalid && !s.o.AllowInvalid }

// times is how often a load was measured.
func (s *Search) times(load float64) (n int) {
	for _, st := range s.steps {
		if st.Load == load {
			n++
		}
	}
	return n
}

// Counted are the levels that count: of a load that was measured again, the last one. The generator had been disturbed before, or there was reason to
// doubt that the site breaks there.
func Counted(steps []Step) []Step {
	var out []Step
	for i, st := range steps {
		if !slices.ContainsFunc(steps[i+1:], func(later Step) bool { return later.Load == st.Load }) {
			out = append(out, st)
		}
	}
	return out
}

// bounds are the highest load that holds below the lowest that breaks, and that; 0 for none. A level that held above one that broke is a
// site that changed, and does not count.
func (s *Search) bounds() (holds, breaks float64) {
	for _, st := range Counted(s.steps) {
		if !s.good(st) && (breaks == 0 || st.Load < breaks) {
			breaks = st.Load
		}
	}
	for _, st := range Counted(s.steps) {
		if s.good(st) && st.Load > holds && (breaks == 0 || st.Load < breaks) {
			holds = st.Load
		}
	}
	return holds, breaks
}
