package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// jsonTotals is one stretch of a run while it is read.
type jsonTotals struct {
	seconds *float64
	rows    []stats.Row
	errors  []stats.ErrorRow
	hists   map[stats.Key]*jsonHists
	pages   map[string]stats.PageCounts
}

// totals reads a field of a stretch. What is not known is passed over.
func (f *jsonFile) totals(t *jsonTotals, name string) error {
	switch name {
	case "seconds":
		return f.d.Decode(&t.seconds)
	case "pages":
		return array(f, func(j *jsonPage) error { return j.restore(t) })
	case "requests":
		t.rows = nil
		return array(f, func(j *jsonRow) error { return j.restore(t) })
	case "errors":
		t.errors = nil
		return array(f, func(j *jsonError) error { return j.restore(t) })
	case "histograms":
		t.hists = make(map[stats.Key]*jsonHists)
		return array(f, func(j *jsonHists) error {
			t.hists[stats.Key{Type: j.Type, Name: j.Name}] = j
			return nil
		})
	default:
		var skipped json.RawMessage
		return f.d.Decode(&skipped)
	}
}

// finish puts together what needs more than one field.
func (f *jsonFile) finish() error {
	r := &f.report
	var err error
	if r.Judged, err = f.judged.restore(r); err != nil {
		return err
	}
	r.Whole = r.Judged
	if f.hasWhole {
		if r.Whole, err = f.whole.restore(r); err != nil {
			return fmt.Errorf(`"whole": %w`, err)
		}
	}
	r.Series = f.series
	if f.judged.hists == nil && len(r.Judged.Rows) > 0 {
		r.Notices = append(r.Notices, "the file this was read from has no histograms: times are not known")
	}
	return nil
}

func (t *jsonTotals) restore(r *stampede.Report) (stats.Totals, error) {
	out := stats.Totals{Rows: t.rows, Errors: t.errors, Seconds: r.Run.Duration.Seconds()}
	if t.seconds != nil {
		out.Seconds = *t.seconds
	}
	if !(out.Seconds >= 0) {
		return out, fmt.Errorf("a length of %v s", out.Seconds)
	}
	if err := sortRows(out.Rows); err != nil {
		return out, err
	}
	for i := range out.Rows {
		row := &out.Rows[i]
		if h := t.hists[row.Key]; h != nil {
			if err := h.restore(row); err != nil {
				return out, fmt.Errorf("histograms of %s %q: %w", row.Type, row.Name, err)
			}
		}
		if row.Type == stats.PageType {
			row.AddPage(t.pages[row.Name])
		}
		if !row.Apart() {
			out.Total.Add(row)
		}
	}
	return out, nil
}

// sortRows sorts rows by type and name, as every list of rows is, and refuses two of the same.
func sortRows(rows []stats.Row) error {
	slices.SortFunc(rows, func(a, b stats.Row) int { return a.Key.Compare(b.Key) })
	for i := 1; i < len(rows); i++ {
		if rows[i].Key == rows[i-1].Key {
			return fmt.Errorf("%s %q is there twice", rows[i].Type, rows[i].Name)
		}
	}
	return nil
}

func (j *jsonRow) restore(t *jsonTotals) error {
	row := stats.Row{
		Key: stats.Key{Type: j.Type, Name: j.Name}, Count: j.Count, Failures: j.Failures, Timeouts: j.Timeouts, Dropped: j.Dropped,
		BytesIn: j.Bytes, BytesOut: j.BytesOut, Decoded: j.Decoded,
	}
	if err := notNegative(row.Count, row.Failures, row.Timeouts, row.Dropped, row.BytesIn, row.BytesOut, row.Decoded); err != nil {
		return err
	}
	if row.Failures > row.Count || row.Timeouts > row.Failures {
		return fmt.Errorf("%s %q: %d timeouts in %d failures in %d requests", row.Type, row.Name, row.Timeouts, row.Failures, row.Count)
	}
	for _, f := range j.Faults {
		if err := notNegative(f.Count); err != nil {
			return err
		}
		row.Faults = append(row.Faults, stats.FaultCount{Kind: kindOf(f.Kind), Status: f.Status, Count: f.Count})
	}
	t.rows = append(t.rows, row)
	return nil
}

// kindOf is the kind of failure a word names; a kind of a newer version is just an error here.
func kindOf(word string) fault.Kind {
	if k, ok := fault.ParseKind(word); ok {
		return k
	}
	return fault.Other
}

