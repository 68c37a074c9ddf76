package page

import "strings"

// imported is one static import of a module: what `import ... from "x"` and `export ... from "x"` name.
type imported struct {
	name string
	kind moduleKind
}

// moduleKind is what a module is, by the attributes of the import: `with {type: "json"}`.
type moduleKind uint8

const (
	noModule moduleKind = iota
	scriptModule
	jsonModule
	styleModule
)

// maxModuleImports bounds the imports of one module that are looked at.
const maxModuleImports = 10_000

// importsIn gives the static imports of a module, each once, in the order in which they stand. Nothing of it is run, and only as much is read of
// the language as is needed to tell code from strings, templates, regular expressions and comments. A module that cannot be read has none, as in a
// browser, which asks for nothing that a module imports before it has read all of it.
func importsIn(src string) []imported {
	if !strings.Contains(src, "import") && !strings.Contains(src, "export") {
		return nil
	}
	s := lexer{src: src}
	if strings.HasPrefix(src, "#!") {
		s.line()
	}
	if !s.module() {
		return nil
	}
	return s.found
}

// lexer goes through a script once. It looks back only at the token before, and at what each open bracket stands behind.
type lexer struct {
	src   string
	at    int
	found []imported
	seen  map[imported]bool
	open  []bracket
	last  jsToken
	lost  int // slashes that were no regular expressions after all
}

// token is what the last token means to a slash behind it.
type jsToken struct {
	kind byte   // 'w' a word or number, 's' a string, ')' ']' '}' as they stand, else a punctuator; 0 at the start
	word string // of a word
	expr bool   // of a closing bracket: it ends an expression
	dot  bool   // of a word: it is a property's name; of a '>': it ends an arrow
}

type bracket struct {
	kind byte    // '(' '[' '{', or '`' for what stands in ${} of a template
	last jsToken // before it
}

// maxLost bounds how often the lexer takes a slash for a regular expression that never ends, each of which costs a line.
const maxLost = 32

// maxOpen bounds how deep brackets are nested; browsers give up far sooner.
const maxOpen = 20_000

// module reads all of a script, and reports whether it could be read.
func (s *lexer) module() bool {
	for {
		if !s.space() {
			return false
		}
		if s.at >= len(s.src) {
			return len(s.open) == 0
		}
		if !s.token() {
			return false
		}
	}
}

// token reads one token, and what belongs to an import.
func (s *lexer) token() bool {
	switch c := s.src[s.at]; {
	case isNameByte(c):
		return s.word()
	case c == '"' || c == '\'':
		if _, ok := s.quoted(); !ok {
			return false
		}
		s.last = jsToken{kind: 's'}
	case c == '`':
		s.at++
		return s.template()
	case c == '(' || c == '[' || c == '{':
		s.open = append(s.open, bracket{c, s.last})
		s.at++
		s.last = jsToken{kind: c}
		return len(s.open) < maxOpen
	case c == ')' || c == ']' || c == '}':
		return s.closed(c)
	case c == '/':
		s.at++
		if !s.endsValue() && s.regexp() {
			s.last = jsToken{kind: 's'}
			return true
		}
		s.last = jsToken{kind: '/'}
		return s.lost < maxLost
	case (c == '+' || c == '-') && s.at+1 < len(s.src) && s.src[s.at+1] == c:
		s.at += 2
		s.last = jsToken{kind: c, expr: s.endsValue()} // behind a value it belongs to it
	case c == '.' && s.at+1 < len(s.src) && s.src[s.at+1] >= '0' && s.src[s.at+1] <= '9':
		s.number()
	case c == '=' && strings.HasPrefix(s.src[s.at:], "=>"):
		s.at += 2
		s.last = jsToken{kind: '>', dot: true}
	default:
		s.at++
		s.last = jsToken{kind: c}
	}
	return true
}

// closed takes a closing bracket.
func (s *lexer) closed(c byte) bool {
	if len(s.open) == 0 {
		return false
	}
	b := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	s.at++
	switch {
	case b.kind == '`':
		return c == '}' && s.template()
	case c == ')' && b.kind == '(':
		s.last = jsToken{kind: c, expr: !(b.last.kind == 'w' && !b.last.dot && isHeadWord(b.last.word))}
	case c == ']' && b.kind == '[':
		s.last = jsToken{kind: c, expr: true}
	case c == '}' && b.kind == '{':
		s.last = jsToken{kind: c, expr: !b.last.opensBlock()}
	default:
		return false
	}
	return true
}

// isHeadWord reports whether the bracket behind a word is its condition, and no call.
func isHeadWord(w string) bool { return w == "if" || w == "while" || w == "for" || w == "with" }

// opensBlock reports whether a brace behind the token begins statements, not an object.
func (t *jsToken) opensBlock() bool {
	switch t.kind {
	case 0, ';', '{', '}', ')':
		return true
	case '>':
		return t.dot
	case 'w':
		if t.dot {
			return false
		}
		switch t.word {
		case "return", "typeof", "case", "in", "of", "new", "delete", "void", "instanceof", "yield", "await", "throw", "default":
			return false
		}
		return true // else, do, try, finally, the name of a class
	}
	return false
}

// endsValue reports whether the last token ends a value: a slash behind it divides.
func (s *lexer) endsValue() bool {
	t := &s.last
	switch t.kind {
	case 's':
		return true
	case 'w':
		return t.dot || !isOperatorWord(t.word)
	case ')', ']', '}', '+', '-':
		return t.expr
	}
	return false
}

// isOperatorWord reports whether a value follows a word.
func isOperatorWord(w string) bool {
	switch w {
	case "return", "typeof", "case", "in", "of", "new", "delete", "void", "instanceof", "yield", "await", "throw", "do", "else", "extends", "default":
		return true
	}
	return false
}

// word reads a word or number; behind "import" and "export" what belongs to them.
func (s *lexer) word() bool {
	c := s.src[s.at]
	if c >= '0' && c <= '9' {
		s.number()
		return true
	}
	dot := s.last.kind == '.'
	w := s.takeWord()
	if w == "" {
		return false
	}
	s.last = jsToken{kind: 'w', word: w, dot: dot}
	if dot || len(s.open) > 0 {
		return true
	}
	switch w {
	case "import":
		return s.importing()
	case "export":
		return s.exporting()
	}
	return true
}

// takeWord reads a word; it is "" for an escape that is none.
func (s *lexer) takeWord() string {
	from := s.at
	for s.at < len(s.src) && isNameByte(s.src[s.at]) {
		if s.src[s.at] == '\\' && (s.at+1 >= len(s.src) || s.src[s.at+1] != 'u') {
			return ""
		}
		if s.src[s.at] >= 0x80 && s.wideSpace() > 0 {
			break
		}
		s.at++
	}
	return s.src[from:s.at]
}

// number reads a number, and what stands behind it as if it belonged to it: 1.5e-3, 0xff, 10n, 1..x.
func (s *lexer) number() {
	from := s.at
	for s.at++; s.at < len(s.src); s.at++ {
		c := s.src[s.at]
		signed := (c == '+' || c == '-') && s.src[s.at-1]|0x20 == 'e' && !(s.src[from] == '0' && s.src[from+1]|0x20 == 'x')
		if !isNameByte(c) && c != '.' && !signed || c == '\\' {
			break
		}
	}
	s.last = jsToken{kind: 's'}
}

// isNameByte reports whether a byte may stand in a name. A backslash begins an escape, and all beyond ASCII is taken for letters.
func isNameByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '$' || c == '_' || c == '\\' || c == '#' || c == '@' || c >= 0x80
}
