package console

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
)

// How much of a run one answer holds.
const (
	mostStretches = 3600 // when a step was asked for
	fitStretches  = 720  // when not: what a screen can show
	mostNames     = 500
)

// course is a run over time, wherever it is kept.
type course interface {
	keys(ctx context.Context) ([]stats.Key, error)
	span() (from, to int)
	totals(ctx context.Context, from, to int) ([]*stats.Second, error)
	points(ctx context.Context, key stats.Key, from, to int) ([]stats.Point, error)
	paced() bool
}

// memory is the course of the current run.
type memory struct {
	series  *stats.Series
	isPaced bool
}

func (m memory) keys(context.Context) ([]stats.Key, error) { return m.series.Keys(), nil }
func (m memory) span() (from, to int)                      { return m.series.Span() }
func (m memory) paced() bool                               { return m.isPaced }

func (m memory) totals(_ context.Context, from, to int) ([]*stats.Second, error) {
	return slices.Collect(m.series.Totals(from, to)), nil
}

func (m memory) points(_ context.Context, key stats.Key, from, to int) ([]stats.Point, error) {
	return slices.Collect(m.series.Between(key, from, to)), nil
}

// recorded is the course of a run of the ledger.
type recorded struct {
	ledger Ledger
	id     string
	report *stampede.Report // with the course of all requests together
	names  []stats.Key
}

func (b *recorded) keys(context.Context) ([]stats.Key, error) { return b.names, nil }
func (b *recorded) paced() bool                               { return b.report.Run.Paced }

func (b *recorded) span() (from, to int) {
	if b.report.Series == nil {
		return 0, 0
	}
	return b.report.Series.Span()
}

func (b *recorded) totals(_ context.Context, from, to int) ([]*stats.Second, error) {
	if b.report.Series == nil {
		return nil, nil
	}
	return slices.Collect(b.report.Series.Totals(from, to)), nil
}

func (b *recorded) points(ctx context.Context, key stats.Key, from, to int) ([]stats.Point, error) {
	return b.ledger.Course(ctx, b.id, key, from, to)
}

// courses keeps the runs of the ledger that were looked at last: a page asks for many parts of one run.
type courses struct {
	mu   sync.Mutex
	last []*recorded
}

const keptCourses = 4

func (c *courses) find(id string) *recorded {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range c.last {
		if b.id == id {
			return b
		}
	}
	return nil
}

func (c *courses) keep(b *recorded) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = append(c.last, b)
	if len(c.last) > keptCourses {
		c.last = slices.Delete(c.last, 0, 1)
	}
}

func (c *courses) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = slices.DeleteFunc(c.last, func(b *recorded) bool { return b.id == id })
}

// courseOf is the course of a run.
func (c *Console) courseOf(ctx context.Context, ref string) (course, error) {
	if l := c.find(ref); l != nil {
		l.mu.Lock()
		run, paced := l.run, l.info.Paced
		l.mu.Unlock()
		if run == nil {
			return memory{stats.NewSeries(stats.SeriesOptions{}), paced}, nil
		}
		return memory{run.Series(), paced}, nil
	}
	if c.cfg.Ledger == nil {
		return nil, ErrUnknown
	}
	e, err := c.cfg.Ledger.Find(ctx, ref)
	if err != nil {
		return nil, err
	}
	if b := c.courses.find(e.ID); b != nil {
		return b, nil
	}
	r, err := c.cfg.Ledger.Report(ctx, e.ID, true)
	if err != nil {
		return nil, err
	}
	b := &recorded{ledger: c.cfg.Ledger, id: e.ID, report: r}
	for i := range r.Whole.Rows {
		b.names = append(b.names, r.Whole.Rows[i].Key)
	}
	if e.State == "done" || e.State == "interrupted" { // others still change
		c.courses.keep(b)
	}
	return b, nil
}

// query is which part of a course.
type query struct {
	from, to, step int // to and step of 0: until the end, as fits a screen
	names          []string
	heat           bool
}

// seconds reads a part of a course.
func seconds(ctx context.Context, c course, q query) ([]Second, error) {
	_, end := c.span()
	to := q.to
	if to <= 0 || to > end {
		to = end
	}
	from := max(q.from, 0)
	if from >= to {
		return []Second{}, nil
	}
	step := q.step
	if step <= 0 {
		step = max(1, (to-from+fitStretches-1)/fitStretches)
	}
	step = max(step, (to-from+mostStretches-1)/mostStretches)
	totals, err := c.totals(ctx, from, to)
	if err != nil {
		return nil, err
	}
	parts := cut(totals, from, step)
	keys, err := chosen(ctx, c, q.names)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		points, err := c.points(ctx, k, from, to)
		if err != nil {
			return nil, err
		}
		fill(parts, k, points)
	}
	out := make([]Second, len(parts))
	for i := range parts {
		out[i] = parts[i].second(c.paced(), q.heat)
	}
	return out, nil
}

// cut joins stretches into longer ones that begin at from and are a step apart, as far as the stretches allow.
func cut(totals []*stats.Second, from, step int) []stretch {
	var parts []stretch
	for _, sec := range totals {
		end := sec.Index + sec.Width
		last := len(parts) - 1
		if last < 0 || (sec.Index-from)/step != (parts[last].from-from)/step {
			parts = append(parts, stretch{from: sec.Index, to: end, lasted: sec.Lasted(), gauges: sec.Gauges})
			last++
		} else {
			p := &parts[last]
			p.to, p.lasted, p.gauges = end, p.lasted+sec.Lasted(), later(&p.gauges, &sec.Gauges)
		}
		parts[last].total.Add(&sec.Total)
	}
	return parts
}

// fill adds the points of a name to the stretches that they lie in.
func fill(parts []stretch, key stats.Key, points []stats.Point) {
	for i := range parts {
		parts[i].rows = append(parts[i].rows, stats.Row{Key: key})
	}
	at := 0
	for i := range points {
		for at < len(parts)-1 && points[i].From >= parts[at].to {
			at++
		}
		if at < len(parts) {
			rows := parts[at].rows
			rows[len(rows)-1].Add(&points[i].Row)
		}
	}
}

// label is what a name is called in a request: "GET /login".
func label(k stats.Key) string { return strings.TrimSpace(k.Type + " " + k.Name) }

// chosen are the names of a course that were asked for: "*" is all. One that is not there (yet) is nothing.
func chosen(ctx context.Context, c course, names []string) ([]stats.Key, error) {
	if len(names) == 0 {
		return nil, nil
	}
	all, err := c.keys(ctx)
	if err != nil {
		return nil, err
	}
	var keys []stats.Key
	for _, k := range all {
		if slices.Contains(names, label(k)) || slices.Contains(names, "*") {
			keys = append(keys, k)
		}
	}
	if len(keys) > mostNames {
		return nil, trouble(422, fmt.Sprintf("%d names are more than one answer holds: ask for at most %d", len(keys), mostNames))
	}
	return keys, nil
}
