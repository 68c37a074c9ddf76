package verdict

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Op compares a figure with a value.
type Op uint8

// The comparisons.
const (
	Less Op = iota + 1
	AtMost
	Greater
	AtLeast
	Equal
	NotEqual
)

var opText = [...]string{Less: "<", AtMost: "<=", Greater: ">", AtLeast: ">=", Equal: "=", NotEqual: "!="}

// String is the comparison as Parse reads it.
func (o Op) String() string {
	if o == 0 || int(o) >= len(opText) {
		return "op " + strconv.Itoa(int(o))
	}
	return opText[o]
}

// opposite is the comparison that holds exactly when o does not.
func (o Op) opposite() Op {
	return [...]Op{Less: AtLeast, AtMost: Greater, Greater: AtMost, AtLeast: Less, Equal: NotEqual, NotEqual: Equal}[o]
}

// holds compares v with a limit.
func (o Op) holds(v, limit float64) bool {
	switch o {
	case Less:
		return v < limit
	case AtMost:
		return v <= limit
	case Greater:
		return v > limit
	case AtLeast:
		return v >= limit
	case Equal:
		return v == limit
	default:
		return v != limit
	}
}

// Limits of a rule. They bound the memory of a judge and the depth of its recursion, far above what anybody writes.
const (
	maxConditions = 32
	maxDepth      = 32
	maxExpr       = 4096 // bytes
	maxWindow     = time.Hour
)

// condition is `[SELECTOR] METRIC OP VALUE [over WINDOW] [during PHASE]`.
type condition struct {
	selector Selector
	metric   Metric
	op       Op
	value    Value
	over     time.Duration // 0: judged on all that is judged
	during   string        // "": all after the warm-up
	alarm    bool          // written as `... for WINDOW`: op is the opposite of what was written, and over its length

	duringPos int // where the phase stands in the expression, for a refusal that only a judge can make
}

// nodeKind says what joins the parts of a rule.
type nodeKind uint8

const (
	isCondition nodeKind = iota
	isAnd
	isOr
	isNot
)

// node is a condition, or two and more nodes joined by and / or, or one that must not hold. Nodes are never changed once made.
type node struct {
	kind nodeKind
	cond condition
	kids []*node
}

// Rule is one threshold: a comparison, or several joined by and, or, not. [Parse] makes one from text, [NewRule] from Go; both give equal
// rules. A Rule is never changed once made and may be shared.
type Rule struct {
	expr string // as written; "" when built in Go
	root *node
	stop bool
	err  error
}

// NewRule is the rule `s m op v`. What is wrong with it, such as a time compared with a share, is told by [Rule.Err] and by [NewJudge].
func NewRule(m Metric, s Selector, op Op, v Value) *Rule {
	c := condition{selector: s.tidy(), metric: m, op: op, value: v}
	if m.Stat == StatSeconds && m.Inner != nil && m.Inner.root != nil {
		c.metric.Inner = m.Inner.selecting(c.selector)
		c.selector = Selector{} // it went to the conditions inside
	}
	if v.Num == 0 && !v.Baseline {
		c.value.Unit = m.unit() // zero needs no unit
	}
	r := &Rule{root: &node{cond: c}}
	if msg, hint := c.wrong(); msg != "" {
		r.fail(msg, hint)
	}
	return r
}

// Over is the rule judged on every whole window of length d, a second apart. It applies to the conditions that have no window yet.
func (r *Rule) Over(d time.Duration) *Rule {
	out := r.copy()
	if msg, hint := wrongWindow(d); msg != "" {
		out.fail(msg, hint)
	}
	if out.root != nil {
		out.root = out.root.each(func(c *condition) {
			if c.over == 0 {
				c.over = d
			}
		})
	}
	return out
}

// During is the rule judged on one phase only. It applies to the conditions that have no phase yet.
func (r *Rule) During(phase string) *Rule {
	out := r.copy()
	if phase == "" {
		out.fail("the phase has no name", "")
	}
	if out.root != nil {
		out.root = out.root.each(func(c *condition) {
			if c.during == "" {
				c.during = phase
			}
		})
	}
	return out
}

// Stop is the rule that also ends the run when it is broken.
func (r *Rule) Stop() *Rule {
	out := r.copy()
	out.stop = true
	return out
}

// And holds when all of the rules hold at the same time. It stops the run if any of them does.
func And(rules ...*Rule) *Rule { return joinRules(isAnd, rules) }

