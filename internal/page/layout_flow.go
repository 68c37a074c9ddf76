package page

// flower lays out what flows in a block: boxes below each other, lines, floats.
type flower struct {
	*layouter
	n        int32
	cw, tall float64
	fs       *floats
	fx, fy   float64 // where the content stands in what has the floats
	y        float64
	margin   float64 // of the last box, not yet part of y
	any      bool    // something stands above
	line     line
}

// flow lays out the content of a block and is its height.
func (l *layouter) flow(n int32, cw, tall float64, fs *floats, fx, fy float64) float64 {
	f := &flower{layouter: l, n: n, cw: cw, tall: tall, fs: fs, fx: fx, fy: fy}
	k := &l.looks[n]
	if l.t.nodes[n].tag == "" {
		k = &l.looks[l.t.nodes[n].parent]
		f.text(n, k)
		f.endLine()
		return f.y
	}
	alone := k.alone() || n == 0
	if p := k.pseudo[0]; p != nil {
		f.y += f.pseudoHeight(p)
		f.any = f.y > 0
	}
	l.kids(n, func(c int32) { f.add(c) })
	f.endLine()
	if p := k.pseudo[1]; p != nil {
		f.closeMargin(0)
		f.y = max(f.y, f.fs.below(f.fy+f.y, p.clear)-f.fy) + f.pseudoHeight(p)
	}
	s := &l.spots[n]
	own := k.margin[2].of(s.given[1])
	if alone || k.border[2] > 0 || k.padding[2].of(s.given[1]) > 0 {
		f.closeMargin(0)
		s.below = own
	} else {
		s.below = collapse(own, f.margin)
	}
	if alone {
		f.y = max(f.y, f.fs.below(f.fy+f.y, [2]bool{true, true})-f.fy)
	}
	return f.y
}

func (f *flower) pseudoHeight(p *look) float64 {
	return p.padding[0].of(f.cw) + p.padding[2].of(f.cw) + p.border[0] + p.border[2] + p.height.of(max(0, f.tall)) + p.margin[0].of(f.cw) + p.margin[2].of(f.cw)
}

// collapse is what two margins that touch come to.
func collapse(a, b float64) float64 {
	if a < 0 && b < 0 {
		return min(a, b)
	}
	return max(a, b, 0) + min(a, b, 0)
}

func (f *flower) closeMargin(next float64) {
	f.y += collapse(f.margin, next)
	f.margin = 0
}

// above is the margin above a block, with those of the first blocks in it that it collapses with.
func (l *layouter) above(n int32, avail float64, depth int) float64 {
	k := &l.looks[n]
	m := k.margin[0].of(avail)
	if depth > 30 || k.alone() || l.replaced(n) || k.border[0] > 0 || k.padding[0].of(avail) > 0 || k.pseudo[0] != nil {
		return m
	}
	first, done := int32(0), false
	l.kids(n, func(c int32) {
		if done || l.t.nodes[c].tag != "" && (l.looks[c].outOfFlow() || l.looks[c].float != 0) {
			return
		}
		first, done = c, true
	})
	if first == 0 || l.t.nodes[first].tag == "" || l.looks[first].inLine() || l.looks[first].clear != [2]bool{} {
		return m
	}
	return collapse(m, l.above(first, avail, depth+1))
}

// add takes one box or text.
func (f *flower) add(c int32) {
	node := &f.t.nodes[c]
	k := &f.looks[c]
	switch {
	case node.tag == "":
		f.text(c, &f.looks[node.parent])
	case k.outOfFlow():
		f.aside(c, f.n, 0, f.y+f.margin)
	case k.float != 0:
		f.float(c, k)
	case node.tag == "br":
		f.breakLine(k)
	case node.tag == "wbr":
	case k.display == inlineBox && !f.replaced(c):
		f.inline(c, k)
	case k.inLine():
		f.atom(c, k)
	default:
		f.block(c, k)
	}
}

// block takes a box that stands below what came before.
func (f *flower) block(c int32, k *look) {
	f.endLine()
	through := !f.any && !f.outerAlone()
	top := f.above(c, f.cw, 0)
	start := f.y
	if through {
		f.margin = 0 // it is the margin of what is around
	} else {
		start += collapse(f.margin, top)
	}
	if k.clear != [2]bool{} {
		start = max(start, f.fs.below(f.fy+start, k.clear)-f.fy)
	}
	avail, x := f.cw, 0.0
	aside := k.alone() || f.replaced(c)
	if aside && len(f.fs.boxes) > 0 {
		least := 0.0
		if k.width.kind == pixelLength || f.replaced(c) || k.display == tableBox {
			least = f.width(c, f.cw, false)
		}
		l, r, at := f.fs.fit(f.fy+start, least, f.fx, f.fx+f.cw)
		start, x = at-f.fy, l-f.fx
		if k.width.kind == autoLength {
			avail = r - l
		}
	}
	w := f.width(c, avail, false)
	ml := k.margin[3].of(f.cw)
	if k.autoMargin(3) && k.autoMargin(1) {
		ml = max(0, (avail-w)/2)
	} else if k.autoMargin(3) {
		ml = max(0, avail-w-k.margin[1].of(f.cw))
	}
	fs := f.fs
	if aside {
		fs = nil
	}
	h := f.lay(c, w, f.cw, f.tall, -1, fs, f.fx+x+ml, f.fy+start)
	f.put(c, f.n, x+ml, start)
	below := f.spots[c].below
	if h == 0 && !through { // its margins go through it
		f.margin = collapse(collapse(f.margin, top), below)
		return
	}
	f.y, f.margin = start+h, below
	if h > 0 {
		f.any = true
	}
}

// outerAlone reports whether the margins of what is in the block stay in it.
func (f *flower) outerAlone() bool {
	k := &f.looks[f.n]
	return f.n == 0 || k.alone() || k.border[0] > 0 || k.padding[0].of(f.spots[f.n].given[1]) > 0 || k.pseudo[0] != nil
}
