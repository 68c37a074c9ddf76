package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/verdict"
)

// trendMetric is a figure that runs are looked at by.
type trendMetric struct {
	name   string
	unit   string // in JSON: "ms", "per_s", "share"
	factor float64
	more   bool // is better
	share  bool // of the requests: a change is a difference
	value  func(*ledger.Figures) float64
	text   func(float64) string
}

func trendMetrics() []trendMetric {
	timed := func(name string, of func(*ledger.Figures) time.Duration) trendMetric {
		return trendMetric{
			name: name, unit: "ms", factor: 1e-6, value: func(f *ledger.Figures) float64 { return float64(of(f)) },
			text: func(v float64) string { return format.Duration(time.Duration(v)) },
		}
	}
	return []trendMetric{
		timed("p50", func(f *ledger.Figures) time.Duration { return f.P50 }),
		timed("p95", func(f *ledger.Figures) time.Duration { return f.P95 }),
		timed("p99", func(f *ledger.Figures) time.Duration { return f.P99 }),
		{name: "rate", unit: "per_s", factor: 1, more: true, value: func(f *ledger.Figures) float64 { return f.Rate }, text: format.Rate},
		{
			name: "failures", unit: "share", factor: 1, share: true, text: format.Percent,
			value: func(f *ledger.Figures) float64 { return float64(f.Failures) / float64(f.Requests) },
		},
	}
}

func metricOf(name string) (trendMetric, error) {
	var names []string
	for _, m := range trendMetrics() {
		if strings.EqualFold(m.name, name) {
			return m, nil
		}
		names = append(names, m.name)
	}
	_, err := setting.Choice(name, names...)
	return trendMetric{}, fmt.Errorf("--metric %q: %w", name, err)
}

// of is the figure of a run; ok is false when the run has none: no requests, or none that was timed.
func (m *trendMetric) of(f *ledger.Figures) (v float64, ok bool) {
	if f.Requests == 0 {
		return 0, false
	}
	v = m.value(f)
	return v, m.unit != "ms" || v > 0
}

// limit is the smallest change that is told, as a share.
func (m *trendMetric) limit(text string) (float64, error) {
	if text == "" {
		if m.share {
			return 0.001, nil
		}
		return 0.01, nil
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "%")), 64)
	if err != nil || !(v >= 0) || v > 1e6 {
		return 0, fmt.Errorf("--limit %q: write a number of percent, such as 5%%", text)
	}
	return v / 100, nil
}

// trendChange is a place in a trend from which on the level is another.
type trendChange struct {
	verdict.ChangePoint
	run *ledger.Run // the first of the new level
}

// trendChance is how probable by chance a change may be in a history of up to trendRuns runs.
const (
	trendChance = 0.001
	trendRuns   = 100
)

// findChanges finds the changes of at least so large a share.
func (t *trend) findChanges(limit float64) {
	series, shift := t.values, 0.0
	if t.metric.share {
		// Shares change by differences, from zero too. A shift by 1 leaves every difference as it is and makes it the magnitude, within the
		// size of the share.
		shift = 1
		series = make([]float64, len(t.values))
		for i, v := range t.values {
			series[i] = v + shift
		}
	}
	o := verdict.ChangeOptions{MinMagnitude: limit, MaxP: trendChance}
	if n := float64(len(series)); n > trendRuns {
		o.MaxP *= trendRuns / n // a long history has no more false alarms than a short one
	}
	for _, c := range verdict.ChangePoints(series, o) {
		c.Before, c.After = c.Before-shift, c.After-shift
		t.changes = append(t.changes, trendChange{c, &t.runs[c.Index]})
	}
}

// worse reports whether a change is for the worse.
func (t *trend) worse(c *trendChange) bool { return (c.After > c.Before) != t.metric.more }

// changeText says what happened: "p95 of Log In rose 38.2 % with 'cache off' on 2026-11-02 (run 20261102-190000-3f9a, commit 3f9a1c2)".
func (t *trend) changeText(c *trendChange) string {
	verb := "rose"
	if c.After < c.Before {
		verb = "fell"
	}
	by := format.Percent(math.Abs(c.After/c.Before - 1))
	if t.metric.share || c.Before == 0 {
		by = fmt.Sprintf("from %s to %s", t.metric.text(c.Before), t.metric.text(c.After))
	}
	r := c.run
	with := ""
	if text := firstLine(r.Changes); text != "" {
		with = " with '" + text + "'"
	}
	from := "run " + r.ID
	if r.Git.Commit != "" {
		from += ", commit " + shortCommit(r)
	}
	return fmt.Sprintf("%s of %s %s %s%s on %s (%s)", t.metric.name, t.subject, verb, by, with, r.Started.Format("2006-01-02"), from)
}

// firstLine is the beginning of what a person wrote.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return format.Text(strings.TrimSpace(line), 80)
}

// shortCommit is a commit as people write it; a + says that there were changes beside it.
func shortCommit(r *ledger.Run) string {
	text := format.Text(r.Git.Commit, 0)
	if len(r.Git.Commit) > 10 {
		text = format.Text(r.Git.Commit[:10], 0)
	}
	if r.Git.Dirty {
		text += "+"
	}
	return text
}
