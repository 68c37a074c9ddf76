package page

import "strings"

// control is a pseudo-class of what a visitor fills in or opens.
func (t *matcher) control(n int32, kind string) bool {
	node := &t.nodes[n]
	switch kind {
	case "checked":
		return node.has("checked") || node.has("selected")
	case "disabled":
		return node.has("disabled")
	case "enabled":
		return !node.has("disabled")
	case "required":
		return node.has("required")
	case "open":
		return node.has("open")
	case "placeholder-shown":
		return node.has("placeholder") && node.get("value") == ""
	case "read-write":
		return (node.tag == "input" || node.tag == "textarea") && !node.has("readonly")
	case "indeterminate":
		return node.tag == "input" && equalFold(node.get("type"), "radio") && !t.groupChecked(n) || node.tag == "progress" && !node.has("value")
	case "popover-open", "modal":
		return false
	case "invalid":
		return t.invalid(n)
	case "valid":
		return formPart(node.tag) && !t.invalid(n)
	case "in-range":
		return ranged(node) && !outOfRange(node)
	case "out-of-range":
		return outOfRange(node)
	}
	return true
}

// groupChecked reports whether a radio button, or another one of its group, is checked.
func (t *matcher) groupChecked(n int32) bool {
	name := t.nodes[n].get("name")
	if name == "" || t.nodes[n].has("checked") {
		return t.nodes[n].has("checked")
	}
	for i := range t.nodes {
		if t.work--; t.work < 0 {
			break
		}
		if o := &t.nodes[i]; o.tag == "input" && o.has("checked") && o.get("name") == name && equalFold(o.get("type"), "radio") {
			return true
		}
	}
	return false
}

// formPart reports whether an element is one whose content may be valid or not.
func formPart(tag string) bool {
	switch tag {
	case "input", "select", "textarea", "form", "fieldset", "button", "output", "object":
		return true
	}
	return false
}

// invalid reports whether what a control holds in a page at rest is not what it demands; of a form, whether some control's is not.
func (t *matcher) invalid(n int32) bool {
	node := &t.nodes[n]
	if node.tag == "form" || node.tag == "fieldset" {
		for c := node.first; c != 0 && t.work > 0; c = t.nodes[c].next {
			if t.work--; t.invalidWithin(c) {
				return true
			}
		}
		return false
	}
	if !formPart(node.tag) || node.has("disabled") || node.has("readonly") {
		return false
	}
	return node.has("required") && t.empty(n) || outOfRange(node)
}

func (t *matcher) invalidWithin(n int32) bool {
	if t.invalid(n) {
		return true
	}
	for c := t.nodes[n].first; c != 0 && t.work > 0; c = t.nodes[c].next {
		if t.work--; t.invalidWithin(c) {
			return true
		}
	}
	return false
}

func (t *matcher) empty(n int32) bool {
	node := &t.nodes[n]
	switch node.tag {
	case "textarea":
		return node.text == ""
	case "input":
		if typ := lower(node.get("type")); typ == "checkbox" || typ == "radio" {
			return !node.has("checked")
		}
		return node.get("value") == ""
	}
	return false
}

func ranged(n *node) bool {
	typ := lower(n.get("type"))
	return n.tag == "input" && (typ == "number" || typ == "range") && (n.has("min") || n.has("max"))
}

func outOfRange(n *node) bool {
	if !ranged(n) || equalFold(n.get("type"), "range") {
		return false
	}
	v, unit := number(n.get("value"))
	if unit != "" {
		return false
	}
	low, okLow := number(n.get("min"))
	high, okHigh := number(n.get("max"))
	return okLow == "" && v < low || okHigh == "" && v > high
}

// langIs reports whether the language of an element is one of a list, or a part of it.
func (t *tree) langIs(n int32, list string) bool {
	for ; n != 0; n = t.nodes[n].parent {
		if !t.nodes[n].has("lang") {
			continue
		}
		have := lower(t.nodes[n].get("lang"))
		for _, want := range strings.Split(list, ",") {
			if want = strings.Trim(trim(want), `"'`); want != "" && (have == want || strings.HasPrefix(have, want+"-")) {
				return true
			}
		}
		return false
	}
	return false
}

// dirOf is the direction of an element.
func (t *tree) dirOf(n int32) string {
	for ; n != 0; n = t.nodes[n].parent {
		if d := lower(t.nodes[n].get("dir")); d == "ltr" || d == "rtl" {
			return d
		}
	}
	return "ltr"
}
