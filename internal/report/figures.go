package report

import (
	"math"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
)

// quantiles is what every export says of one histogram. The zero value is that of an empty one.
type quantiles struct {
	Count                              int64
	Mean, Min, P50, P90, P95, P99, Max time.Duration
	P999                               time.Duration
	Beyond                             []float64 // the shares of those above whose true value is greater, because arrivals were dropped
}

// quantilesOf reads a histogram, with so many dropped arrivals as samples that never ended. Mean, minimum and maximum are of what was
// measured.
func quantilesOf(h *hist.Hist, dropped int64) quantiles {
	if h.IsEmpty() {
		return quantiles{}
	}
	q := quantiles{
		Count: h.Count(),
		Mean:  time.Duration(math.Round(h.Mean())),
		Min:   time.Duration(h.Min()),
		Max:   time.Duration(h.Max()),
	}
	for _, p := range []struct {
		share float64
		into  *time.Duration
	}{{0.5, &q.P50}, {0.9, &q.P90}, {0.95, &q.P95}, {0.99, &q.P99}, {0.999, &q.P999}} {
		ns, beyond := h.QuantileWith(dropped, p.share)
		*p.into = time.Duration(ns)
		if beyond {
			q.Beyond = append(q.Beyond, p.share)
		}
	}
	return q
}

// headline is the histogram that the tables show for a row, and the arrivals that count as endless in it.
func headline(r *stampede.Report, row *stats.Row) (h *hist.Hist, dropped int64) {
	return row.Headline(r.Run.Paced), row.Dropped
}

// at is one quantile of the headline of a row, in the form for people: "412 ms", "1.97 s *", "> 2.10 s", "-".
func at(r *stampede.Report, row *stats.Row, q float64) string {
	h, dropped := headline(r, row)
	if h.IsEmpty() {
		return format.None
	}
	ns, beyond := h.QuantileWith(dropped, q)
	return format.Quantile(time.Duration(ns), fewBeyond(h, q), beyond)
}

// fewBeyond reports whether a quantile rests on fewer than ten samples beyond it.
func fewBeyond(h *hist.Hist, q float64) bool {
	const enough = 10
	return q > 0 && q < 1 && h.Beyond(q) < enough
}

// perSecond is a rate for machines: six decimals tell one request in two hours from none.
func perSecond(count int64, seconds float64) float64 {
	if seconds <= 0 || math.IsNaN(seconds) || math.IsInf(seconds, 0) {
		return 0
	}
	return round(float64(count)/seconds, 6)
}

// round is v with so many decimals; 0 for what no file can hold.
func round(v float64, decimals int) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	scale := math.Pow10(decimals)
	if math.Abs(v) > 1e15/scale { // no such decimals in a float64
		return v
	}
	return math.Round(v*scale) / scale
}

// span is a length in seconds as people read it.
func span(seconds float64) string {
	return format.Span(time.Duration(round(seconds, 3) * float64(time.Second)))
}
