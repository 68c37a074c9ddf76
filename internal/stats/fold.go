package stats

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stampede-load/stampede/internal/mask"
)

// What stands for names and error texts beyond the caps.
const (
	OtherNames  = "(other names)"
	OtherErrors = "(other errors)"
)

// How long names and texts may be, in bytes. Longer ones are cut and end in cutMark.
const (
	maxName   = 256
	maxText   = 1024
	maxDetail = 512
	maxStack  = 8192
	cutMark   = "…"
)

// cleanKey makes a key fit to be shown: harmless (see clean), and without secrets, such as a name has that is an address with a token.
func cleanKey(k Key) Key {
	return Key{Type: clean(masked(k.Type, 4*maxName), maxName), Name: clean(masked(k.Name, 4*maxName), maxName)}
}

// masked is the beginning of a text without secrets.
func masked(s string, limit int) string { return mask.Text(s[:min(len(s), limit)]) }

// folded is the key that counts for k once there are too many names. Steps stay steps and pages pages, so that they stay out of totals.
func folded(k Key) Key {
	if k.Apart() {
		return Key{Type: k.Type, Name: OtherNames}
	}
	return Key{Name: OtherNames}
}

// clean makes a text from anywhere fit for a table, a terminal and a file: at most limit bytes, cut visibly; line breaks and tabs as
// spaces; other control characters, invalid bytes and marks that turn the direction of text around spelled out, such as \x1b.
// A text that is fine is returned as it is.
func clean(s string, limit int) string {
	if plain(s, limit) {
		return s
	}
	return cleanInto(s, limit, func(r rune) bool { return r == '\n' || r == '\t' || r == '\r' })
}

// plain reports whether clean has nothing to do.
func plain(s string, limit int) bool {
	if len(s) > limit {
		return false
	}
	for i := range len(s) { // nearly all texts are printable ASCII
		if s[i] < ' ' || s[i] >= 0x7f {
			return utf8.ValidString(s[i:]) && !strings.ContainsFunc(s[i:], harmful)
		}
	}
	return true
}

// cleanStack is clean for a stack trace, whose lines and tabs stay.
func cleanStack(s string) string {
	return strings.TrimRight(cleanInto(s, maxStack, func(rune) bool { return false }), "\n ")
}

func cleanInto(s string, limit int, space func(rune) bool) string {
	var b strings.Builder
	b.Grow(min(len(s), limit))
	keep := 0 // length of what fits together with the mark
	for i, r := range s {
		size := b.Len()
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)): // not UTF-8
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case space(r):
			b.WriteByte(' ')
		case r == '\n' || r == '\t' || !harmful(r):
			b.WriteRune(r)
		case r < utf8.RuneSelf:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		if size <= limit-len(cutMark) {
			keep = size
		}
		if b.Len() > limit {
			return b.String()[:keep] + cutMark
		}
	}
	return b.String()
}

// harmful reports whether a rune must not reach a terminal or a table as it is. Letters of every script, emoji and their joiners may.
func harmful(r rune) bool {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029', r == '\ufeff': // line and paragraph separators, byte order mark
		return true
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069': // direction overrides and isolates
		return true
	default:
		return false
	}
}
