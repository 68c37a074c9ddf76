package verdict

import (
	"slices"
	"strings"
)

// keywords cannot be metrics.
func isKeyword(word string) bool {
	return slices.Contains([]string{"and", "or", "not", "over", "for", "during", "stop"}, word)
}

// condition reads `[selector] metric op value scope`.
func (p *parser) condition() (*node, *SyntaxError) {
	var c condition
	start := p.tok.pos
	if p.conditions++; p.conditions > maxConditions {
		msg, hint := tooLong()
		return nil, p.fail(start, msg, hint)
	}
	var err *SyntaxError
	if c.selector, err = p.selector(); err != nil {
		return nil, err
	}
	if c.metric, err = p.metric(c.selector); err != nil {
		return nil, err
	}
	if c.metric.Stat == StatServer {
		return p.serverCondition(start, c)
	}
	if c.metric.whole() && !c.selector.IsZero() {
		return nil, p.fail(start, c.metric.String()+" is counted for the whole run, not by name", "leave out "+c.selector.String())
	}
	if c.metric.Stat == StatSeconds {
		c.selector = Selector{} // it went to the conditions inside
	}
	if c.op, err = p.op(c.metric); err != nil {
		return nil, err
	}
	if c.value, err = p.value(c.metric); err != nil {
		return nil, err
	}
	if err := p.scope(&c); err != nil {
		return nil, err
	}
	return &node{cond: c}, nil
}

// selector reads a name in quotes, a type with or without a name in square brackets, a type in capitals before a name, or nothing.
func (p *parser) selector() (Selector, *SyntaxError) {
	switch {
	case p.tok.kind == tokString:
		name, err := p.name()
		return Named(name), err
	case p.tok.is("["):
		return p.typed()
	case p.tok.kind == tokWord && isTypeWord(p.tok.text):
		return p.plainType()
	}
	return Selector{}, nil
}

// plainType reads a type in capitals with a name behind it, as rows are printed: PAGE "Home".
func (p *parser) plainType() (Selector, *SyntaxError) {
	before, word := p.lexer, p.tok
	if err := p.advance(); err != nil {
		return Selector{}, err
	}
	if p.tok.kind != tokString {
		p.lexer, p.tok = before, word
		return Selector{}, nil
	}
	name, err := p.name()
	return Typed(word.text, name), err
}

// isTypeWord reports whether a word is written as the types of rows are: in capitals.
func isTypeWord(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < 'A' || r > 'Z' }) < 0
}

// name reads a name in quotes.
func (p *parser) name() (string, *SyntaxError) {
	if p.tok.text == "" {
		return "", p.fail(p.tok.pos, "the name is empty", `"*" is every name`)
	}
	name := p.tok.text
	return name, p.advance()
}

// typed reads `[TYPE]`, `[TYPE "name"]`, `["type" "name"]` or `["name"]`.
func (p *parser) typed() (Selector, *SyntaxError) {
	open := p.tok.pos
	kind, bare := p.bareType()
	if err := p.advance(); err != nil {
		return Selector{}, err
	}
	var quotedParts []string
	for p.tok.kind == tokString && len(quotedParts) < 2 {
		part, err := p.name()
		if err != nil {
			return Selector{}, err
		}
		quotedParts = append(quotedParts, part)
	}
	parts := quotedParts
	if bare {
		parts = append([]string{kind}, quotedParts...)
	}
	switch {
	case p.tok.kind == tokEnd:
		return Selector{}, p.fail(open, "the bracket is not closed", "end it with ]")
	case len(parts) == 0 && p.tok.is("]"):
		return Selector{}, p.fail(p.tok.pos, "the selector is empty", `write [GET], [GET "name"] or "name"`)
	case !p.tok.is("]") || len(parts) > 2:
		return Selector{}, p.fail(p.tok.pos, "unexpected "+p.src[p.tok.pos:p.tok.end], `a selector is [GET], [GET "name"] or "name"`)
	}
	if err := p.advance(); err != nil {
		return Selector{}, err
	}
	if len(parts) == 2 {
		return Typed(parts[0], parts[1]), nil
	}
	if bare {
		return Typed(parts[0], ""), nil
	}
	return Named(parts[0]), nil
}

// bareType reads the type after an opening square bracket, up to a space, a quote or a bracket. Types are not words of the language:
// they may be anything that a test calls its requests.
func (p *parser) bareType() (string, bool) {
	p.skipSpace()
	rest := p.src[p.pos:]
	end := strings.IndexFunc(rest, endsType)
	if end < 0 {
		end = len(rest)
	}
	p.pos += end
	return rest[:end], end > 0
}

// op reads a comparison.
func (p *parser) op(m Metric) (Op, *SyntaxError) {
	t := p.tok
	if t.kind != tokOp {
		if t.kind == tokEnd {
			return 0, p.fail(t.pos, "a comparison is missing after "+m.String(), "one of: < <= > >= = !=")
		}
		return 0, p.fail(t.pos, "a comparison is expected after "+m.String()+", not "+p.src[t.pos:t.end], "one of: < <= > >= = !=")
	}
	if t.text == "==" {
		t.text = "="
	}
	return Op(slices.Index(opText[:], t.text)), p.advance()
}

// scope reads `[over window] [during phase] [stop]` in any order.
func (p *parser) scope(c *condition) *SyntaxError {
	for {
		var err *SyntaxError
		switch {
		case p.tok.is("for") && !c.alarm && c.over == 0:
			err = p.alarm(c)
		case (p.tok.is("over") || p.tok.is("during") || p.tok.is("stop")) && p.inside:
			return p.fail(p.tok.pos, p.tok.text+" cannot stand inside seconds(...)", "put it after the share: seconds(p95 < 500ms) >= 99% "+p.tok.text)
		case p.tok.is("over") && c.over == 0:
			err = p.window(c)
		case p.tok.is("during") && c.during == "":
			err = p.phase(c)
		case p.tok.is("stop"):
			return p.stops()
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// stops reads stop, which must be the last word: the rule stops the run, not one of its conditions.
func (p *parser) stops() *SyntaxError {
	at := p.tok.pos
	if err := p.advance(); err != nil {
		return err
	}
	if p.tok.kind != tokEnd {
		return p.fail(at, "stop is the last word of a rule", "it stands for the whole rule, joined conditions included")
	}
	p.stop = true
	return nil
}

// phase reads `during PHASE`.
func (p *parser) phase(c *condition) *SyntaxError {
	if err := p.advance(); err != nil {
		return err
	}
	t := p.tok
	switch {
	case t.kind == tokEnd:
		return p.fail(t.pos, "a phase is missing after during", "during steady")
	case t.text == "" || t.kind != tokWord && t.kind != tokString || t.kind == tokWord && isKeyword(t.text):
		return p.fail(t.pos, "a phase is expected after during", `during steady, or during "a name with spaces"`)
	}
	c.during, c.duringPos = t.text, t.pos
	if t.kind == tokString {
		c.during = plainText(t.text)
	}
	return p.advance()
}

// phaseText is a phase as Parse reads it.
func phaseText(name string) string {
	l := lexer{src: name}
	if t, err := l.next(); err == nil && t.kind == tokWord && t.text == name && !isKeyword(name) {
		return name
	}
	return quoted(Literal(name))
}

// plainText undoes the escapes of a pattern: the name of a phase has no wildcards.
func plainText(pattern string) string {
	return strings.NewReplacer(`\\`, `\`, `\*`, `*`).Replace(pattern)
}
