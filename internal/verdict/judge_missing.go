package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/suggest"
)

// namesListed is how many names a refusal lists at most.
const namesListed = 8

// missing says why a condition has no figure.
func (l *leaf) missing(j *Judge) string {
	m := l.cond.metric
	switch {
	case l.gauge != nil:
		return l.gauge.missing(l, j)
	case !l.hasLimit && j.opt.Baseline == nil:
		return "no baseline: name a run to compare with"
	case !l.hasLimit:
		return "the baseline has no " + l.name() + l.stretchText(j) + " to compare with"
	case l.meter != nil && l.length == 0:
		return m.String() + ": nothing was measured in any second" + l.stretchText(j)
	case len(l.spans) == 0:
		return "the phase " + phaseText(l.cond.during) + " has no whole second"
	case l.meter == nil && !m.whole() && !l.source.begun():
		return l.source.missing(&j.find)
	case l.length > 0 && l.judged.count() == 0 && !l.complete(j):
		return fmt.Sprintf("there was no whole window of %s%s", durationText(l.cond.over), l.stretchText(j))
	case l.length == 0 && (m.whole() || !l.total.sum.active()):
		return "no " + l.source.what() + " were measured" + l.stretchText(j)
	}
	return l.unmeasured(j)
}

// complete reports whether the run had a whole window for the condition, had there been anything in it.
func (l *leaf) complete(j *Judge) bool {
	first := 0
	if l.meter == nil && !l.cond.metric.whole() {
		first = l.source.first
	}
	now := int(j.now().to)
	return slices.ContainsFunc(l.spans, func(s span) bool {
		return min(s.to, now)-max(s.from, first) >= l.length
	})
}

// begun reports whether anything that it picks was ever seen.
func (s *selection) begun() bool { return s.first >= 0 }

// unmeasured says why requests that were done have no such time.
func (l *leaf) unmeasured(j *Judge) string {
	m := l.cond.metric
	where := l.stretchText(j)
	switch resolved(m.Timing, l.headline) {
	case TimeLag:
		return "no lag was measured" + where + ": nothing planned when these requests were due; an arrival rate or a pace does"
	case TimeFailed:
		return "no " + l.source.what() + " failed" + where + ", so there is no time of failures; add: or failed = 0"
	case TimeFirstByte:
		return "no first byte was measured" + where
	}
	var sum *tally
	if l.total != nil {
		sum = &l.total.sum
	}
	switch {
	case sum != nil && sum.count == 0 && sum.dropped > 0:
		return "no " + l.source.what() + " were done" + where + ": all " + format.Count(sum.dropped) + " arrivals were dropped or not started"
	case sum != nil && sum.failures == sum.count:
		return "no time was measured" + where + ": all " + format.Count(sum.count) + " " + l.source.what() + " failed"
	}
	return "nothing to take " + m.String() + " of was measured" + where
}

// stretchText says where a condition is judged.
func (l *leaf) stretchText(j *Judge) string {
	switch {
	case l.cond.during != "":
		return " during " + phaseText(l.cond.during)
	case j.opt.Warmup > 0:
		return " after the warm-up of " + durationText(j.opt.Warmup)
	}
	return ""
}

// what is the requests that the selection picks, in words.
func (s *selection) what() string {
	switch {
	case s.IsZero():
		return "requests"
	case s.Type == "":
		return "requests named " + quoted(s.Name)
	}
	return s.String() + " requests"
}

// missing says that nothing the selection picks was ever measured, and what was.
func (s *selection) missing(f *finder) string {
	text := "no " + s.what() + " were measured"
	if s.IsZero() || len(f.byKey) == 0 {
		return text
	}
	keys := make([]stats.Key, 0, len(f.byKey))
	names := make([]string, 0, len(f.byKey))
	for k := range f.byKey {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b stats.Key) int {
		return strings.Compare(a.Name+"\x00"+a.Type, b.Name+"\x00"+b.Type)
	})
	for _, k := range keys {
		names = append(names, k.Name)
	}
	if near := suggest.Nearest(s.Name, names); near != "" && near != s.Name {
		text += "; did you mean " + quoted(Literal(near)) + "?"
	}
	var listed []string
	for _, k := range keys[:min(len(keys), namesListed)] {
		listed = append(listed, format.Text(Selector{Type: Literal(k.Type), Name: Literal(k.Name)}.String(), 80))
	}
	text += " There are: " + strings.Join(listed, ", ")
	if more := len(keys) - len(listed); more > 0 {
		text += " and " + format.Count(int64(more)) + " more"
	}
	return text
}
