package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
)

// JSONOptions says what goes into the file. The zero value is the result with its histograms, enough for every export but those that
// show the course of the run.
type JSONOptions struct {
	Series bool // the seconds of the run too, as far apart as they were kept
	// Comparison is what a comparison against a baseline found; nil for none. ReadResult reads it.
	Comparison *compare.Result
}

// WriteJSON writes the result as schema 1: docs/formats.md, docs/schema/result.schema.json. Times are milliseconds, rounded to the
// microsecond. Each request, error and second is on a line of its own. [ReadJSON] reads it back.
func WriteJSON(w io.Writer, r *stampede.Report, o JSONOptions) error {
	j := jsonWriter{w: bufio.NewWriterSize(w, 64<<10)}
	j.put("{\n")
	j.field("schema", jsonSchema)
	j.field("run", jsonRunOf(r))
	j.field("verdict", jsonVerdict{r.Verdict.Level.String(), list(r.Verdict.Reasons)})
	j.field("thresholds", jsonThresholds(r))
	j.field("planned", r.Planned)
	j.field("sent", r.Sent)
	j.field("dropped", r.Dropped)
	j.field("not_started", r.NotStarted)
	j.field("lost", r.Lost)
	j.field("in_flight", r.InFlight)
	j.totals(&r.Judged, func() { j.field("workers", jsonWorkers(r)) })
	j.extras(r, o.Comparison)
	if o.Comparison != nil {
		j.field("comparison", jsonComparisonOf(o.Comparison))
	}
	if o.Series && r.Series != nil {
		j.series(r.Series, r.Run.Paced)
	}
	j.put("\n}\n")
	if j.err == nil {
		j.err = j.w.Flush()
	}
	return j.err
}

// jsonWriter writes an object field by field, so that a long run need not be in memory twice. The first error stays.
type jsonWriter struct {
	w     *bufio.Writer
	err   error
	inner bool // a field was written: the next one needs a comma
}

func (j *jsonWriter) put(s string) {
	if j.err == nil {
		_, j.err = j.w.WriteString(s)
	}
}

func (j *jsonWriter) name(name string) {
	if j.inner {
		j.put(",\n")
	}
	j.inner = true
	j.put(`"` + name + `": `)
}

