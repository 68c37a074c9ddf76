package page

import (
	"html"
	"strings"
)

// FindLink is the address of the first link in a document whose text is text, or holds it when there is none such; "" without one. Spaces
// count as one. policy is the referrer policy that the link asks for; "" for that of the page.
func FindLink(body []byte, contentType, url, text string) (to, policy string) {
	src, name := decode(string(body), contentType)
	t := parseTree(src, false, false)
	base := parseAddress(url)
	encode := encoderOf(name)
	sawBase := false
	want := squeeze(text)
	holds, holdsPolicy := "", ""
	for i := range t.nodes {
		n := &t.nodes[i]
		if n.inert || n.foreign {
			continue
		}
		if n.tag == "base" && n.has("href") && !sawBase {
			sawBase = true
			if a := resolve(&base, n.get("href"), encode); a.web() {
				base = a
			}
		}
		if n.tag != "a" && n.tag != "area" || !n.has("href") {
			continue
		}
		have := squeeze(t.allText(int32(i), 0))
		if n.tag == "area" {
			have = squeeze(n.get("alt"))
		}
		a := resolve(&base, n.get("href"), encode)
		switch {
		case !a.web():
		case have == want:
			return a.url, linkPolicy(n)
		case holds == "" && want != "" && strings.Contains(have, want):
			holds, holdsPolicy = a.url, linkPolicy(n)
		}
	}
	return holds, holdsPolicy
}

func linkPolicy(n *node) string {
	if hasWord(n.get("rel"), "noreferrer") {
		return "no-referrer"
	}
	return policyWord(n.get("referrerpolicy"))
}

// allText is the text in an element and those in it, with what images say.
func (t *tree) allText(i int32, depth int) string {
	n := &t.nodes[i]
	switch {
	case n.tag == "":
		return html.UnescapeString(n.text)
	case n.tag == "img":
		return n.get("alt")
	case n.tag == "script" || n.tag == "style" || depth > maxDepth:
		return ""
	}
	var b strings.Builder
	for k := n.first; k != 0; k = t.nodes[k].next {
		b.WriteString(t.allText(k, depth+1))
	}
	return b.String()
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }
