package report

import (
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
)

// jsonSchema is the number of the schema. It changes only when a field is taken away or changes its meaning; new fields are added under
// the same number, and readers pass over those they do not know.
const jsonSchema = 1

// The objects of schema 1, in the order of docs/formats.md. Fields beyond the agreed ones come last in each object.
type (
	jsonRun struct {
		ID        string         `json:"id"`
		Name      string         `json:"name"`
		Started   time.Time      `json:"started"`
		Duration  float64        `json:"duration_s"`
		Load      float64        `json:"load_s,omitempty"`
		Users     int            `json:"users"`
		SpawnRate float64        `json:"spawn_rate"`
		Host      string         `json:"host"`
		Seed      uint64         `json:"seed"`
		Model     stampede.Model `json:"model"`

		Headline    string   `json:"headline"`
		UsersText   string   `json:"users_text"`
		RateText    string   `json:"rate_text"`
		PlanHash    string   `json:"plan_hash"`
		Version     string   `json:"version"`
		IO          string   `json:"io"`
		Changes     string   `json:"changes"`
		Focus       string   `json:"focus"`
		Notes       string   `json:"notes"`
		Links       []string `json:"links"`
		Tags        []string `json:"tags"`
		Stopped     string   `json:"stopped"`
		Interrupted bool     `json:"interrupted"`
		Cost        float64  `json:"cost_usd,omitempty"` // of its machines; absent: nobody said what they cost
		CostBasis   string   `json:"cost_basis,omitempty"`
		Visits      bool     `json:"visits,omitempty"` // of an open model: users arrive, live a visit and leave
	}

	jsonVerdict struct {
		Level   string   `json:"level"`
		Reasons []string `json:"reasons"`
	}

	jsonThreshold struct {
		Expr   string   `json:"expr"`
		Passed bool     `json:"passed"`
		Value  *float64 `json:"value"` // null when nothing was measured: 0 would be the best value there is

		Limit       float64 `json:"limit"`
		ValueText   string  `json:"value_text"`
		LimitText   string  `json:"limit_text"`
		Margin      float64 `json:"margin"`
		Beyond      bool    `json:"beyond"`
		Reason      string  `json:"reason"`
		FirstBroken float64 `json:"first_broken_s"`
		Stop        bool    `json:"stop"`
	}

	jsonRow struct {
		Type      string  `json:"type"`
		Name      string  `json:"name"`
		Count     int64   `json:"count"`
		Failures  int64   `json:"failures"`
		Rate      float64 `json:"rate"`
		Bytes     int64   `json:"bytes"`
		Service   jsonQ   `json:"service"`
		Response  jsonQ   `json:"response"`
		Lag       jsonQ   `json:"lag"`
		FirstByte jsonQ   `json:"first_byte"`
		Failed    jsonQ   `json:"failed"`

		Timeouts int64       `json:"timeouts"`
		Dropped  int64       `json:"dropped"`
		BytesOut int64       `json:"bytes_out"`
		Decoded  int64       `json:"decoded"`
		Faults   []jsonFault `json:"faults"`
	}

	jsonQ struct {
		Count int64   `json:"count"`
		Mean  float64 `json:"mean"`
		Min   float64 `json:"min"`
		P50   float64 `json:"p50"`
		P90   float64 `json:"p90"`
		P95   float64 `json:"p95"`
		P99   float64 `json:"p99"`
		P999  float64 `json:"p99_9"`
		Max   float64 `json:"max"`

		Sure   map[string][2]float64 `json:"ci95,omitempty"`   // where a quantile lies with 95 % confidence, by ranks; none that has no bounds
		Beyond []string              `json:"beyond,omitempty"` // quantiles whose true value is greater: dropped arrivals reach into them
	}

	jsonFault struct {
		Kind   string `json:"kind"`
		Status int    `json:"status,omitempty"`
		Count  int64  `json:"count"`
	}

	jsonError struct {
		Type  string  `json:"type"`
		Name  string  `json:"name"`
		Error string  `json:"error"`
		Count int64   `json:"count"`
		First float64 `json:"first_s"`
		Last  float64 `json:"last_s"`

		Kind    string `json:"kind"`
		Detail  string `json:"detail,omitempty"`
		Workers []int  `json:"workers"`
		Stack   string `json:"stack,omitempty"`
	}

	jsonWorker struct {
		Number     int          `json:"number"`
		Name       string       `json:"name"`
		Users      int          `json:"users"`
		CPU        float64      `json:"cpu"`
		Sent       int64        `json:"sent"`
		Lost       arrivalsLost `json:"lost"`
		LastSecond int          `json:"last_second"`

		Host        string   `json:"host"`
		Weight      float64  `json:"weight"`
		Planned     int64    `json:"planned"`
		Dropped     int64    `json:"dropped"`
		UsersPeak   int      `json:"users_peak"`
		Verdict     string   `json:"verdict"`
		Reasons     []string `json:"reasons,omitempty"`
		ClockOffset float64  `json:"clock_offset_ms"`
		ClockError  float64  `json:"clock_error_ms"`
		RTT         float64  `json:"rtt_ms"`
		Joined      float64  `json:"joined_s"`
		Left        float64  `json:"left_s"` // 0: it stayed to the end
		Reason      string   `json:"reason"`
		Gone        bool     `json:"gone"`
	}

	jsonPhase struct {
		Name string  `json:"name"`
		From float64 `json:"from_s"`
		To   float64 `json:"to_s"` // 0: until the end
	}

	jsonEvent struct {
		At   float64 `json:"at_s"`
		Kind string  `json:"kind"`
		Text string  `json:"text"`
	}

	jsonSetting struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}

	// jsonHists is the histograms of one row: package hist's binary form in base64. An absent one is empty; an absent response equals
	// the service.
	jsonHists struct {
		Type      string `json:"type"`
		Name      string `json:"name"`
		Service   []byte `json:"service,omitempty"`
		Response  []byte `json:"response,omitempty"`
		Lag       []byte `json:"lag,omitempty"`
		FirstByte []byte `json:"first_byte,omitempty"`
		Failed    []byte `json:"failed,omitempty"`
		TimedOut  []byte `json:"timed_out,omitempty"`
	}
)

