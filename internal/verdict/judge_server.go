package verdict

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/suggest"
)

// Servers gives a judge what servers said of themselves so far. It is asked on the goroutine that closes seconds.
type Servers interface {
	// Names are the servers that are watched.
	Names() []string
	// Has is the names of the series that a server gave so far.
	Has(server string) []string
	// Series is one of them, with its points from a moment of the run on; false while the server has not given it.
	Series(server, name string, from time.Duration) (ServerSeries, bool)
}

// ServerSeries is a figure of a server over the run.
type ServerSeries struct {
	Unit   string        // "%", "B", "B/s", "s", "ms", "/s", "" and others
	Limit  float64       // the most that it can become; 0 when nobody says
	Grain  time.Duration // usual distance of two points; zero means a second
	Points []ServerPoint // in order of time; a gap is a missing point
}

// ServerPoint is the figure at a moment of the run.
type ServerPoint struct {
	At    time.Duration
	Value float64
}

// checkServer refuses the name of a server that is not watched.
func checkServer(r *Rule, c *condition, servers Servers) error {
	if c.metric.Stat != StatServer {
		return nil
	}
	name := c.metric.Server
	if servers == nil || len(servers.Names()) == 0 {
		return fmt.Errorf("threshold %s: no server is watched; name it with --server %s=KIND:URL, or under servers: in stampede.yaml", r.Expr(), name)
	}
	names := servers.Names()
	if slices.Contains(names, name) {
		return nil
	}
	hint := "those that are watched: " + strings.Join(names, ", ")
	if near := suggest.Nearest(name, names); near != "" {
		hint = "did you mean " + near + "? " + hint
	}
	return fmt.Errorf("threshold %s: no server is named %s; %s", r.Expr(), name, hint)
}

// UsesServers reports whether a condition of the rule is on a server's figure.
func (r *Rule) UsesServers() bool {
	return r != nil && r.root != nil && r.root.some(func(c *condition) bool { return c.metric.Stat == StatServer })
}

// gauge is what a condition on a server's figure knows of it. Without a window every reading must hold, so its figure is the worst; with `over` it is
// the mean of each window; with `for` the reading that was least bad, since all of them must be bad for the alarm.
type gauge struct {
	of      Servers
	loaded  *spans       // whole seconds under load so far
	series  ServerSeries // with the points of the last look
	found   bool
	through time.Duration // points before were looked at
	worst   reading       // without a window
	judged  int           // windows that end at this second or before were judged
	fresh   int           // the second after the newest point
}

// sofar is the figure without a window.
func (g *gauge) sofar(l *leaf, now gone) reading {
	g.load(l, g.through)
	for _, p := range g.series.Points {
		if p.At < g.through {
			continue
		}
		if p.At.Seconds() >= now.to {
			break // after the load, or in a second that is not over
		}
		g.through = p.At + 1
		s := int(p.At / time.Second)
		v, ok := g.scaled(l, p.Value)
		if !ok || !l.spans.whole(s, s+1) {
			continue
		}
		r := reading{value: v, has: true, end: s + 1}
		if !g.worst.has || l.worse(r, g.worst) {
			g.worst = r
		}
	}
	return g.worst
}

// load takes the points from a moment on.
func (g *gauge) load(l *leaf, from time.Duration) {
	if s, found := g.of.Series(l.cond.metric.Server, l.cond.metric.Series, from); found {
		g.series, g.found = s, true
	}
}

// reload forgets what was judged, and takes all points.
func (g *gauge) reload(l *leaf) {
	g.load(l, 0)
	g.through, g.worst, g.judged = 0, reading{}, 0
	l.judged, l.violated, l.worst, l.last, l.state = moments{}, moments{}, reading{}, reading{}, absent
}

// look judges the windows that became whole with a second. Points of a server may be behind the seconds: then so are the windows.
func (g *gauge) look(l *leaf, at stretch) {
	if l.length == 0 {
		return
	}
	if !at.whole {
		l.state = open
		return
	}
	begun := g.judged - l.length - int(g.grain()/time.Second)
	g.load(l, time.Duration(max(0, begun))*time.Second)
	if n := len(g.series.Points); n > 0 {
		last := g.series.Points[n-1].At
		if grain := g.grain(); grain > time.Second {
			last += grain - time.Second
		}
		g.fresh = max(g.fresh, int(last/time.Second)+1)
	}
	end := min(at.to, g.fresh)
	for to := g.judged + 1; to <= end; to++ {
		l.state = g.window(l, to)
	}
	g.judged = max(g.judged, end)
	if at.to-g.fresh > 3*int(g.grain()/time.Second)+longestSilence {
		l.state = absent
	}
}

// longestSilence is after how many seconds without a point what was last known of a server is not known any more.
const longestSilence = 5

func (g *gauge) grain() time.Duration { return max(g.series.Grain.Round(time.Second), time.Second) }

// window judges the window that ends at a second. One of which less than half was read says nothing.
func (g *gauge) window(l *leaf, to int) truth {
	from := to - l.length
	if from < 0 || !l.spans.whole(from, to) || !g.loaded.whole(from, to) {
		return absent
	}
	r := g.over(l, time.Duration(from)*time.Second, time.Duration(to)*time.Second)
	r.end = to
	l.judge(r)
	return l.state
}

