package verdict

import (
	"strings"
	"unicode/utf8"
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
	if near := nearest(word, words); near != "" {
		return "did you mean " + near + "?"
	}
	return "one of: " + strings.Join(words, ", ")
}

// nearest is the word with the fewest typing errors away from word, "" when all are too far. Case does not count. Of two equally near
// the first wins.
func nearest(word string, words []string) string {
	best, bestAt := "", 1+max(1, len(word)/3)
	lower := strings.ToLower(word)
	for _, w := range words {
		if d := typos(lower, strings.ToLower(w)); d < bestAt {
			best, bestAt = w, d
		}
	}
	return best
}

// typos is how many characters must be typed, left out, replaced or swapped with their neighbour to make b of a (the optimal string
// alignment distance, over bytes). Long texts are never near: both are cut at 64 bytes to bound the work.
func typos(a, b string) int {
	const longest = 64
	a, b = a[:min(len(a), longest)], b[:min(len(b), longest)]
	var rows [3][longest + 1]int // the rows i-2, i-1 and i of the table, in turn
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		above, row := &rows[(i-1)%3], &rows[i%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], rows[(i-2)%3][j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
