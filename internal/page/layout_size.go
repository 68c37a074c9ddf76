package page

import "math"

// measure is how narrow and how wide an element's border box would be by its content: at its narrowest every word stands in a line of its
// own, at its widest nothing breaks.
func (l *layouter) measure(n int32) (least, most float64) {
	s := &l.spots[n]
	if s.measured {
		return s.least, s.most
	}
	s.measured = true // with zeroes, should the work run out
	if l.work--; l.work < 0 || l.depth > maxLayoutDepth {
		return 0, 0
	}
	l.depth++
	defer func() { l.depth-- }()
	least, most = l.measureContent(n)
	s = &l.spots[n]
	s.least, s.most = least, max(least, most)
	return s.least, s.most
}

func (l *layouter) measureContent(n int32) (least, most float64) {
	node := &l.t.nodes[n]
	if node.tag == "" {
		return l.measureText(n)
	}
	k := &l.looks[n]
	fw, _ := l.frame(n, 0)
	if l.replaced(n) {
		w, _ := l.replacedSize(n, -1, -1, -1)
		if k.width.kind == percentLength || k.maxW.kind == percentLength || k.width.kind == calcKind {
			return fw, w
		}
		return w, w
	}
	if k.width.kind == pixelLength {
		w := l.clampWidth(n, k.borderSize(k.width.n, fw), -1)
		return w, w
	}
	switch k.display {
	case flexBox, inlineFlex:
		least, most = l.measureRow(n, !k.upright)
	case gridBox, inlineGrid:
		least, most = l.measureGrid(n)
	case tableBox, inlineTable:
		least, most = l.measureTable(n)
	default:
		least, most = l.measureFlow(n)
		if k.columns > 1 {
			least, most = least*float64(k.columns), most*float64(k.columns)
		}
	}
	if k.ratio > 0 && k.height.kind == pixelLength {
		least, most = k.height.n*k.ratio, k.height.n*k.ratio
	}
	return l.clampWidth(n, least+fw, -1), l.clampWidth(n, most+fw, -1)
}

// outer is measure with the margins.
func (l *layouter) outer(n int32) (least, most float64) {
	least, most = l.measure(n)
	if l.t.nodes[n].tag == "" {
		return least, most
	}
	m := l.looks[n].margin[1].of(0) + l.looks[n].margin[3].of(0)
	return least + m, most + m
}

func (l *layouter) measureText(n int32) (least, most float64) {
	k := &l.looks[l.t.nodes[n].parent]
	letter := k.letter()
	for w := range words(l.t.nodes[n].text) {
		width := wordWidth(w, letter)
		if most > 0 {
			most += letter / 2
		}
		most += width
		if isWide(w) {
			width = k.size
		}
		least = max(least, width)
	}
	if k.nowrap {
		least = most
	}
	return least, most
}

// measureFlow is the width of lines and blocks.
func (l *layouter) measureFlow(n int32) (least, most float64) {
	line := 0.0
	end := func() { most, line = math.Max(most, line), 0 }
	var add func(c int32)
	add = func(c int32) {
		k := &l.looks[c]
		if l.t.nodes[c].tag == "" {
			a, b := l.measureText(c)
			least, line = max(least, a), line+b
			return
		}
		switch {
		case k.outOfFlow():
		case l.t.nodes[c].tag == "br":
			end()
		case k.display == inlineBox && !l.replaced(c) && k.float == 0:
			line += k.padding[1].of(0) + k.padding[3].of(0) + k.margin[1].of(0) + k.margin[3].of(0)
			l.kids(c, add)
		case k.inLine() || k.float != 0:
			a, b := l.outer(c)
			if least, line = max(least, a), line+b; l.t.nodes[c].spaced {
				line += k.letter() / 2
			}
		default:
			end()
			a, b := l.outer(c)
			least, most = max(least, a), max(most, b)
		}
	}
	l.kids(n, add)
	end()
	return least, most
}

// measureRow is the width of a flex box.
func (l *layouter) measureRow(n int32, row bool) (least, most float64) {
	k := &l.looks[n]
	gap := k.gap[1].of(0)
	first := true
	l.kids(n, func(c int32) {
		if l.t.nodes[c].tag != "" && l.looks[c].outOfFlow() {
			return
		}
		a, b := l.outer(c)
		if basis := &l.looks[c].basis; row && l.t.nodes[c].tag != "" && basis.kind == pixelLength && basis.n > 0 {
			b = max(a, basis.n)
		}
		switch {
		case !row:
			least, most = max(least, a), max(most, b)
			return
		case k.wrap:
			least = max(least, a)
		default:
			least += a
		}
		if most += b; !first {
			most += gap
		}
		first = false
	})
	return least, most
}
