package screen

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/report"
)

// What of the servers is shown beside a comparison.
const (
	mostBeside  = 16   // series
	leastBeside = 0.05 // change of the mean
)

// beside is a series of both sides.
type beside struct {
	name, unit  string
	before, now float64
}

// ServersBeside is what the servers of both sides said, where both had them: the mean of each series over the run, those that changed most first; and
// both limits, where limits were searched for. Figures of servers are not judged: they stand beside what visitors felt, to say where to look.
func ServersBeside(before, now []compare.Run, columns int) string {
	var b strings.Builder
	if len(before) == 1 && len(now) == 1 && before[0].Report.Limit != nil && now[0].Report.Limit != nil {
		fmt.Fprintf(&b, "\nlimits\n  before  %s\n  now     %s\n", clean(report.LimitText(before[0].Report.Limit)), clean(report.LimitText(now[0].Report.Limit)))
	}
	all := bothSides(meansOf(before), meansOf(now))
	if len(all) == 0 {
		return b.String()
	}
	slices.SortStableFunc(all, func(x, y beside) int {
		return cmp.Or(cmp.Compare(math.Abs(y.change()), math.Abs(x.change())), cmp.Compare(x.name, y.name))
	})
	g := grid{least: 12, columns: []column{{title: "servers, means", left: true}, {title: "before"}, {title: "now"}, {title: "change"}}}
	left := 0
	for _, s := range all {
		if len(g.rows) == mostBeside || math.Abs(s.change()) < leastBeside {
			left++
			continue
		}
		g.rows = append(g.rows, []cell{{text: clean(s.name)}, {text: format.Amount(s.before, s.unit)}, {text: format.Amount(s.now, s.unit)}, {text: s.changeText()}})
	}
	b.WriteString("\n")
	if len(g.rows) > 0 {
		b.WriteString(strings.Join(g.lay(columns, newPalette(false)), "\n") + "\n")
	}
	if left > 0 {
		fmt.Fprintf(&b, "servers: %s changed by less, or are not shown\n", format.Plural(int64(left), "series", "series"))
	}
	return b.String()
}

// change is how much more it is now, as a share; from nothing to something is endless.
func (s *beside) change() float64 {
	switch {
	case s.before == s.now:
		return 0
	case s.before == 0:
		return math.Inf(1)
	}
	return s.now/s.before - 1
}

func (s *beside) changeText() string {
	c := s.change()
	if math.IsInf(c, 0) {
		return "new"
	}
	return fmt.Sprintf("%+.0f %%", 100*c)
}

type seriesMean struct {
	unit string
	sum  float64
	runs int
}

// meansOf is the mean of each series over the runs of a side.
func meansOf(runs []compare.Run) map[string]seriesMean {
	out := map[string]seriesMean{}
	for i := range runs {
		for k := range runs[i].Report.Servers {
			addMeans(out, &runs[i].Report.Servers[k])
		}
	}
	return out
}

func addMeans(out map[string]seriesMean, server *stampede.ServerFigures) {
	for i := range server.Series {
		s := &server.Series[i]
		if len(s.Points) == 0 {
			continue
		}
		sum := 0.0
		for _, p := range s.Points {
			sum += p.Value
		}
		name := server.Name + "." + s.Name
		m := out[name]
		out[name] = seriesMean{s.Unit, m.sum + sum/float64(len(s.Points)), m.runs + 1}
	}
}

// bothSides are the series that both have.
func bothSides(before, now map[string]seriesMean) (out []beside) {
	for name, old := range before {
		if fresh, found := now[name]; found && fresh.unit == old.unit {
			out = append(out, beside{name, old.unit, old.sum / float64(old.runs), fresh.sum / float64(fresh.runs)})
		}
	}
	return out
}
