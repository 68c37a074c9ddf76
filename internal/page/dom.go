package page

import (
	"html"
	"strings"
	"unicode/utf8"
)

// node is one element, or one text that is more than space. Nodes refer to each other by index into tree.nodes; 0 is the document itself.
type node struct {
	tag                       string // lower case; "" for text
	text                      string // of a text, and of elements that hold raw text
	parent, first, last, next int32
	prev                      int32
	attrs                     []attr
	shadow                    int32 // the template that is the root of the shadow tree which the node is in; 0 for none
	inert                     bool  // in a template: no content of the page
	foreign                   bool  // of SVG or MathML
	spaced                    bool  // there is space behind it
}

type attr struct{ key, val string }

// get is the value of an attribute; "" when absent.
func (n *node) get(key string) string {
	for i := range n.attrs {
		if n.attrs[i].key == key {
			return n.attrs[i].val
		}
	}
	return ""
}

func (n *node) has(key string) bool {
	for i := range n.attrs {
		if n.attrs[i].key == key {
			return true
		}
	}
	return false
}

// tree is a document: its nodes in the order of the source.
type tree struct {
	nodes  []node
	src    string
	quirks bool
	lazy   bool  // something has loading=lazy
	frames bool  // there are frames
	html   int32 // the root element; 0 before it
	body   int32
	holes  []hole // where the source may differ without changing what it asks for
	room   []attr // attributes of coming nodes
}

// add appends a node to a parent.
func (t *tree) add(parent int32, tag string) int32 {
	i := int32(len(t.nodes))
	p := &t.nodes[parent]
	n := node{tag: tag, parent: parent, prev: p.last, inert: p.inert, shadow: p.shadow}
	if p.last != 0 {
		t.nodes[p.last].next = i
	} else {
		p.first = i
	}
	p.last = i
	t.nodes = append(t.nodes, n)
	return i
}

// attributes reads those of a tag, which stands from..to in the source, without its brackets. The first of several with one name counts.
func (t *tree) attributes(from, to int) []attr {
	s := t.src
	if cap(t.room)-len(t.room) < 16 { // what is there stays where it is
		t.room = make([]attr, 0, 512)
	}
	start := len(t.room)
	for i := from; i < to; {
		for i < to && (isSpace(s[i]) || s[i] == '/') {
			i++
		}
		if i >= to {
			break
		}
		nameAt := i
		for i++; i < to && !isSpace(s[i]) && s[i] != '/' && s[i] != '='; i++ {
		}
		name := lower(s[nameAt:i])
		for i < to && isSpace(s[i]) {
			i++
		}
		if i >= to || s[i] != '=' {
			t.keep(start, name, "")
			continue
		}
		for i++; i < to && isSpace(s[i]); i++ {
		}
		var at, end int
		kind := byte(' ')
		if i < to && (s[i] == '"' || s[i] == '\'') {
			kind = s[i]
			at = i + 1
			if end = strings.IndexByte(s[at:to], kind); end < 0 {
				end = to
			} else {
				end += at
			}
			i = end + 1
		} else {
			for at = i; i < to && !isSpace(s[i]); i++ {
			}
			end = i
		}
		if kind != ' ' && harmless(name) && end < to {
			t.holes = append(t.holes, hole{int32(at), int32(end), kind})
		}
		t.keep(start, name, unescapeAttr(s[at:min(end, to)]))
	}
	if len(t.room) == start {
		return nil
	}
	return t.room[start:len(t.room):len(t.room)]
}

// harmless reports whether the value of an attribute has no part in what a page asks for.
func harmless(name string) bool {
	switch name {
	case "nonce", "value", "alt", "title", "placeholder":
		return true
	}
	return strings.HasPrefix(name, "data-") || strings.HasPrefix(name, "aria-")
}

// unescapeAttr resolves the character references in an attribute: one without a semicolon before "=" or a letter is none.
func unescapeAttr(s string) string {
	i := strings.IndexByte(s, '&')
	if i < 0 {
		return s
	}
	var b strings.Builder
	for i >= 0 {
		b.WriteString(s[:i])
		s = s[i:]
		end := 1
		for end < len(s) && (s[end] == '#' || s[end] < 0x80 && isWordByte(s[end])) {
			end++
		}
		switch {
		case end < len(s) && s[end] == ';':
			end++
			b.WriteString(html.UnescapeString(s[:end]))
		case end < len(s) && s[end] == '=' && (end < 2 || s[1] != '#'):
			b.WriteString(s[:end])
		case end > 1 && s[1] == '#', knownReference(s[:end]):
			b.WriteString(html.UnescapeString(s[:end]))
		default:
			b.WriteString(s[:end])
		}
		s = s[end:]
		i = strings.IndexByte(s, '&')
	}
	b.WriteString(s)
	return b.String()
}

// knownReference reports whether a reference without semicolon is wholly one: "&copy", and not "&copyright".
func knownReference(s string) bool {
	u := html.UnescapeString(s)
	return u != s && utf8.RuneCountInString(u) == 1
}

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// maxAttrs is how many attributes of an element are looked at: elements with more are made to take time.
const maxAttrs = 512

// keep adds an attribute to those from start on, unless one of that name is there.
func (t *tree) keep(start int, name, val string) {
	for _, a := range t.room[start:] {
		if a.key == name {
			return
		}
	}
	if len(t.room)-start < maxAttrs {
		t.room = append(t.room, attr{name, val})
	}
}
