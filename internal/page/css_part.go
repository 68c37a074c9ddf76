package page

import "strings"

// shownRules calls f for each rule of a sheet that means an element as a part of the shadow tree it is in.
func (c *cascader) shownRules(n int32, sheet int, of func(*sheet) *index, box *container, e *env, f func(i int, r *rule, s *selector, at int32)) {
	u := &c.uses[sheet]
	names := c.t.nodes[n].get("part")
	host := n
	for depth := 0; names != "" && depth < maxShadows; depth++ {
		tree := c.t.nodes[host].shadow
		if tree == 0 {
			return
		}
		if host = c.t.nodes[tree].parent; c.t.nodes[host].shadow == u.scope {
			break
		}
		names = exported(c.t.nodes[host].get("exportparts"), names)
	}
	if names == "" || c.t.nodes[host].shadow != u.scope {
		return
	}
	for _, ref := range of(u.sheet).shown {
		r := &u.rules[ref.rule]
		s := &r.selectors[ref.sel]
		if hasAll(names, s.shown) && c.t.matches(host, s, u.scope) && c.holds(sheet, r.cond) && (r.cond == 0 || !u.queries || c.holdsFor(n, sheet, r.cond, box, e)) {
			f(sheet, r, s, ref.rule)
		}
	}
}

// maxShadows bounds how many shadow trees a part is shown through.
const maxShadows = 32

func hasAll(list string, names []string) bool {
	for _, w := range names {
		if !hasClass(list, w, false) {
			return false
		}
	}
	return true
}

// exported is what parts are called outside of a host: "inner: outer, same".
func exported(list, names string) string {
	var out []string
	for _, one := range strings.Split(list, ",") {
		inner, outer, renamed := strings.Cut(one, ":")
		if inner = trim(inner); !renamed {
			outer = inner
		}
		if inner != "" && hasClass(names, inner, false) {
			out = append(out, trim(outer))
		}
	}
	return strings.Join(out, " ")
}
