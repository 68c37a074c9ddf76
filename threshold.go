package stampede

import (
	"errors"
	"time"

	"github.com/stampede-load/stampede/internal/mask"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Threshold is a rule on the results of a run that passes or fails; no data fails. Make one with [ParseThreshold], or in Go:
//
//	stampede.P95(stampede.Named("Log In")).Below(500 * time.Millisecond).Over(10 * time.Second)
//	stampede.Failures().BelowShare(0.005).During("steady")
//
// A mistake in a threshold is reported when the run starts, together with all others.
type Threshold struct {
	text string
	rule *verdict.Rule
}

// ParseThreshold is a threshold in the language of docs/thresholds.md: `"Log In" p95 < 500ms over 10s stop`. It is read when the run
// starts; a mistake then points at the place.
func ParseThreshold(text string) Threshold { return Threshold{text: text} }

// String is the threshold as text.
func (t Threshold) String() string {
	if t.rule != nil {
		return t.rule.String()
	}
	return t.text
}

// Over judges the threshold on every whole window of this length, and not on the run.
func (t Threshold) Over(window time.Duration) Threshold {
	return t.with(func(r *verdict.Rule) *verdict.Rule { return r.Over(window) })
}

// During judges the threshold in one phase only.
func (t Threshold) During(phase string) Threshold {
	return t.with(func(r *verdict.Rule) *verdict.Rule { return r.During(phase) })
}

// Stop ends the run when the threshold is broken.
func (t Threshold) Stop() Threshold {
	return t.with(func(r *verdict.Rule) *verdict.Rule { return r.Stop() })
}

func (t Threshold) with(f func(*verdict.Rule) *verdict.Rule) Threshold {
	if t.rule == nil {
		rule, err := verdict.Parse(t.text)
		if err != nil {
			return t // reported when the run starts
		}
		t.rule = rule
	}
	return Threshold{rule: f(t.rule)}
}

// Which selects what a threshold looks at; none means the total.
type Which = verdict.Selector

// Named selects requests by name; * stands for anything.
func Named(pattern string) Which { return verdict.Named(pattern) }

// Typed selects requests by type and name; an empty name means any.
func Typed(kind, pattern string) Which { return verdict.Typed(kind, pattern) }

// Figure is a figure of the results that a threshold compares with a limit.
type Figure struct {
	metric verdict.Metric
	which  Which
}

func figure(m verdict.Metric, which []Which) Figure {
	f := Figure{metric: m}
	if len(which) > 0 {
		f.which = which[0]
	}
	return f
}

// Quantile is a quantile of the headline time: Quantile(99.9).
func Quantile(percent float64, which ...Which) Figure {
	return figure(verdict.Quantile(percent), which)
}

// P50 is the median of the headline time.
func P50(which ...Which) Figure { return Quantile(50, which...) }

// P95 is the 95th percentile of the headline time.
func P95(which ...Which) Figure { return Quantile(95, which...) }

// P99 is the 99th percentile of the headline time.
func P99(which ...Which) Figure { return Quantile(99, which...) }

// Failures is the share of requests that failed, 0 to 1.
func Failures(which ...Which) Figure { return figure(verdict.Figure(verdict.StatFailures), which) }

// RateOf is requests a second.
func RateOf(which ...Which) Figure { return figure(verdict.Figure(verdict.StatRate), which) }

// Below holds while a time is below d.
func (f Figure) Below(d time.Duration) Threshold { return f.compare(verdict.Less, verdict.Time(d)) }

// Above holds while a time is above d.
func (f Figure) Above(d time.Duration) Threshold { return f.compare(verdict.Greater, verdict.Time(d)) }

// BelowShare holds while a share is below a number from 0 to 1.
func (f Figure) BelowShare(share float64) Threshold {
	return f.compare(verdict.Less, verdict.Share(share))
}

// AtLeast holds while a rate is at least so many a second.
func (f Figure) AtLeast(perSecond float64) Threshold {
	return f.compare(verdict.AtLeast, verdict.PerSecond(perSecond))
}

func (f Figure) compare(op verdict.Op, v verdict.Value) Threshold {
	return Threshold{rule: verdict.NewRule(f.metric, f.which, op, v)}
}

// compileThresholds reads all thresholds; mistakes come back together.
func compileThresholds(all []Threshold) ([]*verdict.Rule, error) {
	var errs []error
	rules := make([]*verdict.Rule, 0, len(all))
	for _, t := range all {
		rule := t.rule
		var err error
		if text := t.String(); mask.Text(text) != text { // names have no secrets, so rules on them have none either
			rule, t.text = nil, mask.Text(text)
		}
		if rule == nil {
			rule, err = verdict.Parse(t.text)
		} else {
			err = rule.Err()
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		rules = append(rules, rule)
	}
	return rules, errors.Join(errs...)
}
