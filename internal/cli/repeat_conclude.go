package cli

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/screen"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/verdict"
)

// conclude says what the runs found together, and judges B against A, or all of them against the baseline.
func (s *series) conclude() error {
	s.out("\n")
	if len(s.left) > 0 {
		s.out(wrapped("not counted: run "+strings.Join(s.left, ", run ")+" (runs show RUN says why)", s.width(), 2) + "\n\n")
	}
	for side := range s.sides() {
		if err := s.steady(side); err != nil {
			return err
		}
	}
	how := compare.Options{AllowInvalid: s.invalid}
	how.Limit = s.limit
	switch {
	case s.sides() == 2:
		how.Anyway = true // in what they differ is the question
		return s.judge(s.runs[0], s.runs[1], "before is A, now is B with "+format.Text(s.shown, 0), how)
	case s.baseline != nil:
		return s.judge([]*stampede.Report{s.baseline}, s.runs[0], "before is run "+s.baseline.Run.ID+", now are these runs", how)
	}
	s.out(s.verdict())
	return nil
}

func (s *series) width() int {
	if s.columns > 0 {
		return min(s.columns, trendWidth)
	}
	return trendWidth
}

// verdict is the last line of runs that are compared with nothing.
func (s *series) verdict() string {
	word := report.Outcome(s.status).String()
	if s.status == statusUsage {
		word = "FAILED"
	}
	return fmt.Sprintf("%s: %d of %s count\n", word, len(s.runs[0]), format.Plural(int64(s.times), "run", "runs"))
}

// judge compares two sides.
func (s *series) judge(before, now []*stampede.Report, sides string, o compare.Options) error {
	if len(before) == 0 || len(now) == 0 {
		s.out(fmt.Sprintf("%s: a side has no run that counts\n", verdict.Inconclusive))
		return nil
	}
	found, err := compare.Compare(sidesOf(before), sidesOf(now), o)
	if err != nil {
		return err
	}
	s.out(wrapped(sides, s.width(), 0) + "\n")
	s.out(screen.Comparison(found, screen.ComparisonOptions{Columns: s.columns, Colour: s.colour}) + "\n")
	if s.sides() == 2 && s.recorded {
		s.out(fmt.Sprintf("again: %s runs compare --anyway %s %s\n", s.name(), idsOf(before), idsOf(now)))
	}
	if found.Outcome == verdict.Regressed {
		s.worse(int(report.Regression))
	}
	if path := s.comparedFile(); path != "" {
		err := report.WriteFile(path, func(w io.Writer) error { return report.WriteComparison(w, found) })
		if err != nil {
			put(s.Err, fmt.Sprintf("%s: %s\n", s.name(), err))
			s.worse(statusUsage)
		} else {
			s.out("written: " + path + "\n")
		}
	}
	s.out(screen.Verdict(found, s.colour))
	return nil
}

// comparedFile is where the comparison of a series goes: "run.json" makes "run-compared.json", beside the results of the runs. It is "" where
// nothing is compared, or no JSON was asked for.
func (s *series) comparedFile() string {
	if s.json == "" || s.json == "-" || s.sides() == 1 && s.baseline == nil {
		return ""
	}
	return numbered(s.json, "compared")
}

func sidesOf(reports []*stampede.Report) []compare.Run {
	out := make([]compare.Run, len(reports))
	for i, r := range reports {
		out[i] = compare.Of(r)
	}
	return out
}

func idsOf(reports []*stampede.Report) string {
	out := make([]string, len(reports))
	for i, r := range reports {
		out[i] = r.Run.ID
	}
	return strings.Join(out, ",")
}

// steady prints each figure of the runs of a side: the median, how much the runs differ, and where the median of more runs would lie.
func (s *series) steady(side int) error {
	runs := s.runs[side]
	if len(runs) < 2 {
		return nil
	}
	uneven, err := compare.Uneven(sidesOf(runs))
	if err != nil {
		return err
	}
	title := format.Plural(int64(len(runs)), "run", "runs")
	if s.sides() == 2 {
		title = "AB"[side:side+1] + ", " + title
	}
	of := "of the median"
	if _, _, ok := verdict.MedianInterval(make([]float64, len(runs))); !ok {
		of = "of the mean"
	}
	var b strings.Builder
	row := func(cells ...any) {
		b.WriteString(strings.TrimRight(fmt.Sprintf("%-14s%-14s%-18s%s", cells...), " ") + "\n")
	}
	row(title, "median", "deviation", "95 % interval "+of)
	for _, m := range trendMetrics() {
		var values []float64
		for _, r := range runs {
			f := figuresOf(r)
			if v, ok := m.of(&f); ok {
				values = append(values, v)
			}
		}
		row(append([]any{m.name}, steadyCells(&m, values)...)...)
	}
	if len(uneven) > 0 {
		b.WriteString(wrapped("the runs differ from each other by more than their own seconds explain ("+strings.Join(uneven, ", ")+
			"): a single run of this would be too sure of itself", s.width(), 0) + "\n")
	}
	s.out(b.String() + "\n")
	return nil
}

// figuresOf is the figures of a report as the ledger has them.
func figuresOf(r *stampede.Report) ledger.Figures {
	t := &r.Judged.Total
	f := ledger.Figures{Requests: t.Count, Failures: t.Failures, Rate: t.Rate(r.Judged.Seconds)}
	f.P50, f.P95, f.P99 = quantileOf(r, 0.5), quantileOf(r, 0.95), quantileOf(r, 0.99)
	return f
}

func quantileOf(r *stampede.Report, q float64) time.Duration {
	ns, _ := r.Judged.Total.Quantile(r.Run.Paced, q)
	return time.Duration(ns)
}

// steadyCells is one figure over the runs.
func steadyCells(m *trendMetric, values []float64) []any {
	if len(values) < 2 {
		return []any{format.None, format.None, format.None}
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	median := (sorted[(n-1)/2] + sorted[n/2]) / 2
	mean, squares := 0.0, 0.0
	for _, v := range values {
		mean += v / float64(n)
	}
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	deviation := math.Sqrt(squares / float64(n-1))
	spread := format.None
	switch {
	case m.share:
		spread = format.Decimal(deviation*100, 2) + " points"
	case mean > 0:
		spread = fmt.Sprintf("%.1f %%", deviation/mean*100)
	}
	low, high, ok := verdict.MedianInterval(values)
	if !ok {
		means := make([]verdict.RunMean, n)
		for i, v := range values {
			means[i] = verdict.RunMean{Mean: v}
		}
		in, _, _ := verdict.RepeatedInterval(means)
		low, high = max(in.Low, 0), in.High
	}
	return []any{m.text(median), spread, m.text(low) + " to " + m.text(high)}
}
