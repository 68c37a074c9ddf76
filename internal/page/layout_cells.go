package page

import "strings"

// placer finds places in a grid for its items.
type placer struct {
	taken map[[2]int]bool
	wide  int
	areas map[string][4]int // row, column, and behind both
}

// cells gives each item its place: where its lines or its area say, or the next that is free. wide and high are how many columns and rows that
// takes.
func (l *layouter) cells(k *look, items []flexItem, columns, rows int) (out []cell, wide, high int) {
	p := &placer{taken: map[[2]int]bool{}, areas: areasOf(k.gridAreas)}
	p.wide = max(1, columns)
	for _, a := range p.areas {
		p.wide, high = max(p.wide, a[3]), max(high, a[2])
	}
	out = make([]cell, len(items))
	for i := range items {
		c := &out[i]
		c.flexItem = &items[i]
		c.row, c.rows = p.line(c.k.at[0], c.k.at[2], rows, 0)
		c.col, c.cols = p.line(c.k.at[1], c.k.at[3], columns, 1)
		if c.cols = min(c.cols, maxTracks); c.col >= 0 {
			p.wide = max(p.wide, min(c.col+c.cols, maxTracks))
		} else {
			p.wide = max(p.wide, c.cols)
		}
		c.rows = min(c.rows, maxTracks)
		if c.row >= 0 && c.col >= 0 {
			p.take(c)
		}
	}
	row, col := 0, 0
	for i := range out {
		c := &out[i]
		if c.row < 0 || c.col < 0 {
			if k.dense {
				row, col = 0, 0
			}
			row, col = p.find(c, row, col)
			p.take(c)
		}
		high = max(high, c.row+c.rows)
	}
	return out, p.wide, max(high, rows)
}

// find gives an item the next free place from a row and column on, and tells where that is.
func (p *placer) find(c *cell, row, col int) (int, int) {
	fixedRow, fixedCol := c.row >= 0, c.col >= 0
	if fixedCol && !fixedRow && c.col < col {
		row++
	}
	for tries := 0; tries < 100_000; tries++ {
		switch {
		case fixedRow:
			row = c.row
		case fixedCol:
			col = c.col
		case col+c.cols > p.wide:
			row, col = row+1, 0
		}
		if fixedRow && tries == 0 {
			col = 0
		}
		c.row, c.col = row, col
		if p.free(c) {
			break
		}
		if fixedCol && !fixedRow {
			c.row, row = -1, row+1
		} else {
			col++
			if fixedRow && col+c.cols > maxTracks {
				break
			}
		}
	}
	p.wide = max(p.wide, min(c.col+c.cols, maxTracks))
	return c.row, c.col + c.cols
}

func (p *placer) free(c *cell) bool {
	for r := c.row; r < c.row+c.rows; r++ {
		for x := c.col; x < c.col+c.cols; x++ {
			if p.taken[[2]int{r, x}] {
				return false
			}
		}
	}
	return true
}

func (p *placer) take(c *cell) {
	if c.rows*c.cols > 10_000 {
		return
	}
	for r := c.row; r < c.row+c.rows; r++ {
		for x := c.col; x < c.col+c.cols; x++ {
			p.taken[[2]int{r, x}] = true
		}
	}
}

// line reads where an item begins and how much it spans, of explicit lines: "2 / 4", "1 / -1", "span 2", the name of an area. at is -1 when it
// may stand anywhere.
func (p *placer) line(start, end string, explicit, axis int) (at, n int) {
	if a, ok := p.areas[start]; ok && start != "" {
		return a[axis], a[axis+2] - a[axis]
	}
	from, spanA := gridLine(start, explicit)
	to, spanB := gridLine(end, explicit)
	switch {
	case from > 0 && to > 0 && to != from:
		return min(from, to) - 1, max(from, to) - min(from, to)
	case from > 0:
		return from - 1, max(1, spanB)
	case to > 0:
		return max(0, to-1-max(1, spanA)), max(1, spanA)
	}
	return -1, max(1, spanA, spanB)
}

// gridLine is the number of a line, or how much is spanned; zeroes for auto and for names.
func gridLine(s string, explicit int) (line, span int) {
	if rest, ok := strings.CutPrefix(s, "span"); ok {
		n, unit := number(rest)
		if unit != "" {
			n = 1
		}
		return 0, int(min(max(1, n), maxTracks))
	}
	n, unit := number(s)
	switch {
	case unit != "":
		return 0, 0
	case n < 0:
		return max(1, explicit+2+int(max(n, -maxTracks))), 0
	}
	return int(min(n, maxTracks)), 0
}

// areasOf reads grid-template-areas.
func areasOf(v string) map[string][4]int {
	out := map[string][4]int{}
	row := 0
	for i, piece := range strings.FieldsFunc(v, func(r rune) bool { return r == '"' || r == '\'' }) {
		if inString := i%2 == 0; len(v) > 0 && (v[0] == '"' || v[0] == '\'') != inString {
			continue
		}
		if trim(piece) == "" {
			continue
		}
		col := 0
		for w := range words(piece) {
			if strings.Trim(w, ".") != "" {
				a, ok := out[w]
				if !ok {
					a = [4]int{row, col, row + 1, col + 1}
				}
				a[2], a[3] = max(a[2], row+1), max(a[3], col+1)
				out[w] = a
			}
			col++
		}
		row++
	}
	return out
}
