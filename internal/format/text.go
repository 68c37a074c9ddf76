package format

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text makes what others wrote (names, errors, notes) fit for one line of a terminal or a table: control characters, line ends, escape
// sequences and marks that turn the direction of writing become visible stand-ins, so that a name can neither move the cursor nor hide
// what follows it. Longer texts than limit characters end in "…"; a limit of 0 or less means no limit.
func Text(s string, limit int) string {
	if plain(s) && (limit <= 0 || len(s) <= limit) {
		return s
	}
	var b strings.Builder
	written := 0
	for i, r := range s {
		if limit > 0 && written == limit-1 && utf8.RuneCountInString(s[i:]) > 1 {
			b.WriteRune('…')
			break
		}
		b.WriteRune(visible(r))
		written++
	}
	return b.String()
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
