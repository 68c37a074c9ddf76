package page

import "strings"

// track is a row or column of a grid.
type track struct {
	least, most length // of minmax(); the same for one length
	fr          float64
	size        float64
}

// maxTracks bounds the rows and columns of a grid.
const maxTracks = 1000

// tracks reads a list such as "repeat(auto-fill, minmax(200px, 1fr)) 20%". room is what repetition without a number fills; negative means one.
func (l *layouter) tracks(k *look, list string, room, gap float64) []track {
	if list == "" || list == "none" || strings.HasPrefix(list, "subgrid") || strings.HasPrefix(list, "masonry") {
		return nil
	}
	s := l.lengthsOf(k)
	var out []track
	for _, w := range splitTop(list, ' ') {
		w = trim(w)
		if w == "" || w[0] == '[' {
			continue
		}
		inner, ok := strings.CutPrefix(w, "repeat(")
		if !ok {
			out = append(out, s.track(w))
			continue
		}
		count, what, _ := strings.Cut(strings.TrimSuffix(inner, ")"), ",")
		part := l.tracks(k, trim(what), -1, gap)
		n, unit := number(count)
		if unit != "" {
			n = 1
			sum := 0.0
			for _, t := range part {
				size := t.least.of(max(0, room))
				if t.least.kind == autoLength || t.least.kind == minContent {
					size = t.most.of(max(0, room))
				}
				sum += size + gap
			}
			if room > 0 && sum > 0 {
				n = max(1, float64(int((room+gap+0.01)/sum)))
			}
		}
		for range int(min(n, maxTracks)) {
			if len(out) < maxTracks {
				out = append(out, part...)
			}
		}
	}
	return out
}

// lengthsOf reads lengths as they are in an element.
func (l *layouter) lengthsOf(k *look) *styler {
	s := &styler{k: k, around: k, view: *l.v}
	s.view.em, s.view.percent = k.size, true
	return s
}

func (s *styler) track(w string) track {
	if inner, ok := strings.CutPrefix(w, "minmax("); ok {
		a, b, _ := strings.Cut(strings.TrimSuffix(inner, ")"), ",")
		if strings.ContainsRune(a, '(') {
			if parts := splitTop(strings.TrimSuffix(inner, ")"), ','); len(parts) == 2 {
				a, b = parts[0], parts[1]
			}
		}
		t := s.track(trim(b))
		t.least = s.length(a)
		return t
	}
	if inner, ok := strings.CutPrefix(w, "fit-content("); ok {
		return track{most: s.length(strings.TrimSuffix(inner, ")"))}
	}
	if n, unit := number(w); unit == "fr" {
		return track{fr: n}
	}
	v := s.length(w)
	return track{least: v, most: v}
}

// cell is an item of a grid and where it stands.
type cell struct {
	*flexItem
	row, col, rows, cols int
}

// grid lays out a grid and is the height of its content.
func (l *layouter) grid(n int32, cw, tall float64) float64 {
	k := &l.looks[n]
	gapX, gapY := k.gap[1].of(cw), k.gap[0].of(max(0, tall))
	items := l.items(n)
	columns := l.tracks(k, k.gridColumns, cw, gapX)
	rows := l.tracks(k, k.gridRows, tall, gapY)
	cells, wide, high := l.cells(k, items, len(columns), len(rows))
	for len(columns) < wide {
		columns = append(columns, track{})
	}
	auto := l.tracks(k, k.gridAutoRows, -1, 0)
	for i := len(rows); i < high; i++ {
		t := track{}
		if len(auto) > 0 {
			t = auto[i%len(auto)]
		}
		rows = append(rows, t)
	}
	l.columnSizes(columns, cells, cw, gapX)
	for i := range cells {
		c := &cells[i]
		room := span(columns, c.col, c.cols, gapX)
		c.w = l.width(c.n, room, false)
		c.h = l.lay(c.n, c.w, room, -1, -1, nil, 0, 0)
	}
	l.rowSizes(rows, cells, tall, gapY)
	y := 0.0
	for i := range rows {
		if i > 0 {
			y += gapY
		}
		y += rows[i].size
	}
	for i := range cells {
		l.putCell(n, &cells[i], columns, rows, gapX, gapY)
	}
	return y
}

// putCell stretches an item over its area and puts it there.
func (l *layouter) putCell(n int32, c *cell, columns, rows []track, gapX, gapY float64) {
	k := &l.looks[n]
	room := span(rows, c.row, c.rows, gapY)
	y := before(rows, c.row, gapY)
	align := c.alignment(k)
	stretch := align == "" || align == "stretch" || align == "normal"
	if percent := c.k.height.kind == percentLength; c.k != &textLook && (percent || stretch && c.k.height.kind == autoLength && !l.replaced(c.n) && c.k.ratio == 0) {
		force := room - c.mt - c.mb
		if percent {
			force = c.k.height.of(room)
		}
		if force > c.h || percent {
			c.h = l.lay(c.n, c.w, span(columns, c.col, c.cols, gapX), room, max(0, force), nil, 0, 0)
		}
	}
	switch align {
	case "center":
		y += max(0, (room-c.h-c.mt-c.mb)/2)
	case "end", "flex-end":
		y += max(0, room-c.h-c.mt-c.mb)
	}
	l.put(c.n, n, before(columns, c.col, gapX)+c.ml, y+c.mt)
}

func span(tracks []track, at, n int, gap float64) float64 {
	sum := gap * float64(n-1)
	for i := at; i < at+n && i < len(tracks); i++ {
		sum += tracks[i].size
	}
	return max(0, sum)
}

