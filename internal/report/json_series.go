package report

import (
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
)

// The course of a run: one object for each second, or for each longer stretch that old seconds were rolled up to.
type (
	jsonSecond struct {
		From     int         `json:"from_s"`
		Width    int         `json:"width_s"`
		Total    jsonPoint   `json:"total"`
		Requests []jsonPoint `json:"requests"`
		Gauges   jsonGauges  `json:"gauges"`
	}

	// jsonPoint is one request name in one stretch: figures for people and scripts, and the whole row for stampede itself.
	jsonPoint struct {
		Type     string  `json:"type,omitempty"`
		Name     string  `json:"name,omitempty"`
		Count    int64   `json:"count"`
		Failures int64   `json:"failures"`
		Dropped  int64   `json:"dropped"`
		P50      float64 `json:"p50"`
		P95      float64 `json:"p95"`
		P99      float64 `json:"p99"`
		LagP99   float64 `json:"lag_p99"`
		Data     []byte  `json:"data,omitempty"` // package stats's binary form of the row, without its key, in base64; not in a total, which is their sum
	}

	jsonGauges struct {
		Users        int     `json:"users"`
		Target       int     `json:"target"`
		InFlight     int     `json:"in_flight"`
		Planned      int64   `json:"planned"`
		Sent         int64   `json:"sent"`
		Dropped      int64   `json:"dropped"`
		NotStarted   int64   `json:"not_started"`
		Lost         int64   `json:"lost"`
		Waiting      int64   `json:"waiting"`
		Starting     int64   `json:"starting"`
		StartFailed  int64   `json:"start_failed"`
		UsersStarted int64   `json:"users_started"`
		Died         int64   `json:"died"`
		CPU          float64 `json:"cpu"`
		MachineCPU   float64 `json:"machine_cpu"`
		WakeLate     float64 `json:"wake_late_ms"`
		WakeP99      float64 `json:"wake_p99_ms"`
		GCPause      float64 `json:"gc_pause_ms"`
		SchedP99     float64 `json:"sched_p99_ms"`
		Throttled    float64 `json:"throttled_ms"`
		RSS          int64   `json:"rss_bytes"`
		FDs          int64   `json:"fds"`
		FDMax        int64   `json:"fds_max"`
		Goroutines   int64   `json:"goroutines"`
		Blocked      float64 `json:"blocked_ms"`
		InFlightTime float64 `json:"in_flight_ms"`
		PeakUsers    int64   `json:"peak_users"`
		CutOff       int64   `json:"cut_off"`
		Oldest       float64 `json:"oldest_cut_off_ms"`
		OwnFailed    int64   `json:"own_failed"`
		Loaded       float64 `json:"loaded_ms"`
	}
)

// series writes the course of a run, one stretch at a time in memory.
func (j *jsonWriter) series(s *stats.Series, paced bool) {
	j.name("series")
	j.put("[")
	separator := "\n  "
	for sec := range s.Seconds() {
		j.put(separator)
		separator = ",\n  "
		j.value(jsonSecondOf(sec, paced))
		if j.err != nil {
			return
		}
	}
	j.put("\n]")
}

func jsonSecondOf(sec *stats.Second, paced bool) jsonSecond {
	out := jsonSecond{From: sec.Index, Width: sec.Width, Total: jsonPointOf(&sec.Total, paced), Gauges: jsonGaugesOf(&sec.Gauges)}
	out.Requests = make([]jsonPoint, len(sec.Rows))
	for i := range sec.Rows {
		out.Requests[i] = jsonPointOf(&sec.Rows[i], paced)
		nameless := sec.Rows[i] // the name is beside it
		nameless.Key = stats.Key{}
		out.Requests[i].Data = nameless.AppendBinary(nil)
	}
	return out
}

