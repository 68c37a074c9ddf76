package nights

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/verdict"
)

// course is one figure over the nights.
type course struct {
	level   []float64 // of the present level, what is normal, the latest last
	spread  []float64 // what nights were away from their level, over all levels
	nights  []int     // the night of each value of the segment since the last accepted change
	values  []float64 // and the value
	pending int       // the night that is suspicious, -1 for none
	better  bool      // it was for the better
	alarm   *alarm
	base    float64
	hasBase bool
	floor   float64
}

// alarm is one that stands.
type alarm struct {
	by    By
	since int     // the first night of the new level
	from  float64 // the level before
	back  int     // nights in a row that were as before
	count int     // nights of the new level
	last  float64 // the sum of their values
}

// night judges one night.
func (j *judge) night(i int) Judgement {
	n := &j.nights[i]
	out := Judgement{Level: Same}
	switch {
	case n.Verdict == "INVALID" || len(n.Values) == 0:
		return j.stand(Judgement{Level: Invalid, Left: true, Why: []string{"the run is INVALID: its figures are those of the generator"}})
	case n.Verdict == "SUSPECT":
		return j.stand(Judgement{Level: Inconclusive, Left: true, Why: []string{"the generator is SUSPECT: this night is left out"}})
	}
	if n.Accepted {
		j.base = nil
	}
	j.learn(n)
	out.Family = len(j.order)
	learned := 0
	for _, f := range j.order {
		v, ok := n.Values[f]
		if !ok {
			continue
		}
		c := j.figures[f]
		x, floor := f.scaled(v)
		c.floor = floor
		if n.Accepted {
			c.accept()
		}
		if j.one(f, c, i, x, &out) {
			learned++
		}
	}
	if learned == 0 {
		out.Level, out.Why = Inconclusive, append(out.Why, fmt.Sprintf("it takes %d nights to know what is normal", j.o.Learning))
	}
	return j.stand(out)
}

// learn makes a course of each figure that was not seen before.
func (j *judge) learn(n *Night) {
	before := len(j.order)
	for f := range n.Values {
		if j.figures[f] == nil {
			c := &course{pending: -1}
			if j.base != nil {
				if v, ok := j.base.Values[f]; ok {
					c.base, _ = f.scaled(v)
					c.hasBase = true
				}
			}
			j.figures[f] = c
			j.order = append(j.order, f)
		}
	}
	if len(j.order) > before {
		slices.SortFunc(j.order, func(a, b Figure) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind)) })
	}
}

// accept begins a new level; how much nights scatter is known already.
func (c *course) accept() {
	c.level, c.nights, c.values, c.pending, c.alarm, c.hasBase = nil, nil, nil, -1, nil, false
}

// add takes a value into the present level.
func (c *course) add(x float64) {
	if len(c.level) > 0 {
		n := float64(len(c.level))
		c.spread = append(c.spread, (x-mean(c.level))/math.Sqrt(1+1/n))
		c.spread = c.spread[max(0, len(c.spread)-maxSpread):]
	}
	c.level = append(c.level, x)
	c.level = c.level[max(0, len(c.level)-maxReference):]
}

func mean(all []float64) float64 {
	sum := 0.0
	for _, x := range all {
		sum += x
	}
	return sum / float64(len(all))
}

// sigma is how much a night scatters, and its degrees of freedom.
func (c *course) sigma() (s float64, df int) {
	sum := 0.0
	for _, d := range c.spread {
		sum += d * d
	}
	return max(math.Sqrt(sum/float64(len(c.spread))), c.floor), min(len(c.spread), maxReference)
}

// one judges one figure of a night. known is false while it is not known what is normal.
func (j *judge) one(f Figure, c *course, i int, x float64, out *Judgement) (known bool) {
	c.nights, c.values = append(c.nights, i), append(c.values, x)
	if len(c.level) == 0 || len(c.spread)+1 < j.o.Learning {
		c.add(x)
		return false
	}
	level := mean(c.level)
	s, df := c.sigma()
	t := (x - level) / (s * math.Sqrt(1+1/float64(len(c.level))))
	p := j.point(len(j.order))
	if c.alarm != nil {
		j.alarmed(f, c, i, x, s, p.confirm[df], out)
		return true
	}
	by, matters := j.o.change(f, level, x)
	worse := by > 0
	if was := c.pending; was >= 0 && worse != c.better && matters && math.Abs(t) > p.confirm[df] {
		j.confirmed(f, c, was, i, x, level, by, out)
		return true
	}
	if c.pending >= 0 {
		c.odd(level, p.suspect[df]*s)
	}
	switch {
	case matters && math.Abs(t) > p.suspect[df]:
		c.pending, c.better = i, !worse
		if worse {
			out.Suspects = append(out.Suspects, j.told(f, ByNights, by, i, 1))
		}
		return true
	}
	c.pending = -1
	c.add(x)
	j.slowly(f, c)
	return true
}

// odd keeps the night before, which was suspicious and stayed alone, from passing for a trend: three nights of which one was slow as a whole would be
// one. It stays as far from the level as a night may be by chance.
func (c *course) odd(level, most float64) {
	n := len(c.values) - 2
	c.values[n] = level + min(max(c.values[n]-level, -most), most)
}

// confirmed is a second night in a row: an alarm, or a better level.
func (j *judge) confirmed(f Figure, c *course, was, i int, x, level, by float64, out *Judgement) {
	first := c.values[len(c.values)-2]
	c.pending = -1
	both, _ := j.o.change(f, level, (first+x)/2)
	if by > 0 {
		c.alarm = &alarm{by: ByNights, since: was, from: level, count: 2, last: first + x}
		return
	}
	out.Improved = append(out.Improved, j.told(f, ByNights, both, was, 2))
	c.level = []float64{first, x}
	c.nights, c.values, c.hasBase = []int{was, i}, []float64{first, x}, false
}