func (j *jsonHists) restore(row *stats.Row) error {
	for _, h := range []struct {
		data []byte
		into *hist.Hist
	}{
		{j.Service, &row.Service},
		{j.Response, &row.Response},
		{j.Lag, &row.Lag},
		{j.FirstByte, &row.FirstByte},
		{j.Failed, &row.Failed},
		{j.TimedOut, &row.TimedOut},
	} {
		if h.data == nil {
			continue
		}
		rest, err := h.into.Decode(h.data)
		if err != nil {
			return err
		}
		if len(rest) > 0 {
			return fmt.Errorf("%d bytes too many", len(rest))
		}
		if h.into.Count() > row.Count {
			return fmt.Errorf("%d times of %d requests", h.into.Count(), row.Count)
		}
	}
	if j.Response == nil {
		row.Response = row.Service.Clone()
	}
	return nil
}

func (j *jsonError) restore(t *jsonTotals) error {
	e := stats.ErrorRow{
		Key: stats.Key{Type: j.Type, Name: j.Name}, Kind: kindOf(j.Kind), Text: j.Error, Count: j.Count, Stack: j.Stack, Detail: j.Detail,
		Workers: slices.Sorted(slices.Values(j.Workers)),
	}
	if err := notNegative(e.Count); err != nil {
		return err
	}
	if err := restoreTime(&e.First, j.First, 1e9); err != nil {
		return err
	}
	if err := restoreTime(&e.Last, j.Last, 1e9); err != nil {
		return err
	}
	t.errors = append(t.errors, e)
	return nil
}

func (j *jsonRun) restore(r *stampede.Report) error {
	if j.Users < 0 || j.SpawnRate < 0 {
		return fmt.Errorf("%d users at %v/s", j.Users, j.SpawnRate)
	}
	r.Run = stampede.RunInfo{
		ID: j.ID, Name: j.Name, Started: j.Started, Users: j.Users, SpawnRate: j.SpawnRate, UsersText: j.UsersText, RateText: j.RateText,
		Host: j.Host, Seed: j.Seed, Model: j.Model, Paced: j.Headline == "response", PlanHash: j.PlanHash, Version: j.Version, IO: j.IO,
		Changes: j.Changes, Focus: j.Focus, Notes: j.Notes, Links: j.Links, Tags: j.Tags, Stopped: j.Stopped, Interrupted: j.Interrupted,
		Cost: j.Cost, CostBasis: j.CostBasis,
	}
	if j.Visits && j.Model == stampede.Open {
		r.Run.Model = stampede.PartlyOpen
	}
	return errors.Join(restoreTime(&r.Run.Duration, j.Duration, 1e9), restoreTime(&r.Run.Load, j.Load, 1e9))
}

func (j *jsonVerdict) restore(r *stampede.Report) error {
	r.Verdict.Reasons = j.Reasons
	for _, level := range []verdict.Level{verdict.Valid, verdict.Suspect, verdict.Invalid} {
		if level.String() == j.Level {
			r.Verdict.Level = level
			return nil
		}
	}
	return fmt.Errorf("the level %q is none of VALID, SUSPECT, INVALID", j.Level)
}

func (j *jsonThreshold) restore(r *stampede.Report) error {
	t := verdict.Result{
		Expr: j.Expr, Passed: j.Passed, Judged: j.Value != nil, Limit: j.Limit, ValueText: j.ValueText, LimitText: j.LimitText,
		Margin: j.Margin, Beyond: j.Beyond, Reason: j.Reason, Stop: j.Stop,
	}
	if j.Value != nil {
		t.Value = *j.Value
	}
	if err := restoreTime(&t.FirstBroken, j.FirstBroken, 1e9); err != nil {
		return err
	}
	r.Thresholds = append(r.Thresholds, t)
	return nil
}

func (j *jsonPhase) restore(r *stampede.Report) error {
	p := verdict.Phase{Name: j.Name}
	if err := restoreTime(&p.From, j.From, 1e9); err != nil {
		return err
	}
	if err := restoreTime(&p.To, j.To, 1e9); err != nil {
		return err
	}
	r.Phases = append(r.Phases, p)
	return nil
}

func (j *jsonEvent) restore(r *stampede.Report) error {
	e := stampede.Event{Kind: j.Kind, Text: j.Text}
	if err := restoreTime(&e.At, j.At, 1e9); err != nil {
		return err
	}
	r.Events = append(r.Events, e)
	return nil
}

// restoreTime reads a length of time in a unit of so many nanoseconds, and refuses what no clock shows.
func restoreTime(into *time.Duration, v, unit float64) error {
	if !(v >= 0 && v*unit < math.MaxInt64) {
		return fmt.Errorf("a time of %v", v)
	}
	*into = nanos(v, unit)
	return nil
}

// nanos is a time in a unit of so many nanoseconds, to the nearest one; 0 for what is out of range.
func nanos(v, unit float64) time.Duration {
	ns := math.Round(v * unit)
	if !(math.Abs(ns) < math.MaxInt64) {
		return 0
	}
	return time.Duration(ns)
}