// over is the figure of a stretch.
func (g *gauge) over(l *leaf, from, to time.Duration) reading {
	points := g.series.Points
	i := sort.Search(len(points), func(i int) bool { return points[i].At >= from })
	j := i + sort.Search(len(points)-i, func(k int) bool { return points[i+k].At >= to })
	if i == j && i > 0 && from-points[i-1].At < g.grain() {
		i-- // a point stands for its grain
	}
	if i == j || time.Duration(2*(j-i))*g.grain() < to-from {
		return reading{}
	}
	var r reading
	sum := 0.0
	for _, p := range points[i:j] {
		v, ok := g.scaled(l, p.Value)
		if !ok {
			return reading{}
		}
		sum += v
		if one := (reading{value: v, has: true}); !r.has || l.worse(r, one) {
			r = one
		}
	}
	if !l.cond.alarm {
		r.value = sum / float64(j-i)
	}
	return r
}

// scaled is a value in the base of the condition's unit; false when they do not go together.
func (g *gauge) scaled(l *leaf, v float64) (float64, bool) {
	unit := g.series.Unit
	switch want := l.cond.value; {
	case want.OfLimit:
		limit := g.limit()
		return 100 * v / limit, limit > 0
	case want.Unit == UnitNone:
		return v, true
	case want.Unit == UnitTime && unit == "s":
		return v * float64(time.Second), true
	case want.Unit == UnitTime && unit == "ms":
		return v * float64(time.Millisecond), true
	case want.Unit == UnitTime && (unit == "us" || unit == "µs"):
		return v * float64(time.Microsecond), true
	case want.Unit == UnitShare:
		return v, unit == "%"
	case want.Unit == UnitRate:
		return v, strings.HasSuffix(unit, "/s") && unit != "B/s"
	case want.Unit == UnitBytes:
		return v, unit == "B" || unit == "B/s"
	}
	return 0, false
}

// limit is the most that the figure can become; 0 when nobody says.
func (g *gauge) limit() float64 {
	if g.series.Limit == 0 && g.series.Unit == "%" {
		return 100
	}
	return g.series.Limit
}

// text is a figure as people read it: of its limit where it is compared with that.
func (g *gauge) text(l *leaf, v float64) string {
	switch {
	case l.cond.value.OfLimit:
		raw := math.Round(v*g.limit()*1e7) / 1e9
		return format.Amount(raw, g.series.Unit) + " of " + format.Amount(g.limit(), g.series.Unit)
	case l.cond.metric.Unit == UnitNone:
		return format.Amount(v, g.series.Unit)
	}
	return l.format(v)
}

func (g *gauge) limitText(v Value) string {
	switch {
	case v.OfLimit && g.limit() > 0:
		return plain(v.Num) + " % of " + format.Amount(g.limit(), g.series.Unit)
	case v.OfLimit:
		return plain(v.Num) + " % of its limit"
	case v.Unit == UnitNone:
		return format.Amount(v.Num, g.series.Unit)
	case v.Unit == UnitTime:
		return spaced(v.String())
	case v.Unit == UnitShare:
		return plain(v.Num) + " %"
	case v.Unit == UnitBytes:
		return bytesText(v.Num, " ")
	}
	return v.String()
}

// missing says why there is no figure.
func (g *gauge) missing(l *leaf, j *Judge) string {
	m := l.cond.metric
	switch {
	case !g.found:
		return g.unknown(m)
	case len(g.series.Points) == 0:
		return "inconclusive: " + m.Server + " never had a value of " + m.Series
	case l.cond.value.OfLimit && g.limit() == 0:
		return "inconclusive: " + m.Server + " does not say how much " + m.Series + " can become; compare with a number"
	}
	if _, fits := g.scaled(l, 0); !fits {
		unit := g.series.Unit
		if unit == "" {
			unit = "a plain number"
		}
		return "inconclusive: " + m.String() + " is in " + unit + ", and cannot be compared with " + l.cond.value.String()
	}
	if l.length > 0 {
		return fmt.Sprintf("inconclusive: %s was not read over a whole window of %s%s", m, durationText(l.cond.over), l.stretchText(j))
	}
	return "inconclusive: " + m.String() + " had no value" + l.stretchText(j)
}

// unknown says that the server never gave such a series, and what it gave.
func (g *gauge) unknown(m Metric) string {
	has := g.of.Has(m.Server)
	if len(has) == 0 {
		return "inconclusive: " + m.Server + " gave no figures"
	}
	slices.Sort(has)
	text := "inconclusive: " + m.Server + " has no series " + m.Series
	if near := suggest.Nearest(m.Series, has); near != "" {
		text += "; did you mean " + near + "?"
	}
	shown := has[:min(len(has), 3*namesListed)]
	text += " There are: " + strings.Join(shown, ", ")
	if more := len(has) - len(shown); more > 0 {
		text += " and " + format.Count(int64(more)) + " more"
	}
	return text
}

// Unknown is what rules ask of servers that answered and do not have it, in words: for a warning while the run goes on.
func (j *Judge) Unknown() (texts []string) {
	for _, t := range j.trials {
		for _, l := range t.leaves {
			if g := l.gauge; g != nil && !g.found && len(g.of.Has(l.cond.metric.Server)) > 0 {
				texts = append(texts, strings.TrimPrefix(g.unknown(l.cond.metric), "inconclusive: "))
			}
		}
	}
	return texts
}
