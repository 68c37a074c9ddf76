package report

import (
	"fmt"
	"io"
	"math"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// ReadResult is [ReadJSON] with the comparison against a baseline that the file holds; it is nil where the file holds none.
func ReadResult(r io.Reader) (*stampede.Report, *compare.Result, error) {
	f, err := readFile(r)
	if err != nil {
		return nil, nil, err
	}
	return &f.report, f.found, nil
}

// restore makes a comparison of what was read. What does not fit together is refused: who shows it relies on its figures.
func (j *jsonComparison) restore() (*compare.Result, error) {
	c := &compare.Result{
		Reason: j.Reason, Doubted: j.Doubted, Old: restoreSides(j.Old), New: restoreSides(j.New), Paced: j.Headline == "response",
		Limits: verdict.CompareOptions{Limit: j.Limit, Points: j.Points, Floor: nanos(j.Floor, float64(time.Millisecond))}.Filled(),
	}
	var err error
	if c.Outcome, err = outcomeOf(j.Outcome); err != nil {
		return nil, err
	}
	for i, s := range j.Spans {
		c.Spans[i] = compare.Span{From: s[0], To: s[1]}
	}
	for _, m := range j.Missing {
		k := stats.Key{Type: m.Type, Name: m.Name}
		c.Missing = append(c.Missing, k)
		if m.Side == "old" {
			c.Gone = append(c.Gone, k)
		}
	}
	for _, d := range j.Differences {
		c.Differences = append(c.Differences, compare.Difference(d))
	}
	for i := range j.Rows {
		row, err := j.Rows[i].restore()
		if err != nil {
			return nil, fmt.Errorf("%s %q: %w", j.Rows[i].Type, j.Rows[i].Name, err)
		}
		c.Rows = append(c.Rows, row)
	}
	if len(c.Rows) > 0 && c.Rows[0].Key != (stats.Key{}) {
		return nil, fmt.Errorf("it begins with %s and not with all requests", compare.Label(c.Rows[0].Key))
	}
	return c, nil
}

func (j *jsonCompared) restore() (compare.Row, error) {
	row := compare.Row{Key: stats.Key{Type: j.Type, Name: j.Name}, Reason: j.Reason}
	var err error
	if row.Outcome, err = outcomeOf(j.Outcome); err != nil {
		return row, err
	}
	measures := compare.Measures()
	if len(j.Figures) != len(measures) {
		return row, fmt.Errorf("%d figures, where %d are expected", len(j.Figures), len(measures))
	}
	for i := range j.Figures {
		f, err := j.Figures[i].restore(measures[i])
		if err != nil {
			return row, err
		}
		row.Figures = append(row.Figures, f)
	}
	return row, nil
}

// restore makes a figure. A null is what is not known where there is no interval, and endless where there is one.
func (j *jsonMeasured) restore(m compare.Measure) (compare.Figure, error) {
	f := compare.Figure{Name: j.Name, Doubtful: j.Doubtful, Far: j.Far, Between: j.Between, P: orNone(j.P, math.NaN())}
	if j.Name != m.Name {
		return f, fmt.Errorf("the figure %q, where %q is expected", j.Name, m.Name)
	}
	var err error
	if f.Outcome, err = outcomeOf(j.Outcome); err != nil {
		return f, err
	}
	unit, none := 1.0, math.NaN()
	if m.Time {
		unit = float64(time.Millisecond)
	}
	if j.Low != nil || j.High != nil {
		none = math.Inf(1)
	}
	f.Reason, f.Chance = j.Reason, math.NaN()
	f.Old, f.New, f.Change = orNone(j.Old, none)*unit, orNone(j.New, none)*unit, orNone(j.Change, none)
	f.Low, f.High = orNone(j.Low, math.Inf(-1)), orNone(j.High, math.Inf(1))
	f.OldRuns, f.NewRuns = restoreRuns(j.OldRuns, unit), restoreRuns(j.NewRuns, unit)
	return f, nil
}

func restoreRuns(values []*float64, unit float64) []float64 {
	var out []float64
	for _, v := range values {
		out = append(out, orNone(v, math.Inf(1))*unit)
	}
	return out
}

// orNone is a figure that was read, or what a null stands for.
func orNone(v *float64, none float64) float64 {
	if v == nil {
		return none
	}
	return *v
}

func outcomeOf(text string) (verdict.Outcome, error) {
	for _, o := range []verdict.Outcome{verdict.Inconclusive, verdict.Same, verdict.Improved, verdict.Regressed} {
		if o.String() == text {
			return o, nil
		}
	}
	return 0, fmt.Errorf("the outcome %q, which is none", text)
}

func restoreSides(sides []jsonSide) []stampede.RunInfo {
	out := make([]stampede.RunInfo, len(sides))
	for i := range sides {
		s := &sides[i]
		out[i] = stampede.RunInfo{
			ID: s.ID, Name: s.Name, Started: s.Started, Duration: nanos(s.Duration, float64(time.Second)), Users: s.Users, UsersText: s.UsersText,
			RateText: s.RateText, Model: s.Model, Host: s.Host, PlanHash: s.PlanHash, Changes: s.Changes,
		}
	}
	return out
}
