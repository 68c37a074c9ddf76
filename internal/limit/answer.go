package limit

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stampede-load/stampede/internal/format"
)

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

	Value float64 // where the rule stops to hold, by the levels near it; the middle between Low and High where they do not tell
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
		a.Value = min(max(s.crossing(holds, breaks), a.Low/(1+s.o.Precision)), a.High*(1+s.o.Precision))
		a.Low, a.High = s.around(a.Value, a.Low, a.High)
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

// around widens an interval to the precision on both sides of the answer: levels were watched for minutes, and the nearest may be on the wrong side of the limit.
func (s *Search) around(value, low, high float64) (float64, float64) {
	low, high = min(low, value/(1+s.o.Precision)), max(high, value*(1+s.o.Precision))
	if !s.o.Open {
		low, high = math.Floor(low), math.Ceil(high)
	}
	return low, high
}

// Which levels say where the limit is.
const (
	nearLoad   = 1.25 // times the limit, or that part of it
	nearExcess = 2.0  // times what the rule allows, or that part of it
)

// crossing is where a line through the levels near the limit, of what the rule read over the load, both as logarithms, crosses what the rule allows: each
// was watched for minutes only, and together they know more than the two on either side. It is the middle of those where there is no such line.
func (s *Search) crossing(holds, breaks float64) float64 {
	middle := math.Sqrt(holds * breaks)
	var n, mx, my, sxx, sxy float64
	for range 2 { // the means first
		ax, ay := mx, my
		n, mx, my, sxx, sxy = 0, 0, 0, 0, 0
		for _, st := range s.steps {
			x, y, w := math.Log(st.Load/middle), math.Log(st.excess), (st.To - st.From).Seconds()
			if s.spoiled(st) || st.growing || !(st.excess > 0) || math.Abs(x) > math.Log(nearLoad) || math.Abs(y) > math.Log(nearExcess) {
				continue
			}
			n += w
			mx, my = mx+w*x, my+w*y
			sxx, sxy = sxx+w*(x-ax)*(x-ax), sxy+w*(x-ax)*(y-ay)
		}
		if n > 0 {
			mx, my = mx/n, my/n
		}
	}
	if !(sxx > 0) || !(sxy > 0) {
		return middle
	}
	return middle * math.Exp(mx-my*sxx/sxy)
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
