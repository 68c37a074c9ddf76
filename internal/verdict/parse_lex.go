package verdict

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenKind is what a piece of an expression is.
type tokenKind uint8

const (
	tokEnd    tokenKind = iota
	tokWord             // p99.9, service.p95, and, over
	tokString           // "Log In", without its quotes, \" undone
	tokNumber           // 500ms, 99%, 950/s, 1m30s, 5xx: digits with all that sticks to them
	tokOp               // < <= > >= = == !=
	tokPunct            // ( ) [ ] * , % /s
)

// token is one piece of an expression. Pos and end are offsets in bytes.
type token struct {
	kind     tokenKind
	text     string
	pos, end int
}

// is reports whether the token is this word or mark.
func (t token) is(text string) bool {
	return (t.kind == tokWord || t.kind == tokPunct) && t.text == text
}

// lexer cuts an expression into tokens on demand.
type lexer struct {
	src string
	pos int
}

// fail is a refusal at an offset.
func (l *lexer) fail(pos int, msg, hint string) *SyntaxError {
	return &SyntaxError{Expr: l.src, Pos: pos, Msg: msg, Hint: hint}
}

// next is the next token.
func (l *lexer) next() (token, *SyntaxError) {
	l.skipSpace()
	if l.pos == len(l.src) {
		return token{kind: tokEnd, pos: l.pos, end: l.pos}, nil
	}
	switch c := l.src[l.pos]; {
	case c == '"' || c == '\'':
		return l.quoted()
	case c >= '0' && c <= '9':
		return l.take(tokNumber, l.numberEnd()), nil
	case isLetter(c):
		return l.take(tokWord, l.wordEnd(l.pos)), nil
	case strings.IndexByte("<>=!", c) >= 0:
		return l.operator()
	case strings.IndexByte("()[]*,%", c) >= 0:
		return l.take(tokPunct, l.pos+1), nil
	case c == '/':
		return l.take(tokPunct, l.wordEnd(l.pos+1)), nil
	}
	return token{}, l.strange()
}

// skipSpace goes to the next character that means something. Line ends are spaces: a long rule may take several lines of a file.
func (l *lexer) skipSpace() {
	for l.pos < len(l.src) && strings.IndexByte(" \t\r\n", l.src[l.pos]) >= 0 {
		l.pos++
	}
}

// take cuts the text up to end.
func (l *lexer) take(kind tokenKind, end int) token {
	t := token{kind: kind, text: l.src[l.pos:end], pos: l.pos, end: end}
	l.pos = end
	return t
}

// wordEnd is the end of the letters, digits, points, underscores and hyphens from pos on.
func (l *lexer) wordEnd(pos int) int {
	for pos < len(l.src) {
		if c := l.src[pos]; !isLetter(c) && !isDigit(c) && c != '.' && c != '-' {
			break
		}
		pos++
	}
	return pos
}

// numberEnd is the end of a number and of the unit that sticks to it. A percent sign ends it: "99%and" is two tokens.
func (l *lexer) numberEnd() int {
	pos := l.pos
	for pos < len(l.src) {
		switch c := l.src[pos]; {
		case isDigit(c), isLetter(c), c == '.':
			pos++
		case c == '/':
			return l.wordEnd(pos + 1)
		case c == '%':
			return pos + 1
		default:
			size := micro(l.src[pos:])
			if size == 0 {
				return pos
			}
			pos += size
		}
	}
	return pos
}

// micro is the length of the sign for a millionth at the start of s, of which there are two; 0 when there is none.
func micro(s string) int {
	if r, size := utf8.DecodeRuneInString(s); r == 'µ' || r == 'μ' {
		return size
	}
	return 0
}

// operator cuts a comparison. What other languages write is refused with what to write here.
func (l *lexer) operator() (token, *SyntaxError) {
	end := l.pos
	for end < len(l.src) && strings.IndexByte("<>=!", l.src[end]) >= 0 {
		end++
	}
	switch text := l.src[l.pos:end]; text {
	case "<", "<=", ">", ">=", "=", "==", "!=":
		return l.take(tokOp, end), nil
	case "=<", "=>", "<>", "!", "===":
		known := map[string]string{"=<": "<=", "=>": ">=", "<>": "!=", "!": "not", "===": "="}
		return token{}, l.fail(l.pos, text+" is no comparison", "write "+known[text])
	default:
		return token{}, l.fail(l.pos, text+" is no comparison", "one of: < <= > >= = !=")
	}
}

// quoted cuts a name in double or single quotes. Inside, a backslash makes the quote or the star after it an ordinary character; the
// escapes of stars and backslashes stay, since they mean something in a pattern.
func (l *lexer) quoted() (token, *SyntaxError) {
	quote := l.src[l.pos]
	var b strings.Builder
	for i := l.pos + 1; i < len(l.src); i++ {
		switch c := l.src[i]; {
		case c == quote:
			t := token{kind: tokString, text: b.String(), pos: l.pos, end: i + 1}
			l.pos = i + 1
			return t, nil
		case c == '\\' && i+1 < len(l.src):
			next := l.src[i+1]
			if next != '\\' && next != '*' && next != '"' && next != '\'' {
				return token{}, l.fail(i, `a backslash stands only before \, *, " or '`, `write \\ for a backslash`)
			}
			if next == '\\' || next == '*' {
				b.WriteByte(c)
			}
			b.WriteByte(next)
			i++
		default:
			b.WriteByte(c)
		}
	}
	return token{}, l.fail(l.pos, "the name is not closed", "end it with "+string(quote))
}

// strange refuses a character that begins nothing.
func (l *lexer) strange() *SyntaxError {
	r, _ := utf8.DecodeRuneInString(l.src[l.pos:])
	hints := map[rune]string{
		'&': "write and", '|': "write or", '“': `names stand in straight quotes: "`, '”': `names stand in straight quotes: "`,
		'‘': `names stand in straight quotes: "`, '’': `names stand in straight quotes: "`, '„': `names stand in straight quotes: "`,
		'≤': "write <=", '≥': "write >=", '≠': "write !=", '-': "values are never negative", '+': "values have no sign",
		'.': "write 0.5 for half", '{': "brackets are round", '}': "brackets are round", '$': "values are numbers with a unit",
	}
	return l.fail(l.pos, "unexpected "+showRune(r), hints[r])
}

// showRune is a character as a message can hold it.
func showRune(r rune) string {
	switch {
	case unicode.IsPrint(r):
		return string(r)
	case r == '\u00a0':
		return "no-break space"
	}
	return "control character"
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
