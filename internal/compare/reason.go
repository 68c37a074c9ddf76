package compare

import (
	"fmt"
	"math"
	"time"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/verdict"
)

// mostTimes is how many times as long a run may have to be for that to be good advice.
const mostTimes = 50

// undecided says of a figure whose interval reaches over a limit what would decide it.
func (j *judge) undecided(f *Figure, m Measure) string {
	if j.factor(f, m) <= 1.1 {
		return fmt.Sprintf("the change is too near to the limit of %s to say on which side it lies: repeat both several times, or choose another limit",
			j.limitText(f, m))
	}
	return j.more(f, m)
}

// factor is how many times as much must be measured for an interval as narrow as the limit: it narrows with the square root.
func (j *judge) factor(f *Figure, m Measure) float64 {
	half := (f.High - f.Low) / 2
	if !m.Share {
		half = (math.Log(f.High) - math.Log(f.Low)) / 2
	}
	return math.Pow(half/j.limit(f, m), 2)
}

// limit is the change that matters, on the scale on which changes add up.
func (j *judge) limit(f *Figure, m Measure) float64 {
	matters := j.opt.Matters(m.Measure, f.Old)
	if m.Share {
		return matters
	}
	return math.Log1p(matters)
}

// limitText is "5 %", or "0.5 percentage points" for shares, or "100 us" for times of which 5 % are less than that.
func (j *judge) limitText(f *Figure, m Measure) string {
	limits := j.opt.Filled()
	switch {
	case m.Share:
		return format.Decimal(limits.Points*100, 3) + " percentage points"
	case j.opt.Matters(m.Measure, f.Old) > limits.Limit:
		return format.Duration(limits.Floor)
	default:
		return format.Decimal(limits.Limit*100, 3) + " %"
	}
}

// more says how much more must be measured to see a change as large as the limit: "needs about 9 more minutes a run, or 3 more runs a side,
// to see a 5 % change".
func (j *judge) more(f *Figure, m Measure) string {
	change := "to see a change of " + j.limitText(f, m)
	factor := j.factor(f, m)
	if math.IsNaN(factor) || factor > mostTimes {
		return fmt.Sprintf("even %d times as much would not do %s: choose a larger limit, or find out what makes the runs so uneven", mostTimes, change)
	}
	factor = max(factor, 1.5)
	least := verdict.RunsNeeded(alpha)
	if f.OldRuns != nil {
		runs := min(len(f.OldRuns), len(f.NewRuns))
		more := max(int(math.Ceil(float64(runs)*factor)), least) - runs
		return fmt.Sprintf("needs about %s a side %s", format.Plural(int64(max(more, 1)), "more run", "more runs"), change)
	}
	longer := time.Duration((factor - 1) * j.compared() * float64(time.Second))
	more := max(int(math.Ceil(factor)), least) - 1
	return fmt.Sprintf("needs about %s more in each run, or %s a side, %s", roundUp(longer), format.Plural(int64(more), "more run", "more runs"), change)
}

// compared is how many seconds of the shorter run are compared.
func (j *judge) compared() float64 {
	shorter := math.Inf(1)
	for _, s := range []*side{j.old, j.fresh} {
		sum := 0.0
		for _, f := range s.frames[0] {
			sum += f.seconds
		}
		shorter = min(shorter, sum)
	}
	return shorter
}

// roundUp is a length of time as people would say it: whole minutes from one minute on.
func roundUp(d time.Duration) string {
	unit := 10 * time.Second
	if d > 50*time.Second {
		unit = time.Minute
	}
	return format.Span((d + unit - 1) / unit * unit)
}

// tooLittle says of a figure that rests on too little how much more it takes, where that can be said.
func (j *judge) tooLittle(f *Figure, m Measure) string {
	if f.OldRuns != nil {
		return f.Reason
	}
	for _, s := range []*side{j.old, j.fresh} {
		n := int64(len(s.frames[0]))
		switch width := s.widest[0]; {
		case n >= verdict.LeastWindows:
		case width > 1:
			return fmt.Sprintf("the seconds of run %s, which is old, were rolled up to stretches of %s, and %d can be compared: at least %d are needed (a run keeps its seconds when runs baseline set marks it in time)",
				s.runs[0].Report.Run.ID, format.Span(time.Duration(width)*time.Second), n, verdict.LeastWindows)
		default:
			return fmt.Sprintf("only %s can be compared (without warm-up, ramp and the last, unfinished second): at least %d are needed",
				format.Plural(n, "second", "seconds"), verdict.LeastWindows)
		}
	}
	return f.Reason
}
