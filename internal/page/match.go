package page

import "strings"

// index finds the selectors whose last compound may match an element.
type index struct {
	id, class, tag map[string][]selectorRef
	all            []selectorRef
	shown          []selectorRef // of ::part()
}

type selectorRef struct{ rule, sel int32 }

func (x *index) build(s *sheet, with func(*rule) bool) {
	x.id, x.class, x.tag = map[string][]selectorRef{}, map[string][]selectorRef{}, map[string][]selectorRef{}
	for i := range s.rules {
		if !with(&s.rules[i]) {
			continue
		}
		for j := range s.rules[i].selectors {
			c := &s.rules[i].selectors[j]
			last := &c.parts[len(c.parts)-1]
			ref := selectorRef{int32(i), int32(j)}
			switch {
			case c.shown != nil:
				x.shown = append(x.shown, ref)
			case last.id != "":
				x.id[last.id] = append(x.id[last.id], ref)
			case len(last.classes) > 0:
				x.class[last.classes[0]] = append(x.class[last.classes[0]], ref)
			case last.tag != "":
				x.tag[last.tag] = append(x.tag[last.tag], ref)
			default:
				x.all = append(x.all, ref)
			}
		}
	}
}

// each calls f for each selector that matches a node.
func (x *index) each(s *sheet, t *matcher, n int32, scope int32, f func(r *rule, c *selector, at int32)) {
	try := func(refs []selectorRef) {
		for _, ref := range refs {
			r := &s.rules[ref.rule]
			if c := &r.selectors[ref.sel]; t.matches(n, c, scope) {
				f(r, c, ref.rule)
			}
		}
	}
	node := &t.nodes[n]
	try(x.all)
	try(x.tag[node.tag])
	if len(x.class) > 0 {
		for w := range words(node.get("class")) {
			try(x.class[w])
		}
	}
	if len(x.id) > 0 {
		if id := node.get("id"); id != "" {
			try(x.id[id])
		}
	}
}

// matcher matches selectors to the nodes of a tree, with a bound on the work: selectors of hostile pages take a time that grows with the
// square of their size.
type matcher struct {
	*tree
	work  int
	owner int32 // what the style element stands in whose sheet is looked at
}

// maxWork is enough for a page of 20,000 elements and 10,000 rules.
const maxWork = 50_000_000

// matches reports whether a node is one that the selector means. scope is the shadow tree that the sheet belongs to.
func (t *matcher) matches(n int32, s *selector, scope int32) bool {
	return !s.never && t.matchFrom(n, s.parts, scope)
}

func (t *matcher) matchFrom(n int32, parts []compound, scope int32) bool {
	if t.work--; t.work < 0 {
		return false
	}
	last := &parts[len(parts)-1]
	if !t.matchOne(n, last, scope) {
		return false
	}
	if len(parts) == 1 {
		return true
	}
	rest := parts[:len(parts)-1]
	switch last.relation {
	case '>':
		p := t.nodes[n].parent
		return p != 0 && t.matchFrom(p, rest, scope)
	case '+':
		p := t.before(n)
		return p != 0 && t.matchFrom(p, rest, scope)
	case '~':
		for p := t.before(n); p != 0; p = t.before(p) {
			if t.matchFrom(p, rest, scope) {
				return true
			}
		}
		return false
	}
	for p := t.nodes[n].parent; p != 0; p = t.nodes[p].parent {
		if t.matchFrom(p, rest, scope) {
			return true
		}
	}
	return false
}

// before is the element before a node among its siblings; 0 for none.
func (t *tree) before(n int32) int32 {
	for p := t.nodes[n].prev; p != 0; p = t.nodes[p].prev {
		if t.nodes[p].tag != "" {
			return p
		}
	}
	return 0
}

func (t *tree) after(n int32) int32 {
	for p := t.nodes[n].next; p != 0; p = t.nodes[p].next {
		if t.nodes[p].tag != "" {
			return p
		}
	}
	return 0
}

func (t *matcher) matchOne(n int32, c *compound, scope int32) bool {
	node := &t.nodes[n]
	if c.tag != "" && c.tag != node.tag || node.tag == "" {
		return false
	}
	if c.id != "" && node.get("id") != c.id {
		return false
	}
	if len(c.classes) > 0 {
		have := node.get("class")
		for _, w := range c.classes {
			if !hasClass(have, w, t.quirks) {
				return false
			}
		}
	}
	for i := range c.attrs {
		if !c.attrs[i].matches(node) {
			return false
		}
	}
	for i := range c.tests {
		if !t.test(n, &c.tests[i], scope) {
			return false
		}
	}
	return true
}

func hasClass(list, class string, fold bool) bool {
	for w := range words(list) {
		if w == class || fold && strings.EqualFold(w, class) {
			return true
		}
	}
	return false
}

