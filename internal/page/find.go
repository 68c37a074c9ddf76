package page

import (
	"html"
	"strings"
)

// Control is a field of a form in a document.
type Control struct {
	Form   int    // which form of the document, from 1; 0 for a field outside of them
	ID     string // the form's id
	Action string // the form's action as it is written
	Type   string // "hidden", "text", "select", "textarea", "submit" and so on
	Name   string
	Value  string // what would be sent if nobody touched it
}

// Controls are the named fields of all forms of a document, in its order. Buttons of choice that are not chosen are left out, as they are when
// the form is sent.
func Controls(body []byte, contentType string) []Control {
	src, _ := decode(string(body), contentType)
	t := parseTree(src, true, false)
	forms := map[int32]int{}
	byID := map[string]int32{}
	for i := range t.nodes {
		if n := &t.nodes[i]; n.tag == "form" && !n.foreign {
			forms[int32(i)] = len(forms) + 1
			if id := n.get("id"); id != "" && byID[id] == 0 {
				byID[id] = int32(i)
			}
		}
	}
	var all []Control
	for i := range t.nodes {
		n := &t.nodes[i]
		name := n.get("name")
		if name == "" || n.inert || n.foreign {
			continue
		}
		c := Control{Name: name}
		if !t.control(int32(i), &c) {
			continue
		}
		form := byID[n.get("form")]
		for p := n.parent; form == 0 && p != 0; p = t.nodes[p].parent {
			if t.nodes[p].tag == "form" {
				form = p
			}
		}
		if form != 0 {
			c.Form, c.ID, c.Action = forms[form], t.nodes[form].get("id"), t.nodes[form].get("action")
		}
		all = append(all, c)
	}
	return all
}

// control fills in the type and value of a field; false when the node is none, or would not be sent.
func (t *tree) control(i int32, c *Control) bool {
	n := &t.nodes[i]
	switch n.tag {
	case "input":
		c.Type, c.Value = lower(n.get("type")), n.get("value")
		if c.Type == "" {
			c.Type = "text"
		}
		if c.Type == "checkbox" || c.Type == "radio" {
			if !n.has("value") {
				c.Value = "on"
			}
			return n.has("checked")
		}
		return true
	case "button":
		c.Type, c.Value = "submit", n.get("value")
		return true
	case "textarea":
		c.Type, c.Value = "textarea", html.UnescapeString(strings.TrimPrefix(strings.TrimPrefix(n.text, "\r"), "\n"))
		return true
	case "select":
		c.Type = "select"
		return t.chosen(i, c)
	}
	return false
}

// chosen is the option of a select that is sent: the last one marked, or the first.
func (t *tree) chosen(i int32, c *Control) bool {
	found := false
	for k := i + 1; int(k) < len(t.nodes); k++ {
		n := &t.nodes[k]
		if !t.within(k, i) {
			break
		}
		if n.tag != "option" || found && !n.has("selected") {
			continue
		}
		found = true
		if c.Value = n.get("value"); !n.has("value") {
			c.Value = squeeze(t.allText(k, 0))
		}
	}
	return found
}

// within reports whether node k lies below node i.
func (t *tree) within(k, i int32) bool {
	for p := t.nodes[k].parent; p != 0; p = t.nodes[p].parent {
		if p == i {
			return true
		}
	}
	return false
}

// Found is what FindIn has found.
type Found uint8

// What became of a search.
const (
	FoundNothing  Found = iota // no element fits
	FoundElement               // the first element that fits, and its value
	FoundMistaken              // the selector cannot be read
)

// FindIn is an attribute of the first element that a CSS selector means, or its text, without spaces around it, when attribute is "". An element without the
// attribute does not fit.
func FindIn(body []byte, contentType, selector, attribute string) (value string, found Found) {
	s, ok := parseSelector(selector)
	if !ok || s.pseudo != "" {
		return "", FoundMistaken
	}
	src, _ := decode(string(body), contentType)
	m := &matcher{tree: parseTree(src, true, false), work: maxWork}
	for i := range m.nodes {
		n := &m.nodes[i]
		if n.tag == "" || n.inert || attribute != "" && !n.has(attribute) || !m.matches(int32(i), &s, n.shadow) {
			continue
		}
		if attribute != "" {
			return n.get(attribute), FoundElement
		}
		return squeeze(m.allText(int32(i), 0)), FoundElement
	}
	return "", FoundNothing
}