// Or holds when one or more of the rules hold at any time. It stops the run if any of them does.
func Or(rules ...*Rule) *Rule { return joinRules(isOr, rules) }

// Not holds when r does not. A condition without data fails either way.
func Not(r *Rule) *Rule {
	out := r.copy()
	if out.root != nil {
		if out.root.some(isAlarm) {
			out.fail(notAlarm())
		}
		out.root = negate(out.root)
	}
	return out
}

// Err says what is wrong with a rule built in Go. It is nil for a rule that [Parse] returned.
func (r *Rule) Err() error { return r.err }

// Stops reports whether the rule ends the run when broken.
func (r *Rule) Stops() bool { return r.stop }

// Expr is the rule as it was written, or its canonical form when it was built in Go.
func (r *Rule) Expr() string {
	if r.expr != "" {
		return r.expr
	}
	return r.String()
}

// Equal reports whether both rules judge alike: however they were written or built, their canonical forms are the same.
func (r *Rule) Equal(o *Rule) bool { return r.String() == o.String() }

// selecting is the rule about the requests that s picks, where it does not name others.
func (r *Rule) selecting(s Selector) *Rule {
	out := r.copy()
	out.root = out.root.each(func(c *condition) {
		if c.selector.IsZero() && !c.metric.whole() {
			c.selector = s
		}
	})
	return out
}

// copy is a rule of its own with the same nodes. Its text is gone: it will be another rule.
func (r *Rule) copy() *Rule {
	if r == nil {
		return &Rule{err: errors.New("threshold: the rule is nil")}
	}
	return &Rule{root: r.root, stop: r.stop, err: r.err}
}

// fail keeps the first thing that is wrong.
func (r *Rule) fail(msg, hint string) {
	if r.err != nil {
		return
	}
	if hint != "" {
		msg += "; " + hint
	}
	r.err = fmt.Errorf("threshold %s: %s", r, msg)
}

// wrongInside says why r cannot stand inside seconds(...); "" when it can.
func (r *Rule) wrongInside() (msg, hint string) {
	switch {
	case r == nil || r.root == nil:
		return "seconds has no condition", "seconds(p95 < 500ms) >= 99%"
	case r.err != nil:
		return r.err.Error(), ""
	case r.stop:
		return "stop cannot stand inside seconds(...)", "put it at the end of the rule"
	}
	r.root.each(func(c *condition) {
		switch {
		case c.over != 0 || c.during != "":
			msg, hint = "over and during cannot stand inside seconds(...)", "put them after the share"
		case c.metric.Stat == StatSeconds:
			msg = "seconds cannot stand inside seconds(...)"
		case c.metric.Stat == StatServer:
			msg, hint = serverInside(c.metric)
		}
	})
	return msg, hint
}

// wrong says what is wrong with the condition; "" when nothing is.
func (c condition) wrong() (msg, hint string) {
	if msg, hint = c.metric.wrong(); msg != "" {
		return msg, hint
	}
	if msg, hint = c.selector.wrong(); msg != "" {
		return msg, hint
	}
	if c.metric.whole() && !c.selector.IsZero() {
		return c.metric.String() + " is counted for the whole run, not by name", "leave out " + c.selector.String()
	}
	if c.op == 0 || c.op > NotEqual {
		return "no comparison is given", ""
	}
	return c.value.wrong(c.metric)
}

// wrongWindow says what is wrong with the length of a window; "" when nothing is.
func wrongWindow(d time.Duration) (msg, hint string) {
	switch {
	case d < time.Second || d%time.Second != 0:
		return "a window is a number of whole seconds", "write " + durationText(max(time.Second, d.Round(time.Second)))
	case d > maxWindow:
		return "a window is at most one hour long", "leave out over to judge the whole run"
	}
	return "", ""
}

// joinRules joins rules built in Go.
func joinRules(kind nodeKind, rules []*Rule) *Rule {
	out := &Rule{}
	var kids []*node
	for _, r := range rules {
		r = r.copy()
		out.stop = out.stop || r.stop
		if out.err == nil {
			out.err = r.err
		}
		if r.root != nil {
			kids = append(kids, r.root)
		}
	}
	if len(kids) == 0 {
		if out.err == nil {
			out.err = errors.New("threshold: no rules were given to join")
		}
		return out
	}
	out.root = join(kind, kids...)
	if out.root.conditions() > maxConditions || out.root.depth() > maxDepth {
		out.fail(tooLong())
	}
	return out
}
