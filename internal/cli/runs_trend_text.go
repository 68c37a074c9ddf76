package cli

import (
	"fmt"
	"math"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/stampede-load/stampede/internal/cli/screen"
	"github.com/stampede-load/stampede/internal/format"
)

// trendWidth is how wide a trend is where there is no terminal, and at most.
const trendWidth = 80

// fewForTrend is how many runs it takes until small changes can be found too.
const fewForTrend = 10

// text is the trend for a terminal: the chart, what changed, what was left out.
func (t *trend) text(columns int, colour bool) string {
	width := trendWidth
	if columns > 0 {
		width = min(columns, trendWidth)
	}
	from, to := t.runs[0].Started, t.runs[len(t.runs)-1].Started
	first, last := from.Format("2006-01-02"), to.Format("2006-01-02")
	when := first + " to " + last
	if first == last {
		when, first, last = first, from.Format("15:04"), to.Format("15:04")
	}
	var b strings.Builder
	head := fmt.Sprintf("%s of %s over %s of %s (plan %s), %s", t.metric.name, t.subject, format.Plural(int64(len(t.runs)), "run", "runs"),
		format.Text(t.test, 40), format.Text(t.plan, 16), when)
	b.WriteString(wrapped(head, width, 0) + "\n\n")
	h := screen.History{Values: t.values, Text: t.metric.text, Left: first, Right: last}
	for i := range t.changes {
		h.Changes = append(h.Changes, t.changes[i].Index)
	}
	b.WriteString(h.Draw(width) + "\n")
	b.WriteString(t.told(width, colour))
	if text := t.leftText(); text != "" {
		b.WriteString("\n" + wrapped(text, width, 0) + "\n")
	}
	return b.String()
}

// told is the changes, one after another.
func (t *trend) told(width int, colour bool) string {
	var b strings.Builder
	for i := range t.changes {
		c := &t.changes[i]
		text := t.changeText(c)
		if !t.metric.share {
			text += fmt.Sprintf(": %s before, %s since", t.metric.text(c.Before), t.metric.text(c.After))
		}
		lines := strings.Split(wrapped(text, max(width-5, 20), 0), "\n")
		for j, line := range lines {
			mark := fmt.Sprintf("%3d  ", i+1)
			if j > 0 {
				mark = "     "
			}
			if colour {
				line = t.paint(c).Render(line)
			}
			b.WriteString(mark + line + "\n")
		}
	}
	if len(t.changes) > 0 {
		return b.String()
	}
	low, high := extent(t.values)
	text := fmt.Sprintf("no change: %s of %s is between %s and %s", t.metric.name, t.subject, t.metric.text(low), t.metric.text(high))
	if low == high {
		text = fmt.Sprintf("no change: %s of %s is always %s", t.metric.name, t.subject, t.metric.text(low))
	}
	if n := len(t.runs); n < fewForTrend && low != high {
		text += fmt.Sprintf(", and of %d runs only a change far beyond their spread could be told (from about %d on smaller ones too; runs compare holds two of them against each other)",
			n, fewForTrend)
	}
	return wrapped(text, width, 0) + "\n"
}

// paint is the colour of a change: red for the worse.
func (t *trend) paint(c *trendChange) lipgloss.Style {
	if t.worse(c) {
		return lipgloss.NewStyle().Foreground(lipgloss.Color("1"))
	}
	return lipgloss.NewStyle().Foreground(lipgloss.Color("2"))
}

// share is a change as a share of what was before; nil where that was nothing.
func share(before, after float64) *float64 {
	if before == 0 || math.IsNaN(before) {
		return nil
	}
	v := after/before - 1
	return &v
}
