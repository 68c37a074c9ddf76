package page

import "strings"

// lower is s in lower case; s itself when it is already.
func lower(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= 'A' && c <= 'Z' {
			return strings.ToLower(s)
		}
	}
	return s
}

// lowerASCII is s with its ASCII letters in lower case, and so of the same length.
func lowerASCII(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= 'A' && c <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if b[i] >= 'A' && b[i] <= 'Z' {
					b[i] |= 0x20
				}
			}
			return string(b)
		}
	}
	return s
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

// trim takes the white space of HTML off both ends.
func trim(s string) string {
	for len(s) > 0 && isSpace(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// equalFold reports whether s is the lower-case word, in any case.
func equalFold(s, word string) bool {
	if len(s) != len(word) {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

// hasWord reports whether a list of words separated by space holds one, in any case.
func hasWord(list, word string) bool {
	for w := range words(list) {
		if equalFold(w, word) {
			return true
		}
	}
	return false
}

// words are the words of a list separated by space.
func words(list string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for i := 0; i < len(list); {
			for i < len(list) && isSpace(list[i]) {
				i++
			}
			start := i
			for i < len(list) && !isSpace(list[i]) {
				i++
			}
			if i > start && !yield(list[start:i]) {
				return
			}
		}
	}
}

// splitTop cuts s at each sep that stands outside of quotes and brackets.
func splitTop(s string, sep byte) []string {
	var out []string
	depth, start := 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '"' || c == '\'':
			i = skipQuoted(s, i)
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth = max(0, depth-1)
		case c == sep && depth == 0:
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[min(start, len(s)):])
}

// skipQuoted is where the string that begins at i ends.
func skipQuoted(s string, i int) int {
	q := s[i]
	for i++; i < len(s) && s[i] != q; i++ {
		if s[i] == '\\' {
			i++
		}
	}
	return i
}

// unquote takes the quotes off a CSS or HTTP string and resolves its escapes.
func unquote(s string) string {
	s = trim(s)
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') {
		if s[len(s)-1] == s[0] {
			s = s[1 : len(s)-1]
		} else {
			s = s[1:]
		}
	}
	return unescapeCSS(s)
}

// unescapeCSS resolves the escapes of CSS.
func unescapeCSS(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if s[i] == '\n' {
			continue
		}
		n, digits := 0, 0
		for digits < 6 && i < len(s) && hexValue(s[i]) >= 0 {
			n = n<<4 | hexValue(s[i])
			i, digits = i+1, digits+1
		}
		if digits == 0 {
			b.WriteByte(s[i])
			continue
		}
		b.WriteRune(rune(n))
		if i >= len(s) || !isSpace(s[i]) {
			i--
		}
	}
	return b.String()
}

func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
