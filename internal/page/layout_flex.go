package page

import (
	"math"
	"slices"
)

// flexItem is a box in a flex box.
type flexItem struct {
	n            int32
	k            *look
	base, least  float64 // widths of the border box
	w, h         float64
	ml, mr       float64
	mt, mb       float64
	grow, shrink float64
	frozen       bool
}

func (i *flexItem) outer() float64 { return i.w + i.ml + i.mr }

var textLook = look{shrink: 1}

// items are the boxes of a flex box or a grid, in their order; what is absolute is put at its corner.
func (l *layouter) items(n int32) []flexItem {
	var out []flexItem
	avail := l.spots[n].w
	l.kids(n, func(c int32) {
		k := &l.looks[c]
		if l.t.nodes[c].tag == "" {
			out = append(out, flexItem{n: c, k: &textLook, shrink: 1})
			return
		}
		if k.outOfFlow() {
			l.aside(c, n, 0, 0)
			return
		}
		if k.display == inlineBox {
			k.display = blockBox // all that stands in such a box is a box
		}
		k.float = 0
		out = append(out, flexItem{
			n: c, k: k, ml: k.margin[3].of(avail), mr: k.margin[1].of(avail), mt: k.margin[0].of(avail), mb: k.margin[2].of(avail),
			grow: k.grow, shrink: k.shrink,
		})
	})
	slices.SortStableFunc(out, func(a, b flexItem) int { return a.k.order - b.k.order })
	return out
}

// flex lays out the items of a flex box and is the height of its content.
func (l *layouter) flex(n int32, cw, tall float64) float64 {
	items := l.items(n)
	if l.looks[n].upright {
		return l.flexColumn(n, items, cw, tall)
	}
	k := &l.looks[n]
	gapX, gapY := k.gap[1].of(cw), k.gap[0].of(max(0, tall))
	for i := range items {
		l.flexBase(&items[i], cw)
	}
	y := 0.0
	for from := 0; from < len(items); {
		to, used := from+1, items[from].outer()
		for to < len(items) && (!k.wrap || used+gapX+items[to].outer() <= cw+0.01) {
			used += gapX + items[to].outer()
			to++
		}
		line := items[from:to]
		l.resolve(line, cw-gapX*float64(len(line)-1))
		h := l.flexLine(n, line, cw, tall, !k.wrap || to-from == len(items))
		x := 0.0
		for i := range line {
			item := &line[i]
			at := y + item.mt
			switch align := item.alignment(k); {
			case align == "center" || item.k.autoMargin(0) && item.k.autoMargin(2):
				at = y + (h-item.h)/2
			case align == "flex-end" || align == "end" || item.k.autoMargin(0):
				at = y + h - item.h - item.mb
			}
			at = max(at, min(y, at)) // what flows over at the top stays there
			l.put(item.n, n, x+item.ml, at)
			x += item.outer() + gapX
		}
		if y += h; to < len(items) {
			y += gapY
		}
		from = to
	}
	return y
}

func (i *flexItem) alignment(k *look) string {
	if i.k.alignSelf != "" && i.k.alignSelf != "auto" {
		return i.k.alignSelf
	}
	return k.align
}

// autoMargin reports whether a margin takes the room that is left.
func (k *look) autoMargin(side int) bool { return k.margin[side].kind == saidAuto }

// flexBase finds the width that an item begins with, and how narrow it may become.
func (l *layouter) flexBase(i *flexItem, cw float64) {
	if i.k == &textLook {
		i.least, i.base = l.measure(i.n)
		i.w = i.base
		return
	}
	fw, _ := l.frame(i.n, cw)
	least, most := l.measure(i.n)
	switch {
	case i.k.basis.kind == pixelLength || i.k.basis.kind == percentLength || i.k.basis.kind == calcKind:
		i.base = i.k.borderSize(i.k.basis.of(cw), fw)
	case i.k.width.known(cw):
		i.base = i.k.borderSize(i.k.width.of(cw), fw)
	case l.replaced(i.n):
		i.base, _ = l.replacedSize(i.n, cw, -1, -1)
	default:
		i.base = most
	}
	if i.k.minW.kind == autoLength && !i.k.clip {
		i.least = least
		if i.k.width.known(cw) {
			i.least = min(least, i.k.borderSize(i.k.width.of(cw), fw))
		}
	}
	i.w = max(i.least, l.clampWidth(i.n, i.base, cw))
}

// resolve lets the items of a line grow or shrink to a width.
func (l *layouter) resolve(line []flexItem, width float64) {
	sum := 0.0
	for i := range line {
		sum += line[i].base + line[i].ml + line[i].mr
	}
	growing := sum < width
	for range len(line) + 1 {
		room, share := width, 0.0
		for i := range line {
			item := &line[i]
			if item.frozen {
				room -= item.outer()
				continue
			}
			room -= item.base + item.ml + item.mr
			if growing {
				share += item.grow
			} else {
				share += item.shrink * item.base
			}
		}
		if share <= 0 {
			for i := range line {
				if item := &line[i]; !item.frozen {
					item.w = max(item.least, l.itemWidth(item, item.base, width))
				}
			}
			return
		}
		if growing && share < 1 {
			room *= share
		}
		changed := false
		for i := range line {
			item := &line[i]
			if item.frozen {
				continue
			}
			part := item.grow / share
			if !growing {
				part = item.shrink * item.base / share
			}
			want := item.base + room*part
			if item.w = max(item.least, l.itemWidth(item, want, width)); math.Abs(item.w-want) > 0.01 {
				item.frozen, changed = true, true
			}
		}
		if !changed {
			return
		}
	}
}

