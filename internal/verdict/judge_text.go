package verdict

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/format"
)

// noData is the value of a condition that has no figure.
const noData = "no data"

// margin is how far inside its limit a figure is, as a share of the limit.
func (l *leaf) margin(r reading) float64 {
	v, limit := r.value, l.limit
	scale := limit
	if scale == 0 { // inside is all or nothing
		scale = max(v, 1)
		limit = 0
	}
	var m float64
	switch l.cond.op {
	case Less, AtMost:
		m = (limit - v) / scale
		if r.beyond {
			m = min(m, -1)
		}
	case Greater, AtLeast:
		m = (v - limit) / scale
		if r.beyond {
			m = max(m, 1)
		}
	case Equal:
		m = -math.Abs(v-limit) / scale
	default:
		m = math.Abs(v-limit) / scale
	}
	return m + 0 // never minus zero
}

// describe writes the figures, limits and reasons.
func (t *trial) describe(r *Result, f finding, j *Judge) {
	var values, limits, reasons []string
	for i, l := range t.leaves {
		figure := f.figures[i]
		values = append(values, l.valueText(figure))
		limits = append(limits, l.limitText())
		if i == t.shown(f) {
			r.Value, r.Limit, r.Beyond = outside(l.cond.metric, figure.value), outside(l.cond.metric, l.limit), figure.beyond
		}
		switch {
		case !figure.has:
			reasons = append(reasons, l.missing(j))
		case !l.holds(figure) || l.violated.count() > 0:
			reasons = append(reasons, l.reason(figure))
		}
	}
	if len(t.leaves) > 1 {
		for i, l := range t.leaves {
			values[i] = l.name() + " " + values[i]
			limits[i] = l.cond.op.String() + " " + limits[i]
		}
	}
	r.ValueText, r.LimitText = strings.Join(values, ", "), strings.Join(limits, ", ")
	if !r.Passed {
		r.Reason = strings.Join(reasons, "; ")
	}
}

// shown is the condition whose figure stands for a joined rule: the one that decides its margin.
func (t *trial) shown(f finding) int {
	best, want := 0, t.margin(f)
	for i := len(t.leaves) - 1; i >= 0; i-- {
		if f.figures[i].has && t.leaves[i].margin(f.figures[i]) == want {
			best = i
		}
	}
	return best
}

// outside is a number in the unit that results have: times in ms, shares from 0 to 1.
func outside(m Metric, v float64) float64 {
	switch m.unit() {
	case UnitTime:
		return v / float64(time.Millisecond)
	case UnitShare:
		return v / 100
	}
	return v
}

// name is the metric with its selector.
func (l *leaf) name() string {
	if l.cond.selector.IsZero() {
		return l.cond.metric.String()
	}
	return l.cond.selector.String() + " " + l.cond.metric.String()
}

// valueText is a figure as people read it. One that is near the limit gets the digits that tell them apart.
func (l *leaf) valueText(r reading) string {
	if !r.has {
		return noData
	}
	if l.gauge != nil {
		return l.gauge.text(l, r.value)
	}
	text, unit := l.format(r.value), l.cond.metric.unit()
	near := l.hasLimit && r.value != l.limit && math.Abs(r.value-l.limit) < 0.01*l.limit
	if near && unit != UnitNone { // plain numbers are whole anyway
		text = exactly(unit, r.value, l.limit)
	}
	if r.beyond {
		return "> " + text
	}
	return text
}

// format is a figure with three digits or so.
func (l *leaf) format(v float64) string {
	switch l.cond.metric.unit() {
	case UnitTime:
		return format.Duration(time.Duration(v))
	case UnitShare:
		return format.Percent(v / 100)
	case UnitRate:
		return format.Rate(v)
	case UnitBytes:
		return format.Bytes(int64(v))
	}
	return countText(v)
}

// countText is a count; only limits can be broken numbers.
func countText(v float64) string {
	if v == math.Trunc(v) && v < maxNumber {
		return format.Count(int64(v))
	}
	return plain(v)
}

// exactly is a figure in the unit of the limit, with as many digits as tell it from the limit, and at least five.
func exactly(u Unit, v, limit float64) string {
	scale, word := scaleOf(u, limit)
	for digits := 5; digits < 17; digits++ {
		text := strconv.FormatFloat(v/scale, 'g', digits, 64)
		if short, err := strconv.ParseFloat(text, 64); err == nil && short != limit/scale {
			return plain(short) + word
		}
	}
	return plain(v/scale) + word
}

// scaleOf is the unit that a limit of this size is written in.
func scaleOf(u Unit, limit float64) (scale float64, word string) {
	switch u {
	case UnitTime:
		switch {
		case limit >= float64(time.Second):
			return float64(time.Second), " s"
		case limit >= float64(time.Millisecond):
			return float64(time.Millisecond), " ms"
		}
		return float64(time.Microsecond), " us"
	case UnitShare:
		return 1, " %"
	case UnitRate:
		return 1, "/s"
	case UnitBytes:
		for _, s := range sizeUnits {
			if limit >= s.bytes {
				return s.bytes, " " + s.word
			}
		}
		return 1, " B"
	}
	return 1, ""
}

// limitText is the limit as it was written, or what it comes to.
func (l *leaf) limitText() string {
	v := l.cond.value
	switch {
	case v.Baseline && !l.hasLimit:
		return v.String() + " (no baseline)"
	case v.Baseline:
		return l.format(l.limit) + " (" + v.String() + ")"
	case l.gauge != nil:
		return l.gauge.limitText(v)
	}
	switch l.cond.metric.unit() {
	case UnitTime:
		return spaced(v.String())
	case UnitShare:
		return plain(v.Num) + " %"
	case UnitRate:
		return plain(v.Num) + "/s"
	case UnitBytes:
		return bytesText(v.Num, " ")
	}
	return countText(v.Num)
}

// spaced puts a space before the unit of a time of one part: "500 ms", but "1m30s". Zero is "0 ms".
func spaced(s string) string {
	cut := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	switch {
	case cut < 0:
		return s + " ms"
	case strings.ContainsAny(s[cut:], "0123456789"):
		return s
	}
	return s[:cut] + " " + s[cut:]
}

// reason says how a figure breaks its limit.
func (l *leaf) reason(r reading) string {
	s := l.name() + " was " + l.valueText(r)
	if l.cond.alarm {
		s = fmt.Sprintf("%s was never better than %s", l.name(), l.valueText(r))
	}
	if r.beyond {
		s += " (dropped arrivals never got an answer)"
	}
	if l.length > 0 && r.end > 0 {
		s += fmt.Sprintf(" in the %s up to second %d", durationText(l.cond.over), r.end)
	}
	if l.cond.during != "" {
		s += " during " + phaseText(l.cond.during)
	}
	s += ", not " + l.cond.op.String() + " " + l.limitText()
	if n := l.violated.count(); l.length > 0 && n > 0 {
		s += fmt.Sprintf("; %s of %s broke it", format.Count(int64(n)), format.Plural(int64(l.judged.count()), "window", "windows"))
	}
	return s
}
