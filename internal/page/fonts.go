package page

import (
	"html"
	"strings"
)

// fontSet is the font faces of a document and what was written in which.
type fontSet struct {
	faces    []faceUse
	byFamily map[string][]int
}

type faceUse struct {
	*face
	sheet int
	used  bool
}

// collect takes the faces of all sheets.
func (f *fontSet) collect(c *cascader) {
	f.byFamily = map[string][]int{}
	for i := range c.uses {
		u := &c.uses[i]
		if !u.applies {
			continue
		}
		for j := range u.faces {
			if c.holds(i, u.faces[j].cond) {
				f.byFamily[u.faces[j].family] = append(f.byFamily[u.faces[j].family], len(f.faces))
				f.faces = append(f.faces, faceUse{face: &u.faces[j], sheet: i})
			}
		}
	}
}

// inherit computes the font of an element.
func (c *cascader) inherit(node *node, s *style, in *inherited) {
	if len(c.fonts.faces) == 0 {
		return
	}
	outer := *in
	switch node.tag {
	case "input", "select", "textarea", "button":
		in.family, in.weight, in.italic, in.stretch, in.transform = "", 400, false, 0, "" // controls have a font of their own
	case "b", "strong", "h1", "h2", "h3", "h4", "h5", "h6", "th":
		if !node.foreign {
			in.weight = 700
		}
	case "i", "em", "cite", "dfn", "var", "address":
		in.italic = true
	case "code", "kbd", "samp", "pre", "tt":
		in.family = "monospace"
	case "font":
		if face := node.get("face"); face != "" && !node.foreign {
			in.family = face
		}
	}
	if v, ok := c.value(s, slotFamily, in.env); ok {
		switch lower(v) {
		case "initial":
			in.family = ""
		case "inherit", "unset":
			in.family = outer.family
		case "revert", "revert-layer":
		default:
			in.family = v
		}
	}
	if v, ok := c.value(s, slotWeight, in.env); ok && !strings.HasPrefix(v, "revert") {
		in.weight = weightOf(v, outer.weight)
	}
	if v, ok := c.value(s, slotListType, in.env); ok && v != "inherit" && v != "unset" {
		in.unmarked = hasWord(v, "none")
	}
	if v, ok := c.value(s, slotStretch, in.env); ok {
		in.stretch = stretchOf(v, in.stretch)
	}
	if v, ok := c.value(s, slotTransform, in.env); ok && v != "inherit" && v != "unset" {
		in.transform = lower(v)
	}
	if v, ok := c.value(s, slotStyle, in.env); ok {
		v = lower(v)
		in.italic = strings.HasPrefix(v, "italic") || strings.HasPrefix(v, "oblique") || in.italic && v == "inherit"
	}
}

func (c *cascader) value(s *style, slot slot, e *env) (string, bool) {
	w := &s.won[slot]
	if w.d == nil {
		return "", false
	}
	if !w.d.hasVar {
		return w.d.value, true
	}
	v, _ := c.expand(w.d.value, e)
	return trim(v), trim(v) != ""
}

// text notes the text that stands in an element itself.
func (c *cascader) text(n int32, in *inherited) {
	if len(c.fonts.faces) == 0 {
		return
	}
	node := &c.t.nodes[n]
	switch node.tag {
	case "input":
		switch lower(node.get("type")) {
		case "image", "checkbox", "radio", "range", "color", "hidden":
		case "file", "date", "datetime-local", "month", "week", "time":
			c.fonts.use(in, "dd/mm/yyyy") // what the browser itself writes there
		case "submit", "reset":
			c.fonts.useOr(in, node.get("value"), "Submit Reset")
		default:
			c.fonts.useOr(in, node.get("value"), node.get("placeholder"))
		}
	case "textarea":
		c.fonts.useOr(in, node.text, node.get("placeholder"))
	case "select":
		c.fonts.usePrimary(in)
		c.optionText(n, in)
	case "br":
		c.fonts.usePrimary(in)
	case "progress", "meter", "iframe", "object":
	case "li":
		if !in.unmarked {
			c.fonts.use(in, "•") // its marker
		}
		c.texts(n, in)
	case "q":
		c.fonts.use(in, "“”")
		c.texts(n, in)
	case "canvas":
		if c.v.noScript { // as any other element that stands in a line
			if node.first == 0 {
				c.fonts.usePrimary(in)
			}
			c.texts(n, in)
		}
	default:
		if inline(node) && node.first == 0 || !inline(node) && c.t.holdsLine(n) {
			c.fonts.usePrimary(in)
		}
		c.texts(n, in)
	}
}

// holdsLine reports whether a line of an element begins with another one, whose font may differ: each line is as high as the element's own font.
func (t *tree) holdsLine(n int32) bool {
	for k := t.nodes[n].first; k != 0; k = t.nodes[k].next {
		if inline(&t.nodes[k]) && trim(t.ownText(k)) != "" {
			return true
		}
	}
	return false
}

// inline reports whether an element stands in a line by itself, and so has the height of its font there even when it is empty.
func inline(n *node) bool {
	if n.foreign {
		return false
	}
	switch n.tag {
	case "span", "a", "i", "b", "em", "strong", "u", "s", "small", "big", "sub", "sup", "label", "output", "abbr", "cite", "code", "kbd", "samp", "var", "dfn", "del", "ins", "mark",
		"font", "tt", "bdi", "bdo", "time", "data", "acronym", "strike", "nobr":
		return true
	}
	return false
}

func (c *cascader) texts(n int32, in *inherited) {
	for k := c.t.nodes[n].first; k != 0; k = c.t.nodes[k].next {
		if c.t.nodes[k].tag == "" {
			c.fonts.use(in, c.t.nodes[k].text)
		}
	}
}

