package report

import (
	"fmt"
	"math"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/limit"
	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/suspect"
	"github.com/stampede-load/stampede/internal/verdict"
)

// What the servers said of themselves, and what was made of it. Times are seconds of the run.
type (
	jsonServer struct {
		Name   string             `json:"name"`
		Kind   string             `json:"kind"`
		Series []jsonServerSeries `json:"series"`
		Notes  []string           `json:"notes"`
		Asked  int                `json:"asked"`
		Failed int                `json:"failed"`
	}

	jsonServerSeries struct {
		Name    string       `json:"name"`
		Unit    string       `json:"unit"`
		Help    string       `json:"help"`
		Limit   *float64     `json:"limit"`          // null when there is none or nobody says
		Follows bool         `json:"follows"`        // the answers' times, whatever makes them long
		Ceiling bool         `json:"ceiling"`        // at its limit the server can do no more
		Sign    bool         `json:"sign,omitempty"` // more than usual says by itself that work was turned away or held up
		Points  [][2]float64 `json:"points"`         // second of the run, value
	}

	jsonSuspect struct {
		Server   string  `json:"server"`
		Series   string  `json:"series"`
		Since    float64 `json:"since_s"`
		Why      string  `json:"why"`
		Score    float64 `json:"score"`
		Headroom float64 `json:"headroom,omitempty"`
		Victim   bool    `json:"victim,omitempty"` // it follows the answers' times
	}

	jsonFinding struct {
		Slow    bool    `json:"slow"`
		Knee    float64 `json:"knee_s"`
		Rising  bool    `json:"rising"`
		What    string  `json:"what"`
		Watched int     `json:"watched"`
		Text    string  `json:"text"`
		Ours    bool    `json:"generator,omitempty"` // it was at its end itself
	}

	jsonLimit struct {
		Rule  string      `json:"rule"`
		Unit  string      `json:"unit"`
		Value float64     `json:"value"`
		Low   float64     `json:"low"`
		High  float64     `json:"high"` // 0: it broke at no load that was tried
		Whose limit.Whose `json:"whose"`
		Done  bool        `json:"done"`
		Notes []string    `json:"notes"`
		Steps []jsonStep  `json:"steps"`
		Curve *jsonCurve  `json:"usl,omitempty"`

		Beyond  string       `json:"beyond,omitempty"`   // what gave way first beyond it
		Earlier *jsonEarlier `json:"baseline,omitempty"` // the search that it was held against
	}

	jsonEarlier struct {
		Run   string  `json:"run"`
		Value float64 `json:"value"`
		Low   float64 `json:"low"`
		High  float64 `json:"high"`
		Text  string  `json:"text"`
		Worse bool    `json:"worse"` // the limit is lower than this one
	}

	jsonStep struct {
		Load     float64 `json:"load"`
		Holds    bool    `json:"holds"`
		Sure     bool    `json:"sure"`
		Value    string  `json:"value"`
		From     float64 `json:"from_s"`
		To       float64 `json:"to_s"`
		Verdict  string  `json:"verdict"`
		Rate     float64 `json:"rate"`
		InFlight float64 `json:"in_flight"`
		Why      string  `json:"why,omitempty"`
	}

	jsonCurve struct {
		Lambda float64  `json:"lambda"`
		Sigma  float64  `json:"sigma"`
		Kappa  float64  `json:"kappa"`
		Peak   *float64 `json:"peak"` // null when none was seen inside the levels that were measured
		From   float64  `json:"from"`
		To     float64  `json:"to"`
	}
)

// servers writes the fields of a run that watched servers or looked for a limit; others have none of them.
func (j *jsonWriter) servers(r *stampede.Report) {
	if r.Servers != nil {
		j.items("servers", len(r.Servers), func(i int) any { return jsonServerOf(&r.Servers[i]) })
	}
	if f := r.Suspects; f != nil {
		all := append(suspectsOf(f.Suspects, false), suspectsOf(f.Victims, true)...)
		j.items("suspects", len(all), func(i int) any { return all[i] })
		j.field("finding", jsonFinding{f.Slow, format.Seconds(f.Knee), f.Rising, f.What, f.Watched, f.Text, f.Ours})
	}
	if r.Limit != nil {
		j.field("limit", jsonLimitOf(r.Limit))
	}
}

func jsonServerOf(s *monitor.Server) jsonServer {
	out := jsonServer{Name: s.Name, Kind: s.Kind, Notes: list(s.Notes), Asked: s.Asked, Failed: s.Failed, Series: []jsonServerSeries{}}
	for i := range s.Series {
		one := &s.Series[i]
		series := jsonServerSeries{Name: one.Name, Unit: one.Unit, Help: one.Help, Follows: one.Follows, Ceiling: one.Ceiling, Sign: one.Sign, Points: [][2]float64{}}
		if one.Limit > 0 {
			series.Limit = &one.Limit
		}
		for _, p := range one.Points {
			series.Points = append(series.Points, [2]float64{round(p.At.Seconds(), 3), finite(p.Value)})
		}
		out.Series = append(out.Series, series)
	}
	return out
}

