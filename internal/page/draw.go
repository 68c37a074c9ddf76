package page

import (
	"sort"
	"strings"
)

// draw finds the images that an element's own style needs.
func (c *cascader) draw(n int32, s *style, in *inherited) {
	for slot := slotBackground; slot <= slotMarker; slot++ {
		w := &s.won[slot]
		if w.d == nil || !w.d.hasURL && !w.d.hasVar {
			continue
		}
		if slot >= slotFill && !c.t.nodes[n].foreign {
			continue
		}
		c.need(n, w, slot, in.env)
	}
}

// need adds the URLs of a declaration.
func (c *cascader) need(n int32, w *winner, slot slot, e *env) {
	value, sheet := w.d.value, w.sheet
	if w.d.hasVar {
		var from int
		if value, from = c.expand(value, e, 0); from > -2 {
			sheet = from
		}
		if !mayHaveURL(value) || !validURLs(value) {
			return
		}
	}
	urlsOf(value, c.v.ratio, func(u string) { c.add(painted{sheet: sheet, slot: slot, url: u, node: n}) })
}

func (c *cascader) add(p painted) {
	if p.url == "" || len(p.url) > 5 && equalFold(p.url[:5], "data:") || p.url[0] == '#' && localOnly(p.slot) {
		return
	}
	key := string(rune(p.sheet+2)) + string(rune(p.slot)) + p.url
	if !c.seen[key] && len(c.out.urls) < maxPainted {
		c.seen[key] = true
		c.out.urls = append(c.out.urls, p)
	}
}

// maxPainted bounds what one document's styles may ask for.
const maxPainted = 10_000

// localOnly are the properties whose url(#id) names a thing in the page.
func localOnly(s slot) bool {
	switch s {
	case slotFilter, slotBackdrop, slotClip, slotMask, slotFill, slotStroke, slotMarker:
		return true
	}
	return false
}

// drawPseudos finds what the pseudo-elements of an element need.
func (c *cascader) drawPseudos(n int32, pseudos map[string]*style, in *inherited) {
	if len(pseudos) == 0 {
		return
	}
	names := make([]string, 0, len(pseudos))
	for name := range pseudos {
		names = append(names, name)
	}
	sort.Strings(names)
	node := &c.t.nodes[n]
	for _, name := range names {
		s := pseudos[name]
		inner := *in
		if s.vars != nil {
			inner.env = &env{in.env, s.vars}
		}
		text := ""
		switch name {
		case "before", "after":
			w := s.won[slotContent]
			if w.d == nil || c.isNone(&c.t.nodes[0], s, inner.env) {
				continue
			}
			v := w.d.value
			if w.d.hasVar {
				v, _ = c.expand(v, inner.env, 0)
			}
			if v = trim(v); equalFold(v, "none") || equalFold(v, "normal") {
				continue
			}
			text = contentText(v)
		case "marker":
			if node.tag != "li" && node.tag != "summary" {
				continue
			}
		case "placeholder":
			if text = node.get("placeholder"); node.tag != "input" && node.tag != "textarea" {
				continue
			}
		case "first-line", "first-letter":
			text = c.t.ownText(n)
		}
		c.draw(n, s, &inner)
		c.inherit(&c.t.nodes[0], s, &inner)
		c.fonts.use(&inner, text)
	}
}

// contentText is the text that a content property makes.
func contentText(v string) string {
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		if v[i] == '"' || v[i] == '\'' {
			end := min(skipQuoted(v, i)+1, len(v))
			b.WriteString(unquote(v[i:end]))
			i = end - 1
		}
	}
	return b.String()
}

// attributes finds the images that old attributes, and the presentation attributes of SVG, ask for.
func (c *cascader) attributes(n int32, s *style, e *env) {
	node := &c.t.nodes[n]
	if node.foreign {
		for i := range node.attrs {
			a := &node.attrs[i]
			slot := slotOf(a.key)
			if slot >= slotBackground && slot <= slotMarker && s.won[slot].d == nil && mayHaveURL(a.val) {
				urlsOf(a.val, c.v.ratio, func(u string) { c.add(painted{sheet: -1, slot: slot, url: u, node: n}) })
			}
		}
		return
	}
	switch node.tag {
	case "body", "table", "thead", "tbody", "tfoot", "tr", "td", "th":
		if u := trim(node.get("background")); u != "" && s.won[slotBackground].d == nil {
			c.add(painted{sheet: -1, slot: slotBackground, url: u, node: n})
		}
	}
}
