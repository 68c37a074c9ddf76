package verdict

import (
	"strings"

	"github.com/stampede-load/stampede/internal/suggest"
)

// isAlarm reports whether a condition says what must not go on, and not what must hold.
func isAlarm(c *condition) bool { return c.alarm }

func notAlarm() (msg, hint string) {
	return "a condition with for says already what must not be", "leave out not, or write over instead of for"
}

func serverInside(m Metric) (msg, hint string) {
	return m.String() + " is a server's figure and cannot stand inside seconds(...)", "write " + m.String() + " < 90% of limit over 10s"
}

// quantileWord reports whether a word with a point in it is a quantile, such as p99.9, and not a figure of a server.
func quantileWord(word string) bool {
	digits, found := strings.CutPrefix(word, "p")
	_, isNumber := number(digits)
	return found && isNumber
}

// misspelt reports whether a figure with a point in it was meant to be one of the requests: srevice.p95.
func misspelt(prefix, rest string) bool {
	timed := quantileWord(rest) || rest == "mean" || rest == "min" || rest == "max"
	return timed && suggest.Nearest(prefix, timingWords[1:]) != ""
}

// Reserved reports whether a word cannot name a server: before a point it means something else in a threshold, or it is no word there at all.
func Reserved(name string) bool {
	for _, w := range timingWords[1:] {
		if w == name {
			return true
		}
	}
	return name == "" || !isLetter(name[0]) || strings.Contains(name, ".") || quantileWord(name) || isKeyword(name)
}

// serverCondition reads `op value scope` after the name of a server's figure.
func (p *parser) serverCondition(start int, c condition) (*node, *SyntaxError) {
	if !c.selector.IsZero() {
		return nil, p.fail(start, c.metric.String()+" is a figure of a server, not of requests", "leave out "+c.selector.String())
	}
	if p.inside {
		msg, hint := serverInside(c.metric)
		return nil, p.fail(start, msg, hint)
	}
	var err *SyntaxError
	if c.op, err = p.op(c.metric); err != nil {
		return nil, err
	}
	if c.value, err = p.serverValue(c.metric); err != nil {
		return nil, err
	}
	c.metric.Unit = c.value.Unit
	if err := p.scope(&c); err != nil {
		return nil, err
	}
	return &node{cond: c}, nil
}

// serverExample is a value that a server's figure can be compared with.
const serverExample = "write 90% of limit, or a number with the unit that `servers check` shows"

// serverValue reads what a server's figure is compared with. Whether the unit is the figure's is known when the server has answered.
func (p *parser) serverValue(m Metric) (Value, *SyntaxError) {
	t := p.tok
	switch {
	case t.kind == tokEnd:
		return Value{}, p.fail(t.pos, "a value is missing at the end", serverExample)
	case t.is("limit"):
		return Value{Num: 100, Unit: UnitShare, OfLimit: true}, p.advance()
	case t.is("baseline"):
		return Value{}, p.fail(t.pos, "a rule cannot compare a server's figure with the baseline", "runs compare shows those of both runs")
	case t.kind != tokNumber:
		return Value{}, p.fail(t.pos, "a value is expected, not "+p.src[t.pos:t.end], serverExample)
	}
	q, err := p.quantity()
	if err != nil {
		return Value{}, err
	}
	v, err := p.anyUnit(q, m)
	if err != nil || !p.tok.is("of") {
		return v, err
	}
	return p.ofLimit(q, v)
}

// ofLimit reads the rest of `90% of limit`.
func (p *parser) ofLimit(q quantity, v Value) (Value, *SyntaxError) {
	if v.Unit != UnitShare {
		return v, p.fail(q.pos, "a part of the limit is a share, and "+q.text+q.unit+" is none", "write 90% of limit")
	}
	if err := p.advance(); err != nil {
		return v, err
	}
	if !p.tok.is("limit") {
		return v, p.fail(p.tok.pos, "limit is expected after of", "write 90% of limit")
	}
	v.OfLimit = true
	return v, p.advance()
}

// anyUnit is a quantity in the unit that it is written in.
func (p *parser) anyUnit(q quantity, m Metric) (Value, *SyntaxError) {
	n, _ := number(q.text)
	unit, _, known := unitOf(q.unit)
	switch {
	case q.unit == "":
		unit = UnitNone
	case !known: // 1m30s, or no unit at all
		if _, err := duration(q); err == nil {
			unit = UnitTime
			break
		}
		hint := "one of: us, ms, s, m, h, %, /s, B, KB, MB, GB"
		if q.unit == "of" {
			hint = "write " + q.text + "% of limit"
		}
		return Value{}, p.fail(q.unitPos, q.unit+" is no unit", hint)
	}
	if q.unit == "" {
		v := Value{Num: n}
		if msg, hint := v.wrong(m); msg != "" {
			return v, p.fail(q.pos, msg, hint)
		}
		return v, nil
	}
	m.Unit = unit
	v, err := p.convert(q, m)
	if err != nil {
		return v, err
	}
	if msg, hint := v.wrong(m); msg != "" {
		return v, p.fail(q.pos, msg, hint)
	}
	return v, nil
}

// alarm reads `for WINDOW`: the condition is what must not go on for so long.
func (p *parser) alarm(c *condition) *SyntaxError {
	at := p.tok.pos
	if c.metric.Stat != StatServer {
		return p.fail(at, "for stands behind one figure of a server only", "write over 10s, and what must hold: p95 < 500ms over 10s")
	}
	if err := p.window(c); err != nil {
		return err
	}
	c.alarm, c.op = true, c.op.opposite()
	return nil
}
