package nights

import (
	"math"
	"slices"
	"time"
)

// Kind is which figure of a name is looked at.
type Kind string

// The figures that nights are judged by.
const (
	P50      Kind = "p50"
	P95      Kind = "p95"
	Failures Kind = "failures"
)

// Kinds are all of them.
func Kinds() []Kind { return []Kind{P50, P95, Failures} }

// Figure is one member of the family that is judged: a kind of figure of one name.
type Figure struct {
	Kind Kind   `json:"kind"`
	Name string `json:"name"` // of the request; empty for all requests together
}

// Value is a figure in one night.
type Value struct {
	Is       float64 // ms of a time; of failures, from 0 to 1
	Requests int64   // that it rests on
}

// Night is one run of a schedule.
type Night struct {
	Run     string
	At      time.Time
	Changes string // what somebody said is new
	Verdict string // of the generator: VALID, SUSPECT, INVALID
	Values  map[Figure]Value
	// Accepted says that somebody has accepted the level that began with this night: what was before is no measure any longer.
	Accepted bool
}

// Judging says what counts. The zero value is good.
type Judging struct {
	Limit    float64 // the least change of a time that matters; zero means 0.08 (8 %)
	Share    float64 // the least change of the share of failures that matters; zero means 0.005 (half a per cent of the requests)
	Learning int     // how many nights are needed before one is judged; zero means 5
}

func (j Judging) filled() Judging {
	if j.Limit <= 0 {
		j.Limit = 0.08
	}
	if j.Share <= 0 {
		j.Share = 0.005
	}
	if j.Learning <= 0 {
		j.Learning = 5
	}
	return j
}

// The chances by which a family of m figures is judged when nothing has changed. A night is suspicious, for any figure, with the chance [SuspectChance],
// and a suspicion is confirmed by the next night with the chance [ConfirmChance]: together one false alarm in 400 nights. What the trend or the
// baseline tells has the chance [TrendChance] in a night, for the family.
const (
	SuspectChance = 0.25
	ConfirmChance = 0.01
	TrendChance   = 0.001
)

// Level is what a night came to.
type Level string

// The levels of a night.
const (
	Regressed    Level = "REGRESSED"
	Same         Level = "SAME"
	Improved     Level = "IMPROVED"
	Inconclusive Level = "INCONCLUSIVE"
	Invalid      Level = "INVALID"
)

// By is what an alarm rests on.
type By string

// What alarms rest on.
const (
	ByNights   By = "nights"   // two nights in a row
	ByTrend    By = "trend"    // E-divisive over the nights since the last accepted change
	ByBaseline By = "baseline" // the two last nights against the baseline
)

// Alarm is a figure that is worse, or better, than it was.
type Alarm struct {
	Figure Figure    `json:"figure"`
	By     By        `json:"by"`
	Change float64   `json:"change"` // as a share of what it was; of failures the difference of the shares
	Since  time.Time `json:"since"`
	Run    string    `json:"run"` // the first of the new level
	With   string    `json:"with"`
	Nights int       `json:"nights"` // that have had the new level
}

// Judgement is what a night came to.
type Judgement struct {
	Level     Level    `json:"level"`
	Why       []string `json:"why"`       // of INCONCLUSIVE and INVALID
	Alarms    []Alarm  `json:"alarms"`    // all that stand, the largest change first
	Improved  []Alarm  `json:"improved"`  // this night
	Recovered []Alarm  `json:"recovered"` // alarms that ended this night
	Suspects  []Alarm  `json:"suspects"`  // worse this night, and not the night before
	Family    int      `json:"family"`    // how many figures were judged together
	Left      bool     `json:"left"`      // the night is left out: its generator was SUSPECT, or the run INVALID
}

// Unsure reports whether another run in the same night may tell more: this one is left out, or it is suspicious by itself.
func (j *Judgement) Unsure() bool { return j.Left || j.Level == Inconclusive && len(j.Suspects) > 0 }

