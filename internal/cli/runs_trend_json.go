package cli

import (
	"encoding/json"
	"io"
	"math"
	"time"
)

// jsonTrend is a trend for programs. Times are in milliseconds, failures a share from 0 to 1.
type jsonTrend struct {
	Schema  int               `json:"schema"`
	Test    string            `json:"test"`
	Plan    string            `json:"plan_hash"`
	Type    string            `json:"type"` // of the request; both are empty for all requests together
	Name    string            `json:"name"`
	Metric  string            `json:"metric"`
	Unit    string            `json:"unit"`   // ms, per_s, share
	Better  string            `json:"better"` // less, more
	Runs    []jsonTrendRun    `json:"runs"`
	Changes []jsonTrendChange `json:"changes"`
	Left    []jsonTrendLeft   `json:"left_out"`
}

type jsonTrendRun struct {
	ID      string    `json:"run"`
	Started time.Time `json:"started"`
	Changes string    `json:"changes"`
	Commit  string    `json:"git_commit"`
	Dirty   bool      `json:"git_dirty"`
	Verdict string    `json:"verdict"`
	Value   float64   `json:"value"`
}

type jsonTrendChange struct {
	Index   int       `json:"index"` // in runs, of the first of the new level
	ID      string    `json:"run"`
	Started time.Time `json:"started"`
	Changes string    `json:"changes"`
	Commit  string    `json:"git_commit"`
	Before  float64   `json:"before"` // mean of the runs back to the change before
	After   float64   `json:"after"`
	Change  *float64  `json:"change"` // after / before - 1; null when before is 0
	P       float64   `json:"p"`
	Worse   bool      `json:"worse"`
	Text    string    `json:"text"`
}

type jsonTrendLeft struct {
	ID  string `json:"run"`
	Why string `json:"why"`
}

func writeTrendJSON(w io.Writer, t *trend) error {
	out := jsonTrend{
		Schema: 1, Test: t.test, Plan: t.plan, Type: t.key.Type, Name: t.key.Name, Metric: t.metric.name, Unit: t.metric.unit, Better: "less",
		Runs: []jsonTrendRun{}, Changes: []jsonTrendChange{}, Left: []jsonTrendLeft{},
	}
	if t.metric.more {
		out.Better = "more"
	}
	value := func(v float64) float64 { return math.Round(v*t.metric.factor*1e6) / 1e6 }
	for i := range t.runs {
		r := &t.runs[i]
		out.Runs = append(out.Runs, jsonTrendRun{r.ID, r.Started, r.Changes, r.Git.Commit, r.Git.Dirty, r.Verdict, value(t.values[i])})
	}
	for i := range t.changes {
		out.Changes = append(out.Changes, t.jsonChange(&t.changes[i], value))
	}
	for _, l := range t.left {
		out.Left = append(out.Left, jsonTrendLeft{l.run.ID, l.why})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func (t *trend) jsonChange(c *trendChange, value func(float64) float64) jsonTrendChange {
	r := c.run
	return jsonTrendChange{
		Index: c.Index, ID: r.ID, Started: r.Started, Changes: r.Changes, Commit: r.Git.Commit, Before: value(c.Before), After: value(c.After),
		Change: share(c.Before, c.After), P: c.P, Worse: t.worse(c), Text: t.changeText(c),
	}
}
