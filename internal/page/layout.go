package page

// rect is where something stands, from the top left corner of the document.
type rect struct{ x, y, w, h float64 }

// spot is where an element was put.
type spot struct {
	x, y, w, h  float64 // of its border box; x and y from the corner of base
	base        int32   // 0 is the document
	shift       float64 // how far down what is in a cell of a table begins
	below       float64 // the margin below it that collapses with what follows
	given       [3]float64
	laid        bool
	least, most float64 // how narrow and how wide its content can be; valid if measured
	measured    bool
	hasFlow     bool // it is in layouter.late
}

// layouter puts the elements of a document where a browser would, near enough to say which lazy images are near the window: letters have a
// usual width, and what has not been loaded yet has no size of its own.
type layouter struct {
	t      *tree
	v      *viewport
	looks  []look
	hidden func(int32) bool
	spots  []spot
	late   []int32 // what is absolute, in the order of the document
	work   int
	depth  int
}

// maxLayout bounds how often elements are laid out, for each that there is, and maxLayoutDepth how deep: tables and flex boxes within each
// other are laid out again and again.
const (
	maxLayout      = 40
	maxLayoutDepth = 200
)

// scrollBar is how wide the bar is of what scrolls.
const scrollBar = 15

// layOut is the layout of a document whose elements have their looks. Most pages with lazy parts are longer than the window.
func layOut(t *tree, v *viewport, looks []look, hidden func(int32) bool) *layouter {
	looks[0].display, looks[0].clip = blockBox, true
	l := layOutIn(t, v, looks, hidden, max(0, v.width-scrollBar))
	if l.spots[0].h <= v.height {
		l = layOutIn(t, v, looks, hidden, v.width)
	}
	return l
}

func layOutIn(t *tree, v *viewport, looks []look, hidden func(int32) bool, width float64) *layouter {
	l := &layouter{t: t, v: v, looks: looks, hidden: hidden, spots: make([]spot, len(t.nodes)), work: maxLayout * (len(t.nodes) + 100)}
	l.lay(0, width, width, v.height, -1, nil, 0, 0)
	for i := 0; i < len(l.late); i++ {
		l.putAside(l.late[i])
	}
	return l
}

// where is the place of an element in the document. visible is false when boxes around it cut it off, which those that scroll do at a
// distance of margin above and below, and of half of that at the sides.
func (l *layouter) where(n int32, margin float64) (r rect, visible bool) {
	s := &l.spots[n]
	r = rect{0, 0, s.w, s.h}
	visible = true
	if l.work < 0 { // too much to lay out: nothing is known of what is left
		return r, true
	}
	for i := 0; n != 0 && i < maxLayoutDepth*2; i++ {
		s := &l.spots[n]
		r.x += s.x
		r.y += s.y
		if n = s.base; n == 0 {
			break
		}
		r.y += l.spots[n].shift
		if l.looks[n].clip && l.t.nodes[n].tag != "body" && l.t.nodes[n].tag != "html" {
			b, more := &l.spots[n], margin
			if l.looks[n].cuts {
				more = 0
			}
			visible = visible && r.x <= b.w+more/2 && r.x+r.w >= -more/2 && r.y <= b.h+more && r.y+r.h >= -more
			if r.w > 0 && r.h > 0 {
				visible = visible && r.x < b.w+more/2 && r.y < b.h+more
			}
		}
	}
	return r, visible
}

// kids calls f for the boxes and texts in an element, in order.
func (l *layouter) kids(n int32, f func(int32)) {
	for k := l.t.nodes[n].first; k != 0; k = l.t.nodes[k].next {
		node := &l.t.nodes[k]
		switch {
		case node.inert || node.tag != "" && (l.hidden(k) || l.looks[k].display == noBox), node.tag == "noscript" && node.first == 0:
		case node.tag != "" && l.looks[k].display == contentsBox:
			l.kids(k, f)
		case node.tag == "" && (l.t.nodes[n].tag == "title" || l.t.nodes[n].tag == "option"):
		default:
			f(k)
		}
	}
}

