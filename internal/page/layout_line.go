package page

import "unicode/utf8"

// line is a line of text and what stands in it.
type line struct {
	open, text     bool
	x, left, right float64
	above, beneath float64 // its base
	tall           float64 // of what does not stand on the base
	atoms          []atom
}

type atom struct {
	n    int32
	x, h float64
	mt   float64
	hang bool
}

// inline goes through an element in a line.
func (f *flower) inline(c int32, k *look) {
	before := k.margin[3].of(f.cw) + k.padding[3].of(f.cw) + k.border[3]
	f.line.x += before
	f.put(c, f.n, f.line.x, f.y)
	f.kids(c, f.add)
	f.line.x += k.margin[1].of(f.cw) + k.padding[1].of(f.cw) + k.border[1]
}

// begin opens a line if none is, with so much room.
func (f *flower) begin(w float64) {
	if f.line.open {
		return
	}
	f.closeMargin(0)
	x := f.line.x // of padding that came before
	left, right, at := f.fs.fit(f.fy+f.y, w, f.fx, f.fx+f.cw)
	f.y = at - f.fy
	f.line = line{open: true, left: left - f.fx, right: right - f.fx, atoms: f.line.atoms[:0]}
	f.line.x = f.line.left + x
}

// endLine puts what stands in the line on its base, and goes below it.
func (f *flower) endLine() {
	if !f.line.open {
		f.line.x = 0
		return
	}
	n := f.n
	if f.t.nodes[n].tag == "" {
		n = f.t.nodes[n].parent
	}
	if strut := &f.looks[n]; !f.t.quirks || f.line.text || len(f.line.atoms) == 0 {
		f.line.metrics(strut)
	}
	h := max(f.line.above+f.line.beneath, f.line.tall)
	for _, a := range f.line.atoms {
		y := f.y + f.line.above - a.h
		if a.hang {
			y = f.y + (h-a.h)/2
		}
		f.put(a.n, f.n, a.x, y+a.mt)
	}
	f.y += h
	f.any = true
	f.line = line{atoms: f.line.atoms[:0]}
}

// metrics makes room for the font of an element.
func (l *line) metrics(k *look) {
	ascent, descent := 0.891*k.size, 0.216*k.size
	l.above = max(l.above, (k.line+ascent-descent)/2)
	l.beneath = max(l.beneath, (k.line-ascent+descent)/2)
}

func (f *flower) breakLine(k *look) {
	f.begin(0)
	f.line.text = true
	f.endLine()
	if k.clear != [2]bool{} {
		f.y = f.fs.below(f.fy+f.y, k.clear) - f.fy
	}
}

// text takes the words of a text.
func (f *flower) text(c int32, k *look) {
	s := f.t.nodes[c].text
	letter := k.letter()
	if f.line.open && s != "" && isSpace(s[0]) {
		f.line.x += letter / 2
	}
	for w := range words(s) {
		width := wordWidth(w, letter)
		wide := width > 6*letter && isWide(w)
		f.begin(0)
		if f.line.x+width > f.line.right+0.01 && !k.nowrap {
			if wide { // such a text may break anywhere
				f.wide(width, k)
				continue
			}
			if f.line.x > f.line.left {
				f.endLine()
				f.begin(width)
			}
		}
		f.line.text = true
		f.line.metrics(k)
		f.line.x += width + letter/2
	}
}

// wide takes a text without spaces that breaks anywhere.
func (f *flower) wide(width float64, k *look) {
	for width > 0 {
		f.begin(k.size)
		f.line.text = true
		f.line.metrics(k)
		room := max(k.size, f.line.right-f.line.x)
		if width <= room {
			f.line.x += width
			return
		}
		if f.work--; f.work < 0 {
			return
		}
		width -= room
		f.endLine()
	}
}

// letter is the usual width of one.
func (k *look) letter() float64 {
	if k.sans {
		return 0.5 * k.size
	}
	return 0.44 * k.size
}

func wordWidth(w string, letter float64) float64 {
	n := utf8.RuneCountInString(w)
	if isWide(w) {
		return float64(n) * letter * 2
	}
	return float64(n) * letter
}

// isWide reports whether a word is of a script whose letters are squares.
func isWide(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return r >= 0x2e80 && r < 0xfb00 || r >= 0x20000
}

// atom takes a box that stands in a line like a letter.
func (f *flower) atom(c int32, k *look) {
	w := f.width(c, f.cw, true)
	h := f.lay(c, w, f.cw, f.tall, -1, nil, 0, 0)
	ml, mr, mt, mb := k.margin[3].of(f.cw), k.margin[1].of(f.cw), k.margin[0].of(f.cw), k.margin[2].of(f.cw)
	f.begin(ml + w + mr)
	if f.line.x+ml+w+mr > f.line.right+0.01 && f.line.x > f.line.left {
		f.endLine()
		f.begin(ml + w + mr)
	}
	f.line.atoms = append(f.line.atoms, atom{c, f.line.x + ml, h + mt, mt, k.hang})
	f.line.x += ml + w + mr
	if f.spaceAfter(c) {
		f.line.x += f.looks[f.n].letter() / 2
	}
	a := &f.line.atoms[len(f.line.atoms)-1]
	switch {
	case k.hang:
		f.line.tall = max(f.line.tall, h+mt+mb)
	case f.replaced(c) || k.clip:
		f.line.above = max(f.line.above, h+mt)
		f.line.beneath = max(f.line.beneath, mb)
	default: // its base is that of its last line
		under := min(h, (k.line-0.675*k.size)/2)
		a.h -= under
		f.line.above = max(f.line.above, h+mt-under)
		f.line.beneath = max(f.line.beneath, mb+under)
	}
}

// spaceAfter reports whether the source has space behind an element, which the tree does not keep.
func (f *flower) spaceAfter(c int32) bool { return f.t.nodes[c].spaced }