func (l *layouter) itemWidth(i *flexItem, w, cw float64) float64 {
	if i.k == &textLook {
		return max(0, w)
	}
	return l.clampWidth(i.n, max(0, w), cw)
}

// flexLine lays out the items of a line and is its height.
func (l *layouter) flexLine(n int32, line []flexItem, cw, tall float64, alone bool) float64 {
	h := 0.0
	for i := range line {
		item := &line[i]
		item.h = l.lay(item.n, item.w, cw, tall, -1, nil, 0, 0)
		h = max(h, item.h+item.mt+item.mb)
	}
	if alone && tall >= 0 {
		h = tall
	}
	k := &l.looks[n]
	for i := range line {
		item := &line[i]
		align := item.alignment(k)
		if item.k == &textLook || item.k.height.kind != autoLength || align != "" && align != "stretch" && align != "normal" || item.h+item.mt+item.mb >= h {
			continue
		}
		item.h = l.lay(item.n, item.w, cw, tall, h-item.mt-item.mb, nil, 0, 0)
	}
	return h
}

// flexColumn lays out the items of a column.
func (l *layouter) flexColumn(n int32, items []flexItem, cw, tall float64) float64 {
	k := &l.looks[n]
	gap := k.gap[0].of(max(0, tall))
	sum, grow := gap*float64(max(0, len(items)-1)), 0.0
	for i := range items {
		item := &items[i]
		align := item.alignment(k)
		narrow := align != "" && align != "stretch" && align != "normal" || item.k.autoMargin(3)
		item.w = l.width(item.n, cw, narrow)
		force := -1.0
		if basis := item.k.basis; item.k != &textLook && basis.known(tall) && (tall >= 0 || basis.kind == pixelLength && basis.n > 0) {
			_, fh := l.frame(item.n, cw)
			force = item.k.borderSize(basis.of(tall), fh)
		}
		if item.h = l.lay(item.n, item.w, cw, tall, -1, nil, 0, 0); force > item.h || force >= 0 && item.k.clip {
			item.h = l.lay(item.n, item.w, cw, tall, force, nil, 0, 0)
		}
		sum += item.h + item.mt + item.mb
		grow += item.grow
	}
	if room := tall - sum; tall >= 0 && room > 0 && grow > 0 {
		for i := range items {
			if item := &items[i]; item.grow > 0 {
				item.h = l.lay(item.n, item.w, cw, tall, item.h+room*item.grow/max(1, grow), nil, 0, 0)
			}
		}
	}
	if k.reverse {
		slices.Reverse(items)
	}
	y := 0.0
	for i := range items {
		item := &items[i]
		x := item.ml
		if a := item.alignment(k); a == "center" || item.k.autoMargin(1) && item.k.autoMargin(3) {
			x = max(0, (cw-item.w)/2)
		}
		l.put(item.n, n, x, y+item.mt)
		if y += item.h + item.mt + item.mb; i < len(items)-1 {
			y += gap
		}
	}
	return y
}

// multi lays out columns of text.
func (l *layouter) multi(n int32, cw, tall float64) float64 {
	k := &l.looks[n]
	gap := k.size
	if k.gap[1].kind != autoLength {
		gap = k.gap[1].of(cw)
	}
	columns := max(1, k.columns)
	if k.columnWidth.kind == pixelLength {
		fits := max(1, int((cw+gap)/max(1, k.columnWidth.n+gap)))
		if columns = fits; k.columns > 0 {
			columns = min(k.columns, fits)
		}
	}
	w := max(0, (cw-gap*float64(columns-1))/float64(columns))
	whole := l.flow(n, w, -1, new(floats), 0, 0)
	var kids []int32
	l.inFlow(n, n, &kids)
	top := 0.0
	if len(kids) > 0 {
		top = l.spots[kids[0]].y
		for _, c := range kids {
			top = min(top, l.spots[c].y)
		}
	}
	// The lowest height at which what cannot be broken stands in so many columns.
	low, high := whole/float64(columns), whole
	if tall > 0 {
		low, high = tall, tall
	}
	for range 20 {
		if middle := (low + high) / 2; l.breaks(kids, middle, top, w+gap, false) <= columns {
			high = middle
		} else {
			low = middle
		}
	}
	l.breaks(kids, high, top, w+gap, true)
	return high
}

// inFlow are the boxes that were put into an element, those in its lines too.
func (l *layouter) inFlow(n, in int32, out *[]int32) {
	l.kids(n, func(c int32) {
		if l.t.nodes[c].tag == "" || l.looks[c].outOfFlow() {
			return
		}
		if l.looks[c].display == inlineBox && !l.replaced(c) {
			l.inFlow(c, in, out)
		} else if l.spots[c].base == in {
			*out = append(*out, c)
		}
	})
}

// breaks is how many columns of a height boxes take, one below the other; with move they are put there.
func (l *layouter) breaks(kids []int32, h, top, step float64, move bool) int {
	column, from := 0, top
	for _, c := range kids {
		s := &l.spots[c]
		if y := s.y; y+s.h > from+h+0.01 && y > from {
			column, from = column+1, y
		}
		if move {
			s.x += step * float64(column)
			s.y += top - from
		}
	}
	return column + 1
}
