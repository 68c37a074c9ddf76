package page

import "strings"

// How far above and below the window Chromium begins to load lazy images and frames, in CSS pixels; at its sides half as far.
const (
	lazyImages = 1250
	lazyFrames = 2500
)

// place is where something stands in a document. Nothing of it is seen if visible is false.
type place struct {
	rect
	visible bool
	inner   box // what its border leaves
}

// layoutWanted reports whether a visitor looks at where lazy things stand, and the document has some, or whether it has frames: how large they are
// decides what the documents in them ask for.
func (t *tree) layoutWanted(set *Settings) bool {
	return set.lazy() == LazyFirstScreen && t.lazy || t.frames && set.Parts == AllParts
}

// place lays the document out, and keeps where what may be lazy stands.
func (c *cascader) place() {
	l := layOut(c.t.tree, c.v, c.looks, c.out.isHidden)
	c.out.places = map[int32]place{}
	for i := range c.t.nodes {
		n := int32(i)
		if node := &c.t.nodes[i]; node.tag == "img" || node.tag == "iframe" || node.tag == "frame" || node.tag == "object" || node.tag == "embed" {
			margin := float64(lazyImages)
			if node.tag != "img" {
				margin = lazyFrames
			}
			r, visible := l.where(n, margin)
			k := &c.looks[n]
			inner := box{max(0, r.w-k.border[1]-k.border[3]), max(0, r.h-k.border[0]-k.border[2])}
			c.out.places[n] = place{r, visible && !node.inert && !c.out.isHidden(n), inner}
		}
	}
}

// farOff tells, for each of the late items, whether it is a lazy one that is too far from the window.
func (p *plan) farOff(m *paint) []bool {
	if m.places == nil {
		return nil
	}
	far := make([]bool, len(p.late))
	for i := range p.late {
		item := &p.late[i]
		if !item.lazy {
			continue
		}
		limit := float64(lazyImages)
		if item.Kind.Page() {
			limit = lazyFrames
		}
		far[i] = p.ctx.outside(m.places[item.node], limit)
	}
	return far
}

// outside reports whether a place is further from the window than a limit.
func (c *context) outside(at place, limit float64) bool {
	width, height := c.view.width, c.view.height
	if c.embedded {
		w := c.set.window()
		width, height = w.width, w.height
	}
	y := c.above + at.y
	return !at.visible || y >= height+limit || y+at.h < -limit || at.x >= width+limit/2 || at.x+at.w < -limit/2
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
