package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Label is what a row is called: "GET /login", and "all requests" for the zero key.
func Label(k stats.Key) string {
	if k == (stats.Key{}) {
		return "all requests"
	}
	return strings.TrimSpace(k.Type + " " + k.Name)
}

// Labels are what rows are called, most of them at most, each passed through quote; if there are more, how many is said last.
func Labels(keys []stats.Key, most int, quote func(string) string) []string {
	texts := make([]string, 0, min(len(keys), most+1))
	for i, k := range keys {
		if i == most {
			return append(texts, "and "+format.Count(int64(len(keys)-i))+" more")
		}
		texts = append(texts, quote(Label(k)))
	}
	return texts
}

// measure is what a figure is a figure of.
func (f *Figure) measure() Measure {
	all := Measures()
	return all[max(0, slices.IndexFunc(all, func(m Measure) bool { return m.Name == f.Name }))]
}

// Text is a value of the figure, such as its Old: "412 ms", "1,204/s", "0.2 %".
func (f *Figure) Text(v float64) string {
	m := f.measure()
	switch {
	case math.IsNaN(v):
		return format.None
	case math.IsInf(v, 0):
		return "never" // dropped arrivals, which were never answered, reach into the quantile
	case m.Share:
		return format.Percent(v)
	case m.Time:
		return format.Duration(time.Duration(v))
	default:
		return format.Rate(v)
	}
}

// ChangeText is a change of the figure, such as its Change, Low or High: "+38.0 %", "12.3 times"; of shares "+1.2 points".
func (f *Figure) ChangeText(change float64) string {
	switch {
	case math.IsNaN(change):
		return format.None
	case math.IsInf(change, 0):
		return "endless"
	case f.measure().Share:
		text := format.Decimal(change*100, 2) + " points"
		if change > 0 && !strings.HasPrefix(text, "0 ") {
			text = "+" + text
		}
		return text
	}
	if change >= 11 {
		return format.Number(change) + " times"
	}
	percent := math.Round((change-1)*1000) / 10
	if percent == 0 {
		return "0 %"
	}
	return fmt.Sprintf("%+.1f %%", percent)
}

// IntervalText is where the change lies with 95 % confidence: "+31.2 to +46.0 %"; "-" when nothing is known.
func (f *Figure) IntervalText() string {
	if !f.Known() {
		return format.None
	}
	low, high := f.ChangeText(f.Low), f.ChangeText(f.High)
	for _, unit := range []string{" %", " points"} {
		if strings.HasSuffix(high, unit) {
			low = strings.TrimSuffix(low, unit)
		}
	}
	return low + " to " + high
}

// Finding is the figure of a row that says most, of those with the row's outcome: p95, or else the one that is the least by chance.
func (r *Row) Finding() *Figure {
	var best *Figure
	for _, name := range []string{"p95", "p99", "p50", "failures", rate} {
		switch f := r.Figure(name); {
		case f == nil || f.Outcome != r.Outcome || !f.Known():
		case name == "p95":
			return f
		case best == nil || f.P < best.P:
			best = f
		}
	}
	if best == nil {
		best = r.Figure("p95")
	}
	if best == nil {
		best = &r.Figures[0]
	}
	return best
}

// Sentence is the outcome in plain words, without the word itself: "p95 of GET /login changed by +38.0 % (+31.2 to +46.0 %)".
func (r *Result) Sentence() string {
	if r.Outcome == verdict.Inconclusive {
		return r.Reason
	}
	var changed []*Row
	for i := range r.Rows {
		if r.Rows[i].Outcome == r.Outcome {
			changed = append(changed, &r.Rows[i])
		}
	}
	if r.Outcome == verdict.Same {
		text := fmt.Sprintf("nothing changed by %s %% or more", format.Decimal(r.Limits.Limit*100, 3))
		if r.belowFloor() {
			text += ", but for times by less than " + format.Duration(r.Limits.Floor)
		}
		if doubts := r.Doubts(); doubts != "" {
			text += "; " + doubts
		}
		return text + r.oneSided()
	}
	f := changed[0].Finding()
	text := fmt.Sprintf("%s of %s changed by %s (%s)", f.Name, Label(changed[0].Key), f.ChangeText(f.Change), f.IntervalText())
	if more := len(changed) - 1; more > 0 && len(r.Rows) > 2 {
		way := "worse"
		if r.Outcome == verdict.Improved {
			way = "better"
		}
		text += fmt.Sprintf("; %s %s too", format.Plural(int64(more), "name is", "names are"), way)
	}
	if n := r.count(verdict.Improved); n > 0 && r.Outcome == verdict.Regressed {
		text += fmt.Sprintf("; %s better", format.Plural(int64(n), "name is", "names are"))
	}
	return text + r.oneSided()
}

// belowFloor reports whether a time changed by a large share that is the same all the same.
func (r *Result) belowFloor() bool {
	for i := range r.Rows {
		for k := range r.Rows[i].Figures {
			f := &r.Rows[i].Figures[k]
			if f.Outcome == verdict.Same && f.measure().Time && math.Abs(f.Change-1) > r.Limits.Limit {
				return true
			}
		}
	}
	return false
}

// oneSided says that names were compared with nothing: a page that is not asked for any more is no page that stayed the same.
func (r *Result) oneSided() string {
	text := ""
	if n := len(r.Gone); n > 0 {
		text += "; " + format.Plural(int64(n), "name is", "names are") + " gone"
	}
	if n := len(r.Missing) - len(r.Gone); n > 0 {
		text += "; " + format.Plural(int64(n), "name is", "names are") + " new"
	}
	return text
}

// Doubts says how many names could not be judged and why: "3 names have too few requests, of 47 not every figure is sure to 5 %". It is ""
// when there is none.
func (r *Result) Doubts() string {
	few, uneven := 0, 0
	for i := range r.Rows {
		switch row := &r.Rows[i]; {
		case row.Outcome != verdict.Inconclusive || row.Key == (stats.Key{}):
		case slices.ContainsFunc(row.Figures, func(f Figure) bool { return f.Known() }):
			uneven++
		default:
			few++
		}
	}
	var parts []string
	if few > 0 {
		parts = append(parts, format.Plural(int64(few), "name has", "names have")+" too few requests")
	}
	if uneven > 0 {
		parts = append(parts, fmt.Sprintf("of %s not every figure is sure to %s %%", format.Plural(int64(uneven), "name", "names"), format.Decimal(r.Limits.Limit*100, 3)))
	}
	return strings.Join(parts, ", ")
}

// count is how many rows have an outcome.
func (r *Result) count(o verdict.Outcome) int {
	n := 0
	for i := range r.Rows {
		if r.Rows[i].Outcome == o {
			n++
		}
	}
	return n
}
