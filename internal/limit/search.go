package limit

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/format"
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

	gaveUp bool // it was ended at once, to spare the site
}

// Whose says whose limit was found.
type Whose string

// Whose limit it is.
const (
	Site      Whose = "site"
	Generator Whose = "generator"
	Nobody    Whose = "none" // the rule held at every load up to To
)

// Answer is what a search found. Value lies between Low and High; all three are 0 when the rule did not hold at From, and Low is To when it
// held everywhere.
type Answer struct {
	Rule  string
	Unit  string // "users" or "/s"
	Whose Whose

	Value float64 // the middle between the highest load that holds and the lowest that breaks
	Low   float64 // the highest load at which the rule held; 0 for none
	High  float64 // the lowest load at which it broke; 0 for none

	Steps []Step // in the order of time
	Curve *Curve // throughput over load; nil when there are too few levels
	Done  bool   // the search came to its end; false when the run ended before
	Notes []string

	Beyond string // what of the servers gave way first beyond it: "db.connections gave way first: 151 of 151"; "" when nobody can say

	Earlier *Earlier // the search that it was held against; nil for none
}

// Earlier is a search that a later one was held against.
type Earlier struct {
	Run              string // its id
	Value, Low, High float64
	Text             string // what it found: "limit 1,240/s (1,180 to 1,300): p95 < 500ms"
	Worse            bool   // the later limit is lower, beyond what both leave open
}

// Regressed reports whether the limit is lower than that of the search it was held against. It is false of nil.
func (a *Answer) Regressed() bool { return a != nil && a.Earlier != nil && a.Earlier.Worse }

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
	case math.Log(breaks/holds) <= gap(s.o.Precision):
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

// Answer is what is known by now.
func (s *Search) Answer() Answer {
	a := Answer{Unit: s.o.unit(), Whose: Nobody, Steps: slices.Clone(s.steps)}
	if s.o.Rule != nil {
		a.Rule = s.o.Rule.Expr()
	}
	_, more := s.Next()
	a.Done = !more && len(s.steps) > 0
	holds, breaks := s.bounds()
	for _, st := range Counted(s.steps) {
		switch {
		case st.Load == breaks && !s.good(st):
			a.Whose = Site
			if s.spoiled(st) {
				a.Whose = Generator
			}
		case s.good(st) && breaks > 0 && st.Load > breaks:
			a.Notes = append(a.Notes, fmt.Sprintf("the rule broke at %s and held at %s: the site changed while it was measured", s.Text(breaks), s.Text(st.Load)))
		}
	}
	a.Notes = append(a.Notes, s.changed()...)
	if st := s.failing(holds); st != nil {
		a.Notes = append(a.Notes, fmt.Sprintf("at %s %s of the requests failed, which the rule does not look at: add \"and failures < 1%%\" to it", s.Text(st.Load), format.Percent(st.Failed)))
	}
	a.Low, a.High = s.sure(holds, breaks)
	switch {
	case holds > 0 && breaks > 0:
		a.Value = math.Sqrt(holds * breaks)
	case holds > 0:
		a.Value = holds
	}
	if curve, err := FitCurve(s.steps, s.o.Open); err == nil {
		a.Curve = &curve
	}
	return a
}

// changed tells of loads at which the rule broke and held later.
func (s *Search) changed() (notes []string) {
	for i, st := range s.steps {
		if s.good(st) || s.spoiled(st) {
			continue
		}
		for _, later := range s.steps[i+1:] {
			if later.Load == st.Load && s.good(later) {
				notes = append(notes, fmt.Sprintf("the rule broke at %s at first, and held there later: the site needed time, as one that scales out or has cold caches does", s.Text(st.Load)))
			}
		}
	}
	return notes
}

// failing is the highest level that holds, when requests fail there and the rule does not read failures; else nil.
func (s *Search) failing(holds float64) *Step {
	if s.o.Rule == nil || strings.Contains(s.o.Rule.Expr(), "fail") {
		return nil
	}
	for i := range s.steps {
		if st := &s.steps[i]; st.Load == holds && s.good(*st) && st.Failed >= 0.01 {
			return st
		}
	}
	return nil
}

// sure is the interval that the outcomes leave. A level too near to the limit to be sure leaves the precision open on its other side.
func (s *Search) sure(holds, breaks float64) (low, high float64) {
	for _, st := range Counted(s.steps) {
		good, bound := s.good(st), st.Load
		switch {
		case good && st.Load <= holds:
			if !st.Sure {
				bound /= 1 + s.o.Precision
			}
			low = max(low, bound)
		case !good && st.Load >= breaks:
			if !st.Sure {
				bound *= 1 + s.o.Precision
			}
			if high == 0 || bound < high {
				high = bound
			}
		}
	}
	return low, high
}

// Text is a load with its unit.
func (s *Search) Text(load float64) string { return LoadText(load, s.o.unit()) }

// unit is what a load is counted in.
func (o *Options) unit() string {
	if o.Open {
		return "/s"
	}
	return "users"
}

// LoadText is a load with its unit: "1,240/s", "300 users".
func LoadText(load float64, unit string) string {
	if unit == "/s" {
		return format.Amount(load, "") + unit
	}
	return format.Amount(load, unit)
}

// Sought is what a search is for: "p95 < 500ms" by arrivals. Only searches for the same can be compared.
func (o *Options) Sought() string { return sought(o.Rule.Expr(), o.unit()) }

// Sought is what the search was for, as that of Options.
func (a *Answer) Sought() string { return sought(a.Rule, a.Unit) }

func sought(rule, unit string) string {
	if unit == "/s" {
		unit = "arrivals"
	}
	return fmt.Sprintf("%q by %s", strings.Join(strings.Fields(rule), " "), unit)
}

// Worse reports whether a limit is lower than an earlier one for the same beyond what both leave open: their intervals do not touch. Limits
// of somebody other than the site are not compared.
func Worse(before, now Answer) bool {
	if before.Sought() != now.Sought() || before.Whose == Generator || now.Whose == Generator || !before.Done || !now.Done || now.High == 0 {
		return false
	}
	return now.High < before.Low
}
