package page

import "strings"

// Locate gives a CSS selector whose first element has an attribute of this value, and the attribute: the other way round than FindIn. ok is
// false when there is none that an id, a name or a property of its element, or the form around it, tells from the rest.
func Locate(body []byte, contentType, value string) (selector, attribute string, ok bool) {
	src, _ := decode(string(body), contentType)
	m := &matcher{tree: parseTree(src, true, false), work: maxWork}
	for i := range m.nodes {
		n := &m.nodes[i]
		if n.tag == "" || n.inert || n.foreign {
			continue
		}
		for _, a := range n.attrs {
			if a.val != value || a.key == "id" || a.key == "class" || a.key == "style" {
				continue
			}
			for _, text := range m.candidates(int32(i), a.key) {
				if m.first(text, a.key) == int32(i) {
					return text, a.key, true
				}
			}
		}
	}
	return "", "", false
}

// candidates are selectors that may mean a node, the plainest first.
func (t *matcher) candidates(i int32, attribute string) []string {
	n := &t.nodes[i]
	var own []string
	if id := n.get("id"); plainWord(id) {
		own = append(own, n.tag+"#"+id)
	}
	for _, key := range []string{"name", "property", "http-equiv", "itemprop", "rel"} {
		if v := n.get(key); v != "" && key != attribute && quotable(v) {
			own = append(own, n.tag+"["+key+`="`+v+`"]`)
		}
	}
	if strings.HasPrefix(attribute, "data-") {
		own = append(own, n.tag+"["+attribute+"]")
	}
	out := own
	for p := n.parent; p != 0; p = t.nodes[p].parent {
		f := &t.nodes[p]
		if f.tag != "form" {
			continue
		}
		var forms []string
		if id := f.get("id"); plainWord(id) {
			forms = append(forms, "form#"+id)
		}
		if a := f.get("action"); a != "" && quotable(a) {
			forms = append(forms, `form[action="`+a+`"]`)
		}
		for _, form := range forms {
			for _, o := range own {
				out = append(out, form+" "+o)
			}
		}
		break
	}
	return out
}

// first is the first node that a selector means, and that has the attribute; 0 for none.
func (t *matcher) first(selector, attribute string) int32 {
	s, ok := parseSelector(selector)
	if !ok {
		return 0
	}
	for i := range t.nodes {
		n := &t.nodes[i]
		if n.tag != "" && !n.inert && n.has(attribute) && t.matches(int32(i), &s, n.shadow) {
			return int32(i)
		}
	}
	return 0
}

// plainWord reports whether a word can stand in a selector as it is.
func plainWord(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c != '-' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

// quotable reports whether a value can stand in quotes as it is.
func quotable(s string) bool { return len(s) <= 200 && !strings.ContainsAny(s, "\"\\\n\r") }
