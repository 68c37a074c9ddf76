package page

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// space skips white space and comments. It reports false for a comment that does not end.
func (s *lexer) space() bool {
	for s.at < len(s.src) {
		switch c := s.src[s.at]; {
		case c <= ' ':
			s.at++
		case c >= 0x80 && s.wideSpace() > 0:
			s.at += s.wideSpace()
		case c == '/' && strings.HasPrefix(s.src[s.at:], "//"):
			s.line()
		case c == '/' && strings.HasPrefix(s.src[s.at:], "/*"):
			end := strings.Index(s.src[s.at+2:], "*/")
			if end < 0 {
				return false
			}
			s.at += end + 4
		default:
			return true
		}
	}
	return true
}

// wideSpace is how many bytes of white space beyond ASCII stand here.
func (s *lexer) wideSpace() int {
	for _, space := range [...]string{"\u00a0", "\ufeff", "\u2028", "\u2029", "\u3000"} {
		if strings.HasPrefix(s.src[s.at:], space) {
			return len(space)
		}
	}
	return 0
}

// line goes to the end of the line.
func (s *lexer) line() {
	if i := strings.IndexAny(s.src[s.at:], "\n\r"); i >= 0 {
		s.at += i
	} else {
		s.at = len(s.src)
	}
}

// regexp reads a regular expression behind its first slash. One that does not end on its line is none: the slash divides.
func (s *lexer) regexp() bool {
	class := false
	for i := s.at; i < len(s.src); i++ {
		switch c := s.src[i]; {
		case c == '\n' || c == '\r':
			s.lost++
			return false
		case c == '\\':
			i++
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '/' && !class:
			for i++; i < len(s.src) && isNameByte(s.src[i]); i++ {
			}
			s.at = i
			return true
		}
	}
	s.lost++
	return false
}

// template reads a template up to its end or to the next ${.
func (s *lexer) template() bool {
	for s.at < len(s.src) {
		switch c := s.src[s.at]; {
		case c == '\\':
			s.at++
		case c == '`':
			s.at++
			s.last = jsToken{kind: 's'}
			return true
		case c == '$' && strings.HasPrefix(s.src[s.at:], "${"):
			s.at += 2
			s.open = append(s.open, bracket{kind: '`'})
			s.last = jsToken{kind: '('}
			return len(s.open) < maxOpen
		}
		s.at++
	}
	return false
}

// quoted reads a string and gives what it says.
func (s *lexer) quoted() (text string, ok bool) {
	q := s.src[s.at]
	s.at++
	from := s.at
	escaped := false
	for s.at < len(s.src) {
		switch c := s.src[s.at]; c {
		case q:
			text = s.src[from:s.at]
			s.at++
			if escaped {
				text, ok = unescapeScript(text)
				return text, ok
			}
			return text, true
		case '\n', '\r':
			return "", false
		case '\\':
			escaped = true
			s.at++
			if strings.HasPrefix(s.src[s.at:], "\r\n") {
				s.at++
			}
		}
		s.at++
	}
	return "", false
}

// unescapeScript resolves the escapes of a string. Octal ones are none in a module.
func unescapeScript(text string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			b.WriteByte(text[i])
			continue
		}
		i++
		if i >= len(text) {
			return "", false
		}
		switch c := text[i]; c {
		case 'n', 't', 'r', 'b', 'f', 'v':
			b.WriteByte("\n\t\r\b\f\v"[strings.IndexByte("ntrbfv", c)])
		case '\n':
		case '\r':
			if strings.HasPrefix(text[i+1:], "\n") {
				i++
			}
		case '0':
			if i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9' {
				return "", false
			}
			b.WriteByte(0)
		case '1', '2', '3', '4', '5', '6', '7', '8', '9':
			return "", false
		case 'x', 'u':
			r, n := escapeCode(text[i:])
			if n == 0 {
				return "", false
			}
			b.WriteRune(r)
			i += n - 1
		default:
			if strings.HasPrefix(text[i:], "\u2028") || strings.HasPrefix(text[i:], "\u2029") {
				i += 2
			} else {
				b.WriteByte(c)
			}
		}
	}
	return b.String(), true
}

// escapeCode reads x41, u0041 or u{41}, and gives the letter and how many bytes that took; 0 for what is none.
func escapeCode(s string) (rune, int) {
	digits, n := "", 0
	switch {
	case s[0] == 'x' && len(s) >= 3:
		digits, n = s[1:3], 3
	case strings.HasPrefix(s, "u{"):
		end := strings.IndexByte(s, '}')
		if end < 3 || end > 10 {
			return 0, 0
		}
		digits, n = s[2:end], end+1
	case s[0] == 'u' && len(s) >= 5:
		digits, n = s[1:5], 5
	default:
		return 0, 0
	}
	v, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || v > utf8.MaxRune {
		return 0, 0
	}
	return rune(v), n
}
