package page

import "strings"

// usual is how a browser lays an element out when no sheet says anything, with what old attributes say.
func (k *look) usual(t *tree, n int32) {
	node := &t.nodes[n]
	k.shrink = 1
	if node.foreign && node.tag != "svg" {
		return
	}
	em := func(top, size float64) {
		k.size *= size
		k.margin[0], k.margin[2] = pixels(top*k.size), pixels(top*k.size)
	}
	switch node.tag {
	case "html", "div", "section", "article", "main", "header", "footer", "nav", "aside", "address", "hgroup", "search", "form", "details", "summary", "legend",
		"optgroup", "option", "li", "dt", "figcaption", "center", "fieldset", "frameset", "frame", "dialog", "caption", "noscript":
		k.display = blockBox
	case "template":
		k.display = contentsBox
	case "slot":
		k.display = contentsBox
	case "body":
		k.display, k.margin = blockBox, edges{pixels(8), pixels(8), pixels(8), pixels(8)}
	case "p", "dl":
		k.display = blockBox
		em(1, 1)
	case "blockquote", "figure":
		k.display = blockBox
		em(1, 1)
		k.margin[1], k.margin[3] = pixels(40), pixels(40)
	case "ul", "ol", "menu", "dir":
		k.display = blockBox
		if em(1, 1); t.inTag(n, "ul") || t.inTag(n, "ol") {
			k.margin[0], k.margin[2] = pixels(0), pixels(0)
		}
		k.padding[3] = pixels(40)
	case "dd":
		k.display, k.margin[3] = blockBox, pixels(40)
	case "h1", "h2", "h3", "h4", "h5", "h6":
		k.display = blockBox
		i := node.tag[1] - '1'
		em([...]float64{.67, .83, 1, 1.33, 1.67, 2.33}[i], [...]float64{2, 1.5, 1.17, 1, .83, .67}[i])
	case "pre", "listing", "xmp", "plaintext":
		k.display, k.nowrap = blockBox, true
		em(1, 13.0/16)
	case "hr":
		k.display, k.border = blockBox, [4]float64{1, 1, 1, 1}
		em(.5, 1)
	case "table":
		k.display, k.borderBox = tableBox, true
	case "tbody", "thead", "tfoot":
		k.display = rowGroup
	case "tr":
		k.display = tableRow
	case "td", "th":
		k.display, k.padding = tableCell, edges{pixels(1), pixels(1), pixels(1), pixels(1)}
	default:
		k.usualInLine(node)
	}
	k.settleLine()
	k.hints(t, n)
}

// usualInLine is usual for what stands in lines.
func (k *look) usualInLine(node *node) {
	switch node.tag {
	case "button", "input", "select", "textarea":
		k.display, k.borderBox, k.size = inlineBlock, true, 13.333
		k.line, k.ratioOfLine, k.sans = usualLine*k.size, usualLine, true
	case "iframe":
		k.border = [4]float64{2, 2, 2, 2}
	case "small":
		k.size /= 1.2
	case "big":
		k.size *= 1.2
	case "img":
		if node.get("border") != "" {
			b, _ := number(node.get("border"))
			k.border = [4]float64{b, b, b, b}
		}
	}
}

// inTag reports whether an element is in another one of a tag.
func (t *tree) inTag(n int32, tag string) bool {
	for n = t.nodes[n].parent; n != 0; n = t.nodes[n].parent {
		if t.nodes[n].tag == tag {
			return true
		}
	}
	return false
}

// hints are the attributes that say something about layout.
func (k *look) hints(t *tree, n int32) {
	node := &t.nodes[n]
	sized := false
	switch node.tag {
	case "img", "iframe", "video", "canvas", "embed", "object", "svg":
		sized = true
	case "input":
		sized = equalFold(node.get("type"), "image")
	case "table", "td", "th", "col":
		k.width, k.height = attrLength(node.get("width")), attrLength(node.get("height"))
	case "tr":
		k.height = attrLength(node.get("height"))
	}
	if sized {
		k.width, k.height = attrLength(node.get("width")), attrLength(node.get("height"))
		if k.width.kind == pixelLength && k.height.kind == pixelLength && k.height.n > 0 && node.tag != "iframe" {
			k.ratio = k.width.n / k.height.n
		}
		if node.tag == "iframe" && node.get("frameborder") == "0" {
			k.border = [4]float64{}
		}
	}
	switch align := lower(node.get("align")); {
	case align == "":
	case node.tag == "img" || node.tag == "iframe" || node.tag == "table" || node.tag == "object" || node.tag == "embed":
		k.float = map[string]side{"left": leftSide, "right": rightSide}[align]
	}
	switch node.tag {
	case "td", "th":
		k.hang = node.get("valign") == "" && t.valign(n) == "" || equalFold(node.get("valign"), "middle")
		table := t.tableOf(n)
		if p, unit := number(t.nodes[table].get("cellpadding")); unit == "" {
			k.padding = edges{pixels(p), pixels(p), pixels(p), pixels(p)}
		}
		if b, unit := number(t.nodes[table].get("border")); unit == "" && b > 0 {
			k.border = [4]float64{1, 1, 1, 1}
		}
	case "table":
		k.gap = [2]length{pixels(2), pixels(2)}
		if p, unit := number(node.get("cellspacing")); unit == "" {
			k.gap = [2]length{pixels(p), pixels(p)}
		}
		if b, unit := number(node.get("border")); unit == "" {
			k.border = [4]float64{b, b, b, b}
		}
	case "br":
		if clear := lower(node.get("clear")); clear != "" {
			k.clear = [2]bool{clear != "right", clear != "left"}
		}
	}
}

// valign is that of the row that a cell is in, or of its group.
func (t *tree) valign(n int32) string {
	for n = t.nodes[n].parent; n != 0 && t.nodes[n].tag != "table"; n = t.nodes[n].parent {
		if v := t.nodes[n].get("valign"); v != "" && !equalFold(v, "middle") {
			return v
		}
	}
	return ""
}

func (t *tree) tableOf(n int32) int32 {
	for n != 0 && t.nodes[n].tag != "table" {
		n = t.nodes[n].parent
	}
	return n
}

// attrLength is the value of a width or height attribute: "300", "50%", "300px".
func attrLength(s string) length {
	s = trim(s)
	n, unit := number(s)
	switch {
	case unit == "?" || n < 0:
		return length{}
	case strings.HasPrefix(unit, "%"):
		return length{n: n, kind: percentLength}
	}
	return pixels(n)
}
