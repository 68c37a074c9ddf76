package suspect

import (
	"math"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// Load is what the load of a run is counted in.
type Load uint8

// The loads.
const (
	Users    Load = iota // so many users, each of whom waits for its answer
	Requests             // requests start at a rate
	Visitors             // users arrive at a rate: how many requests are due is not known
)

// Felt is the course of a run as visitors felt it, by the second. paced says that answers' times count from when requests were due. Nil gives an empty run.
func Felt(series *stats.Series, paced bool, load Load) Run {
	run := Run{Grain: time.Second}
	if series == nil {
		return run
	}
	_, end := series.Span()
	put := func(list *[]float64, from, width int, v float64) {
		for len(*list) < min(end, from+width) {
			*list = append(*list, math.NaN())
		}
		for i := from; i < min(end, from+width); i++ {
			(*list)[i] = v
		}
	}
	planned, at := int64(0), 0
	for sec := range series.Totals(0, end) {
		if sec.Final && sec.Span > 0 && sec.Span < time.Second {
			continue // a part of a second has the figures of none
		}
		seconds := sec.Lasted().Seconds()
		put(&run.Rate, sec.Index, sec.Width, float64(sec.Total.Count-sec.Total.Failures)/seconds)
		put(&run.Failures, sec.Index, sec.Width, sec.Total.FailureShare())
		latency := math.NaN()
		if h := sec.Total.Headline(paced); !h.IsEmpty() {
			latency = float64(h.Quantile(0.95)) / 1e9
		}
		put(&run.Latency, sec.Index, sec.Width, latency)
		own := sec.Gauges.CPU
		if own < 0 {
			own = math.NaN()
		}
		put(&run.Generator, sec.Index, sec.Width, own)
		switch load {
		case Users:
			put(&run.Users, sec.Index, sec.Width, float64(sec.Gauges.Users))
		case Requests:
			put(&run.Offered, sec.Index, sec.Width, float64(sec.Gauges.Planned-planned)/max(1, float64(sec.Index+sec.Width-at)))
		}
		planned, at = sec.Gauges.Planned, sec.Index+sec.Width
	}
	return run
}
