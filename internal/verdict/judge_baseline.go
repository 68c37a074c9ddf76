package verdict

import (
	"iter"
	"slices"

	"github.com/stampede-load/stampede/internal/stats"
)

// Baseline is an earlier run to compare with.
type Baseline interface {
	// Figure is what a metric of the requests that s picks came to over the judged part of that run, or over its phase of that name: in
	// the base of the metric's unit, as Value.Num is. It reports false when that run did not measure it. A condition with a window is
	// compared with this figure too: each window of this run with the whole of that one.
	Figure(s Selector, m Metric, phase string) (float64, bool)
}

// Replay is a baseline made from the seconds of the run that it is, for the conditions of rules that compare with one. o describes that
// run: its phases, its warm-up, its end.
func Replay(rules []*Rule, o JudgeOptions, seconds iter.Seq[*stats.Second]) (Baseline, error) {
	o.Baseline = nil
	var asked []*Rule
	for _, r := range rules {
		if r != nil && r.err == nil && r.root != nil {
			asked = append(asked, compared(r.root)...)
		}
	}
	asked = slices.DeleteFunc(asked, func(r *Rule) bool {
		phase := r.root.cond.during
		return phase != "" && !slices.ContainsFunc(o.Phases, func(p Phase) bool { return p.Name == phase })
	})
	j, err := NewJudge(asked, o)
	if err != nil {
		return nil, err
	}
	for sec := range seconds {
		j.Second(sec)
	}
	b := baseline{}
	for _, t := range j.trials {
		l := t.leaves[0]
		if r := l.current(j.now()); r.has && !r.beyond {
			b[figureKey(l.cond.selector, l.cond.metric, l.cond.during)] = r.value
		}
	}
	return b, nil
}

// UsesBaseline reports whether a condition of the rule compares with an earlier run.
func (r *Rule) UsesBaseline() bool {
	return r != nil && r.err == nil && r.root != nil && len(compared(r.root)) > 0
}

// compared is a rule for each condition that compares with a baseline: the same figure, without window and limit. Conditions inside
// seconds(...) have no phase of their own: they compare each second with the whole run.
func compared(n *node) []*Rule {
	var out []*Rule
	for _, k := range n.kids {
		out = append(out, compared(k)...)
	}
	if n.kind != isCondition {
		return out
	}
	c := n.cond
	if c.value.Baseline {
		r := NewRule(c.metric, c.selector, AtLeast, Value{})
		if c.during != "" {
			r = r.During(c.during)
		}
		out = append(out, r)
	}
	if in := c.metric.Inner; in != nil {
		out = append(out, compared(in.root)...)
	}
	return out
}

// baseline holds figures by what they are of.
type baseline map[string]float64

// Figure implements Baseline.
func (b baseline) Figure(s Selector, m Metric, phase string) (float64, bool) {
	v, ok := b[figureKey(s, m, phase)]
	return v, ok
}

func figureKey(s Selector, m Metric, phase string) string {
	return s.String() + " " + m.String() + " during " + phaseText(phase)
}