// value writes v on one line. Characters of HTML stay as they are: a rule reads p95 < 500ms.
func (j *jsonWriter) value(v any) {
	if j.err != nil {
		return
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if j.err = e.Encode(v); j.err == nil {
		_, j.err = j.w.Write(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	}
}

func (j *jsonWriter) field(name string, v any) {
	j.name(name)
	j.value(v)
}

// items writes a list, each item on its own line.
func (j *jsonWriter) items(name string, n int, item func(i int) any) {
	j.name(name)
	j.put("[")
	for i := range n {
		if i > 0 {
			j.put(",")
		}
		j.put("\n  ")
		j.value(item(i))
	}
	if n > 0 {
		j.put("\n")
	}
	j.put("]")
}

// totals writes the fields of a stretch of the run; between is called where the agreed order has something else after the errors.
func (j *jsonWriter) totals(t *stats.Totals, between func()) {
	j.field("total", jsonRowOf(&t.Total, t.Seconds))
	j.items("requests", len(t.Rows), func(i int) any { return jsonRowOf(&t.Rows[i], t.Seconds) })
	j.items("errors", len(t.Errors), func(i int) any { return jsonErrorOf(&t.Errors[i]) })
	if pages := jsonPages(t); len(pages) > 0 {
		j.items("pages", len(pages), func(i int) any { return pages[i] })
	}
	between()
	j.field("seconds", round(t.Seconds, 9)) // in full: rates are made from it
	j.items("histograms", len(t.Rows), func(i int) any { return jsonHistsOf(&t.Rows[i]) })
}

// extras are the fields beyond the agreed ones.
func (j *jsonWriter) extras(r *stampede.Report, c *compare.Result) {
	j.field("result", LineAgainst(r, c))
	j.field("oldest_in_flight_ms", format.Millis(r.Oldest))
	j.field("users_started", r.UsersStarted)
	j.field("start_failed", r.StartFailed)
	j.field("died", r.Died)
	j.field("peak_users", r.PeakUsers)
	j.field("phases", jsonPhases(r))
	j.items("events", len(r.Events), func(i int) any {
		return jsonEvent{format.Seconds(r.Events[i].At), r.Events[i].Kind, r.Events[i].Text}
	})
	j.field("environment", jsonEnvironment(r))
	j.field("warnings", list(r.Warnings))
	j.field("notices", list(r.Notices))
	if len(r.Tasks) > 0 {
		j.items("tasks", len(r.Tasks), func(i int) any { return jsonTaskOf(&r.Tasks[i]) })
	}
	if len(r.Pages) > 0 {
		j.items("waterfalls", len(r.Pages), func(i int) any { return jsonPictureOf(&r.Pages[i]) })
	}
	j.servers(r)
	if r.HadWarmup() {
		j.name("whole")
		j.put("{\n")
		j.inner = false
		j.totals(&r.Whole, func() {})
		j.put("\n}")
	}
}

func jsonRunOf(r *stampede.Report) jsonRun {
	run := &r.Run
	model, visits := JSONModel(run.Model)
	return jsonRun{
		ID: run.ID, Name: run.Name, Started: run.Started.Round(0), Duration: format.Seconds(run.Duration), Load: format.Seconds(run.Load), Users: run.Users,
		SpawnRate: finite(run.SpawnRate), Host: run.Host, Seed: run.Seed, Model: model, Headline: r.Headline(),
		UsersText: run.UsersText, RateText: run.RateText, PlanHash: run.PlanHash, Version: run.Version, IO: run.IO,
		Changes: run.Changes, Focus: run.Focus, Notes: run.Notes, Links: list(run.Links), Tags: list(run.Tags),
		Stopped: run.Stopped, Interrupted: run.Interrupted, Visits: visits,
		Cost: finite(run.Cost), CostBasis: run.CostBasis,
	}
}

// JSONModel is a model as files for programs have it: closed or open, and whether what arrives in an open one is users that live a visit.
func JSONModel(m stampede.Model) (model stampede.Model, visits bool) {
	if m == stampede.PartlyOpen {
		return stampede.Open, true
	}
	return m, false
}

func jsonThresholds(r *stampede.Report) []jsonThreshold {
	ts := make([]jsonThreshold, len(r.Thresholds))
	for i := range r.Thresholds {
		t := &r.Thresholds[i]
		ts[i] = jsonThreshold{
			Expr: t.Expr, Passed: t.Passed, Limit: jsonFigure(t.Limit, t.LimitText), ValueText: t.ValueText, LimitText: t.LimitText, Margin: round(t.Margin, 6),
			Beyond: t.Beyond, Reason: t.Reason, FirstBroken: format.Seconds(t.FirstBroken), Stop: t.Stop,
		}
		if t.Judged {
			value := jsonFigure(t.Value, t.ValueText)
			ts[i].Value = &value
		}
	}
	return ts
}

// jsonFigure rounds the value or limit of a threshold as every other file does: times, which its text tells by their unit, to the
// microsecond.
func jsonFigure(v float64, text string) float64 {
	for _, unit := range []string{" ns", " us", " ms", " s", " min", " h"} {
		if strings.HasSuffix(text, unit) {
			return round(v, 3)
		}
	}
	return round(v, 9)
}

func jsonErrorOf(e *stats.ErrorRow) jsonError {
	return jsonError{
		Type: e.Type, Name: e.Name, Error: e.Text, Count: e.Count, First: format.Seconds(e.First), Last: format.Seconds(e.Last),
		Kind: e.Kind.String(), Detail: e.Detail, Workers: list(slices.Clone(e.Workers)), Stack: e.Stack,
	}
}

func jsonWorkers(r *stampede.Report) []jsonWorker {
	ws := make([]jsonWorker, len(r.Workers))
	for i, w := range r.Workers {
		ws[i] = jsonWorkerOf(&w)
	}
	return ws
}

func jsonPhases(r *stampede.Report) []jsonPhase {
	ps := make([]jsonPhase, len(r.Phases))
	for i, p := range r.Phases {
		ps[i] = jsonPhase{p.Name, format.Seconds(p.From), format.Seconds(p.To)}
	}
	return ps
}

func jsonEnvironment(r *stampede.Report) []jsonSetting {
	ss := make([]jsonSetting, len(r.Environment))
	for i, s := range r.Environment {
		ss[i] = jsonSetting{s.Name, s.Value}
	}
	return ss
}

// finite is v, or 0 for what JSON cannot hold.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}