// replaced reports whether an element is shown by something that is no part of the document.
func (l *layouter) replaced(n int32) bool {
	switch l.t.nodes[n].tag {
	case "img", "iframe", "video", "canvas", "embed", "object", "svg", "audio", "input", "textarea", "select", "progress", "meter":
		return true
	}
	return false
}

// put notes where an element stands in the content box of another one.
func (l *layouter) put(n, in int32, x, y float64) {
	k := &l.looks[in]
	s := &l.spots[n]
	around := l.spots[in].w
	s.base, s.x, s.y = in, x+k.border[3]+k.padding[3].of(around), y+k.border[0]+k.padding[0].of(l.spots[in].given[1])
	if own := &l.looks[n]; l.t.nodes[n].tag != "" && own.position == relative {
		if own.hasInset[0] {
			s.y += own.inset[0].of(0)
		} else if own.hasInset[2] {
			s.y -= own.inset[2].of(0)
		}
		if own.hasInset[3] {
			s.x += own.inset[3].of(around)
		} else if own.hasInset[1] {
			s.x -= own.inset[1].of(around)
		}
	}
}

// aside notes something absolute, and where it would stand in the flow.
func (l *layouter) aside(n, in int32, x, y float64) {
	if s := &l.spots[n]; !s.hasFlow {
		s.hasFlow = true
		l.late = append(l.late, n)
	}
	l.put(n, in, x, y)
}

// frame is what padding and border take of an element's width and height.
func (l *layouter) frame(n int32, avail float64) (w, h float64) {
	k := &l.looks[n]
	w = k.border[1] + k.border[3] + k.padding[1].of(avail) + k.padding[3].of(avail)
	return w, k.border[0] + k.border[2] + k.padding[0].of(avail) + k.padding[2].of(avail)
}

// border is a stated width or height as that of the border box.
func (k *look) borderSize(size, frame float64) float64 {
	if k.borderBox {
		return max(size, frame)
	}
	return size + frame
}

// lay lays out an element of a width, that of its border box, in something of width avail and height tall; what is negative is not known.
// force is the height that it is made to have. floats are those it stands among, which see it at x, y; nil makes it one that is alone. The
// result is its height.
func (l *layouter) lay(n int32, w, avail, tall, force float64, fs *floats, x, y float64) float64 {
	s, k := &l.spots[n], &l.looks[n]
	given := [3]float64{w, avail, tall + force*1e6}
	if s.laid && s.given == given && (fs == nil || len(fs.boxes) == 0) {
		return s.h
	}
	s.given = given
	if l.work--; l.work < 0 || l.depth > maxLayoutDepth {
		return 0
	}
	l.depth++
	defer func() { l.depth-- }()
	s.w, s.below = w, k.margin[2].of(avail)
	if l.t.nodes[n].tag == "" {
		s.h = l.flow(n, w, -1, new(floats), 0, 0)
		s.laid = true
		return s.h
	}
	fw, fh := l.frame(n, avail)
	if l.replaced(n) {
		_, s.h = l.replacedSize(n, avail, tall, w)
		if force >= 0 {
			s.h = force
		}
		s.laid = true
		return s.h
	}
	content := -1.0
	switch {
	case force >= 0:
		content = max(0, force-fh)
	case k.height.known(tall):
		content = k.borderSize(k.height.of(tall), fh) - fh
	}
	cw := max(0, w-fw)
	if k.alone() || fs == nil {
		fs, x, y = new(floats), 0, 0
	} else {
		x, y = x+k.border[3]+k.padding[3].of(avail), y+k.border[0]+k.padding[0].of(avail)
	}
	s.h = l.height(n, l.content(n, cw, content, fs, x, y), content, avail, tall)
	s.laid = true
	return s.h
}

