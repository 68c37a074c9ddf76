package page

import "math"

// width is the width of the border box of an element in something of width avail; narrow makes it as narrow as its content allows.
func (l *layouter) width(n int32, avail float64, narrow bool) float64 {
	k := &l.looks[n]
	if l.t.nodes[n].tag == "" {
		least, most := l.measure(n)
		if narrow {
			return min(max(least, avail), most)
		}
		return avail
	}
	if l.replaced(n) {
		w, _ := l.replacedSize(n, avail, -1, -1)
		return w
	}
	fw, _ := l.frame(n, avail)
	room := max(0, avail-k.margin[1].of(avail)-k.margin[3].of(avail))
	w := room
	switch k.width.kind {
	case pixelLength, percentLength, calcKind:
		w = k.borderSize(k.width.of(avail), fw)
	case minContent:
		w, _ = l.measure(n)
	case maxContent:
		_, w = l.measure(n)
	case fitContent:
		narrow = true
		fallthrough
	default:
		if k.ratio > 0 && k.height.kind == pixelLength && narrow {
			w = k.height.n*k.ratio + fw
		} else if narrow || k.display == tableBox || k.display == inlineTable {
			least, most := l.measure(n)
			w = min(max(least, room), most)
		}
	}
	return l.clampWidth(n, w, avail)
}

// clampWidth holds a width between min-width and max-width.
func (l *layouter) clampWidth(n int32, w, avail float64) float64 {
	k := &l.looks[n]
	fw, _ := l.frame(n, avail)
	if k.maxW.known(avail) {
		w = min(w, k.borderSize(k.maxW.of(avail), fw))
	}
	if k.minW.known(avail) {
		w = max(w, k.borderSize(k.minW.of(avail), fw))
	}
	return max(w, fw)
}

// replacedSize is the size of the border box of an image and the like. Its own size is not known before it is loaded, only what attributes
// and sheets say. w is its width if that is decided, else negative.
func (l *layouter) replacedSize(n int32, avail, tall, w float64) (float64, float64) {
	k := &l.looks[n]
	own, ratio := l.ownSize(n)
	if k.ratio > 0 {
		ratio = k.ratio
	}
	fw, fh := l.frame(n, max(0, avail))
	content := func(size, frame float64) float64 { return k.borderSize(size, frame) - frame }
	h, knownH := 0.0, k.height.known(tall)
	if knownH {
		h = content(k.height.of(tall), fh)
	}
	if w >= 0 {
		w = max(0, w-fw)
	} else {
		switch {
		case k.width.known(avail):
			w = content(k.width.of(avail), fw)
		case knownH && ratio > 0:
			w = h * ratio
		case l.t.nodes[n].tag == "svg" && ratio > 0 && avail >= 0:
			w = max(0, avail-fw)
		default:
			w = own.w
		}
		w = max(0, l.clampWidth(n, w+fw, avail)-fw)
	}
	if !knownH {
		h = own.h
		if ratio > 0 {
			h = w / ratio
		}
	}
	if k.maxH.known(tall) {
		h = min(h, content(k.maxH.of(tall), fh))
	}
	if k.minH.known(tall) {
		h = max(h, content(k.minH.of(tall), fh))
	}
	return w + fw, h + fh
}

// ownSize is the size that something has when nothing states one, and its ratio, or zero.
func (l *layouter) ownSize(n int32) (size rect, ratio float64) {
	node := &l.t.nodes[n]
	switch node.tag {
	case "iframe", "embed", "object":
		return rect{w: 300, h: 150}, 0
	case "video", "canvas":
		return rect{w: 300, h: 150}, 2
	case "svg":
		var box []float64
		for w := range words(node.get("viewbox")) {
			v, _ := number(w)
			box = append(box, v)
		}
		if len(box) == 4 && box[3] > 0 {
			return rect{w: 300, h: 150}, box[2] / box[3]
		}
		return rect{w: 300, h: 150}, 0
	case "audio":
		return rect{w: 300, h: 54}, 0
	case "textarea":
		return rect{w: 182, h: 36}, 0
	case "select":
		return rect{w: 60, h: 19}, 0
	case "progress":
		return rect{w: 160, h: 16}, 0
	case "meter":
		return rect{w: 80, h: 16}, 0
	case "input":
		switch lower(node.get("type")) {
		case "image":
			return rect{}, 0
		case "checkbox", "radio":
			return rect{w: 19, h: 19}, 0
		case "range":
			return rect{w: 133, h: 20}, 0
		case "submit", "button", "reset":
			return rect{w: 16 + 7*math.Max(1, float64(len(node.get("value")))), h: 21}, 0
		}
		return rect{w: 170, h: 21}, 0
	}
	return rect{}, 0
}
