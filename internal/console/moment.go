package console

import (
	"encoding/json"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
)

// recentSeconds is what the page calls now.
const recentSeconds = 10

// moment is the message with the figures of the run so far for somebody who looks at these names and has seen so much, made once for each second.
// nil before the run goes on.
func (c *Console) moment(l *live, look *look, seen position) *message {
	at, over := l.reached()
	f := &l.frames
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now == nil || at.second == 0 || f.now.at != at.second || f.now.events != at.event || f.now.over != over {
		r := l.soFar()
		if r == nil {
			return nil
		}
		f.now = &moment{at: at.second, events: at.event, over: over, report: r, rows: map[stats.Key]json.RawMessage{}, parts: map[view]*message{}}
	}
	m := f.now
	who := view{look.key, seen}
	if made := m.parts[who]; made != nil {
		return made
	}
	out := c.momentOf(l, m.report)
	out.Total = c.row(m, &m.report.Judged.Total)
	out.Rows = []json.RawMessage{}
	for i := range m.report.Judged.Rows {
		if row := &m.report.Judged.Rows[i]; look.lists(row.Key) {
			out.Rows = append(out.Rows, c.row(m, row))
		}
	}
	if look.listAll {
		m.report = namesOf(m.report)
	}
	if look.errors {
		if m.errors == nil {
			m.errors = raw(errorsOf(m.report.Judged.Errors))
		}
		out.Errors = m.errors
	}
	made := written(seen, "figures", raw(out))
	if len(m.parts) < mostParts {
		m.parts[who] = made
	}
	return made
}

// namesOf is a report whose rows are names alone: what their histograms say is written down, and hundreds of those take megabytes.
func namesOf(r *stampede.Report) *stampede.Report {
	slim := *r
	slim.Judged.Rows, slim.Whole = make([]stats.Row, len(r.Judged.Rows)), stats.Totals{}
	for i := range r.Judged.Rows {
		slim.Judged.Rows[i].Key = r.Judged.Rows[i].Key
	}
	return &slim
}

// row is a row as the page has it. The frames are held.
func (c *Console) row(m *moment, row *stats.Row) json.RawMessage {
	if text := m.rows[row.Key]; text != nil {
		return text
	}
	text := json.RawMessage(`null`)
	if c.cfg.Pages != nil {
		if made, err := c.cfg.Pages.Row(row); err == nil {
			text = made
		}
	}
	m.rows[row.Key] = text
	return text
}

func (c *Console) momentOf(l *live, r *stampede.Report) Moment {
	m := Moment{
		State: "done", Elapsed: format.Seconds(r.Run.Duration), Users: 0, Counts: countsOf(r), Verdict: verdictOf(r), Thresholds: thresholdsOf(r),
		Seconds: r.Judged.Seconds, Names: len(r.Judged.Rows), Warnings: list(r.Warnings), Notices: list(r.Notices),
	}
	l.mu.Lock()
	run, over := l.run, l.report != nil
	l.mu.Unlock()
	if run != nil && !over {
		p := run.Progress()
		m.State, m.Elapsed, m.Length, m.Phase, m.Users, m.Rate = p.State, format.Seconds(p.Elapsed), format.Seconds(p.Length), p.Phase, p.Users, p.Rate
		m.Counts.Sent = max(m.Counts.Sent, p.Sent)
	}
	if r.Series != nil {
		m.Recent, m.RecentSpan = recentOf(r)
	}
	return m
}

// recentOf is the last ten seconds together, without a last one that was cut short.
func recentOf(r *stampede.Report) (Point, float64) {
	_, to := r.Series.Span()
	var sum stats.Row
	var span time.Duration
	for sec := range r.Series.Totals(to-recentSeconds, to) {
		sum.Add(&sec.Total)
		span += sec.Lasted()
	}
	return pointOf(&sum, r.Run.Paced, false), format.Seconds(span)
}

func countsOf(r *stampede.Report) Counts {
	return Counts{
		Planned: r.Planned, Sent: r.Sent, Dropped: r.Dropped, InFlight: r.InFlight, UsersStarted: r.UsersStarted, StartFailed: r.StartFailed,
		Died: r.Died, PeakUsers: r.PeakUsers,
	}
}

func verdictOf(r *stampede.Report) VerdictOf {
	return VerdictOf{r.Verdict.Level.String(), list(r.Verdict.Reasons)}
}

func thresholdsOf(r *stampede.Report) []ThresholdOf {
	out := make([]ThresholdOf, len(r.Thresholds))
	for i := range r.Thresholds {
		t := &r.Thresholds[i]
		out[i] = ThresholdOf{
			Expr: t.Expr, Passed: t.Passed, Judged: t.Judged, Provisional: t.Provisional, ValueText: t.ValueText, LimitText: t.LimitText,
			Margin: t.Margin, Reason: t.Reason, FirstBroken: format.Seconds(t.FirstBroken), Stop: t.Stop,
		}
	}
	return out
}

// ErrorOf is failures of one kind.
type ErrorOf struct {
	Type    string  `json:"type"`
	Name    string  `json:"name"`
	Error   string  `json:"error"`
	Count   int64   `json:"count"`
	First   float64 `json:"first_s"`
	Last    float64 `json:"last_s"`
	Kind    string  `json:"kind"`
	Workers []int   `json:"workers"`
	Stack   string  `json:"stack,omitempty"`
}

func errorsOf(rows []stats.ErrorRow) []ErrorOf {
	out := make([]ErrorOf, len(rows))
	for i := range rows {
		e := &rows[i]
		out[i] = ErrorOf{e.Type, e.Name, e.Text, e.Count, format.Seconds(e.First), format.Seconds(e.Last), e.Kind.String(), list(e.Workers), e.Stack}
	}
	return out
}

// list makes sure that no list is null.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
