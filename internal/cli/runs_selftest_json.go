package cli

import (
	"encoding/json"
	"io"
	"math"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
)

// jsonSelftest is a self test for programs. Differences are shares: 0.05 is 5 % of the figure, and of failures 5 points of the requests.
type jsonSelftest struct {
	Schema      int              `json:"schema"`
	Runs        []string         `json:"runs"`
	Left        []string         `json:"left_out"` // for they are INVALID
	Pairs       int              `json:"pairs"`
	Blind       int              `json:"pairs_not_judged"`
	Alarms      []jsonAlarm      `json:"alarms"`
	Share       float64          `json:"alarm_share"`
	Low         float64          `json:"alarm_share_low"` // of its 95 % interval
	High        float64          `json:"alarm_share_high"`
	Apart       int              `json:"apart_pairs"` // without a run in common
	ApartAlarms int              `json:"apart_alarms"`
	Halves      string           `json:"halves"` // outcome of every second run against the others; "" for fewer than eight runs
	Figures     []jsonSteadiness `json:"figures"`
}

type jsonAlarm struct {
	Old     string   `json:"old"`
	New     string   `json:"new"`
	Outcome string   `json:"outcome"`
	Type    string   `json:"type"` // with name: of the request; both are empty for all together
	Name    string   `json:"name"`
	Figure  string   `json:"figure"`
	Change  *float64 `json:"change"`
}

type jsonSteadiness struct {
	Name       string   `json:"name"`
	Spread     *float64 `json:"spread"`   // standard deviation over the runs
	Interval   *float64 `json:"interval"` // half of that of two runs
	Between    bool     `json:"between"`  // the runs differ by more than their own seconds explain
	Regression *float64 `json:"regression"`
	// Runs a side that tell such a change from none, 9 times in 10; 0 where 200 do not. Of failures 0.5 and 1 points.
	SeeFive int `json:"runs_to_see_5_percent"`
	SeeTen  int `json:"runs_to_see_10_percent"`
}

func writeSelftestJSON(w io.Writer, t *compare.Alike) error {
	out := jsonSelftest{
		Schema: 1, Runs: ids(t.Runs), Left: ids(t.Left), Pairs: t.Pairs, Blind: t.Blind, Alarms: []jsonAlarm{}, Share: float64(len(t.Alarms)) / float64(t.Pairs), Low: t.Low, High: t.High,
		Apart: t.Apart, ApartAlarms: t.ApartAlarms, Figures: []jsonSteadiness{},
	}
	if t.Halves != nil {
		out.Halves = t.Halves.Outcome.String()
	}
	for i := range t.Alarms {
		al := &t.Alarms[i]
		change := al.Figure.Change - 1
		if al.Figure.Name == "failures" {
			change = al.Figure.Change
		}
		out.Alarms = append(out.Alarms, jsonAlarm{al.Old.ID, al.New.ID, al.Outcome.String(), al.Key.Type, al.Key.Name, al.Figure.Name, orNull(change)})
	}
	for i := range t.Figures {
		s := &t.Figures[i]
		five, ten := 0.05, 0.1
		if s.Share {
			five, ten = five/10, ten/10
		}
		out.Figures = append(out.Figures, jsonSteadiness{
			s.Name, orNull(s.Spread), orNull(s.Interval), s.Between, orNull(s.Regression), s.RunsToSee(five), s.RunsToSee(ten),
		})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func ids(runs []stampede.RunInfo) []string {
	out := make([]string, len(runs))
	for i := range runs {
		out[i] = runs[i].ID
	}
	return out
}

// orNull is nil for what JSON cannot hold.
func orNull(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
