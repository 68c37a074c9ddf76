package cli

import (
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/verdict"
)

// ledgerRow is a run as the sheet of runs has it.
func ledgerRow(r *ledger.Run) report.LedgerRow {
	row := report.LedgerRow{
		Started: r.Started, Changes: r.Changes, Focus: r.Focus, Users: r.Users, SpawnRate: r.SpawnRate, RateText: r.RateText,
		Results: r.Outcome(), Notes: r.Notes, Links: r.Links,
	}
	if r.State == ledger.Running {
		row.Results = strings.TrimSpace(ledger.InProgress + "\n" + r.Added)
	}
	if r.State == ledger.Imported && r.SpawnRate == 0 && r.RateText == "" {
		row.RateText = format.None
	}
	if r.State == ledger.Imported && r.Users == 0 && r.UsersText == "" {
		row.UsersText = format.None
	}
	return row
}

// cells is a row of the ledger as texts.
func cells(row *report.LedgerRow) []string {
	rate := row.RateText
	switch {
	case rate != "":
	case row.SpawnRate == 0:
		rate = "all at once"
	default:
		rate = strconv.FormatFloat(row.SpawnRate, 'f', -1, 64)
	}
	users := row.UsersText
	if users == "" {
		users = strconv.Itoa(row.Users)
	}
	return []string{
		row.Started.Format("2006-01-02"), row.Started.Format("15:04:05"), row.Changes, row.Focus, users, rate, row.Results,
		row.Notes, strings.Join(row.Links, "\n"),
	}
}

// widest is how much of a column the table shows where nothing else limits it, and least what it shows of it on a narrow terminal. The other
// columns are shown in full.
var (
	widest = map[string]int{"Test": 24, "Host": 32, "Changes": 28, "Focus": 20, "Users / Second": 16, "Results": 120, "Notes": 28, "Links": 32}
	least  = map[string]int{"Test": 12, "Host": 18, "Changes": 14, "Focus": 10, "Users / Second": 11, "Results": 32, "Notes": 12, "Links": 12}
)

// runsTable is the ledger for a terminal, columns wide; 0 means as wide as it needs. Where it does not fit, columns in which nothing stands
// are left out and long texts are cut; where that is not enough each run gets a few lines instead of one.
func runsTable(runs []ledger.Run, columns int) string {
	names := []string{"Run"}
	tests, hosts := differ(runs, func(r *ledger.Run) string { return r.Name }), differ(runs, func(r *ledger.Run) string { return r.Host })
	if tests {
		names = append(names, "Test")
	}
	if hosts {
		names = append(names, "Host")
	}
	names = append(names, report.LedgerColumns()...)
	lines := make([][]string, len(runs))
	for i := range runs {
		r := &runs[i]
		row := ledgerRow(r)
		if word := outcomeWord(r); word != "" {
			row.Results = word + ": " + row.Results
		}
		lines[i] = []string{r.ID}
		if tests {
			lines[i] = append(lines[i], r.Name)
		}
		if hosts {
			lines[i] = append(lines[i], r.Host)
		}
		lines[i] = append(lines[i], cells(&row)...)
	}
	t := newTable(names, lines)
	if columns > 0 && t.width() > columns && !t.narrow(columns) {
		return runsBlocks(lines, columns)
	}
	return t.text()
}

// differ reports whether runs are not all alike in something: then a list says what each is.
func differ(runs []ledger.Run, of func(*ledger.Run) string) bool {
	for i := range runs {
		if of(&runs[i]) != of(&runs[0]) {
			return true
		}
	}
	return false
}

// outcomeWord is how a run went, from what its row in the ledger says, which for runs of before is not all: "" for one that goes on, was cut off
// or was taken in from a sheet.
func outcomeWord(r *ledger.Run) string {
	switch {
	case r.State != ledger.Done:
		return ""
	case r.Interrupted:
		return "INTERRUPTED"
	case r.Verdict == verdict.Invalid.String():
		return "INVALID"
	case r.Passed < r.Thresholds, r.Requests == 0:
		return "FAILED"
	case slices.Contains(r.Tags, report.RegressedTag): // goes before failures, as in the exit status
		return "REGRESSED"
	case r.Judgement == report.Failures.String(), r.Judgement == "" && r.Thresholds == 0 && r.Failures > 0:
		return "FAILED"
	}
	return "PASSED"
}

// runTable is runs as lines of cells, the headings first.
type runTable struct {
	names  []string
	cells  [][]string
	sizes  [][]int // columns that each cell takes
	widths []int   // of each column; 0 is one that is not there
}

func newTable(names []string, lines [][]string) *runTable {
	t := &runTable{names: names, widths: make([]int, len(names))}
	t.add(names)
	for _, line := range lines {
		t.add(line)
	}
	return t
}

func (t *runTable) add(line []string) {
	texts, sizes := make([]string, len(line)), make([]int, len(line))
	for j, cell := range line {
		texts[j] = format.Text(cell, widest[t.names[j]])
		sizes[j] = ansi.StringWidth(texts[j])
		t.widths[j] = max(t.widths[j], sizes[j])
	}
	t.cells, t.sizes = append(t.cells, texts), append(t.sizes, sizes)
}

func (t *runTable) text() string {
	var b strings.Builder
	for i, line := range t.cells {
		pending := 0 // spaces that stand before the next cell with something in it
		for j, cell := range line {
			if t.widths[j] == 0 {
				continue
			}
			size := t.sizes[i][j]
			if size > t.widths[j] {
				cell = ansi.Truncate(cell, t.widths[j], "…")
				size = ansi.StringWidth(cell)
			}
			if cell != "" {
				b.WriteString(strings.Repeat(" ", pending) + cell)
				pending = 0
			}
			pending += t.widths[j] - size + 2
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// width is how wide a line is.
func (t *runTable) width() int {
	sum := -2
	for _, w := range t.widths {
		if w > 0 {
			sum += w + 2
		}
	}
	return sum
}

// narrow makes the table fit, and reports whether that can be: columns without a text go, and those with most to spare give.
func (t *runTable) narrow(columns int) bool {
	for j := range t.widths {
		if !slices.ContainsFunc(t.cells[1:], func(line []string) bool { return line[j] != "" }) {
			t.widths[j] = 0
		}
	}
	for t.width() > columns {
		give, most := -1, 0
		for j, name := range t.names {
			if spare := t.widths[j] - least[name]; least[name] > 0 && spare > most {
				give, most = j, spare
			}
		}
		if give < 0 {
			return false
		}
		t.widths[give]--
	}
	return true
}

// runsBlocks is some runs with a few lines each, for a narrow terminal.
func runsBlocks(lines [][]string, columns int) string {
	var b strings.Builder
	put := func(text string) {
		if strings.TrimSpace(text) != "" {
			b.WriteString(cut(strings.TrimRight(text, " "), columns) + "\n")
		}
	}
	labelled := func(pairs ...string) string {
		text := ""
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] != "" {
				text += "  " + pairs[i] + ": " + format.Text(pairs[i+1], columns)
			}
		}
		return text
	}
	for _, l := range lines {
		users := "  " + l[5] + " users, " + format.Text(l[6], columns)
		if l[5] == format.None {
			users = ""
		}
		put(l[0] + "  " + l[1] + " " + l[2] + users)
		put(labelled("Changes", l[3], "Focus", l[4]))
		put("  " + format.Text(l[7], columns))
		put(labelled("Notes", l[8], "Links", l[9]))
	}
	return b.String()
}
