package page

import "strings"

// How far below the window Chromium begins to load lazy images and frames, in CSS pixels.
const (
	lazyImages = 1250
	lazyFrames = 2500
)

// near reports whether a lazy element is near enough to the window, by an estimate: heights that the source states, and lines of text, add
// up in document order. True layout is not known without a browser.
func (p *planner) near(item *Item) bool {
	if p.t.offScreen(item.node) {
		return false
	}
	limit := float64(lazyImages)
	if item.Kind.Page() {
		limit = lazyFrames
	}
	height := p.ctx.view.height
	if p.ctx.embedded {
		height = p.ctx.set.window().height
	}
	return p.ctx.above+p.screen.above(p.t, item.node, &p.ctx.view) < height+limit
}

// offScreen reports whether a style attribute moves an element, or one around it, out of sight, or keeps it from being shown.
func (t *tree) offScreen(n int32) bool {
	for ; n != 0; n = t.nodes[n].parent {
		node := &t.nodes[n]
		if node.has("hidden") {
			return true
		}
		for _, d := range splitTop(node.get("style"), ';') {
			name, value, _ := strings.Cut(d, ":")
			value = lower(trim(value))
			switch lower(trim(name)) {
			case "display":
				if value == "none" {
					return true
				}
			case "left", "top", "margin-left":
				if v, unit := number(value); unit == "px" && v <= -1500 {
					return true
				}
			}
		}
	}
	return false
}

// estimate adds up heights in document order as far as it is asked to.
type estimate struct {
	at int32
	y  float64
}

// above estimates how much stands above an element. It is asked in document order.
func (e *estimate) above(t *tree, until int32, v *viewport) float64 {
	line := max(v.width, 100) / 8 // letters in a line
	for e.at = max(e.at, 1); e.at < until; e.at++ {
		n := &t.nodes[e.at]
		switch {
		case n.inert || n.foreign:
		case n.tag == "":
			if p := t.nodes[n.parent].tag; p != "title" && p != "option" {
				e.y += 18 * float64(int(float64(len(n.text))/line)) // what does not fill a line stands beside something
			}
		default:
			e.y += t.height(n, v)
		}
	}
	y := e.y
	for p := t.nodes[until].parent; p != 0; p = t.nodes[p].parent {
		y -= t.height(&t.nodes[p], v)
	}
	return y
}

// height is what an element by itself adds to the height of a page.
func (t *tree) height(n *node, v *viewport) float64 {
	for _, d := range splitTop(n.get("style"), ';') {
		name, value, _ := strings.Cut(d, ":")
		if name = lower(trim(name)); name == "height" || name == "min-height" {
			return max(0, v.boxLength(lower(trim(value)), v.height))
		}
	}
	switch n.tag {
	case "img", "iframe", "video", "canvas", "embed", "object":
		h, unit := number(n.get("height"))
		if unit != "" || h < 40 {
			h = 0
		}
		// Images and frames often stand side by side: they count by the part of the line that they fill.
		w, unit := number(n.get("width"))
		if unit == "" && w > 0 && w < v.width {
			h *= w / v.width
		}
		return h
	case "p", "li", "tr":
		return 18
	case "h1", "h2", "h3":
		return 40
	}
	return 0
}
