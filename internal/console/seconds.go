package console

import (
	"math"
	"time"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
)

// Second is a stretch of a run: one second, or a longer one where old seconds were rolled up or a longer step was asked for. Figures of a
// longer stretch come from merged histograms.
type Second struct {
	From     int     `json:"from_s" doc:"the stretch begins with this second of the run"`
	Width    int     `json:"width_s" doc:"and is so many seconds long"`
	Lasted   float64 `json:"lasted_s" doc:"how much of that the run lasted: what a rate is per"`
	Total    Point   `json:"total"`
	Requests []Point `json:"requests" doc:"the names that were asked for"`
	Gauges   Gauges  `json:"gauges"`
}

// Point is one name in one stretch. Times are milliseconds of the headline, where it is not said otherwise; 0 when there was nothing.
type Point struct {
	Type       string  `json:"type,omitempty"`
	Name       string  `json:"name,omitempty"`
	Count      int64   `json:"count"`
	Failures   int64   `json:"failures"`
	Dropped    int64   `json:"dropped"`
	Timed      int64   `json:"timed" doc:"how many times the quantiles rest on"`
	Min        float64 `json:"min"`
	P50        float64 `json:"p50"`
	P95        float64 `json:"p95"`
	P99        float64 `json:"p99"`
	Max        float64 `json:"max"`
	LagP99     float64 `json:"lag_p99"`
	ServiceP50 float64 `json:"service_p50"`
	ServiceP95 float64 `json:"service_p95"`
	ServiceP99 float64 `json:"service_p99"`
	BytesIn    int64   `json:"bytes_in"`
	BytesOut   int64   `json:"bytes_out"`
	Heat       []int64 `json:"heat,omitempty" doc:"when asked for: band and count by turns; band b holds times from 10^(b/10) to 10^((b+1)/10) ns"`
}

// Gauges is what stood at the end of a stretch; counts are since the start of the run. Of users and what is in flight it is the most.
type Gauges struct {
	Users        int     `json:"users"`
	Target       int     `json:"target" doc:"users that the plan wants"`
	InFlight     int     `json:"in_flight"`
	Planned      int64   `json:"planned"`
	Sent         int64   `json:"sent"`
	Dropped      int64   `json:"dropped"`
	Waiting      int64   `json:"waiting"`
	StartFailed  int64   `json:"start_failed"`
	UsersStarted int64   `json:"users_started"`
	Died         int64   `json:"died"`
	CPU          float64 `json:"cpu" doc:"share of the generator's cores; -1 when it is not known"`
}

func pointOf(row *stats.Row, paced, heat bool) Point {
	h := row.Headline(paced)
	at := func(q float64) float64 {
		ns, _ := h.QuantileWith(row.Dropped, q)
		return millis(ns)
	}
	p := Point{
		Type: row.Type, Name: row.Name, Count: row.Count, Failures: row.Failures, Dropped: row.Dropped, Timed: h.Count(),
		Min: millis(h.Min()), P50: at(0.5), P95: at(0.95), P99: at(0.99), Max: millis(h.Max()), LagP99: millis(row.Lag.Quantile(0.99)),
		BytesIn: row.BytesIn, BytesOut: row.BytesOut,
	}
	p.ServiceP50, p.ServiceP95, p.ServiceP99 = p.P50, p.P95, p.P99
	if paced {
		s := &row.Service
		p.ServiceP50, p.ServiceP95, p.ServiceP99 = millis(s.Quantile(0.5)), millis(s.Quantile(0.95)), millis(s.Quantile(0.99))
	}
	if heat {
		p.Heat = bands(row, paced)
	}
	return p
}

func millis(ns int64) float64 { return format.Millis(time.Duration(ns)) }

func gaugesOf(g *stats.Gauges) Gauges {
	return Gauges{
		Users: g.Users, Target: g.Target, InFlight: g.InFlight, Planned: g.Planned, Sent: g.Sent, Dropped: g.Dropped, Waiting: g.Waiting,
		StartFailed: g.StartFailed, UsersStarted: g.UsersStarted, Died: g.Died, CPU: math.Round(g.CPU*1e4) / 1e4,
	}
}

// later is the gauges of two stretches, one after the other: a peak must not vanish between two points.
func later(before, now *stats.Gauges) stats.Gauges {
	g := *now
	g.Users, g.Target = max(before.Users, now.Users), max(before.Target, now.Target)
	g.InFlight, g.Waiting = max(before.InFlight, now.InFlight), max(before.Waiting, now.Waiting)
	g.CPU = max(before.CPU, now.CPU)
	return g
}

// stretch is a second while it is added up.
type stretch struct {
	from, to int
	lasted   time.Duration
	total    stats.Row
	gauges   stats.Gauges
	rows     []stats.Row
}

func (s *stretch) second(paced, heat bool) Second {
	out := Second{
		From: s.from, Width: s.to - s.from, Lasted: format.Seconds(s.lasted), Total: pointOf(&s.total, paced, heat), Requests: []Point{},
		Gauges: gaugesOf(&s.gauges),
	}
	for i := range s.rows {
		out.Requests = append(out.Requests, pointOf(&s.rows[i], paced, heat))
	}
	return out
}
