package console

import (
	"encoding/json"
	"slices"
	"sync"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
)

// frames are the last seconds of the current run as streams send them: each figure is taken and written once, however many watch.
type frames struct {
	mu   sync.Mutex
	last []*frame
	now  *moment
}

// keptFrames is how many seconds a watcher may be behind before it reads from the series.
const keptFrames = 8

// frame is one second in pieces of JSON.
type frame struct {
	at     int
	second *stats.Second
	total  json.RawMessage
	gauges json.RawMessage
	rows   map[stats.Key]json.RawMessage
	parts  map[view]*message
}

// view is who gets the same message: those who look at the same, and have seen as much.
type view struct {
	key string
	id  position
}

// mostParts bounds how many different views of one second are kept.
const mostParts = 64

// get makes the frame of a second, or finds it. It is nil when the series has no such single second.
func (f *frames) get(series *stats.Series, at int, paced bool) *frame {
	for _, fr := range f.last {
		if fr.at == at {
			return fr
		}
	}
	sec := series.Window(at, at+1)
	if sec == nil || sec.Width != 1 || sec.Index != at {
		return nil
	}
	total := pointOf(&sec.Total, paced, true)
	fr := &frame{at: at, second: sec, total: raw(total), gauges: raw(gaugesOf(&sec.Gauges)), rows: map[stats.Key]json.RawMessage{}, parts: map[view]*message{}}
	f.last = append(f.last, fr)
	if len(f.last) > keptFrames {
		f.last = slices.Delete(f.last, 0, 1)
	}
	return fr
}

// part is the message of a second for somebody who has seen all before it and looks at these names.
func (f *frames) part(series *stats.Series, at position, paced bool, look *look) (*message, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fr := f.get(series, at.second, paced)
	if fr == nil {
		return nil, false
	}
	at.second++
	who := view{look.key, at}
	if m := fr.parts[who]; m != nil {
		return m, true
	}
	requests := []json.RawMessage{}
	for i := range fr.second.Rows {
		row := &fr.second.Rows[i]
		if !look.draws(row.Key) {
			continue
		}
		text := fr.rows[row.Key]
		if text == nil {
			text = raw(pointOf(row, paced, true))
			fr.rows[row.Key] = text
		}
		requests = append(requests, text)
	}
	m := written(at, "second", raw(struct {
		From     int               `json:"from_s"`
		Width    int               `json:"width_s"`
		Lasted   float64           `json:"lasted_s"`
		Total    json.RawMessage   `json:"total"`
		Requests []json.RawMessage `json:"requests"`
		Gauges   json.RawMessage   `json:"gauges"`
	}{fr.at, 1, fr.second.Lasted().Seconds(), fr.total, requests, fr.gauges}))
	if len(fr.parts) < mostParts {
		fr.parts[who] = m
	}
	return m, true
}

// moment is the figures of the whole run so far, in pieces of JSON.
type moment struct {
	at     int // seconds closed
	events int
	over   bool
	report *stampede.Report
	errors json.RawMessage
	rows   map[stats.Key]json.RawMessage
	parts  map[view]*message
}

// Moment is how a run stands, in a stream for the page.
type Moment struct {
	State      string            `json:"state"`
	Elapsed    float64           `json:"elapsed_s"`
	Length     float64           `json:"length_s" doc:"how long the run is meant to last; 0 when it has no end"`
	Phase      string            `json:"phase"`
	Users      int               `json:"users"`
	Rate       float64           `json:"rate" doc:"arrivals a second that the plan wants now"`
	Counts     Counts            `json:"counts"`
	Recent     Point             `json:"recent" doc:"the last ten seconds together"`
	RecentSpan float64           `json:"recent_s"`
	Verdict    VerdictOf         `json:"verdict"`
	Thresholds []ThresholdOf     `json:"thresholds"`
	Seconds    float64           `json:"seconds" doc:"that the figures are of"`
	Total      json.RawMessage   `json:"total"`
	Rows       []json.RawMessage `json:"rows" doc:"the names that were asked for"`
	Names      int               `json:"names" doc:"how many there are"`
	Errors     json.RawMessage   `json:"errors,omitempty"`
	Warnings   []string          `json:"warnings"`
	Notices    []string          `json:"notices"`
}

// Counts is what was counted since the start.
type Counts struct {
	Planned      int64 `json:"planned"`
	Sent         int64 `json:"sent"`
	Dropped      int64 `json:"dropped"`
	InFlight     int64 `json:"in_flight"`
	UsersStarted int64 `json:"users_started"`
	StartFailed  int64 `json:"start_failed"`
	Died         int64 `json:"died"`
	PeakUsers    int   `json:"peak_users"`
}

// VerdictOf says whether the numbers can be trusted.
type VerdictOf struct {
	Level   string   `json:"level" enum:"VALID,SUSPECT,INVALID"`
	Reasons []string `json:"reasons"`
}

// ThresholdOf is a threshold as it stands.
type ThresholdOf struct {
	Expr        string  `json:"expr"`
	Passed      bool    `json:"passed"`
	Judged      bool    `json:"judged" doc:"false while nothing can be said yet"`
	Provisional bool    `json:"provisional" doc:"judged at the end; this is how it stands"`
	ValueText   string  `json:"value_text"`
	LimitText   string  `json:"limit_text"`
	Margin      float64 `json:"margin" doc:"how far inside the limit, as a share of it; 0 or below when broken"`
	Reason      string  `json:"reason"`
	FirstBroken float64 `json:"first_broken_s"`
	Stop        bool    `json:"stop"`
}

func raw(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage(`null`)
	}
	return text
}

// series is the course of the run, nil before it goes on.
func (l *live) series() (*stats.Series, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.run == nil {
		return nil, false
	}
	return l.run.Series(), l.info.Paced
}
