package page

import "strings"

// control is a pseudo-class of what a visitor fills in or opens.
func (t *matcher) control(n int32, kind string) bool {
	node := &t.nodes[n]
	switch kind {
	case "checked":
		return node.has("checked") && node.tag == "input" || node.tag == "option" && t.selected(n)
	case "disabled":
		return t.disabled(n)
	case "enabled":
		return mayDisable(node.tag) && !t.disabled(n)
	case "required":
		return fillIn(node.tag) && node.has("required")
	case "optional":
		return fillIn(node.tag) && !node.has("required")
	case "default":
		return node.tag == "input" && node.has("checked") || node.tag == "option" && node.has("selected") || t.submits(n)
	case "read-only":
		return !t.control(n, "read-write")
	case "open":
		return node.has("open")
	case "placeholder-shown":
		return node.has("placeholder") && node.get("value") == ""
	case "read-write":
		return (node.tag == "input" && typedInto(node) || node.tag == "textarea") && !node.has("readonly") && !t.disabled(n) || node.has("contenteditable") && !equalFold(node.get("contenteditable"), "false")
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

// mayDisable reports whether an element can be disabled.
func mayDisable(tag string) bool {
	switch tag {
	case "button", "input", "select", "textarea", "optgroup", "option", "fieldset":
		return true
	}
	return false
}

func fillIn(tag string) bool { return tag == "input" || tag == "select" || tag == "textarea" }

// typedInto reports whether a visitor types into an input.
func typedInto(n *node) bool {
	switch lower(n.get("type")) {
	case "hidden", "checkbox", "radio", "submit", "reset", "button", "image", "file", "range", "color":
		return false
	}
	return true
}

// disabled reports whether a control is disabled, or a fieldset or group that it is in.
func (t *matcher) disabled(n int32) bool {
	node := &t.nodes[n]
	if !mayDisable(node.tag) {
		return false
	}
	if node.has("disabled") {
		return true
	}
	if node.tag == "option" {
		up := &t.nodes[node.parent]
		return up.tag == "optgroup" && up.has("disabled")
	}
	for p, below := node.parent, n; p != 0; below, p = p, t.nodes[p].parent {
		if t.work--; t.work < 0 {
			break
		}
		if up := &t.nodes[p]; up.tag == "fieldset" && up.has("disabled") && (t.nodes[below].tag != "legend" || t.before(below) != 0) {
			return true
		}
	}
	return false
}

// selected reports whether an option is the one that is shown: it says so, or it is the first of a select that none says so in.
func (t *matcher) selected(n int32) bool {
	if t.nodes[n].has("selected") {
		return true
	}
	p := t.nodes[n].parent
	up := &t.nodes[p]
	if up.tag != "select" || up.has("multiple") || up.has("size") || t.before(n) != 0 {
		return false
	}
	for k := up.first; k != 0 && t.work > 0; k = t.nodes[k].next {
		if t.work--; t.nodes[k].has("selected") {
			return false
		}
	}
	return true
}

// submits reports whether a control is the first of its form that sends it.
func (t *matcher) submits(n int32) bool {
	node := &t.nodes[n]
	if !sends(node) {
		return false
	}
	form := node.parent
	for form != 0 && t.nodes[form].tag != "form" {
		form = t.nodes[form].parent
	}
	for i := form + 1; i < n && form != 0; i++ {
		if t.work--; t.work < 0 || sends(&t.nodes[i]) {
			return false
		}
	}
	return form != 0
}

// sends reports whether a control sends a form.
func sends(n *node) bool {
	typ := lower(n.get("type"))
	return n.tag == "button" && typ != "button" && typ != "reset" || n.tag == "input" && (typ == "submit" || typ == "image")
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