func jsonPointOf(row *stats.Row, paced bool) jsonPoint {
	at := func(h *hist.Hist, dropped int64, q float64) float64 {
		ns, _ := h.QuantileWith(dropped, q)
		return format.Millis(time.Duration(ns))
	}
	h := row.Headline(paced)
	return jsonPoint{
		Type: row.Type, Name: row.Name, Count: row.Count, Failures: row.Failures, Dropped: row.Dropped,
		P50: at(h, row.Dropped, 0.5), P95: at(h, row.Dropped, 0.95), P99: at(h, row.Dropped, 0.99), LagP99: at(&row.Lag, 0, 0.99),
	}
}

func jsonGaugesOf(g *stats.Gauges) jsonGauges {
	ms := func(ns int64) float64 { return format.Millis(time.Duration(ns)) }
	return jsonGauges{
		Users: g.Users, Target: g.Target, InFlight: g.InFlight, Planned: g.Planned, Sent: g.Sent, Dropped: g.Dropped, Waiting: g.Waiting,
		StartFailed: g.StartFailed, UsersStarted: g.UsersStarted, Died: g.Died,
		CPU: round(g.CPU, 4), MachineCPU: round(g.MachineCPU, 4),
		WakeLate: ms(g.WakeLate), WakeP99: ms(g.WakeP99), GCPause: ms(g.GCPause), SchedP99: ms(g.SchedP99), Throttled: ms(g.Throttled),
		RSS: g.RSS, FDs: g.FDs, FDMax: g.FDMax, Goroutines: g.Goroutines, Blocked: ms(g.Blocked), InFlightTime: ms(g.InFlightNS),
		NotStarted: g.NotStarted, Lost: g.Lost, Starting: g.Starting, PeakUsers: g.PeakUsers, CutOff: g.CutOff, Oldest: ms(g.Oldest), OwnFailed: g.OwnFailed,
		Loaded: ms(g.Loaded),
	}
}

// gauges is the way back. Times lose what is below a microsecond.
func (j *jsonGauges) gauges() stats.Gauges {
	ns := func(ms float64) int64 { return int64(nanos(ms, 1e6)) }
	return stats.Gauges{
		Users: j.Users, Target: j.Target, InFlight: j.InFlight, Planned: j.Planned, Sent: j.Sent, Dropped: j.Dropped, Waiting: j.Waiting,
		StartFailed: j.StartFailed, UsersStarted: j.UsersStarted, Died: j.Died, CPU: j.CPU, MachineCPU: j.MachineCPU,
		WakeLate: ns(j.WakeLate), WakeP99: ns(j.WakeP99), GCPause: ns(j.GCPause), SchedP99: ns(j.SchedP99), Throttled: ns(j.Throttled),
		RSS: j.RSS, FDs: j.FDs, FDMax: j.FDMax, Goroutines: j.Goroutines, Blocked: ns(j.Blocked), InFlightNS: ns(j.InFlightTime),
		NotStarted: j.NotStarted, Lost: j.Lost, Starting: j.Starting, PeakUsers: j.PeakUsers, CutOff: j.CutOff, Oldest: ns(j.Oldest), OwnFailed: j.OwnFailed,
		Loaded: ns(j.Loaded),
	}
}

// restore adds the row to a stretch.
func (j *jsonPoint) restore(sec *stats.Second) error {
	row, rest, err := stats.DecodeRow(j.Data)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return fmt.Errorf("a row with %d bytes too many", len(rest))
	}
	row.Key = stats.Key{Type: j.Type, Name: j.Name}
	sec.Rows = append(sec.Rows, row)
	return nil
}

// finishSecond checks a stretch that was read, and adds its rows up.
func finishSecond(sec *stats.Second) error {
	const longest = 1 << 30 // seconds: more than a generation
	if sec.Index < 0 || sec.Width < 1 || sec.Index > longest || sec.Width > longest {
		return fmt.Errorf("a stretch of %d s", sec.Width)
	}
	for i := range sec.Rows {
		if !sec.Rows[i].Apart() {
			sec.Total.Add(&sec.Rows[i])
		}
	}
	return sortRows(sec.Rows)
}
