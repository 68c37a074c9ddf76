package verdict

import (
	"fmt"
	"strings"
)

// join makes one node of several. What is joined the same way already becomes part of it, so `a and (b and c)` is `a and b and c`.
func join(kind nodeKind, nodes ...*node) *node {
	var kids []*node
	for _, n := range nodes {
		if n.kind == kind {
			kids = append(kids, n.kids...)
			continue
		}
		kids = append(kids, n)
	}
	if len(kids) == 1 {
		return kids[0]
	}
	return &node{kind: kind, kids: kids}
}

// negate is a node that holds when n does not. Two negations are none.
func negate(n *node) *node {
	if n.kind == isNot {
		return n.kids[0]
	}
	return &node{kind: isNot, kids: []*node{n}}
}

// each is a copy of the tree whose conditions went through change.
func (n *node) each(change func(*condition)) *node {
	out := &node{kind: n.kind, cond: n.cond}
	if n.kind == isCondition {
		change(&out.cond)
	}
	for _, k := range n.kids {
		out.kids = append(out.kids, k.each(change))
	}
	return out
}

// conditions is the number of conditions in the tree, those inside seconds(...) included.
func (n *node) conditions() int {
	count := 0
	if n.kind == isCondition {
		count = 1
		if in := n.cond.metric.Inner; in != nil && in.root != nil {
			count += in.root.conditions()
		}
	}
	for _, k := range n.kids {
		count += k.conditions()
	}
	return count
}

// some reports whether f holds for a condition of the tree, those inside seconds(...) included.
func (n *node) some(f func(*condition) bool) bool {
	if n.kind == isCondition {
		in := n.cond.metric.Inner
		return f(&n.cond) || in != nil && in.root != nil && in.root.some(f)
	}
	for _, k := range n.kids {
		if k.some(f) {
			return true
		}
	}
	return false
}

// depth is the longest way from the root to a condition.
func (n *node) depth() int {
	deepest := 0
	for _, k := range n.kids {
		deepest = max(deepest, k.depth())
	}
	return deepest + 1
}

// tooLong refuses what would cost too much to judge.
func tooLong() (msg, hint string) {
	return fmt.Sprintf("a rule has at most %d conditions, nested at most %d deep", maxConditions, maxDepth),
		"give several thresholds: each of them must hold"
}

// String is the rule in its canonical form: one way to write each rule. Parse reads it and gives an equal rule.
func (r *Rule) String() string {
	if r == nil || r.root == nil {
		return ""
	}
	s := r.root.text(isOr)
	if r.stop {
		s += " stop"
	}
	return s
}

// text is the node as part of a node of another kind, in brackets when it binds weaker. not binds tightest, then and, then or.
func (n *node) text(within nodeKind) string {
	s := ""
	switch n.kind {
	case isCondition:
		return n.cond.String()
	case isNot:
		return "not " + n.kids[0].text(isNot)
	case isAnd:
		s = n.joined(" and ")
	default:
		s = n.joined(" or ")
	}
	if within == isNot || within == isAnd && n.kind == isOr {
		return "(" + s + ")"
	}
	return s
}

func (n *node) joined(word string) string {
	parts := make([]string, len(n.kids))
	for i, k := range n.kids {
		parts[i] = k.text(n.kind)
	}
	return strings.Join(parts, word)
}

// String is the condition as Parse reads it.
func (c condition) String() string {
	op, word := c.op, " over "
	if c.alarm {
		op, word = op.opposite(), " for "
	}
	s := c.metric.String() + " " + op.String() + " " + c.value.String()
	if !c.selector.IsZero() {
		s = c.selector.String() + " " + s
	}
	if c.over != 0 {
		s += word + durationText(c.over)
	}
	if c.during != "" {
		s += " during " + phaseText(c.during)
	}
	return s
}