func suspectsOf(all []suspect.Suspect, victim bool) (out []jsonSuspect) {
	for _, s := range all {
		out = append(out, jsonSuspect{s.Server, s.Series, format.Seconds(s.Since), s.Why, round(finite(s.Score), 6), round(finite(s.Headroom), 6), victim})
	}
	return out
}

func jsonLimitOf(a *limit.Answer) jsonLimit {
	out := jsonLimit{Rule: a.Rule, Unit: a.Unit, Value: finite(a.Value), Low: finite(a.Low), High: finite(a.High), Whose: a.Whose, Done: a.Done, Notes: list(a.Notes), Steps: []jsonStep{}, Beyond: a.Beyond}
	if e := a.Earlier; e != nil {
		out.Earlier = &jsonEarlier{e.Run, finite(e.Value), finite(e.Low), finite(e.High), e.Text, e.Worse}
	}
	for _, s := range a.Steps {
		out.Steps = append(out.Steps, jsonStep{
			finite(s.Load), s.Holds, s.Sure, s.Value, format.Seconds(s.From), format.Seconds(s.To), s.Verdict.String(), round(finite(s.Rate), 6), round(finite(s.InFlight), 6), s.Why,
		})
	}
	if c := a.Curve; c != nil {
		out.Curve = &jsonCurve{Lambda: finite(c.Lambda), Sigma: finite(c.Sigma), Kappa: finite(c.Kappa), From: c.From, To: c.To}
		if c.PeakSeen {
			out.Curve.Peak = &c.Peak
		}
	}
	return out
}

func (j *jsonServer) restore(r *stampede.Report) error {
	s := monitor.Server{Name: j.Name, Kind: j.Kind, Notes: j.Notes, Asked: j.Asked, Failed: j.Failed}
	for i := range j.Series {
		one := &j.Series[i]
		series := monitor.Series{Name: one.Name, Unit: one.Unit, Help: one.Help, Follows: one.Follows, Ceiling: one.Ceiling, Sign: one.Sign}
		if one.Limit != nil {
			series.Limit = *one.Limit
		}
		last := math.Inf(-1)
		for _, p := range one.Points {
			if p[0] < last || math.Abs(p[0]) > 1e9 {
				return fmt.Errorf("the points of %s are not in order of time", one.Name)
			}
			last = p[0]
			series.Points = append(series.Points, monitor.Point{At: time.Duration(p[0] * 1e9), Value: p[1]})
		}
		s.Series = append(s.Series, series)
	}
	r.Servers = append(r.Servers, s)
	return nil
}

// finding is r's, which is made when there is none: suspects and the rest of it are fields apart.
func finding(r *stampede.Report) *suspect.Finding {
	if r.Suspects == nil {
		r.Suspects = &suspect.Finding{}
	}
	return r.Suspects
}

func (j *jsonSuspect) restore(r *stampede.Report) error {
	f := finding(r)
	s := suspect.Suspect{Server: j.Server, Series: j.Series, Since: moment(j.Since), Score: j.Score, Headroom: j.Headroom, Why: j.Why}
	if j.Victim {
		f.Victims = append(f.Victims, s)
	} else {
		f.Suspects = append(f.Suspects, s)
	}
	return nil
}

func (j *jsonFinding) restore(r *stampede.Report) error {
	f := finding(r)
	f.Slow, f.Knee, f.Rising, f.What, f.Watched, f.Text, f.Ours = j.Slow, moment(j.Knee), j.Rising, j.What, j.Watched, j.Text, j.Ours
	return nil
}

func (j *jsonLimit) restore(r *stampede.Report) error {
	a := &limit.Answer{Rule: j.Rule, Unit: j.Unit, Whose: j.Whose, Value: j.Value, Low: j.Low, High: j.High, Done: j.Done, Notes: j.Notes, Beyond: j.Beyond}
	for _, s := range j.Steps {
		level := verdict.Valid
		for _, l := range []verdict.Level{verdict.Suspect, verdict.Invalid} {
			if l.String() == s.Verdict {
				level = l
			}
		}
		a.Steps = append(a.Steps, limit.Step{
			Load: s.Load, Holds: s.Holds, Sure: s.Sure, Value: s.Value, Rate: s.Rate, InFlight: s.InFlight, From: moment(s.From), To: moment(s.To), Verdict: level, Why: s.Why,
		})
	}
	if e := j.Earlier; e != nil {
		a.Earlier = &limit.Earlier{Run: e.Run, Value: e.Value, Low: e.Low, High: e.High, Text: e.Text, Worse: e.Worse}
	}
	if c := j.Curve; c != nil {
		a.Curve = &limit.Curve{Scaling: verdict.Scaling{Lambda: c.Lambda, Sigma: c.Sigma, Kappa: c.Kappa, Peak: math.Inf(1)}, From: c.From, To: c.To}
		if c.Peak != nil {
			a.Curve.Peak, a.Curve.PeakSeen = *c.Peak, true
		}
	}
	r.Limit = a
	return nil
}

// moment is seconds of the run as a duration.
func moment(s float64) time.Duration { return time.Duration(s * 1e9) }
