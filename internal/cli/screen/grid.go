package screen

import "strings"

// column is one column of a grid. Columns with the greatest drop leave first when the terminal is narrow; 0 stays.
type column struct {
	title string
	left  bool // texts stand at the left, figures at the right
	drop  int
	gap   int    // spaces before it; 0 means two
	group string // a heading over this column and its neighbours of the same group; may be empty
}

// cell is one figure: its mark stands behind it, outside the alignment, so that digits stay under digits.
type cell struct {
	text, mark string
	paint      paint // nil means plain
}

// grid is a table without rules: a heading and rows. The first column is the one that gives way. A row of one cell is a heading among
// rows; it may be as wide as the grid.
type grid struct {
	columns []column
	rows    [][]cell
	indent  int
	least   int // how narrow the first column may become before another column is dropped
}

func (c *column) space() int {
	if c.gap > 0 {
		return c.gap
	}
	return 2
}

// measure is the width of each column: of its texts and of its marks.
func (g *grid) measure() (texts, marks []int) {
	texts, marks = make([]int, len(g.columns)), make([]int, len(g.columns))
	for i := range g.columns {
		texts[i] = width(g.columns[i].title)
	}
	for _, row := range g.rows {
		for i, c := range row {
			texts[i], marks[i] = max(texts[i], width(c.text)), max(marks[i], width(c.mark))
		}
	}
	return texts, marks
}

// lay draws the grid at most so many columns wide; limit 0 means as wide as it needs. It returns the heading (two lines when columns have
// groups) and the rows.
func (g *grid) lay(limit int, p palette) []string {
	texts, marks := g.measure()
	shown := g.choose(limit, texts, marks)
	lines := make([]string, 0, len(g.rows)+2)
	if over := g.groups(shown, texts, marks, p); over != "" {
		lines = append(lines, over)
	}
	heading := make([]cell, len(g.columns))
	for i := range g.columns {
		heading[i] = cell{text: g.columns[i].title, paint: p.faint}
	}
	lines = append(lines, g.line(heading, shown, texts, marks))
	for _, row := range g.rows {
		lines = append(lines, g.line(row, shown, texts, marks))
	}
	return lines
}

// choose says which columns are drawn, and narrows the first to what is left.
func (g *grid) choose(limit int, texts, marks []int) []bool {
	shown := make([]bool, len(g.columns))
	for i := range shown {
		shown[i] = true
	}
	if limit <= 0 {
		return shown
	}
	least := min(texts[0], g.least)
	for g.total(shown, texts, marks)-texts[0]+least > limit {
		worst := 0
		for i := range g.columns {
			if shown[i] && g.columns[i].drop > 0 && (worst == 0 || g.columns[i].drop >= g.columns[worst].drop) {
				worst = i
			}
		}
		if worst == 0 {
			break
		}
		shown[worst] = false
	}
	if over := g.total(shown, texts, marks) - limit; over > 0 {
		texts[0] = max(texts[0]-over, 1)
	}
	return shown
}

func (g *grid) total(shown []bool, texts, marks []int) int {
	sum := g.indent
	for i := range g.columns {
		if shown[i] {
			sum += texts[i] + marks[i]
			if i > 0 {
				sum += g.columns[i].space()
			}
		}
	}
	return sum
}

func (g *grid) line(row []cell, shown []bool, texts, marks []int) string {
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", g.indent))
	if len(row) == 1 {
		return row[0].paint(row[0].text)
	}
	for i, c := range row {
		if !shown[i] {
			continue
		}
		if i > 0 {
			b.WriteString(strings.Repeat(" ", g.columns[i].space()))
		}
		text := c.text
		if i == 0 {
			text = squeeze(text, texts[0])
		}
		space := strings.Repeat(" ", max(texts[i]-width(text), 0))
		text += c.mark
		if c.paint != nil && text != "" {
			text = c.paint(text)
		}
		rest := strings.Repeat(" ", max(marks[i]-width(c.mark), 0))
		if g.columns[i].left {
			b.WriteString(text + space + rest)
		} else {
			b.WriteString(space + text + rest)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// groups is the line over the heading: each group's name and a rule as wide as its columns.
func (g *grid) groups(shown []bool, texts, marks []int, p palette) string {
	var b strings.Builder
	at, name, start := g.indent, "", 0
	end := func(stop int) {
		if name == "" {
			return
		}
		label := fit(name, stop-start)
		if rest := stop - start - width(label); rest > 1 {
			label += " " + strings.Repeat("─", rest-1)
		}
		b.WriteString(strings.Repeat(" ", max(start-width(b.String()), 0)) + p.faint(label))
	}
	last := at
	for i := range g.columns {
		if !shown[i] {
			continue
		}
		if i > 0 {
			at += g.columns[i].space()
		}
		if g.columns[i].group != name {
			end(last)
			name, start = g.columns[i].group, at
		}
		at += texts[i] + marks[i]
		last = at
	}
	end(last)
	return b.String()
}