// alarmed looks whether an alarm still stands: two nights in a row that are as before end it.
func (j *judge) alarmed(f Figure, c *course, i int, x, s, limit float64, out *Judgement) {
	a := c.alarm
	_, matters := j.o.change(f, a.from, x)
	if x > a.from && matters && (x-a.from)/s > min(limit, 1.5) {
		a.back, a.count, a.last = 0, a.count+1, a.last+x
		return
	}
	if a.back++; a.back < 2 {
		return
	}
	by, _ := j.o.change(f, a.from, a.last/float64(a.count))
	out.Recovered = append(out.Recovered, j.told(f, a.by, by, a.since, a.count))
	c.alarm, c.pending = nil, -1
	c.add(x)
	n := len(c.values)
	c.nights, c.values = slices.Clone(c.nights[n-2:]), slices.Clone(c.values[n-2:])
}

// slowly finds what two nights do not show: a change of the trend, and a distance from the baseline.
func (j *judge) slowly(f Figure, c *course) {
	chance := TrendChance / float64(len(j.order))
	const atLeast = 3
	values, nights := c.values, c.nights
	if n := len(values); n > maxTrend {
		values, nights = values[n-maxTrend:], nights[n-maxTrend:]
	}
	changes := verdict.ChangePoints(values, verdict.ChangeOptions{MaxP: chance})
	if n := len(changes); n > 0 {
		at := &changes[n-1]
		if by, matters := j.o.change(f, at.Before, at.After); matters && by > 0 && len(values)-at.Index >= atLeast {
			c.raise(ByTrend, nights[at.Index], at.Before, values[at.Index:])
			return
		}
	}
	if n := len(c.values); c.hasBase && n >= atLeast {
		last := c.values[n-atLeast:]
		s, df := c.sigma()
		by, matters := j.o.change(f, c.base, mean(last))
		if matters && by > 0 && (mean(last)-c.base)/(s*math.Sqrt(1+1.0/atLeast)) > studentPoint(chance, df) {
			c.raise(ByBaseline, c.nights[n-atLeast], c.base, last)
		}
	}
}

func (c *course) raise(by By, since int, from float64, after []float64) {
	c.alarm = &alarm{by: by, since: since, from: from, count: len(after), last: mean(after) * float64(len(after))}
}

// told is an alarm in words for others.
func (j *judge) told(f Figure, by By, change float64, since, nights int) Alarm {
	n := &j.nights[since]
	return Alarm{Figure: f, By: by, Change: change, Since: n.At, Run: n.Run, With: n.Changes, Nights: nights}
}

// stand adds the alarms that stand, and says what the night came to.
func (j *judge) stand(out Judgement) Judgement {
	for _, f := range j.order {
		if a := j.figures[f].alarm; a != nil {
			by, _ := j.o.change(f, a.from, a.last/float64(a.count))
			out.Alarms = append(out.Alarms, j.told(f, a.by, by, a.since, a.count))
		}
	}
	for _, list := range [][]Alarm{out.Alarms, out.Improved, out.Suspects, out.Recovered} {
		slices.SortStableFunc(list, func(a, b Alarm) int { return cmp.Compare(math.Abs(b.Change), math.Abs(a.Change)) })
	}
	switch {
	case out.Level == Invalid:
	case len(out.Alarms) > 0:
		out.Level = Regressed
	case out.Level == Inconclusive:
	case len(out.Suspects) > 0:
		out.Level = Inconclusive
		out.Why = append(out.Why, out.Suspects[0].Words()+": one night is not enough, the next decides")
	case len(out.Improved) > 0:
		out.Level = Improved
	}
	return out
}

// String is the figure as people say it: "p95 of Log In".
func (f Figure) String() string {
	name := f.Name
	if name == "" {
		name = "all requests"
	}
	return string(f.Kind) + " of " + format.Text(name, 60)
}

// Words are such as "p95 of Log In +38 % since 'cache off' (2026-11-02), 3 nights".
func (a *Alarm) Words() string {
	by := fmt.Sprintf("%+.0f %%", a.Change*100)
	if a.Figure.Kind == Failures {
		by = fmt.Sprintf("%+.1f percentage points", a.Change*100)
	}
	since := a.Since.Format("2006-01-02")
	if line, _, _ := strings.Cut(strings.TrimSpace(a.With), "\n"); line != "" {
		since = "'" + format.Text(line, 60) + "' (" + since + ")"
	}
	text := fmt.Sprintf("%s %s since %s, %s", a.Figure, by, since, format.Plural(int64(a.Nights), "night", "nights"))
	if a.By == ByBaseline {
		text += ", against the baseline"
	}
	return text
}

// Words are the judgement in a line.
func (j *Judgement) Words() string {
	var parts []string
	for _, list := range [][]Alarm{j.Alarms, j.Improved} {
		for i := range list {
			if i == 3 {
				parts = append(parts, fmt.Sprintf("and %d more", len(list)-i))
				break
			}
			parts = append(parts, list[i].Words())
		}
	}
	for i := range j.Recovered {
		parts = append(parts, j.Recovered[i].Figure.String()+" is as it was before "+j.Recovered[i].Since.Format("2006-01-02"))
	}
	parts = append(parts, j.Why...)
	if len(parts) == 0 {
		return string(j.Level)
	}
	return string(j.Level) + ": " + strings.Join(parts, "; ")
}