func jsonRowOf(row *stats.Row, seconds float64) jsonRow {
	j := jsonRow{
		Type: row.Type, Name: row.Name, Count: row.Count, Failures: row.Failures, Rate: perSecond(row.Count, seconds), Bytes: row.BytesIn,
		Service: jsonQOf(&row.Service, 0), Response: jsonQOf(&row.Response, row.Dropped), Lag: jsonQOf(&row.Lag, 0),
		FirstByte: jsonQOf(&row.FirstByte, 0), Failed: jsonQOf(&row.Failed, 0),
		Timeouts: row.Timeouts, Dropped: row.Dropped, BytesOut: row.BytesOut, Decoded: row.Decoded,
		Faults: faultsOf(row),
	}
	return j
}

// jsonQOf is all zeros for an empty histogram: its count says that there was nothing.
func jsonQOf(h *hist.Hist, dropped int64) jsonQ {
	q := quantilesOf(h, dropped)
	j := jsonQ{
		Count: q.Count, Mean: format.Millis(q.Mean), Min: format.Millis(q.Min), P50: format.Millis(q.P50), P90: format.Millis(q.P90),
		P95: format.Millis(q.P95), P99: format.Millis(q.P99), P999: format.Millis(q.P999), Max: format.Millis(q.Max),
	}
	for _, share := range q.Beyond {
		j.Beyond = append(j.Beyond, jsonQuantileName(share))
	}
	for _, share := range []float64{0.5, 0.9, 0.95, 0.99, 0.999} {
		lo, hi, ok := h.Interval(share)
		if !ok || dropped > 0 { // dropped arrivals have no rank among the times
			continue
		}
		if j.Sure == nil {
			j.Sure = map[string][2]float64{}
		}
		j.Sure[jsonQuantileName(share)] = [2]float64{format.Millis(time.Duration(lo)), format.Millis(time.Duration(hi))}
	}
	return j
}

// jsonQuantileName is the name of a quantile as a field: "p99_9".
func jsonQuantileName(share float64) string {
	name := []byte(format.QuantileName(share))
	for i := range name {
		if name[i] == '.' {
			name[i] = '_'
		}
	}
	return string(name)
}

func jsonHistsOf(row *stats.Row) jsonHists {
	j := jsonHists{
		Type: row.Type, Name: row.Name, Service: packed(&row.Service), Lag: packed(&row.Lag), FirstByte: packed(&row.FirstByte),
		Failed: packed(&row.Failed), TimedOut: packed(&row.TimedOut),
	}
	if !row.Response.Equal(&row.Service) {
		j.Response = row.Response.AppendBinary(nil)
	}
	return j
}

// packed is a histogram as bytes, nil when it is empty.
func packed(h *hist.Hist) []byte {
	if h.IsEmpty() {
		return nil
	}
	return h.AppendBinary(nil)
}

// list makes sure that no list is null in a file.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
