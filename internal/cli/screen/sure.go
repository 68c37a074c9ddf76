package screen

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/verdict"
)

// sure is where the quantiles of all requests lie with 95 % confidence; "" when there are too few samples, or dropped arrivals, which have
// no rank among the times.
func (s *summary) sure() string {
	total := &s.report.Judged.Total
	if total.Dropped > 0 {
		return ""
	}
	h := total.Headline(s.report.Run.Paced)
	seconds := steadySeconds(s.report)
	var parts []string
	for _, q := range []float64{0.5, 0.95, 0.99} {
		lo, hi, ok := h.Interval(q)
		if !ok || h.Beyond(q) < enough {
			continue
		}
		low, high := time.Duration(lo), time.Duration(hi)
		// Ranks take requests for independent; windows see that they met the same bad second. The wider one is believed.
		if in, ok := verdict.QuantileInterval(seconds, q); ok {
			low, high = min(low, time.Duration(in.Low)), max(high, time.Duration(in.High))
		}
		parts = append(parts, fmt.Sprintf("%s %s to %s", format.QuantileName(q), format.Duration(low), format.Duration(high)))
	}
	if len(parts) == 0 {
		return ""
	}
	return "95 % sure, of all requests: " + strings.Join(parts, " · ")
}

// steadySeconds are the judged seconds one by one of a run whose load was the same all the time; nil of any other, in which seconds differ
// because the plan wants them to, and of one whose seconds are not known one by one.
func steadySeconds(r *stampede.Report) []verdict.Window {
	if r.Series == nil || slices.ContainsFunc(r.Phases, func(p stampede.Phase) bool { return p.Name != verdict.PhaseWarmup && p.Name != "steady" }) {
		return nil
	}
	if slices.ContainsFunc(r.Events, func(e stampede.Event) bool { return e.Kind == "users" || e.Kind == "rate" || e.Kind == "pause" }) {
		return nil
	}
	var warm time.Duration
	for _, p := range r.Phases {
		if p.Name == verdict.PhaseWarmup {
			warm = max(warm, p.To)
		}
	}
	var seconds []verdict.Window
	for p := range r.Series.Total() {
		switch {
		case p.Width > 1:
			return nil
		case time.Duration(p.From)*time.Second < warm || p.Lasted < time.Second:
		default:
			seconds = append(seconds, verdict.Window{Times: p.Row.Headline(r.Run.Paced), Count: p.Row.Count, Seconds: 1})
		}
	}
	return seconds
}
