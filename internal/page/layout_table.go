package page

// rowOfTable is a row of a table and its cells.
type rowOfTable struct {
	n     int32
	cells []cellOfTable
	h     float64
}

type cellOfTable struct {
	n               int32
	col, cols, rows int
}

// rowsOf are the rows of a table, and how many columns it has. What stands in it beside rows is captions and the like.
func (l *layouter) rowsOf(n int32) (rows []rowOfTable, columns int, others []int32) {
	var held []int // how many rows each column is still taken by a cell from above
	var walk func(c int32)
	walk = func(c int32) {
		k := &l.looks[c]
		switch {
		case l.t.nodes[c].tag == "":
		case k.outOfFlow():
			l.aside(c, n, 0, 0)
		case k.display == rowGroup:
			l.kids(c, walk)
		case k.display == tableRow || k.display == tableCell && len(rows) == 0:
			row := rowOfTable{n: c}
			col := 0
			add := func(d int32) {
				if l.t.nodes[d].tag == "" || l.looks[d].outOfFlow() {
					return
				}
				for col < len(held) && held[col] > 0 {
					col++
				}
				cols, rowspan := spanOf(&l.t.nodes[d], "colspan"), spanOf(&l.t.nodes[d], "rowspan")
				row.cells = append(row.cells, cellOfTable{d, col, cols, rowspan})
				for len(held) < col+cols {
					held = append(held, 0)
				}
				for i := range cols {
					held[col+i] = rowspan
				}
				col += cols
			}
			if k.display == tableCell { // cells without a row
				row.n = n
				l.kids(n, func(d int32) {
					if l.looks[d].display == tableCell {
						add(d)
					}
				})
			} else {
				l.kids(c, add)
			}
			for i := range held {
				held[i] = max(0, held[i]-1)
			}
			rows = append(rows, row)
		case k.display != tableCell:
			others = append(others, c)
		}
	}
	l.kids(n, walk)
	return rows, len(held), others
}

func spanOf(n *node, name string) int {
	v, unit := number(n.get(name))
	if unit != "" || v < 1 {
		return 1
	}
	return int(min(v, maxTracks))
}

// tableColumns are the columns of a table: how narrow and wide their content is, and what width they state.
func (l *layouter) tableColumns(rows []rowOfTable, columns int) []track {
	out := make([]track, columns)
	for i := range rows {
		for _, c := range rows[i].cells {
			least, most := l.measure(c.n)
			k := &l.looks[c.n]
			if c.cols > 1 {
				continue
			}
			t := &out[c.col]
			t.least, t.most = pixels(max(t.least.n, least)), pixels(max(t.most.n, most))
			switch w := k.width; {
			case w.kind == percentLength:
				t.fr = max(t.fr, w.n)
			case w.kind == pixelLength && t.fr == 0:
				t.size = max(t.size, least)
			}
		}
	}
	return out
}

// table lays out a table and is the height of its content.
func (l *layouter) table(n int32, cw, _ float64) float64 {
	k := &l.looks[n]
	rows, count, others := l.rowsOf(n)
	gapX, gapY := k.gap[1].of(0), k.gap[0].of(0)
	columns := l.tableColumns(rows, count)
	room := cw - gapX*float64(count+1)
	shareColumns(columns, room)
	y := 0.0
	for _, c := range others {
		w := l.width(c, cw, false)
		h := l.lay(c, w, cw, -1, -1, nil, 0, 0)
		l.put(c, n, 0, y)
		y += h + l.looks[c].margin[0].of(cw) + l.looks[c].margin[2].of(cw)
	}
	y += gapY
	tops := make([]float64, len(rows)+1)
	for i := range rows {
		row := &rows[i]
		row.h = l.looks[row.n].height.of(0)
		if row.n == n {
			row.h = 0
		}
		for _, c := range row.cells {
			w := span(columns, c.col, c.cols, gapX)
			h := l.lay(c.n, w, w, -1, -1, nil, 0, 0)
			if s := l.looks[c.n].height; s.kind == pixelLength {
				h = max(h, s.n)
			}
			if c.rows == 1 {
				row.h = max(row.h, h)
			}
		}
		for j := range i { // cells from above that end here
			for _, c := range rows[j].cells {
				if j+c.rows == i+1 {
					row.h = max(row.h, l.spots[c.n].h-(y-tops[j]))
				}
			}
		}
		tops[i] = y
		y += row.h + gapY
	}
	tops[len(rows)] = y
	for i := range rows {
		for _, c := range rows[i].cells {
			l.putTableCell(n, c, gapX+before(columns, c.col, gapX), tops[i], tops[min(i+c.rows, len(rows))]-gapY-tops[i])
		}
	}
	return y
}

// putTableCell makes a cell as high as its row and puts its content in the middle of it, unless it says otherwise.
func (l *layouter) putTableCell(n int32, c cellOfTable, x, y, h float64) {
	s := &l.spots[c.n]
	if tag := l.t.nodes[c.n].tag; (tag == "td" || tag == "th") && l.looks[c.n].hang {
		s.shift = max(0, (h-s.h)/2)
	}
	s.h = h
	l.put(c.n, n, x, y)
}

// shareColumns gives columns their widths: what they state, and of what is left the more the more they hold.
func shareColumns(columns []track, room float64) {
	rest, most, percent := room, 0.0, 0.0
	for i := range columns {
		t := &columns[i]
		switch {
		case t.fr > 0:
			t.size = max(t.least.n, room*min(t.fr, max(0, 100-percent))/100)
			percent += t.fr
			rest -= t.size
		case t.size > 0:
			t.size = max(t.size, t.least.n)
			rest -= t.size
		default:
			most += max(t.most.n, 1)
		}
	}
	if most == 0 && rest > 0 { // all state a width: they grow together
		for i := range columns {
			columns[i].size *= room / max(1, room-rest)
		}
		return
	}
	for i := range columns {
		if t := &columns[i]; t.size == 0 {
			t.size = max(t.least.n, rest*max(t.most.n, 1)/most)
		}
	}
}

func (l *layouter) measureTable(n int32) (least, most float64) {
	rows, count, others := l.rowsOf(n)
	gap := l.looks[n].gap[1].of(0)
	for _, t := range l.tableColumns(rows, count) {
		if t.size > 0 {
			t.most.n = max(t.size, t.least.n)
		}
		least, most = least+t.least.n+gap, most+t.most.n+gap
	}
	for i := range rows { // what spans columns
		for _, c := range rows[i].cells {
			if c.cols > 1 {
				a, b := l.measure(c.n)
				least, most = max(least, a), max(most, b)
			}
		}
	}
	for _, c := range others {
		a, _ := l.measure(c)
		least = max(least, a)
	}
	return least + gap, max(least, most) + gap
}
