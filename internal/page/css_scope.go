package page

import "strings"

// scopeRange is where the rules of an @scope hold: from each element that one of roots means down to those that one of limits means, which are
// outside.
type scopeRange struct {
	roots, limits []selector
	owner         bool // the root is what the style element stands in
}

// ownerClass stands for the root of an @scope without a selector of its own. No page writes it.
const ownerClass = "-stampede-owner"

// scope reads the block of an @scope.
func (r *reader) scope(outer, layer int32, prelude string, parents []string) {
	around := r.root
	for _, p := range []string{around, parentOf(parents)} {
		if p != "" {
			prelude = strings.ReplaceAll(replaceNest(prelude, p), ":scope", p)
		}
	}
	roots, rest := scopeList(prelude)
	limits := ""
	if rest = trim(rest); len(rest) > 2 && equalFold(rest[:2], "to") {
		limits, _ = scopeList(trim(rest[2:]))
	}
	in := &scopeRange{owner: roots == ""}
	if r.root = ":" + ownerClass; !in.owner {
		r.root = ":is(" + roots + ")"
		in.roots = selectorList(roots)
	}
	in.limits = selectorList(strings.ReplaceAll(replaceNest(limits, r.root), ":scope", r.root))
	c := r.within(outer, "scope", "")
	r.conds[c].scope = in
	r.queries = true
	r.list(c, layer, nil, false)
	r.root = around
}

// parentOf is one selector for those around a nested rule; "" for none.
func parentOf(parents []string) string {
	if len(parents) == 0 {
		return ""
	}
	return ":is(" + strings.Join(parents, ",") + ")"
}

// scopeList cuts a list of selectors in parentheses.
func scopeList(s string) (list, rest string) {
	if s = trim(s); !strings.HasPrefix(s, "(") {
		return "", s
	}
	end := closing(s, 1)
	return trim(s[1:min(end, len(s))]), s[min(end+1, len(s)):]
}

// selectorList reads a list; what is not known in it means nothing.
func selectorList(s string) (list []selector) {
	for _, text := range splitTop(s, ',') {
		if c, ok := parseSelector(text); ok && c.pseudo == "" && len(list) < maxSelectors {
			list = append(list, c)
		}
	}
	return list
}

// fromRoot writes out what selectors within an @scope say of its root.
func fromRoot(texts []string, root string) []string {
	out := make([]string, 0, len(texts))
	for _, text := range texts {
		text = trim(text)
		switch {
		case len(text)+len(root) > 4096:
			continue
		case hasNest(text) || strings.Contains(text, ":scope"):
			text = strings.ReplaceAll(replaceNest(text, root), ":scope", root)
		case text != "" && strings.IndexByte(">+~", text[0]) >= 0:
			text = root + " " + text
		}
		out = append(out, text)
	}
	return out
}

// hasNest reports whether a selector has "&" in it that is no part of a name or a string.
func hasNest(s string) bool { return nestAt(s, 0) >= 0 }

// nestAt is where the next "&" is; -1 for none.
func nestAt(s string, i int) int {
	if strings.IndexByte(s[i:], '&') < 0 {
		return -1
	}
	for ; i < len(s); i++ {
		switch s[i] {
		case '&':
			return i
		case '\\':
			i++
		case '"', '\'':
			i = skipQuoted(s, i)
		}
	}
	return -1
}

// replaceNest puts a selector in the place of each "&".
func replaceNest(s, with string) string {
	var b strings.Builder
	at := 0
	for i := nestAt(s, 0); i >= 0; i = nestAt(s, at) {
		b.WriteString(s[at:i])
		b.WriteString(with)
		at = i + 1
	}
	return b.String() + s[at:]
}

// inScope reports whether an element lies in an @scope of a sheet.
func (c *cascader) inScope(s *scopeRange, u *sheetUse, n int32) bool {
	for p := n; p != 0 && c.t.work > 0; p = c.t.nodes[p].parent {
		if c.t.anyOf(p, s.limits, u.scope) {
			return false
		}
		if s.owner && p == u.owner || c.t.anyOf(p, s.roots, u.scope) {
			return true
		}
	}
	return false
}
