package page

import "strings"

// maxDepth bounds how deep elements may be nested; as in Chromium, what is deeper becomes a neighbour.
const maxDepth = 512

// maxNodes is how many elements and texts of a document are looked at.
const maxNodes = 300_000

// builder makes a tree of tags and texts. It repairs markup as far as that decides what is asked for: elements that end without saying so,
// head and body that are not written, HTML that breaks out of SVG.
type builder struct {
	*tree
	stack    []int32
	noscript bool // the content of <noscript> counts
	xml      bool
	at       int // into src
}

// parseTree reads a document of markup in UTF-8, or in any charset that has ASCII as its lower half.
func parseTree(src string, noscript, xml bool) *tree {
	t := &tree{src: src, nodes: make([]node, 1, 16+min(strings.Count(src, "<"), maxNodes)), quirks: !xml, room: make([]attr, 0, 512), holes: make([]hole, 0, 16+min(len(src)/128, maxNodes))}
	t.nodes[0].tag = "#document"
	b := &builder{tree: t, noscript: noscript, xml: xml, stack: make([]int32, 1, 32)}
	z := scanner{src: src}
	for {
		z.cdata = xml || b.top().foreign
		kind := z.next()
		if len(t.nodes) >= maxNodes {
			kind = tokenEnd
		}
		b.at = z.at
		switch kind {
		case tokenEnd:
			t.ensureBody(b)
			if !noscript {
				t.takeNoJS()
			}
			return t
		case tokenText:
			b.textToken(z.from, z.at)
		case tokenStart, tokenSelfClosing:
			if b.start(b.tagName(z.name), z.from, z.at, kind == tokenSelfClosing) {
				z.raw = ""
			}
		case tokenEndTag:
			b.end(b.tagName(z.name))
		case tokenDoctype:
			b.doctype(lower(trim(src[z.from+len("<!doctype") : z.at])))
		case tokenComment:
			b.comment(src[z.from:z.at])
		}
	}
}

// tagName is the name of an element in lower case. XML tells large letters from small ones: there an <IMG> is nothing that a browser knows.
func (b *builder) tagName(name string) string {
	low := lowerASCII(name)
	if b.xml && low != name {
		switch low {
		case "img", "link", "style", "script", "iframe", "base", "meta", "video", "audio", "source", "input", "object", "embed", "picture", "track":
			return strings.ToUpper(low)
		}
	}
	return low
}

func (b *builder) top() *node { return &b.nodes[b.stack[len(b.stack)-1]] }

// comment looks for the one kind of comment that means something: the style sheet of an XML document.
func (b *builder) comment(s string) {
	if b.xml && strings.HasPrefix(s, "<?xml-stylesheet") {
		i := b.add(b.stack[len(b.stack)-1], "link")
		at := b.at - len(s)
		n := &b.nodes[i]
		n.attrs = append([]attr{{"rel", "stylesheet"}}, b.attributes(at+len("<?xml-stylesheet"), b.at-len("?>"))...)
	}
}

func (b *builder) doctype(s string) {
	b.quirks = !strings.HasPrefix(s, "html") || strings.Contains(s, "3.2") || strings.Contains(s, "transitional") && !strings.Contains(s, "xhtml") && !strings.Contains(s, "http")
}

// textToken takes a text. Where an element's content is raw text it is that element's.
func (b *builder) textToken(from, to int) {
	s := b.src[from:to]
	top := b.stack[len(b.stack)-1]
	n := &b.nodes[top]
	switch n.tag {
	case "style", "title", "textarea", "script", "iframe", "noembed", "noframes", "noscript", "xmp":
		if !(n.tag == "noscript" && b.noscript) && (n.tag != "title" || !n.foreign) {
			if n.text += s; n.tag == "script" && to < len(b.src) && !n.asksForMore() && !strings.Contains(s, "<!--") {
				b.holes = append(b.holes, hole{int32(from), int32(to), 's'})
			}
			if n.tag != "textarea" && n.tag != "xmp" {
				return
			}
		}
	}
	if trim(s) == "" {
		b.nodes[b.nodes[top].last].spaced = true
		return
	}
	if !b.xml && top == b.html {
		b.ensureBody(b)
		top = b.stack[len(b.stack)-1]
	} else if top == 0 && !b.xml {
		b.openBody()
		top = b.stack[len(b.stack)-1]
	}
	i := b.add(top, "")
	b.nodes[i].text = s
	if strings.IndexByte(s, '<') < 0 && to < len(b.src) && b.src[to] == '<' {
		b.holes = append(b.holes, hole{int32(from), int32(to), '<'})
	}
}

// ensureBody makes the elements that every document has.
func (t *tree) ensureBody(b *builder) {
	if b.xml || t.body != 0 {
		return
	}
	b.openBody()
}

func (b *builder) openHTML() {
	if b.html == 0 {
		b.tree.html = b.add(0, "html")
		b.stack = append(b.stack[:1], b.tree.html)
	}
}

// openBody ends the head and begins the body.
func (b *builder) openBody() {
	b.openHTML()
	if b.body == 0 {
		b.body = b.add(b.tree.html, "body")
	}
	b.stack = append(b.stack[:0], 0, b.tree.html, b.body)
}

