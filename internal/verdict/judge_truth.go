package verdict

// truth is what is known of a condition at one moment.
type truth uint8

const (
	absent  truth = iota // it has no figure here: nothing was measured, or it is another phase
	holding              // it holds
	broken               // it does not
	open                 // too early to say
)

// tree is a rule without not: conditions, given by number, joined by and / or. Negations went into the comparisons, which is exact,
// since conditions without a figure are absent either way.
type tree struct {
	kind nodeKind // isCondition, isAnd or isOr
	leaf int
	kids []*tree
}

// grow makes a tree of a node and calls leaf for each condition, which gives it its number. turned is set under an odd number of nots.
func grow(n *node, turned bool, leaf func(condition) int) *tree {
	switch n.kind {
	case isCondition:
		c := n.cond
		if turned {
			c.op = c.op.opposite()
		}
		return &tree{leaf: leaf(c)}
	case isNot:
		return grow(n.kids[0], !turned, leaf)
	}
	t := &tree{kind: n.kind}
	if turned { // not (a and b) is (not a) or (not b)
		t.kind = isAnd + isOr - n.kind
	}
	for _, k := range n.kids {
		t.kids = append(t.kids, grow(k, turned, leaf))
	}
	return t
}

// eval joins the truths of the conditions. An absent part says nothing: the others decide. An open part leaves the whole open where it
// could still decide.
func (t *tree) eval(of func(leaf int) truth) truth {
	if t.kind == isCondition {
		return of(t.leaf)
	}
	strong, weak := broken, holding // and: one that is broken breaks it
	if t.kind == isOr {
		strong, weak = holding, broken
	}
	out := absent
	for _, k := range t.kids {
		switch v := k.eval(of); {
		case v == strong:
			return strong
		case v == open, v == weak && out == absent:
			out = v
		}
	}
	return out
}

// enough reports whether the conditions that have a figure suffice to judge: all that are joined by and, one of those joined by or.
func (t *tree) enough(has func(leaf int) bool) bool {
	if t.kind == isCondition {
		return has(t.leaf)
	}
	for _, k := range t.kids {
		if k.enough(has) == (t.kind == isOr) {
			return t.kind == isOr
		}
	}
	return t.kind == isAnd
}

// margin is the smallest of those joined by and, the largest of those joined by or. Conditions without a figure are left out; found is
// false when none has one.
func (t *tree) margin(of func(leaf int) (m float64, found bool)) (m float64, found bool) {
	if t.kind == isCondition {
		return of(t.leaf)
	}
	for _, k := range t.kids {
		v, ok := k.margin(of)
		switch {
		case !ok:
		case !found:
			m, found = v, true
		case t.kind == isAnd:
			m = min(m, v)
		default:
			m = max(m, v)
		}
	}
	return m, found
}
