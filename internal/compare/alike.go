package compare

import (
	"fmt"
	"math"
	"slices"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// LeastAlike is how many runs a test of a set-up takes.
const LeastAlike = 4

// Alike is what came of comparing runs of one thing with each other: every change that was found is a false alarm.
type Alike struct {
	Runs   []stampede.RunInfo // by start
	Left   []stampede.RunInfo // that were not compared, for they are INVALID
	Pairs  int                // each run against each later one, as far as there was enough to judge
	Blind  int                // pairs of which no figure could be judged
	Reason string             // of a blind pair
	Alarms []Alarm            // of the pairs; one pair can ring for several figures and is here once
	// Apart and ApartAlarms are of the pairs that share no run: the first run and the second, the third and the fourth.
	Apart, ApartAlarms int
	// Low and High hold the share of such pairs that ring, with 95 % confidence. Pairs that share a run are no independent witnesses, so it is
	// Wilson's interval for only half as many pairs as there are runs.
	Low, High float64
	// Halves is every second run against the others, which is how repeated runs are compared. It is nil for fewer than eight runs.
	Halves  *Result
	Figures []Steadiness // of all requests together, in the order of Measures; those that the runs have
}

// Alarm is a pair of runs of one thing that a comparison called changed.
type Alarm struct {
	Old, New stampede.RunInfo
	Outcome  verdict.Outcome
	Key      stats.Key // the first name that changed; the zero key is all requests together
	Figure   Figure    // of it, that says most
}

// Steadiness is how steady a figure is over runs of one thing, and so how small a change can be seen.
type Steadiness struct {
	Measure
	Runs   []float64 // the figure of each run that has it
	Spread float64   // standard deviation of Runs: as a share of the figure, or of the requests for failures
	// Interval is the half of an interval that two single runs give, in the middle of all pairs; NaN when no pair gave one.
	Interval float64
	// Between says that the runs differ from each other by more than their own seconds explain: a comparison of two single runs is too sure
	// of itself. It is only known for five runs or more.
	Between bool
	// Regression is the change for the worse that two single runs call REGRESSED 9 times in 10; NaN when it is not known.
	Regression float64
}

// Likeness compares runs of one thing, at least [LeastAlike], with each other as Compare would, and says how often it rings without cause and
// how small a change it could see. tell is told how many of all pairs are done; nil tells nobody.
func Likeness(runs []Run, o Options, tell func(done, all int)) (*Alike, error) {
	if len(runs) < LeastAlike {
		return nil, fmt.Errorf("compare: %d runs of one thing: at least %d are needed", len(runs), LeastAlike)
	}
	if tell == nil {
		tell = func(int, int) {}
	}
	runs, left := trusted(byStart(runs), o)
	if len(runs) < LeastAlike {
		return nil, fmt.Errorf("compare: %d runs of one thing without the %d that are INVALID: at least %d are needed", len(runs), len(left), LeastAlike)
	}
	a := &Alike{Runs: infos(runs), Left: left}
	all := len(runs) * (len(runs) - 1) / 2
	intervals := map[string][]float64{}
	for i := range runs {
		for j := i + 1; j < len(runs); j++ {
			tell(a.Pairs+a.Blind, all)
			found, err := Compare(runs[i:i+1], runs[j:j+1], o)
			if err != nil {
				return nil, err
			}
			if found.Refused() {
				return nil, fmt.Errorf("compare: runs %s and %s are not alike: %s", runs[i].Report.Run.ID, runs[j].Report.Run.ID, found.Reason)
			}
			a.pair(found, i%2 == 0 && j == i+1, intervals)
		}
	}
	tell(all, all)
	if a.Pairs == 0 {
		return nil, fmt.Errorf("compare: no two of the runs can be judged: %s", a.Reason)
	}
	share := float64(len(a.Alarms)) / float64(a.Pairs)
	a.Low, a.High = verdict.Wilson(share, float64(len(runs)/2))
	if err := a.halves(runs, o); err != nil {
		return nil, err
	}
	return a, a.steadiness(runs, intervals, o)
}

// pair takes in what two runs gave.
func (a *Alike) pair(found *Result, apart bool, intervals map[string][]float64) {
	if !slices.ContainsFunc(found.Rows[0].Figures, func(f Figure) bool { return f.Known() }) {
		a.Blind++
		a.Reason = found.Reason
		return
	}
	a.Pairs++
	rang := found.Outcome == verdict.Regressed || found.Outcome == verdict.Improved
	if apart {
		a.Apart++
		if rang {
			a.ApartAlarms++
		}
	}
	if rang {
		i := slices.IndexFunc(found.Rows, func(r Row) bool { return r.Outcome == found.Outcome })
		row := &found.Rows[i]
		a.Alarms = append(a.Alarms, Alarm{found.Old[0], found.New[0], found.Outcome, row.Key, *row.Finding()})
	}
	for i := range found.Rows[0].Figures {
		if f := &found.Rows[0].Figures[i]; f.Known() {
			intervals[f.Name] = append(intervals[f.Name], f.half(f.measure()))
		}
	}
}

// half is the half of the interval on the scale on which changes add up.
func (f *Figure) half(m Measure) float64 {
	if m.Share {
		return (f.High - f.Low) / 2
	}
	return (math.Log(f.High) - math.Log(f.Low)) / 2
}

// halves compares every second run with the others.
func (a *Alike) halves(runs []Run, o Options) (err error) {
	if len(runs) < 2*verdict.RunsNeeded(alpha) {
		return nil
	}
	var sides [2][]Run
	for i := range runs {
		sides[i%2] = append(sides[i%2], runs[i])
	}
	a.Halves, err = Compare(sides[0], sides[1], o)
	return err
}

// steadiness looks at each figure of all requests together over all runs.
func (a *Alike) steadiness(runs []Run, intervals map[string][]float64, o Options) error {
	spans, _ := spansOf(runs, nil)
	s, err := newSide(runs, spans)
	if err != nil {
		return err
	}
	windows, err := s.all(stats.Key{})
	if err != nil {
		return err
	}
	for _, m := range Measures() {
		values, between := runFigures(windows, m, false)
		values = slices.DeleteFunc(values, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) || !m.Share && v <= 0 })
		if len(values) < LeastAlike {
			continue
		}
		st := Steadiness{Measure: m, Runs: values, Spread: spread(values, m), Between: between, Interval: math.NaN(), Regression: math.NaN()}
		if halves := intervals[m.Name]; len(halves) > 0 {
			slices.Sort(halves)
			st.Interval = halves[len(halves)/2]
			st.Regression = st.regression(o.Filled())
		}
		a.Figures = append(a.Figures, st)
	}
	return nil
}

