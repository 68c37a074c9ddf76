package screen

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
)

// Lines writes a run as one line every two seconds, for logs and terminals without a dashboard.
type Lines struct {
	Out  io.Writer
	told int // events written so far

	ended bool // the run's end was among them
}

// Every is how often Lines is meant to be asked for a line.
const Every = 2 * time.Second

// Begin is the line that says what is run.
func (w *Lines) Begin(run *stampede.RunInfo) error {
	parts := []string{clean(run.Name)}
	if run.Host != "" {
		parts[0] += " on " + clean(run.Host)
	}
	parts = append(parts, load(run), model(run), fmt.Sprintf("seed %d", run.Seed))
	_, err := fmt.Fprintln(w.Out, strings.Join(parts, " · "))
	return err
}

// Tell writes the events that are new, each in a line of its own.
func (w *Lines) Tell(l *stampede.Live) error {
	for ; w.told < len(l.Events); w.told++ {
		e := &l.Events[w.told]
		text := clean(e.Text)
		switch e.Kind {
		case "start":
			continue // Begin has said it
		case "stop":
			text, w.ended = "ended: "+text, true
		case "threshold":
			text = "threshold broken: " + text
		}
		if _, err := fmt.Fprintf(w.Out, "%7s  %s\n", format.Clock(e.At), text); err != nil {
			return err
		}
	}
	return nil
}

// Line writes the figures of the last seconds, unless the run has ended. Columns keep their places from line to line, as long as the figures
// allow.
func (w *Lines) Line(l *stampede.Live) error {
	if w.ended {
		return nil
	}
	users := format.Count(int64(l.Users))
	if l.Target != l.Users && l.Run.RateText == "" {
		users += "/" + format.Count(int64(l.Target))
	}
	paced, row := l.Run.Paced, &l.RecentAll
	figure := func(c cell) string { return c.text + c.mark }
	plain := newPalette(false)
	parts := []string{
		fmt.Sprintf("%7s", format.Clock(l.Elapsed)),
		fmt.Sprintf("users %-9s", users),
		fmt.Sprintf("last %-4s", format.Span(max(l.RecentSpan, time.Second).Round(time.Second))),
		fmt.Sprintf("requests %-9s", format.Rate(row.Rate(l.RecentSpan.Seconds()))),
		fmt.Sprintf("failed %-7s", failures(row, plain).text),
		fmt.Sprintf("p50 %-9s", figure(quantile(row, paced, 0.5))),
		fmt.Sprintf("p95 %-9s", figure(quantile(row, paced, 0.95))),
		fmt.Sprintf("p99 %-9s", figure(quantile(row, paced, 0.99))),
		fmt.Sprintf("in flight %-4s", format.Count(int64(l.InFlight))),
		"so far " + format.Plural(l.Total.Count, "request", "requests") + ", " + failures(&l.Total, plain).text + " failed",
	}
	if l.Iterations > 0 {
		parts = append(parts, format.Count(l.Sent)+" of "+format.Count(l.Iterations)+" tasks")
	}
	if l.Dropped > 0 {
		parts = append(parts, "dropped "+format.Count(l.Dropped))
	}
	if l.NotStarted > 0 {
		parts = append(parts, "not started "+format.Count(l.NotStarted))
	}
	if l.Verdict.Level != 0 {
		parts = append(parts, l.Verdict.Level.String())
	}
	_, err := fmt.Fprintln(w.Out, strings.Join(parts, "  "))
	return err
}
