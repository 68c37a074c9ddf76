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
	if w := &s.won[slotAnimation]; w.d != nil {
		c.animate(n, w, in.env)
	}
}

// animate finds the images of the keyframes that an animation names.
func (c *cascader) animate(n int32, w *winner, e *env) {
	value := w.d.value
	if w.d.hasVar {
		value, _ = c.expand(value, e)
	}
	for i := range c.uses {
		for j := range c.uses[i].frames {
			k := &c.uses[i].frames[j]
			if !c.uses[i].applies || !namesAnimation(value, k.name) || !c.holds(i, k.cond) {
				continue
			}
			for d := range k.decls {
				c.need(n, &winner{d: &k.decls[d], sheet: i}, k.decls[d].slot, e)
			}
		}
	}
}

func namesAnimation(value, name string) bool {
	for _, one := range splitTop(value, ',') {
		for w := range words(one) {
			if unquote(w) == name {
				return true
			}
		}
	}
	return false
}

// need adds the URLs of a declaration.
func (c *cascader) need(n int32, w *winner, slot slot, e *env) {
	value, sheet := w.d.value, w.sheet
	if w.d.hasVar {
		var from int
		if value, from = c.expand(value, e); from != unknownSheet {
			sheet = from
		}
		if !mayHaveURL(value) || !validURLs(value) || !validImage(slot, value) {
			return
		}
	}
	if strings.Contains(value, "if(") {
		value = c.v.chooseIf(value)
	}
	urlsOf(value, c.v.ratio, func(u string) { c.add(painted{sheet: sheet, slot: slot, url: u, node: n}) })
}

func (c *cascader) add(p painted) {
	if p.url == "" || len(p.url) > 5 && equalFold(p.url[:5], "data:") || p.url[0] == '#' && localOnly(p.slot) {
		return
	}
	key := string(rune(p.sheet+3)) + string(rune(p.slot)) + p.url
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
			inner.env = &env{outer: in.env, vars: s.vars}
		}
		text, empty := "", false
		switch name {
		case "before", "after":
			w := s.won[slotContent]
			if w.d == nil && node.tag != "q" || c.isNone(&c.t.nodes[0], s, inner.env) {
				continue
			}
			if text = "\u201c\u201d"; w.d != nil {
				v := w.d.value
				if w.d.hasVar {
					v, _ = c.expand(v, inner.env)
				}
				text = contentText(v, node) // one that says "none" asks for its images nevertheless
				if d := s.won[slotDisplay]; trim(text) == "" && (d.d == nil || d.d.value == "inline") && (strings.ContainsAny(v, "'\"") || strings.Contains(v, "attr(")) {
					empty = true
				}
			}
		case "marker":
			if node.tag != "li" && node.tag != "summary" || in.unmarked && s.won[slotContent].d == nil {
				continue
			}
		case "placeholder":
			if text = node.get("placeholder"); node.tag != "input" && node.tag != "textarea" {
				continue
			}
		case "first-line", "first-letter":
			text = c.t.ownText(n)
		default:
			if !hasPart(node, name) {
				continue
			}
		}
		if name == "marker" {
			s.won = [slots]winner{slotContent: s.won[slotContent], slotFamily: s.won[slotFamily], slotWeight: s.won[slotWeight], slotStyle: s.won[slotStyle], slotStretch: s.won[slotStretch]}
		}
		c.draw(n, s, &inner)
		c.inherit(&c.t.nodes[0], s, &inner)
		if c.fonts.use(&inner, text); empty {
			c.fonts.usePrimary(&inner)
		}
	}
}

// hasPart reports whether an element has a part of the browser's own making by that name.
func hasPart(n *node, name string) bool {
	typ := lower(n.get("type"))
	switch name {
	case "file-selector-button", "-webkit-file-upload-button":
		return n.tag == "input" && typ == "file"
	case "-webkit-slider-thumb", "-webkit-slider-runnable-track":
		return n.tag == "input" && typ == "range"
	case "-webkit-search-cancel-button":
		return n.tag == "input" && typ == "search"
	case "-webkit-inner-spin-button":
		return n.tag == "input" && typ == "number"
	case "-webkit-calendar-picker-indicator":
		return n.tag == "input" && (typ == "date" || typ == "time" || typ == "month" || typ == "week" || typ == "datetime-local")
	case "details-content":
		return n.tag == "details" && n.has("open")
	case "-webkit-scrollbar":
		return n.tag == "html" || n.tag == "textarea"
	case "-webkit-progress-bar", "-webkit-progress-value":
		return n.tag == "progress"
	case "-webkit-meter-bar", "-webkit-meter-optimum-value":
		return n.tag == "meter"
	}
	return false
}

// contentText is the text that a content property makes.
func contentText(v string, n *node) string {
	var b strings.Builder
	if i := strings.Index(v, "attr("); i >= 0 {
		b.WriteString(n.get(lower(trim(v[i+5 : closing(v, i+5)]))))
	}
	if strings.Contains(v, "-quote") {
		b.WriteString("\u201c\u201d")
	}
	if strings.Contains(v, "counter") {
		b.WriteString("0")
	}
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
				urlsOf(a.val, c.v.ratio, func(u string) { c.add(painted{sheet: ofAttribute, slot: slot, url: u, node: n}) })
			}
		}
		return
	}
	switch node.tag {
	case "body", "table", "thead", "tbody", "tfoot", "tr", "td", "th":
		if u := trim(node.get("background")); u != "" && s.won[slotBackground].d == nil {
			c.add(painted{sheet: ofAttribute, slot: slotBackground, url: u, node: n})
		}
	}
}
