package compare

import "github.com/stampede-load/stampede/internal/verdict"

// Measure is a figure that every name is compared by.
type Measure struct {
	Name string
	verdict.Measure
	Share bool // a share of the requests, compared by difference
	Time  bool // a time in ns
}

// Measures are the figures of a row, in their order.
func Measures() []Measure {
	return []Measure{
		{Name: rate, Measure: verdict.RateMeasure()},
		{Name: "failures", Measure: verdict.FailureMeasure(), Share: true},
		{Name: "p50", Measure: verdict.QuantileMeasure(0.5), Time: true},
		{Name: "p95", Measure: verdict.QuantileMeasure(0.95), Time: true},
		{Name: "p99", Measure: verdict.QuantileMeasure(0.99), Time: true},
	}
}

func measuresOf(ms []Measure) []verdict.Measure {
	out := make([]verdict.Measure, len(ms))
	for i, m := range ms {
		out[i] = m.Measure
	}
	return out
}

// rate is the figure that says nothing of the site when the plans ask for different loads.
const rate = "rate"