// Pool makes one night of the runs of one, the first of which gives its name: the median of each figure over the runs that can be trusted most. So a
// disturbance that one run had by itself does not count; what the night itself had stays, and waits for the next one.
func Pool(runs []Night) Night {
	best := ""
	for _, level := range []string{"VALID", "SUSPECT", "INVALID"} {
		if slices.ContainsFunc(runs, func(n Night) bool { return n.Verdict == level }) {
			best = level
			break
		}
	}
	night := runs[0]
	night.Verdict, night.Values = best, map[Figure]Value{}
	all := map[Figure][]float64{}
	for i := range runs {
		night.Accepted = night.Accepted || runs[i].Accepted
		if runs[i].Verdict != best {
			continue
		}
		for f, v := range runs[i].Values {
			all[f] = append(all[f], v.Is)
			night.Values[f] = Value{Requests: night.Values[f].Requests + v.Requests}
		}
	}
	for f, values := range all {
		slices.Sort(values)
		n := len(values)
		night.Values[f] = Value{Is: (values[(n-1)/2] + values[n/2]) / 2, Requests: night.Values[f].Requests}
	}
	return night
}

// Judge says what the last of some nights came to, oldest first. The nights before are judged again on the way, so the answer depends on nothing else.
// baseline is a run that all are held against; nil for none.
func Judge(nights []Night, baseline *Night, o Judging) Judgement {
	all := JudgeAll(nights, baseline, o)
	if len(all) == 0 {
		return Judgement{Level: Inconclusive, Why: []string{"no night yet"}}
	}
	return all[len(all)-1]
}

// JudgeAll says what each night came to.
func JudgeAll(nights []Night, baseline *Night, o Judging) []Judgement {
	j := judge{o: o.filled(), base: baseline, nights: nights, figures: map[Figure]*course{}}
	out := make([]Judgement, len(nights))
	for i := range nights {
		out[i] = j.night(i)
	}
	return out
}

// judge is what is known of a series of nights on the way through it.
type judge struct {
	o       Judging
	nights  []Night
	base    *Night // nil once a later change was accepted
	order   []Figure
	figures map[Figure]*course
	points  map[int]point
}

// point is what Student's t must exceed, for a family of one size.
type point struct {
	family           int
	suspect, confirm [maxReference + 1]float64 // by degrees of freedom
}

// maxReference is how many nights a level is measured by at most; it is short enough to follow what drifts.
const maxReference = 20

// maxSpread is how many nights the scatter is measured by at most.
const maxSpread = 60

// maxTrend is how many nights a trend is looked for in at most.
const maxTrend = 100

// scaled is a figure on the scale on which it is judged, where the scatter is the same at each level: the logarithm of a time, and
// 2 asin(sqrt(share)) of failures, whose scatter by chance alone is 1/sqrt(requests) (Anscombe 1948).
func (f Figure) scaled(v Value) (x, floor float64) {
	if f.Kind != Failures {
		return math.Log(max(v.Is, 1e-6)), 0.01
	}
	n := float64(max(v.Requests, 1))
	return 2 * math.Asin(math.Sqrt((v.Is*n+3.0/8)/(n+3.0/4))), 1 / math.Sqrt(n)
}

// change is what lies between two values of the scale, in the words of an alarm, and whether it matters.
func (j *Judging) change(f Figure, from, to float64) (by float64, matters bool) {
	if f.Kind != Failures {
		by = math.Exp(to-from) - 1
		return by, by >= j.Limit || by <= 1/(1+j.Limit)-1
	}
	share := func(x float64) float64 { s := math.Sin(min(max(x, 0), math.Pi) / 2); return s * s }
	by = share(to) - share(from)
	return by, math.Abs(by) >= j.Share
}

// point of a family.
func (j *judge) point(family int) *point {
	if p, ok := j.points[family]; ok {
		return &p
	}
	p := point{family: family}
	for df := 1; df <= maxReference; df++ {
		p.suspect[df] = studentPoint(SuspectChance/float64(family), df)
		p.confirm[df] = studentPoint(ConfirmChance, df)
	}
	if j.points == nil {
		j.points = map[int]point{}
	}
	j.points[family] = p
	return &p
}