// spread is the standard deviation on the scale on which changes add up.
func spread(values []float64, m Measure) float64 {
	mean, squares := 0.0, 0.0
	scaled := make([]float64, len(values))
	for i, v := range values {
		if scaled[i] = v; !m.Share {
			scaled[i] = math.Log(v)
		}
		mean += scaled[i] / float64(len(values))
	}
	for _, v := range scaled {
		squares += (v - mean) * (v - mean)
	}
	return math.Sqrt(squares / float64(len(values)-1))
}

// regression is the change for the worse at which all of the interval lies beyond the limit 9 times in 10: the limit, half of the interval,
// and what two runs differ by in the other direction once in 10 times. It is a loss for a rate, and so at most 1.
func (s *Steadiness) regression(limits verdict.CompareOptions) float64 {
	const oneInTen = 1.2816 // of a standard normal variable
	far := s.Interval + oneInTen*math.Sqrt2*s.Spread
	switch {
	case s.Share:
		return limits.Points + far
	case s.Name == rate:
		return 1 - math.Exp(math.Log1p(-limits.Limit)-far)
	default:
		return math.Exp(math.Log1p(limits.Limit)+far) - 1
	}
}

// toSee is the difference of two normal distributions, in standard deviations, that a two-sided Mann-Whitney test at 5 % finds 9 times in
// 10, for 4 runs a side and more. The tests reproduce it.
func toSee() []float64 {
	return []float64{3.35, 2.69, 2.23, 2.04, 1.80, 1.74, 1.62, 1.51, 1.45, 1.39, 1.32, 1.28}
}

// RunsToSee is how many runs a side it takes to tell a change of such a share (of the figure, or of the requests for failures) from none, 9
// times in 10: by a table for few runs, beyond it by the normal distribution with the efficiency of the test, 3/pi, and a twentieth more.
// It is 0 where even 200 do not tell.
func (s *Steadiness) RunsToSee(change float64) int {
	if !s.Share {
		change = math.Log1p(change)
	}
	const most = 200
	table := toSee()
	for n := verdict.RunsNeeded(alpha); n <= most; n++ {
		need := 1.05 * (1.95996 + 1.2816) * math.Sqrt(2*math.Pi/3/float64(n))
		if i := n - verdict.RunsNeeded(alpha); i < len(table) {
			need = table[i]
		}
		if change >= need*s.Spread {
			return n
		}
	}
	return 0
}

// Uneven is the names of the figures of all requests together by which runs of one thing differ from each other by more than their own
// seconds explain. It takes five runs to say so.
func Uneven(runs []Run) ([]string, error) {
	if len(runs) == 0 {
		return nil, nil
	}
	spans, _ := spansOf(runs, nil)
	s, err := newSide(runs, spans)
	if err != nil {
		return nil, err
	}
	windows, err := s.all(stats.Key{})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range Measures() {
		if _, between := runFigures(windows, m, false); between {
			names = append(names, m.Name)
		}
	}
	return names, nil
}
