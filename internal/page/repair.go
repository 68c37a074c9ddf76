package page

import "strings"

func isVoid(tag string) bool {
	switch tag {
	case "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link", "meta", "param", "source", "track", "wbr":
		return true
	}
	return false
}

// closesP are the elements that end an open paragraph.
func closesP(tag string) bool {
	switch tag {
	case "address", "article", "aside", "blockquote", "center", "details", "dialog", "dir", "div", "dl", "fieldset", "figcaption", "figure",
		"footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "main", "menu", "nav", "ol", "p", "pre", "search", "section", "ul",
		"dd", "dt", "li", "summary", "listing", "xmp", "plaintext":
		return true
	}
	return false
}

// implied ends the elements that a start tag ends without saying so.
func (b *builder) implied(tag string) {
	switch tag {
	case "li":
		b.closeWithin(tag, "ul", "ol", "menu")
	case "dd", "dt":
		b.closeWithin("dd", "dl", "")
		b.closeWithin("dt", "dl", "")
	case "option":
		b.closeWithin("option", "select", "datalist")
	case "optgroup":
		b.closeWithin("option", "select", "")
		b.closeWithin("optgroup", "select", "")
	case "td", "th":
		b.closeWithin("td", "table", "tr")
		b.closeWithin("th", "table", "tr")
	case "tr":
		b.closeWithin("tr", "table", "")
	case "tbody", "thead", "tfoot":
		b.closeWithin("tbody", "table", "")
		b.closeWithin("thead", "table", "")
		b.closeWithin("tfoot", "table", "")
	case "a":
		b.closeWithin("a", "body", "")
	}
	if tag == "table" && b.quirks {
		return
	}
	if closesP(tag) || tag == "table" {
		b.closeWithin("p", "button", "")
	}
}

// closeWithin ends the innermost open element of a name, unless one of the bounds, or a barrier, stands between.
func (b *builder) closeWithin(tag string, bounds ...string) {
	for i := len(b.stack) - 1; i > 0; i-- {
		t := b.nodes[b.stack[i]].tag
		if t == tag {
			b.stack = b.stack[:i]
			return
		}
		for _, bound := range bounds {
			if t == bound {
				return
			}
		}
		switch t {
		case "table", "template", "body", "svg", "object", "html":
			return
		case "td", "th", "caption":
			if tag != "tr" && tag != "tbody" && tag != "thead" && tag != "tfoot" && tag != "td" && tag != "th" {
				return
			}
		}
	}
}

// integration reports whether an element of SVG or MathML holds HTML.
func integration(parent, tag string) bool {
	switch parent {
	case "foreignobject", "desc", "title", "mi", "mo", "mn", "ms", "mtext", "annotation-xml":
		return tag != "mglyph" && tag != "malignmark"
	}
	return false
}

// leaveForeign ends SVG and MathML where an element of HTML stands in it.
func (b *builder) leaveForeign(tag string, attrs []attr) {
	switch tag {
	case "b", "big", "blockquote", "body", "br", "center", "code", "dd", "div", "dl", "dt", "em", "embed", "h1", "h2", "h3", "h4", "h5", "h6",
		"head", "hr", "i", "img", "li", "listing", "menu", "meta", "nobr", "ol", "p", "pre", "ruby", "s", "small", "span", "strong", "strike", "sub",
		"sup", "table", "tt", "u", "ul", "var":
	case "font":
		if !hasAttr(attrs, "color") && !hasAttr(attrs, "face") && !hasAttr(attrs, "size") {
			return
		}
	default:
		return
	}
	for len(b.stack) > 1 && b.top().foreign && !integration(b.top().tag, tag) {
		b.stack = b.stack[:len(b.stack)-1]
	}
}

func hasAttr(attrs []attr, key string) bool {
	for i := range attrs {
		if attrs[i].key == key {
			return true
		}
	}
	return false
}

const xhtmlNS = "http://www.w3.org/1999/xhtml"

// foreignXML reports whether an element of an XML document is none of HTML, by the namespace that it or one around it declares.
func (b *builder) foreignXML(attrs []attr) bool {
	for _, a := range attrs {
		if a.key == "xmlns" || strings.HasPrefix(a.key, "xmlns:") && a.val == xhtmlNS {
			return a.val != xhtmlNS
		}
	}
	if top := b.stack[len(b.stack)-1]; top != 0 {
		return b.nodes[top].foreign
	}
	return true
}
