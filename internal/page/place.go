package page

import (
	"slices"
	"strings"
)

// placeDecl is a declaration of a property that says where elements stand. Only documents with lazy parts need to know.
type placeDecl struct {
	name, value string
	important   bool
	hasVar      bool
}

// places reports whether a property is one of layout.
func places(name string) bool {
	switch name {
	case "display", "position", "float", "clear", "width", "min-width", "max-width", "height", "min-height", "max-height", "box-sizing", "aspect-ratio",
		"inset", "top", "right", "bottom", "left", "flex", "flex-flow", "flex-direction", "flex-wrap", "flex-grow", "flex-shrink", "flex-basis", "order",
		"gap", "row-gap", "column-gap", "align-items", "align-self", "columns", "column-count", "column-width", "column-span", "font-size", "line-height", "font",
		"font-family", "white-space", "scrollbar-width", "content", "vertical-align", "inline-size", "block-size", "max-inline-size", "min-block-size":
		return true
	}
	return strings.HasPrefix(name, "margin") || strings.HasPrefix(name, "padding") || strings.HasPrefix(name, "border") || strings.HasPrefix(name, "grid") ||
		strings.HasPrefix(name, "overflow") || strings.HasPrefix(name, "inset-")
}

// place keeps a declaration of layout.
func (u *rule) place(name, value string) {
	d := placeDecl{name: name, value: trim(value)}
	if j := strings.LastIndexByte(value, '!'); j >= 0 && equalFold(trim(value[j+1:]), "important") {
		d.important, d.value = true, trim(value[:j])
	}
	if d.value != "" {
		d.hasVar = strings.Contains(d.value, "var(")
		u.places = append(u.places, d)
	}
}

// placed is a declaration of layout that holds for an element.
type placed struct {
	d      *placeDecl
	weight uint64
}

// look finds how an element is laid out, from what its sheets and attributes say.
func (c *cascader) look(n int32, box *container, e *env) {
	node := &c.t.nodes[n]
	around := c.looks[0]
	if node.parent != 0 {
		around = c.looks[node.parent]
	}
	k := &c.looks[n]
	*k = look{size: around.size, line: around.line, ratioOfLine: around.ratioOfLine, sans: around.sans, nowrap: around.nowrap}
	var own, before, after []placed
	c.eachRule(n, (*sheet).placeIndex, box, e, func(i int, r *rule, s *selector, at int32) {
		into := &own
		switch s.pseudo {
		case "":
		case "before":
			into = &before
		case "after":
			into = &after
		case "-webkit-scrollbar":
			k.bar = barHidden // it is seldom made for anything else
			return
		default:
			return
		}
		for j := range r.places {
			*into = append(*into, placed{&r.places[j], c.weight(n, i, r, s, at, r.places[j].important)})
		}
	})
	if text := node.get("style"); text != "" && !c.v.unstyled {
		r := parseBlock(text)
		for j := range r.places {
			w := uint64(ofOwn)
			if r.places[j].important {
				w |= important
			}
			own = append(own, placed{&r.places[j], w})
		}
	}
	s := styler{c: c, k: k, around: &around, e: e}
	k.usual(c.t.tree, n)
	s.apply(own)
	for i, list := range [][]placed{before, after} {
		if len(list) == 0 {
			continue
		}
		p := look{size: k.size, line: k.line, ratioOfLine: k.ratioOfLine}
		s := styler{c: c, k: &p, around: k, e: e}
		s.apply(list)
		if p.display != inlineBox && p.display != noBox && s.content && !p.outOfFlow() && p.float == 0 {
			k.pseudo[i] = &p
		}
	}
}

// apply takes the declarations, the weightiest last; first those of the font, which the lengths of others may refer to.
func (s *styler) apply(list []placed) {
	slices.SortStableFunc(list, func(a, b placed) int {
		if a.weight < b.weight {
			return -1
		}
		if a.weight > b.weight {
			return 1
		}
		return 0
	})
	for _, fonts := range [...]bool{true, false} {
		s.view = *s.c.v
		s.view.em, s.view.rem, s.view.percent = s.k.size, s.c.rem, true
		if fonts {
			s.view.em = s.around.size
		}
		for _, p := range list {
			if ofFont := p.d.name == "font" || p.d.name == "font-size"; ofFont != fonts {
				continue
			}
			v := p.d.value
			if p.d.hasVar {
				v, _ = s.c.expand(v, s.e)
			}
			if v = lower(trim(v)); v != "" && v != "revert-layer" {
				s.set(p.d.name, v)
			}
		}
	}
	s.k.settleLine()
}
