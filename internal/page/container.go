package page

import "strings"

// container is an element whose size container queries can ask for, and those around it.
type container struct {
	names         string
	width, height float64
	tall          bool // its height can be asked for too
	outer         *container
}

// contain makes an element a container if its style says so. Its width is what the style says, or that of what is around it.
func (c *cascader) contain(s *style, in *inherited) {
	kind, ok := c.value(s, slotContainer, in.env)
	if !ok || !strings.Contains(lower(kind), "size") {
		return
	}
	box := &container{width: c.v.width, height: c.v.height, tall: !strings.Contains(lower(kind), "inline-size"), outer: in.box}
	box.names, _ = c.value(s, slotContainerName, in.env)
	if in.box != nil {
		box.width, box.height = in.box.width, in.box.height
	}
	for slot, size := range map[slot]*float64{slotWidth: &box.width, slotHeight: &box.height} {
		if v, ok := c.value(s, slot, in.env); ok {
			if n := c.v.boxLength(lower(v), *size); n >= 0 {
				*size = n
			}
		}
	}
	in.box = box
}

// holdsFor reports whether the container queries and scopes around a rule hold for an element in a container; nil is none.
func (c *cascader) holdsFor(n int32, sheet int, cond int32, box *container, e *env) bool {
	for ; cond != 0; cond = c.uses[sheet].conds[cond].outer {
		q := &c.uses[sheet].conds[cond]
		if q.kind == "container" && !c.containerHolds(q.text, box, e) || q.kind == "scope" && !c.inScope(q.scope, &c.uses[sheet], n) {
			return false
		}
	}
	return true
}

// containerHolds reports whether one of a list of container queries holds. e are the custom properties of what is around the element.
func (c *cascader) containerHolds(list string, box *container, e *env) bool {
	for _, query := range splitTop(list, ',') {
		name, query := containerName(trim(query))
		if name == "" && strings.Contains(query, "style(") {
			if holds, known := condition(query, func(s string) (bool, bool) { return c.styleHolds(s, box, e) }); holds && known {
				return true
			}
			continue
		}
		in := box.named(name)
		switch {
		case in == nil:
			continue
		case query == "":
			return true
		case !in.tall && strings.Contains(query, "height"):
			continue
		}
		at := *c.v
		at.width, at.height = in.width, in.height
		if holds, known := at.condition(lower(query)); holds && known {
			return true
		}
	}
	return false
}

// styleHolds is a leaf of a container query that asks for custom properties: "style(--x: 1)", which every element can answer, or a size.
func (c *cascader) styleHolds(s string, box *container, e *env) (holds, known bool) {
	inner, ok := strings.CutPrefix(s, "style(")
	if !ok {
		if box == nil {
			return false, true
		}
		at := *c.v
		at.width, at.height = box.width, box.height
		return at.feature(lower(s))
	}
	name, want, has := strings.Cut(strings.TrimSuffix(inner, ")"), ":")
	if name = trim(name); !strings.HasPrefix(name, "--") {
		return false, false
	}
	have := c.property(name, e, 0)
	return have.ok && (!has || trim(have.value) == trim(want)), true
}

// containerName takes the name, if there is one, off a container query.
func containerName(query string) (name, rest string) {
	i := strings.IndexByte(query, '(')
	if i < 0 {
		return query, ""
	}
	if word := lower(trim(query[:i])); word == "" || word == "not" || strings.HasPrefix(word, "style") || strings.HasPrefix(word, "scroll-state") {
		return "", query
	}
	name, rest, _ = strings.Cut(query, " ")
	return name, trim(rest)
}

// named is the nearest container of a name, b or one around it; any is of the name "". It is nil when there is none.
func (b *container) named(name string) *container {
	for b != nil && name != "" && !hasClass(b.names, name, false) {
		b = b.outer
	}
	return b
}