func (c *cascader) optionText(n int32, in *inherited) {
	for k := c.t.nodes[n].first; k != 0; k = c.t.nodes[k].next {
		if c.t.nodes[k].tag == "option" {
			c.fonts.use(in, c.t.ownText(k))
			return
		}
		if c.t.nodes[k].tag == "optgroup" {
			c.optionText(k, in)
			return
		}
	}
}

// ownText is the first text that stands in an element.
func (t *tree) ownText(n int32) string {
	for k := t.nodes[n].first; k != 0; k = t.nodes[k].next {
		if t.nodes[k].tag == "" {
			return t.nodes[k].text
		}
	}
	return ""
}

// use notes that a text is written in a font: the faces that it needs are those of the first family that has each letter.
func (f *fontSet) use(in *inherited, text string) {
	if len(f.faces) == 0 || in.family == "" || text == "" {
		return
	}
	if strings.IndexByte(text, '&') >= 0 {
		text = html.UnescapeString(text)
	}
	if trim(text) == "" {
		return
	}
	switch in.transform {
	case "uppercase":
		text = strings.ToUpper(text)
	case "lowercase":
		text = strings.ToLower(text)
	}
	for _, name := range splitTop(in.family, ',') {
		name = trim(name)
		family := lower(familyName(name))
		candidates := f.byFamily[family]
		if len(candidates) == 0 {
			if present(family) {
				if text = beyond(text); text == "" {
					return
				}
			}
			continue
		}
		if text = f.useFamily(candidates, in, text); text == "" {
			return
		}
	}
}

// useOr is use for a field: its value, or what stands there instead, or nothing, which has a height nevertheless.
func (f *fontSet) useOr(in *inherited, value, instead string) {
	if value == "" {
		value = instead
	}
	if trim(value) == "" {
		f.usePrimary(in)
		return
	}
	f.use(in, value)
}

// usePrimary notes that the height of a font is needed, without a letter of it: that is the first family there is.
func (f *fontSet) usePrimary(in *inherited) {
	if len(f.faces) == 0 || in.family == "" {
		return
	}
	for _, name := range splitTop(in.family, ',') {
		family := lower(familyName(trim(name)))
		if candidates := f.byFamily[family]; len(candidates) > 0 {
			best := f.closest(candidates, in)
			for i := len(candidates) - 1; i >= 0; i-- {
				if u := &f.faces[candidates[i]]; u.sameAs(&f.faces[best]) && u.covers(' ') {
					u.used = true
					return
				}
			}
			continue
		}
		if present(family) {
			return
		}
	}
}

// useFamily marks the faces of a family that a text needs. What it has no letters for is given back.
func (f *fontSet) useFamily(candidates []int, in *inherited, text string) (rest string) {
	best := f.closest(candidates, in)
	var missing strings.Builder
	for _, r := range text {
		if r < ' ' {
			continue
		}
		found := false
		for i := len(candidates) - 1; i >= 0 && !found; i-- { // what is declared later comes first
			u := &f.faces[candidates[i]]
			if u.sameAs(&f.faces[best]) && u.covers(r) {
				u.used, found = true, true
			}
		}
		if !found && r != ' ' {
			missing.WriteRune(r)
		}
	}
	return missing.String()
}

func (u *faceUse) sameAs(o *faceUse) bool {
	return u.from == o.from && u.to == o.to && u.italic == o.italic && u.narrow == o.narrow && u.wide == o.wide
}

// closest is the face of a family that fits style and weight best (CSS Fonts, 5.2).
func (f *fontSet) closest(candidates []int, in *inherited) int {
	best, bestScore := candidates[0], 1<<62
	for _, i := range candidates {
		u := &f.faces[i]
		score := 0
		if u.italic != in.italic {
			score += 1 << 20
		}
		score += stretchDistance(u.narrow, u.wide, in.stretch) << 21
		score += weightDistance(u.from, u.to, in.weight)
		if score <= bestScore {
			best, bestScore = i, score
		}
	}
	return best
}

// stretchDistance prefers narrower faces for what is not wider than normal, and wider ones otherwise. Widths are in percent; a zero is 100.
func stretchDistance(from, to, want int) int {
	if from == 0 {
		from, to = 100, 100
	}
	if want == 0 {
		want = 100
	}
	switch {
	case want >= from && want <= to:
		return 0
	case want <= 100 && to < want:
		return want - to
	case want <= 100:
		return 1000 + from - want
	case from > want:
		return from - want
	}
	return 1000 + want - to
}

func weightDistance(from, to, want int) int {
	switch {
	case want >= from && want <= to:
		return 0
	case want >= 400 && want <= 500:
		if from > want && from <= 500 {
			return from - want
		}
		if to < want {
			return 1000 + want - to
		}
		return 2000 + from - want
	case want < 400:
		if to < want {
			return want - to
		}
		return 1000 + from - want
	}
	if from > want {
		return from - want
	}
	return 1000 + want - to
}

// beyond are the letters that no font of a machine has: those for private use, where the fonts of icons keep their pictures.
func beyond(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0xe000 && r <= 0xf8ff {
			return r
		}
		return -1
	}, text)
}

// present reports whether a family is one that a visitor's machine has: what follows it in the list is not needed.
func present(family string) bool {
	switch family {
	case "arial", "helvetica", "times", "times new roman", "courier", "courier new", "verdana", "georgia", "tahoma", "trebuchet ms":
		return true
	}
	return genericFamily(family)
}

// emit adds the fonts that were needed to what is painted.
func (f *fontSet) emit(c *cascader) {
	for i := range f.faces {
		u := &f.faces[i]
		if u.used {
			c.out.urls = append(c.out.urls, painted{sheet: u.sheet, slot: slotFamily, url: u.sources[0], sources: u.sources[1:]})
		}
	}
}
