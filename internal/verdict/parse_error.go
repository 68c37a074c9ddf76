package verdict

import (
	"strings"
	"unicode/utf8"

	"github.com/stampede-load/stampede/internal/suggest"
)

// SyntaxError is a threshold that was refused before the run.
type SyntaxError struct {
	Expr string // the whole expression
	Pos  int    // the offset in bytes of what is wrong; len(Expr) when something is missing at the end
	Msg  string // what is wrong
	Hint string // what to write; may be empty
}

// Error is the message, then the expression with a caret below the character that is wrong:
//
//	threshold: p95 is a time and 500 has no unit; write 500ms or 500s
//	    p95 < 500
//	          ^
func (e *SyntaxError) Error() string {
	const indent = "\n    "
	s := "threshold: " + e.Msg
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	pos := min(max(e.Pos, 0), len(e.Expr))
	return s + indent + oneLine(e.Expr) + indent + strings.Repeat(" ", utf8.RuneCountInString(e.Expr[:pos])) + "^"
}

// oneLine shows line ends and other control characters as spaces, one for one, so that the caret stays below its character.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// oneOf is the hint for a word that was not understood: the nearest word when there is one, else all of them.
func oneOf(word string, words []string) string {
	if near := suggest.Nearest(word, words); near != "" {
		return "did you mean " + near + "?"
	}
	return "one of: " + strings.Join(words, ", ")
}