func before(tracks []track, at int, gap float64) float64 {
	sum := 0.0
	for i := 0; i < at && i < len(tracks); i++ {
		sum += tracks[i].size + gap
	}
	return sum
}

// columnSizes shares the width among the columns.
func (l *layouter) columnSizes(columns []track, cells []cell, cw, gap float64) {
	room, fr, autos := cw-gap*float64(max(0, len(columns)-1)), 0.0, 0
	for i := range columns {
		t := &columns[i]
		fr += t.fr
		switch {
		case t.fr > 0 && !t.least.known(cw), t.fr == 0 && !t.most.known(cw):
			least, most := l.contributions(cells, i)
			if t.size = least; t.fr == 0 && t.most.kind != minContent {
				t.size = most
			}
			if t.fr == 0 {
				autos++
			}
		case t.fr > 0:
			t.size = t.least.of(cw)
		default:
			t.size = t.most.of(cw)
			if t.least.known(cw) {
				t.size = max(t.least.of(cw), t.size)
			}
		}
		room -= t.size
	}
	if fr > 0 {
		shareOut(columns, room, fr)
		return
	}
	for i := range columns {
		if t := &columns[i]; autos > 0 && !t.most.known(cw) {
			if t.size += room / float64(autos); t.size < 0 {
				t.size = 0
			}
		}
	}
}

// shareOut gives what is left to the tracks that take a share; one whose content needs more keeps that.
func shareOut(tracks []track, room, fr float64) {
	fixed := make([]bool, len(tracks))
	for i := range tracks {
		if tracks[i].fr > 0 {
			room += tracks[i].size
		}
	}
	for changed := true; changed && fr > 0; {
		changed = false
		for i := range tracks {
			if t := &tracks[i]; t.fr > 0 && !fixed[i] && t.size > room*t.fr/max(fr, 1)+0.01 {
				fixed[i], changed = true, true
				room -= t.size
				fr -= t.fr
			}
		}
	}
	for i := range tracks {
		if t := &tracks[i]; t.fr > 0 && !fixed[i] {
			t.size = max(0, room*t.fr/max(fr, 1))
		}
	}
}

// contributions are how narrow and wide the items are that stand in one column alone.
func (l *layouter) contributions(cells []cell, column int) (least, most float64) {
	for i := range cells {
		if c := &cells[i]; c.col == column && c.cols == 1 {
			a, b := l.outer(c.n)
			if c.k.clip || c.k.minW.kind == pixelLength && c.k.minW.n == 0 {
				a = 0
			}
			least, most = max(least, a), max(most, b)
		}
	}
	return least, most
}

// rowSizes makes each row as high as what stands in it.
func (l *layouter) rowSizes(rows []track, cells []cell, tall, gap float64) {
	fr, room := 0.0, tall-gap*float64(max(0, len(rows)-1))
	for i := range rows {
		t := &rows[i]
		if t.most.known(tall) && t.fr == 0 {
			t.size = t.most.of(tall)
		} else if t.least.known(tall) {
			t.size = t.least.of(tall)
		}
		for j := range cells {
			if c := &cells[j]; c.row == i && c.rows == 1 && (t.fr > 0 || !t.most.known(tall)) {
				t.size = max(t.size, c.h+c.mt+c.mb)
			}
		}
		fr += t.fr
	}
	for i := range cells {
		c := &cells[i]
		last := min(c.row+c.rows, len(rows)) - 1
		if more := c.h + c.mt + c.mb - span(rows, c.row, c.rows, gap); c.rows > 1 && more > 0 && !rows[last].most.known(tall) {
			rows[last].size += more
		}
	}
	for i := range rows {
		room -= rows[i].size
	}
	switch {
	case tall >= 0 && fr > 0:
		shareOut(rows, room, fr)
	case fr > 0: // the largest of them says how high one share is
		one := 0.0
		for i := range rows {
			if rows[i].fr > 0 {
				one = max(one, rows[i].size/max(1, rows[i].fr))
			}
		}
		for i := range rows {
			if rows[i].fr > 0 {
				rows[i].size = one * rows[i].fr
			}
		}
	case tall >= 0 && room > 0:
		l.stretchRows(rows, room, tall)
	}
}

// stretchRows shares a height that is left among the rows that state none.
func (l *layouter) stretchRows(rows []track, room, tall float64) {
	autos := 0.0
	for i := range rows {
		if !rows[i].most.known(tall) {
			autos++
		}
	}
	for i := range rows {
		if autos > 0 && !rows[i].most.known(tall) {
			rows[i].size += room / autos
		}
	}
}

func (l *layouter) measureGrid(n int32) (least, most float64) {
	k := &l.looks[n]
	gap := k.gap[1].of(0)
	items := l.items(n)
	columns := l.tracks(k, k.gridColumns, -1, gap)
	cells, wide, _ := l.cells(k, items, len(columns), 0)
	for len(columns) < wide {
		columns = append(columns, track{})
	}
	for i := range columns {
		a, b := l.contributions(cells, i)
		if t := &columns[i]; t.fr == 0 && t.most.kind == pixelLength {
			a, b = t.most.n, t.most.n
		} else if t.least.kind == pixelLength {
			a, b = max(a, t.least.n), max(b, t.least.n)
		}
		least, most = least+a, most+b
		if i > 0 {
			least, most = least+gap, most+gap
		}
	}
	return least, most
}