// inHead are the elements that do not begin the body.
func inHead(tag string) bool {
	switch tag {
	case "base", "basefont", "bgsound", "link", "meta", "title", "noscript", "noframes", "style", "script", "template", "head":
		return true
	}
	return false
}

// start takes a start tag, which stands from..to in the source. It reports whether what follows is no raw text although the element's name says so.
func (b *builder) start(tag string, from, to int, selfClosing bool) (notRaw bool) {
	attrs := b.attributes(from+1+len(tag), tagEnd(b.src, from, to))
	if !b.xml {
		if tag == "image" && !b.top().foreign {
			tag = "img"
		}
		if done := b.structure(tag, attrs); done {
			return false
		}
		if b.top().foreign {
			b.leaveForeign(tag, attrs)
		}
	}
	foreign := b.top().foreign && !integration(b.top().tag, tag) || tag == "svg" || tag == "math"
	if b.xml {
		foreign = b.foreignXML(attrs)
		if i := strings.IndexByte(tag, ':'); i >= 0 {
			tag = tag[i+1:]
		}
	}
	if !foreign && !b.xml {
		if tag == "frame" && b.top().tag != "frameset" {
			return false
		}
		b.implied(tag)
	}
	i := b.add(b.stack[len(b.stack)-1], tag)
	n := &b.nodes[i]
	n.attrs, n.foreign = attrs, foreign
	b.frames = b.frames || tag == "iframe" && !n.inert
	b.lazy = b.lazy || (tag == "img" || tag == "iframe") && equalFold(n.get("loading"), "lazy")
	if tag == "template" && !foreign {
		switch lower(n.get("shadowrootmode")) {
		case "open", "closed":
			n.shadow = i
		default:
			n.inert = true
		}
	}
	void := !foreign && !b.xml && isVoid(tag) || (foreign || b.xml) && selfClosing
	if !void && len(b.stack) < maxDepth {
		b.stack = append(b.stack, i)
	}
	return b.xml || foreign && tag != "style" && tag != "script" || tag == "noscript" && b.noscript
}

// tagEnd is where the attributes of a tag end.
func tagEnd(src string, from, to int) int {
	if to > from && src[to-1] == '>' {
		to--
		if to > from && src[to-1] == '/' && (to-2 < from || isSpace(src[to-2]) || src[to-2] == '"' || src[to-2] == '\'') {
			to--
		}
	}
	return to
}

// structure takes the tags of html, head and body, which are there once. It reports whether the tag is done with.
func (b *builder) structure(tag string, attrs []attr) (done bool) {
	switch tag {
	case "html":
		b.openHTML()
		b.merge(b.tree.html, attrs)
		return true
	case "head":
		if b.tree.html == 0 {
			b.openHTML()
		}
		if b.body == 0 && b.stack[len(b.stack)-1] == b.tree.html && b.nodes[b.tree.html].first == 0 {
			b.stack = append(b.stack, b.add(b.tree.html, "head"))
		}
		return true
	case "body":
		if b.body == 0 {
			b.openBody()
		}
		b.merge(b.body, attrs)
		return true
	case "frameset":
		if b.body != 0 {
			return true // it comes too late: there is a body
		}
		b.openBody()
		return false
	}
	if b.body == 0 {
		top := b.stack[len(b.stack)-1]
		switch {
		case top == 0:
			b.openHTML()
			b.stack = append(b.stack, b.add(b.tree.html, "head"))
		case top == b.tree.html && inHead(tag) && b.nodes[top].last == 0:
			b.stack = append(b.stack, b.add(b.tree.html, "head"))
		}
		if !inHead(tag) && b.atHead() {
			b.openBody()
		}
	}
	return false
}

// atHead reports whether the parser stands in the head or before the body.
func (b *builder) atHead() bool {
	top := b.top().tag
	return top == "head" || top == "html" || top == "noscript"
}

func (b *builder) merge(i int32, attrs []attr) {
	n := &b.nodes[i]
	for _, a := range attrs {
		if !n.has(a.key) {
			n.attrs = append(n.attrs[:len(n.attrs):len(n.attrs)], a)
		}
	}
}

// end takes an end tag.
func (b *builder) end(tag string) {
	if i := strings.IndexByte(tag, ':'); b.xml && i >= 0 {
		tag = tag[i+1:]
	}
	if !b.xml && (tag == "body" || tag == "html") {
		return
	}
	for i := len(b.stack) - 1; i > 0; i-- {
		n := &b.nodes[b.stack[i]]
		if n.tag == tag {
			if b.stack[i] == b.body {
				return
			}
			b.stack = b.stack[:i]
			return
		}
		if n.tag == "template" || !b.xml && n.tag == "body" || barrier(n.tag) && !barrier(tag) {
			return
		}
	}
}

// barrier are the elements that an end tag of something outside of them does not end.
func barrier(tag string) bool {
	switch tag {
	case "table", "td", "th", "caption", "button", "object", "select", "template", "svg", "tr", "tbody", "thead", "tfoot", "html", "frameset":
		return true
	}
	return false
}
