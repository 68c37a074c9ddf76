package page

import "strings"

// takeNoJS does what the one script does that so many pages begin with: the class no-js of the root, or of the body, becomes js.
func (t *tree) takeNoJS() {
	for _, n := range [...]int32{t.html, t.body} {
		if n == 0 || !hasClass(t.nodes[n].get("class"), "no-js", false) || !t.mentionsNoJS() {
			continue
		}
		for i := range t.nodes[n].attrs {
			if a := &t.nodes[n].attrs[i]; a.key == "class" {
				a.val = strings.Replace(a.val, "no-js", "js", 1)
			}
		}
	}
}

// mentionsNoJS reports whether a script of the document speaks of that class.
func (t *tree) mentionsNoJS() bool {
	for i := range t.nodes {
		if n := &t.nodes[i]; n.tag == "script" && !n.inert && strings.Contains(n.text, "no-js") {
			return true
		}
	}
	return false
}