func (a *attrTest) matches(n *node) bool {
	if !n.has(a.key) {
		return false
	}
	v, want := n.get(a.key), a.val
	if a.fold {
		v, want = lower(v), lower(want)
	}
	switch a.op {
	case 0:
		return true
	case '=':
		return v == want
	case '~':
		return want != "" && hasClass(v, want, false)
	case '|':
		return v == want || strings.HasPrefix(v, want+"-")
	case '^':
		return want != "" && strings.HasPrefix(v, want)
	case '$':
		return want != "" && strings.HasSuffix(v, want)
	case '*':
		return want != "" && strings.Contains(v, want)
	}
	return false
}

// test is a pseudo-class of a page that nobody has touched.
func (t *matcher) test(n int32, p *test, scope int32) bool {
	node := &t.nodes[n]
	switch p.kind {
	case "is", "where", "matches", "-webkit-any", "not":
		for i := range p.list {
			if t.matches(n, &p.list[i], scope) {
				return p.kind != "not"
			}
		}
		return p.kind == "not"
	case "has":
		return t.hasAny(n, p.list, scope)
	case "root", "scope":
		return n == t.html
	case "host":
		return scope != 0 && n == t.nodes[scope].parent && (len(p.list) == 0 || t.matches(n, &p.list[0], node.shadow))
	case ownerClass:
		return n == t.owner
	case "first-child":
		return t.before(n) == 0
	case "last-child":
		return t.after(n) == 0
	case "only-child":
		return t.before(n) == 0 && t.after(n) == 0
	case "first-of-type":
		return t.count(n, t.before, true) == 1
	case "last-of-type":
		return t.count(n, t.after, true) == 1
	case "only-of-type":
		return t.count(n, t.before, true) == 1 && t.count(n, t.after, true) == 1
	case "nth-child", "nth-last-child":
		step := t.before
		if p.kind == "nth-last-child" {
			step = t.after
		}
		if p.list != nil {
			return t.anyOf(n, p.list, scope) && nth(t.countOf(n, step, p.list, scope), p)
		}
		return nth(t.count(n, step, false), p)
	case "nth-of-type":
		return nth(t.count(n, t.before, true), p)
	case "nth-last-of-type":
		return nth(t.count(n, t.after, true), p)
	case "empty":
		return node.first == 0
	case "link", "any-link":
		return (node.tag == "a" || node.tag == "area") && node.has("href")
	case "defined":
		return strings.IndexByte(node.tag, '-') < 0
	case "lang":
		return t.langIs(n, p.arg)
	case "dir":
		return t.dirOf(n) == p.arg
	}
	return t.control(n, p.kind)
}

// hasAny is :has(): whether one of the list stands to the element as it says.
func (t *matcher) hasAny(n int32, list []selector, scope int32) bool {
	for i := range list {
		s := &list[i]
		switch s.lead {
		case '>':
			for c := t.nodes[n].first; c != 0; c = t.nodes[c].next {
				if t.matches(c, s, scope) {
					return true
				}
			}
		case '+', '~':
			for c := t.after(n); c != 0; c = t.after(c) {
				if t.matches(c, s, scope) {
					return true
				}
				if s.lead == '+' || t.work < 0 {
					break
				}
			}
		default:
			if t.hasBelow(n, s, scope) {
				return true
			}
		}
	}
	return false
}

// hasBelow reports whether a descendant is one that the selector means.
func (t *matcher) hasBelow(n int32, s *selector, scope int32) bool {
	for c := t.nodes[n].first; c != 0 && t.work > 0; c = t.nodes[c].next {
		if t.matches(c, s, scope) || t.hasBelow(c, s, scope) {
			return true
		}
	}
	return false
}

// count is the place of an element among its siblings, from 1, walking by step; those of other types are passed over when typed.
func (t *matcher) count(n int32, step func(int32) int32, typed bool) int {
	k := 1
	for p := step(n); p != 0 && t.work > 0; p = step(p) {
		t.work--
		if !typed || t.nodes[p].tag == t.nodes[n].tag {
			k++
		}
	}
	return k
}

// anyOf reports whether a node is what one of a list of selectors means.
func (t *matcher) anyOf(n int32, list []selector, scope int32) bool {
	for i := range list {
		if t.matches(n, &list[i], scope) {
			return true
		}
	}
	return false
}

// countOf is count among those siblings that one of a list of selectors means.
func (t *matcher) countOf(n int32, step func(int32) int32, list []selector, scope int32) int {
	k := 1
	for p := step(n); p != 0 && t.work > 0; p = step(p) {
		if t.anyOf(p, list, scope) {
			k++
		}
	}
	return k
}

func nth(k int, p *test) bool {
	if p.a == 0 {
		return k == p.b
	}
	d := k - p.b
	return d%p.a == 0 && d/p.a >= 0
}
