package page

import "strings"

// env is the custom properties that an element sees: its own, and those around it.
type env struct {
	outer *env
	vars  map[string]winner
	known map[string]substituted // what was computed of vars
}

// substituted is a custom property whose value holds no var() any more.
type substituted struct {
	value string
	sheet int // that a URL in it is relative to; unknownSheet for none
	ok    bool
}

// maxSubstituted bounds the values that custom properties may grow to.
const maxSubstituted = 1 << 14

// expand puts the values of custom properties in the place of var(). A value that cannot be computed is "", as is one that is empty: for all
// properties but the custom ones both mean nothing.
func (c *cascader) expand(value string, e *env) (string, int) {
	s := c.substitute(value, e, 0)
	if !s.ok {
		return "", unknownSheet
	}
	return s.value, s.sheet
}

// substitute is expand with the word whether that could be done.
func (c *cascader) substitute(value string, e *env, depth int) substituted {
	if depth > 64 {
		return substituted{sheet: unknownSheet}
	}
	out := substituted{sheet: unknownSheet, ok: true}
	var b strings.Builder
	for {
		i := varAt(value)
		if i < 0 {
			b.WriteString(value)
			break
		}
		b.WriteString(value[:i])
		end := closing(value, i+4)
		name, fallback, has := strings.Cut(value[i+4:min(end, len(value))], ",")
		value = value[min(end+1, len(value)):]
		with := c.property(trim(name), e, depth+1)
		if !with.ok && has {
			with = c.substitute(trim(fallback), e, depth+1)
		}
		if !with.ok || b.Len()+len(with.value) > maxSubstituted {
			return substituted{sheet: unknownSheet}
		}
		if with.sheet != unknownSheet {
			out.sheet = with.sheet
		}
		b.WriteString(with.value)
	}
	out.value = b.String()
	return out
}

// varAt is where the first var() in a value begins; -1 for none.
func varAt(s string) int {
	for from := 0; ; {
		i := strings.Index(s[from:], "var(")
		if i < 0 {
			return -1
		}
		if i += from; i == 0 || !isWordByte(s[i-1]) && s[i-1] != '-' && s[i-1] != '_' {
			return i
		}
		from = i + 4
	}
}

// property is the value of a custom property where e is seen. One that is being computed already refers to itself, and has none.
func (c *cascader) property(name string, e *env, depth int) substituted {
	for ; e != nil; e = e.outer {
		w, ok := e.vars[name]
		if !ok {
			continue
		}
		switch lower(w.d.value) {
		case "inherit", "unset", "revert":
			continue
		case "initial":
			return c.initial(name)
		}
		if s, known := e.known[name]; known {
			return s
		}
		if e.known == nil {
			e.known = map[string]substituted{}
		}
		e.known[name] = substituted{sheet: unknownSheet} // while it is being computed
		s := c.substitute(w.d.value, e, depth)           // a URL in it is relative to where it is used
		e.known[name] = s
		return s
	}
	return c.initial(name)
}

// initial is the value of a custom property that nothing sets.
func (c *cascader) initial(name string) substituted {
	w, ok := c.registered[name]
	if !ok {
		return substituted{sheet: unknownSheet}
	}
	return substituted{w.d.value, w.sheet, true}
}

// register takes the @property rules of a sheet.
func (c *cascader) register(sheet int) {
	for i := range c.uses[sheet].props {
		p := &c.uses[sheet].props[i]
		if c.uses[sheet].applies && c.holds(sheet, p.cond) {
			if c.registered == nil {
				c.registered = map[string]winner{}
			}
			c.registered[p.decl.name] = winner{d: &p.decl, sheet: sheet}
		}
	}
}

// chooseIf is a value with each if() replaced by the branch that holds.
func (v *viewport) chooseIf(value string) string {
	for range 16 {
		i := strings.Index(value, "if(")
		if i < 0 || i > 0 && (isWordByte(value[i-1]) || value[i-1] == '-') {
			return value
		}
		end := closing(value, i+3)
		with := ""
		for _, branch := range splitTop(value[i+3:min(end, len(value))], ';') {
			cond, then, _ := strings.Cut(branch, ":")
			if j := closing(branch, strings.IndexByte(branch, '(')+1); strings.IndexByte(cond, '(') >= 0 && j < len(branch) {
				cond, then = branch[:j+1], branch[j+1:]
				_, then, _ = strings.Cut(then, ":")
			}
			if v.branchHolds(lower(trim(cond))) {
				with = trim(then)
				break
			}
		}
		value = value[:i] + with + value[min(end+1, len(value)):]
	}
	return value
}

// branchHolds reports whether the condition of a branch of if() holds. What asks for the style of an element does not.
func (v *viewport) branchHolds(cond string) bool {
	if cond == "else" {
		return true
	}
	if inner, ok := strings.CutPrefix(cond, "media("); ok {
		return v.mediaMatches("(" + strings.TrimSuffix(inner, ")") + ")")
	}
	if inner, ok := strings.CutPrefix(cond, "supports("); ok {
		inner = strings.TrimSuffix(inner, ")")
		return supportsHolds(inner) || supportsHolds("("+inner+")")
	}
	return false
}
