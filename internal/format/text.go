package format

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Text makes what others wrote (names, errors, notes) fit for one line of a terminal or a table: control characters, line ends, escape
// sequences and marks that turn the direction of writing become visible stand-ins, so that a name can neither move the cursor nor hide
// what follows it. Texts of more than limit columns end in "…"; a limit of 0 or less means no limit.
func Text(s string, limit int) string {
	if plain(s) && (limit <= 0 || len(s) <= limit) {
		return s
	}
	var b strings.Builder
	left := limit
	for i, r := range s {
		r = visible(r)
		n := Columns(r)
		if limit > 0 && n >= left && !fits(s[i:], left) {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
		left -= n
	}
	return b.String()
}

// fits reports whether a text takes no more than so many columns.
func fits(s string, columns int) bool {
	for _, r := range s {
		if columns -= Columns(visible(r)); columns < 0 {
			return false
		}
	}
	return true
}

// Columns is how many columns of a terminal a character takes, at most: signs of Chinese, Japanese and Korean and most pictures take two. Marks
// that stand above others count as one.
func Columns(r rune) int {
	if r < 0x1100 { // the first that is wide
		return 1
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// plain reports whether s is printable ASCII only.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// visible is r, or a stand-in when r would do something instead of being seen.
func visible(r rune) rune {
	switch {
	case r < 0x20:
		return 0x2400 + r // ␀ to ␟
	case r == 0x7f:
		return '␡'
	case unicode.IsControl(r), r == '\u2028', r == '\u2029', unicode.Is(unicode.Bidi_Control, r):
		return utf8.RuneError
	default:
		return r
	}
}
