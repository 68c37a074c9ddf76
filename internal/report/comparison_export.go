package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// WriteMarkdownWith is [WriteMarkdown] with what a comparison against a baseline found; c may be nil.
func WriteMarkdownWith(w io.Writer, r *stampede.Report, c *compare.Result) error {
	return writeMarkdown(w, r, c)
}

// WriteJUnitWith is [WriteJUnit] with a suite of the comparison against a baseline; c may be nil.
func WriteJUnitWith(w io.Writer, r *stampede.Report, c *compare.Result) error {
	return writeJUnit(w, r, c)
}

// comparison is the outcome against the baseline and what changed.
func (m *markdown) comparison() {
	c := m.c
	if c == nil {
		return
	}
	m.printf("**Against the baseline: %s** - %s.\n\n", c.Outcome, markdownPlain(c.Sentence()))
	m.printf("Baseline: %s\n\n", markdownPlain(sideText(c.Old)))
	told := false
	for i := range c.Differences {
		if d := &c.Differences[i]; d.What != "seed" { // other random choices are usual
			m.printf("- %s\n", markdownPlain(differenceText(d)))
			told = true
		}
	}
	if told {
		m.printf("\n")
	}
	if !c.Refused() {
		m.oneSided("Only before", c.Gone)
		m.oneSided("Only now", c.Added())
	}
	rows, left := comparedRows(c, markdownRequests)
	if len(rows) == 0 {
		return
	}
	m.printf("| Request | Figure | Before | Now | Change | 95 %% interval | Outcome |\n|---|---|---:|---:|---:|---:|---|\n")
	for _, row := range rows {
		outcome := row.outcome
		if outcome == verdict.Regressed.String() {
			outcome = "**" + outcome + "**"
		}
		m.printf("| %s | %s | %s | %s | %s | %s | %s |\n", markdownCode(row.label), row.figure, row.old, row.fresh, row.change, row.interval, outcome)
	}
	if left > 0 {
		m.printf("\n%s more.\n", format.Plural(int64(left), "change", "changes"))
	}
	m.printf("\n")
}

// oneSided names the requests of one side only.
func (m *markdown) oneSided(title string, keys []stats.Key) {
	names := compare.Labels(keys, markdownRequests, markdownCode)
	if len(names) > 0 {
		m.printf("%s: %s\n\n", title, strings.Join(names, ", "))
	}
}

// baselineCases are one case for the comparison as a whole, and one for each name that got worse or better.
func baselineCases(c *compare.Result) []junitCase {
	const class = "stampede.baseline"
	var notes []string
	for i := range c.Differences {
		notes = append(notes, differenceText(&c.Differences[i]))
	}
	whole := junitCase{ClassName: class, Name: "baseline", Time: "0.000"}
	text := junitText(strings.Join(append([]string{"baseline: " + sideText(c.Old), c.Outcome.String() + ": " + c.Sentence()}, notes...), "\n"))
	if c.Outcome == verdict.Regressed {
		whole.Failure = &junitFailure{Message: junitText(c.Sentence()), Type: "baseline", Text: text}
	} else {
		whole.SystemOut = text
	}
	cases := []junitCase{whole}
	for i := range c.Rows {
		row := &c.Rows[i]
		if row.Outcome != verdict.Regressed && row.Outcome != verdict.Improved {
			continue
		}
		one := junitCase{ClassName: class, Name: junitText(compare.Label(row.Key)), Time: "0.000"}
		text := junitText(changesOf(row))
		if row.Outcome == verdict.Regressed {
			f := row.Finding()
			one.Failure = &junitFailure{Message: junitText(f.Name + " changed by " + f.ChangeText(f.Change)), Type: "baseline", Text: text}
		} else {
			one.SystemOut = text
		}
		cases = append(cases, one)
	}
	return cases
}

// changesOf is the figures of a row that changed, one a line.
func changesOf(row *compare.Row) string {
	var b strings.Builder
	for i := range row.Figures {
		f := &row.Figures[i]
		if f.Outcome == verdict.Regressed || f.Outcome == verdict.Improved {
			fmt.Fprintf(&b, "%s: %s, %s before, %s now: %s (%s)\n", f.Name, f.Outcome, f.Text(f.Old), f.Text(f.New), f.ChangeText(f.Change), f.IntervalText())
		}
	}
	return b.String()
}