// height is that of the border box of an element, whose content has the height h, and by what is stated has that of stated, if it is not negative.
func (l *layouter) height(n int32, h, stated, avail, tall float64) float64 {
	k, w := &l.looks[n], l.spots[n].w
	fw, fh := l.frame(n, avail)
	switch {
	case stated >= 0:
		h = stated
	case k.ratio > 0 && k.borderBox:
		h = max(h, w/k.ratio-fh)
	case k.ratio > 0:
		h = max(h, max(0, w-fw)/k.ratio)
	}
	h += fh
	if stated < 0 && (k.bar == barAlways || k.bar == barIfOver && l.flowsOver(n, w)) {
		h += scrollBar
	}
	if k.maxH.known(tall) {
		h = min(h, k.borderSize(k.maxH.of(tall), fh))
	}
	if k.minH.known(tall) {
		h = max(h, k.borderSize(k.minH.of(tall), fh))
	}
	return h
}

// flowsOver reports whether a box in an element reaches over its right edge.
func (l *layouter) flowsOver(n int32, w float64) bool {
	over := false
	l.kids(n, func(c int32) {
		s := &l.spots[c]
		over = over || s.base == n && s.x+s.w > w+0.5 && (l.t.nodes[c].tag == "" || !l.looks[c].outOfFlow())
	})
	return over
}

// content lays out what is in an element and is the height of that.
func (l *layouter) content(n int32, cw, tall float64, fs *floats, x, y float64) float64 {
	k := &l.looks[n]
	switch k.display {
	case flexBox, inlineFlex:
		return l.flex(n, cw, tall)
	case gridBox, inlineGrid:
		return l.grid(n, cw, tall)
	case tableBox, inlineTable:
		return l.table(n, cw, tall)
	}
	if k.columns > 0 || k.columnWidth.kind == pixelLength {
		return l.multi(n, cw, tall)
	}
	return l.flow(n, cw, tall, fs, x, y)
}

// putAside lays out something absolute and puts it into the nearest positioned box around it.
func (l *layouter) putAside(n int32) {
	k, s := &l.looks[n], &l.spots[n]
	in := l.t.nodes[n].parent
	for in != 0 && (k.position == fixed || l.looks[in].position == inFlow) {
		in = l.t.nodes[in].parent
	}
	box := rect{w: l.v.width, h: l.v.height}
	if in != 0 {
		b := &l.looks[in]
		box = rect{b.border[3], b.border[0], l.spots[in].w - b.border[1] - b.border[3], l.spots[in].h - b.border[0] - b.border[2]}
	}
	left, right, top, bottom := k.inset[3].of(box.w), k.inset[1].of(box.w), k.inset[0].of(box.h), k.inset[2].of(box.h)
	fromLeft, fromTop := l.offset(n, in)
	avail := box.w
	if k.hasInset[3] || k.hasInset[1] {
		avail -= left + right
	}
	w := l.width(n, max(0, avail), !(k.hasInset[3] && k.hasInset[1]) || l.replaced(n))
	force := -1.0
	if k.hasInset[0] && k.hasInset[2] && k.height.kind == autoLength && !l.replaced(n) {
		force = max(0, box.h-top-bottom)
	}
	h := l.lay(n, w, box.w, box.h, force, nil, 0, 0)
	s.x, s.y = fromLeft, fromTop
	if k.hasInset[3] {
		s.x = box.x + left + k.margin[3].of(box.w)
	} else if k.hasInset[1] {
		s.x = box.x + box.w - right - w
	}
	if k.hasInset[0] {
		s.y = box.y + top + k.margin[0].of(box.w)
	} else if k.hasInset[2] {
		s.y = box.y + box.h - bottom - h
	}
	s.base = in
}

// offset is where an element stands, from the corner of another one around it.
func (l *layouter) offset(n, in int32) (x, y float64) {
	for i := 0; n != in && n != 0 && i < maxLayoutDepth; i++ {
		s := &l.spots[n]
		x, y = x+s.x, y+s.y
		if n = s.base; n != in {
			y += l.spots[n].shift
		}
	}
	return x, y
}
