package verdict

import (
	"errors"
	"unicode/utf8"

	"github.com/stampede-load/stampede/internal/suggest"
)

// Parse reads one threshold. The grammar, in which space means nothing beyond parting words:
//
//	rule      = any [ "stop" ]
//	any       = all { "or" all }
//	all       = one { "and" one }
//	one       = "not" one | "(" any ")" scope | condition
//	condition = [ selector ] metric op value scope
//	scope     = [ "over" window | "for" window ] [ "during" phase ]
//	selector  = name | "[" type [ name ] "]" | TYPE name
//	metric    = [ time "." ] ( "p0" to "p100" | "mean" | "min" | "max" )
//	          | ( "failures" | "failed" ) [ "(" cause ")" ]
//	          | "count" | "rate" | "users" | "dropped" | "in_flight" | "bytes" | "seconds" "(" any ")"
//	          | server "." series
//	time      = "response" | "service" | "lag" | "first_byte" | "failed"
//	value     = number [ unit ] | "baseline" [ "*" number ] | [ number "%" "of" ] "limit"
//
// The error is a [*SyntaxError] that points at the character.
func Parse(expr string) (*Rule, error) {
	p := &parser{lexer: lexer{src: expr}}
	root, err := p.rule()
	if err != nil {
		return nil, err
	}
	return &Rule{expr: expr, root: root, stop: p.stop}, nil
}

// ParseAll reads several thresholds. Everything wrong with any of them is told at once, joined into one error.
func ParseAll(exprs []string) ([]*Rule, error) {
	var errs []error
	rules := make([]*Rule, 0, len(exprs))
	for _, expr := range exprs {
		r, err := Parse(expr)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		rules = append(rules, r)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return rules, nil
}

// parser reads by recursive descent with one token in hand.
type parser struct {
	lexer
	tok        token
	stop       bool
	depth      int  // of brackets and nots
	conditions int  // read so far
	inside     bool // between the brackets of seconds(...)
}

// rule reads a whole expression.
func (p *parser) rule() (*node, *SyntaxError) {
	if len(p.src) > maxExpr {
		return nil, p.fail(maxExpr, "the rule is too long", "give several thresholds: each of them must hold")
	}
	for i, r := range p.src {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(p.src[i:]); size == 1 {
				return nil, p.fail(i, "the rule is not text in UTF-8", "")
			}
		}
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == tokEnd {
		return nil, p.fail(p.tok.pos, "the rule is empty", "p95 < 500ms is one")
	}
	root, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.tok.kind != tokEnd {
		return nil, p.unexpected()
	}
	return root, nil
}

// advance takes the next token in hand.
func (p *parser) advance() *SyntaxError {
	t, err := p.next()
	p.tok = t
	return err
}

func (p *parser) or() (*node, *SyntaxError) { return p.joined(isOr, "or", p.and) }

func (p *parser) and() (*node, *SyntaxError) { return p.joined(isAnd, "and", p.one) }

// joined reads one part, and more while word follows.
func (p *parser) joined(kind nodeKind, word string, part func() (*node, *SyntaxError)) (*node, *SyntaxError) {
	first, err := part()
	if err != nil {
		return nil, err
	}
	parts := []*node{first}
	for p.tok.is(word) {
		if err := p.advance(); err != nil {
			return nil, err
		}
		n, err := part()
		if err != nil {
			return nil, err
		}
		parts = append(parts, n)
	}
	return join(kind, parts...), nil
}

// one reads a negation, a bracket or a condition.
func (p *parser) one() (*node, *SyntaxError) {
	if !p.tok.is("not") && !p.tok.is("(") {
		return p.condition()
	}
	if p.depth++; p.depth >= maxDepth {
		msg, hint := tooLong()
		return nil, p.fail(p.tok.pos, msg, hint)
	}
	defer func() { p.depth-- }()
	if p.tok.is("(") {
		return p.bracket()
	}
	at := p.tok.pos
	if err := p.advance(); err != nil {
		return nil, err
	}
	n, err := p.one()
	if err != nil {
		return nil, err
	}
	if n.some(isAlarm) {
		msg, hint := notAlarm()
		return nil, p.fail(at, msg, hint)
	}
	return negate(n), nil
}

// bracket reads `( ... ) scope`. The scope belongs to each condition inside that has none of its own.
func (p *parser) bracket() (*node, *SyntaxError) {
	open := p.tok.pos
	if err := p.advance(); err != nil {
		return nil, err
	}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if err := p.closing(open); err != nil {
		return nil, err
	}
	var scope condition
	if err := p.scope(&scope); err != nil {
		return nil, err
	}
	return n.each(func(c *condition) {
		if c.over == 0 {
			c.over = scope.over
		}
		if c.during == "" {
			c.during, c.duringPos = scope.during, scope.duringPos
		}
	}), nil
}

// closing reads the bracket that closes the one at open.
func (p *parser) closing(open int) *SyntaxError {
	switch {
	case p.tok.is(")"):
		return p.advance()
	case p.tok.kind == tokEnd:
		return p.fail(open, "the bracket is not closed", "end it with )")
	}
	return p.unexpected()
}

// unexpected refuses the token in hand after a whole condition.
func (p *parser) unexpected() *SyntaxError {
	t := p.tok
	switch {
	case t.is(")"):
		return p.fail(t.pos, "this bracket closes nothing", "")
	case t.is("over"), t.is("for"), t.is("during"):
		return p.fail(t.pos, t.text+" is given twice", "")
	case t.kind == tokWord:
		if near := suggest.Nearest(t.text, []string{"over", "for", "during", "stop", "and", "or"}); near != "" {
			return p.fail(t.pos, "unexpected "+t.text, "did you mean "+near+"?")
		}
	}
	return p.fail(t.pos, "unexpected "+p.src[t.pos:t.end], "join conditions with and, or")
}
