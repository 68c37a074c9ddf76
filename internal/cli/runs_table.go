package cli

import (
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/show"
)

// bookRow is a run as the sheet of runs has it.
func bookRow(r *ledger.Run) report.BookRow {
	row := report.BookRow{
		Started: r.Started, Changes: r.Changes, Focus: r.Focus, Users: r.Users, SpawnRate: r.SpawnRate, RateText: r.RateText,
		Results: r.Outcome(), Notes: r.Notes, Links: r.Links,
	}
	if r.State == ledger.Running {
		row.Results = strings.TrimSpace("in progress\n" + r.Added)
	}
	if r.State == ledger.Imported && r.SpawnRate == 0 && r.RateText == "" {
		row.RateText = show.None
	}
	if r.State == ledger.Imported && r.Users == 0 && r.UsersText == "" {
		row.UsersText = show.None
	}
	return row
}

// cells is a row of the book as texts.
func cells(row *report.BookRow) []string {
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
	widest = map[string]int{"Changes": 28, "Focus": 20, "Users / Second": 16, "Results": 100, "Notes": 28, "Links": 32}
	least  = map[string]int{"Changes": 14, "Focus": 10, "Users / Second": 11, "Results": 32, "Notes": 12, "Links": 12}
)

// runsTable is the book for a terminal, columns wide; 0 means as wide as it needs. Where it does not fit, columns in which nothing stands
// are left out and long texts are cut; where that is not enough each run gets a few lines instead of one.
func runsTable(runs []ledger.Run, columns int) string {
	table := [][]string{append([]string{"Run"}, report.BookColumns()...)}
	for i := range runs {
		row := bookRow(&runs[i])
		table = append(table, append([]string{runs[i].ID}, cells(&row)...))
	}
	widths := tableWidths(table)
	if columns > 0 && lineWidth(widths) > columns && !narrowed(table, widths, columns) {
		return runsBlocks(table[1:], columns)
	}
	var b strings.Builder
	for _, line := range table {
		var text strings.Builder
		for j, cell := range line {
			if widths[j] > 0 {
				cell = ansi.Truncate(show.Text(cell, widest[table[0][j]]), widths[j], "…")
				text.WriteString(cell + strings.Repeat(" ", widths[j]-ansi.StringWidth(cell)+2))
			}
		}
		b.WriteString(strings.TrimRight(text.String(), " ") + "\n")
	}
	return b.String()
}

// tableWidths is how wide each column of a table is, the headings in its first line.
func tableWidths(table [][]string) []int {
	widths := make([]int, len(table[0]))
	for _, line := range table {
		for j, cell := range line {
			widths[j] = max(widths[j], ansi.StringWidth(show.Text(cell, widest[table[0][j]])))
		}
	}
	return widths
}

// lineWidth is how wide a line of such columns is; those of width 0 are not there.
func lineWidth(widths []int) int {
	sum := -2
	for _, w := range widths {
		if w > 0 {
			sum += w + 2
		}
	}
	return sum
}

// narrowed makes a table fit, and reports whether that can be: columns without a text go, and those with most to spare give.
func narrowed(table [][]string, widths []int, columns int) bool {
	for j := range widths {
		if !slices.ContainsFunc(table[1:], func(line []string) bool { return line[j] != "" }) {
			widths[j] = 0
		}
	}
	for lineWidth(widths) > columns {
		give, most := -1, 0
		for j, name := range table[0] {
			if spare := widths[j] - least[name]; least[name] > 0 && spare > most {
				give, most = j, spare
			}
		}
		if give < 0 {
			return false
		}
		widths[give]--
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
				text += "  " + pairs[i] + ": " + show.Text(pairs[i+1], columns)
			}
		}
		return text
	}
	for _, l := range lines {
		users := "  " + l[5] + " users, " + show.Text(l[6], columns)
		if l[5] == show.None {
			users = ""
		}
		put(l[0] + "  " + l[1] + " " + l[2] + users)
		put(labelled("Changes", l[3], "Focus", l[4]))
		put("  " + show.Text(l[7], columns))
		put(labelled("Notes", l[8], "Links", l[9]))
	}
	return b.String()
}
