package pace

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SyntaxError says where a shape could not be read, why, and what to write instead.
type SyntaxError struct {
	Text string // the whole text
	Pos  int    // where, in bytes from 0
	Msg  string
}

func (e *SyntaxError) Error() string {
	text := e.Text
	if len(text) > 80 {
		text = text[:77] + "..."
	}
	return fmt.Sprintf("shape %q, at character %d: %s", text, utf8.RuneCountInString(e.Text[:e.Pos])+1, e.Msg)
}

// token is a word (a number, a time, a name), a quoted text, one sign out of ():,=+* or the end.
type token struct {
	pos    int
	kind   byte // 'w', '"', the sign, or 0 at the end
	text   string
	spaced bool // white space came before it
}

func (t token) String() string {
	if t.kind == 0 {
		return "the end"
	}
	return strconv.Quote(t.text)
}

const signs = "():,=+*"

// lex cuts the text into tokens; the last one is the end.
func lex(text string) ([]token, error) {
	var tokens []token
	for pos := 0; ; {
		start := pos
		for pos < len(text) && strings.IndexByte(" \t\r\n", text[pos]) >= 0 {
			pos++
		}
		t := token{pos: pos, spaced: pos > start}
		if pos == len(text) {
			return append(tokens, t), nil
		}
		switch c := text[pos]; {
		case strings.IndexByte(signs, c) >= 0:
			t.kind, t.text = c, text[pos:pos+1]
			pos++
		case c == '"':
			raw, err := strconv.QuotedPrefix(text[pos:])
			if err != nil {
				return nil, &SyntaxError{text, pos, `a quote that is not closed: write "file name.csv"`}
			}
			t.kind = '"'
			if t.text, err = strconv.Unquote(raw); err != nil {
				return nil, &SyntaxError{text, pos, `a quoted text that cannot be read: write "file name.csv"`}
			}
			pos += len(raw)
		default:
			n := wordLen(text[pos:])
			t.kind, t.text = 'w', text[pos:pos+n]
			if i := strings.IndexFunc(t.text, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }); i >= 0 {
				return nil, &SyntaxError{text, pos + i, "a character that cannot be read: use plain letters and digits"}
			}
			pos += n
		}
		tokens = append(tokens, t)
	}
}

// wordLen is how long the word is that s begins with. The + of 1e+09 belongs to the number.
func wordLen(s string) int {
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(" \t\r\n\""+signs, s[i]) < 0 {
			continue
		}
		if s[i] == '+' && i > 1 && (s[i-1] == 'e' || s[i-1] == 'E') && strings.Trim(s[:i-1], "0123456789.") == "" {
			continue
		}
		return i
	}
	return len(s)
}
