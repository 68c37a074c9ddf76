package report

import (
	"encoding/json"
	"io"
	"math"
	"slices"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
)

// The objects of a comparison: docs/formats.md. Times are milliseconds, rates per second, failures shares.
type (
	jsonComparison struct {
		Outcome     string           `json:"outcome"`
		Reason      string           `json:"reason"`
		Sentence    string           `json:"sentence"`
		Refused     bool             `json:"refused"`
		Doubted     bool             `json:"doubted,omitempty"` // a side is INVALID: the figures are there and nothing is judged
		Limit       float64          `json:"limit"`
		Points      float64          `json:"points"`
		Floor       float64          `json:"floor_ms"`
		Headline    string           `json:"headline"`
		Old         []jsonSide       `json:"old"`
		New         []jsonSide       `json:"new"`
		Spans       [2][2]int        `json:"spans_s"`
		Differences []jsonDifference `json:"differences"`
		Rows        []jsonCompared   `json:"rows"`
		Missing     []jsonMissing    `json:"missing"`
	}

	jsonSide struct {
		ID        string         `json:"id"`
		Name      string         `json:"name"`
		Started   time.Time      `json:"started"`
		Duration  float64        `json:"duration_s"`
		Users     int            `json:"users"`
		UsersText string         `json:"users_text"`
		RateText  string         `json:"rate_text"`
		Model     stampede.Model `json:"model"`
		Host      string         `json:"host"`
		PlanHash  string         `json:"plan_hash"`
		Changes   string         `json:"changes"`
	}

	jsonDifference struct {
		What    string `json:"what"`
		Old     string `json:"old"`
		New     string `json:"new"`
		Advice  string `json:"advice"`
		Refused bool   `json:"refused"`
	}

	jsonCompared struct {
		Type    string         `json:"type"`
		Name    string         `json:"name"`
		Outcome string         `json:"outcome"`
		Reason  string         `json:"reason"`
		Figures []jsonMeasured `json:"figures"`
	}

	// jsonMeasured has null for what is not known or not finite.
	jsonMeasured struct {
		Name    string   `json:"name"`
		Outcome string   `json:"outcome"`
		Old     *float64 `json:"old"`
		New     *float64 `json:"new"`
		Change  *float64 `json:"change"`
		Low     *float64 `json:"low"`
		High    *float64 `json:"high"`
		P       *float64 `json:"p"`
		Reason  string   `json:"reason"`
		// Doubtful is a change beyond the limit that is no larger than what chance brings about.
		Doubtful bool `json:"doubtful,omitempty"`
		// Far is a change, where a side is INVALID, that the disturbance of the generator cannot explain.
		Far bool `json:"far,omitempty"`

		OldRuns []*float64 `json:"old_runs,omitempty"`
		NewRuns []*float64 `json:"new_runs,omitempty"`
		Between bool       `json:"between,omitempty"`
	}

	jsonMissing struct {
		Type string `json:"type"`
		Name string `json:"name"`
		Side string `json:"side"` // that has it: old, new
	}
)

// WriteComparison writes a comparison as JSON: the object that is the field comparison of a result, with the number of its schema.
func WriteComparison(w io.Writer, c *compare.Result) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Schema int `json:"schema"`
		jsonComparison
	}{jsonSchema, jsonComparisonOf(c)})
}

func jsonComparisonOf(c *compare.Result) jsonComparison {
	headline := "service"
	if c.Paced {
		headline = "response"
	}
	j := jsonComparison{
		Outcome: c.Outcome.String(), Reason: c.Reason, Sentence: c.Sentence(), Refused: c.Refused(), Doubted: c.Doubted, Limit: c.Limits.Limit, Points: c.Limits.Points,
		Floor:    round(float64(c.Limits.Floor)/float64(time.Millisecond), 6),
		Headline: headline, Old: jsonSides(c.Old), New: jsonSides(c.New), Missing: jsonMissings(c), Rows: make([]jsonCompared, len(c.Rows)),
		Differences: make([]jsonDifference, len(c.Differences)),
	}
	for i, s := range c.Spans {
		j.Spans[i] = [2]int{s.From, s.To}
	}
	for i, d := range c.Differences {
		j.Differences[i] = jsonDifference(d)
	}
	for i := range c.Rows {
		r := &c.Rows[i]
		j.Rows[i] = jsonCompared{r.Type, r.Name, r.Outcome.String(), r.Reason, make([]jsonMeasured, len(r.Figures))}
		for k := range r.Figures {
			j.Rows[i].Figures[k] = jsonMeasuredOf(&r.Figures[k])
		}
	}
	return j
}

func jsonSides(runs []stampede.RunInfo) []jsonSide {
	out := make([]jsonSide, len(runs))
	for i := range runs {
		r := &runs[i]
		out[i] = jsonSide{
			r.ID, r.Name, r.Started.Round(0), format.Seconds(r.Duration), r.Users, r.UsersText, r.RateText, r.Model, r.Host, r.PlanHash, r.Changes,
		}
	}
	return out
}

func jsonMissings(c *compare.Result) []jsonMissing {
	out := make([]jsonMissing, len(c.Missing))
	for i, k := range c.Missing {
		out[i] = jsonMissing{k.Type, k.Name, "new"}
		if slices.Contains(c.Gone, k) {
			out[i].Side = "old"
		}
	}
	return out
}

func jsonMeasuredOf(f *compare.Figure) jsonMeasured {
	value := func(v float64) *float64 { return orNull(v, 9) }
	for _, m := range compare.Measures() {
		if m.Name == f.Name && m.Time {
			value = func(ns float64) *float64 { return orNull(ns/float64(time.Millisecond), 6) }
		}
	}
	values := func(vs []float64) []*float64 {
		var out []*float64
		for _, v := range vs {
			out = append(out, value(v))
		}
		return out
	}
	return jsonMeasured{
		Name: f.Name, Outcome: f.Outcome.String(), Old: value(f.Old), New: value(f.New), Change: orNull(f.Change, 6), Low: orNull(f.Low, 6),
		High: orNull(f.High, 6), P: orNull(f.P, 9), Reason: f.Reason, OldRuns: values(f.OldRuns), NewRuns: values(f.NewRuns), Between: f.Between,
		Doubtful: f.Doubtful, Far: f.Far,
	}
}

// orNull is a figure for JSON, nil when it is none.
func orNull(v float64, digits int) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	v = round(v, digits)
	return &v
}
