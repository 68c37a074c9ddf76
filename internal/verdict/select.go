package verdict

import (
	"strings"

	"github.com/stampede-load/stampede/internal/stats"
)

// Selector picks requests by type and name. Both are patterns: "*" stands for any text, "\*" and "\\" for the characters themselves;
// case counts. An empty pattern picks all, so the zero value is every request of the run.
//
// Steps and pages (rows of stats.StepType and stats.PageType) time several requests as one. They are never part of every request, nor of a name with a wildcard;
// their type, or their name in full, picks them.
type Selector struct {
	Type, Name string
}

// Named picks requests by a pattern of their name, of any type.
func Named(pattern string) Selector { return Selector{Name: pattern}.tidy() }

// Typed picks requests by patterns of their type and their name.
func Typed(kind, name string) Selector { return Selector{Type: kind, Name: name}.tidy() }

// Literal is the pattern that matches exactly s.
func Literal(s string) string { return strings.NewReplacer(`\`, `\\`, `*`, `\*`).Replace(s) }

// tidy writes patterns that match everything as the empty one, so that equal selectors are equal in Go.
func (s Selector) tidy() Selector {
	if strings.Trim(s.Type, "*") == "" {
		s.Type = ""
	}
	if strings.Trim(s.Name, "*") == "" {
		s.Name = ""
	}
	return s
}

// IsZero reports whether the selector picks every request.
func (s Selector) IsZero() bool { return s == Selector{} }

// String is the selector as Parse reads it: `"Log In"`, `[GET "Log*"]`, `[GET]`, or "" for every request.
func (s Selector) String() string {
	switch {
	case s.IsZero():
		return ""
	case s.Type == "":
		return quoted(s.Name)
	case isBareType(s.Type) && s.Name == "":
		return "[" + s.Type + "]"
	case isBareType(s.Type):
		return "[" + s.Type + " " + quoted(s.Name) + "]"
	case s.Name == "":
		return "[" + quoted(s.Type) + ` "*"]`
	}
	return "[" + quoted(s.Type) + " " + quoted(s.Name) + "]"
}

// Match reports whether the selector picks the requests of k.
func (s Selector) Match(k stats.Key) bool {
	if k.Apart() && s.Type == "" && (s.Name == "" || hasWildcard(s.Name)) {
		return false
	}
	return (s.Type == "" || match(s.Type, k.Type)) && (s.Name == "" || match(s.Name, k.Name))
}

// wrong says what is wrong with the patterns; "" when nothing is.
func (s Selector) wrong() (msg, hint string) {
	for _, pattern := range []string{s.Type, s.Name} {
		if at := badEscape(pattern); at >= 0 {
			return "a backslash stands only before * or another backslash", `write \\ for a backslash`
		}
	}
	return "", ""
}

// quoted puts a pattern in double quotes.
func quoted(pattern string) string { return `"` + strings.ReplaceAll(pattern, `"`, `\"`) + `"` }

// isBareType reports whether a type can stand in brackets without quotes.
func isBareType(s string) bool { return s != "" && strings.IndexFunc(s, endsType) < 0 }

// endsType reports whether r cannot be part of a type without quotes.
func endsType(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`"'[]()\`, r) }

// badEscape is the offset of the first backslash that escapes nothing, or -1.
func badEscape(pattern string) int {
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '\\' {
			continue
		}
		if i+1 == len(pattern) || pattern[i+1] != '\\' && pattern[i+1] != '*' {
			return i
		}
		i++
	}
	return -1
}

// hasWildcard reports whether the pattern can match more than one text.
func hasWildcard(pattern string) bool {
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '*':
			return true
		case '\\':
			i++
		}
	}
	return false
}

// match reports whether text is what pattern describes. It goes back only to the last star, so its time is at most the product of both
// lengths.
func match(pattern, text string) bool {
	p, t := 0, 0
	star, mark := -1, 0 // the last star, and where the text that it swallows ends
	for {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
			continue
		case t == len(text):
			return p == len(pattern)
		}
		if c, size := literalAt(pattern, p); size > 0 && c == text[t] {
			p, t = p+size, t+1
			continue
		}
		if star < 0 {
			return false
		}
		mark++
		p, t = star+1, mark
	}
}

// literalAt is the character that pattern asks for at p, and how many bytes spell it; 0 at the end.
func literalAt(pattern string, p int) (c byte, size int) {
	switch {
	case p >= len(pattern):
		return 0, 0
	case pattern[p] == '\\' && p+1 < len(pattern):
		return pattern[p+1], 2
	}
	return pattern[p], 1
}
