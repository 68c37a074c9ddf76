package ledgertest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
)

// Same fails a test when two results are not the same to the last bit of every histogram.
func Same(t *testing.T, got, want *stampede.Report) {
	t.Helper()
	g, w := Describe(got), Describe(want)
	if len(g) != len(w) {
		t.Errorf("the result has %d lines, want %d", len(g), len(w))
	}
	wrong := 0
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Errorf("line %d is\n%.300s\nwant\n%.300s", i, g[i], w[i])
			if wrong++; wrong == 5 {
				return
			}
		}
	}
}

// Describe is a result in words, line by line: two results have the same lines only when they are the same.
func Describe(r *stampede.Report) []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	run := r.Run
	add("started %s", run.Started.Format("2006-01-02 15:04:05.999999999 -0700"))
	run.Started = run.Started.UTC().Round(0)
	add("run %+v", run)
	add("verdict %v %q %v %v", r.Verdict.Level, r.Verdict.Reasons, r.Verdict.Shifts, r.Verdict.Unbounded)
	for _, t := range r.Thresholds {
		add("threshold %+v", t)
	}
	add("counts %d %d %d %d %d %d %v %d %d %d %d", r.Planned, r.Sent, r.Dropped, r.NotStarted, r.Lost, r.InFlight, r.Oldest, r.UsersStarted, r.StartFailed, r.Died, r.PeakUsers)
	add("phases %+v", r.Phases)
	for _, e := range r.Events {
		add("event %+v", e)
	}
	add("workers %+v", r.Workers)
	add("tasks %+v", r.Tasks)
	add("environment %q", r.Environment)
	add("warnings %q notices %q", r.Warnings, r.Notices)
	lines = append(append(lines, totals("judged", &r.Judged)...), totals("whole", &r.Whole)...)
	return append(lines, course(r.Series)...)
}

func totals(what string, t *stats.Totals) []string {
	lines := []string{fmt.Sprintf("%s %v s", what, t.Seconds), what + row(&t.Total)}
	for i := range t.Rows {
		lines = append(lines, what+row(&t.Rows[i]))
	}
	for _, e := range t.Errors {
		lines = append(lines, fmt.Sprintf("%s error %+v", what, e))
	}
	return lines
}

func row(r *stats.Row) string {
	return fmt.Sprintf(" %s %q: %d, %d failed: %x", r.Type, r.Name, r.Count, r.Failures, r.AppendBinary(nil))
}

func course(s *stats.Series) []string {
	var lines []string
	for sec := range s.Seconds() {
		lines = append(lines, fmt.Sprintf("second %d, %d s, %v, %+v, final %v%s", sec.Index, sec.Width, sec.Span, sec.Gauges, sec.Final, row(&sec.Total)))
		for i := range sec.Rows {
			lines = append(lines, strings.TrimSpace(row(&sec.Rows[i])))
		}
	}
	return slices.Clip(lines)
}
