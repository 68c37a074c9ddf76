// Package pagetext finds what the answer of a site says to whoever reads it: the alert or the title of a page, the message in JSON or XML, the
// first line of a text. It is pure: bytes in, one short line out.
package pagetext

import (
	"mime"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stampede-load/stampede/internal/mask"
)

// longest is how many characters of a message are kept.
const longest = 200

// Message is what a body says, in one line of at most 200 characters, without control characters and without what looks like a secret. known is
// what the reader sees beside it, such as "502 Bad Gateway": what only says that again is passed over. It is "" for bodies that are no text
// and for those that say nothing. The body may be cut off anywhere.
func Message(contentType string, body []byte, known string) string {
	text := decode(contentType, body)
	if text == "" {
		return ""
	}
	var found []string
	switch kindOf(contentType, text) {
	case kindJSON:
		found = fromJSON(text)
	case kindXML:
		found = fromXML(text)
	case kindHTML:
		found = fromHTML(text)
	case kindText:
		found = firstLines(text)
	}
	for _, one := range found {
		if one = tidy(one); one != "" && !repeats(known, one) {
			return cut(mask.Strict(one))
		}
	}
	return ""
}

type kind uint8

const (
	kindNone kind = iota
	kindText
	kindHTML
	kindJSON
	kindXML
)

// kindOf decides by the type that was declared, and where that says little by how the text begins.
func kindOf(contentType, text string) kind {
	t, _, _ := mime.ParseMediaType(contentType)
	start := strings.TrimLeftFunc(text, unicode.IsSpace)
	switch {
	case strings.HasSuffix(t, "json"):
		return kindJSON
	case strings.Contains(t, "html"):
		return kindHTML
	case strings.HasSuffix(t, "xml"):
		return kindXML
	case t != "" && !strings.HasPrefix(t, "text/") && t != "application/octet-stream":
		return kindNone // pictures, scripts, archives
	case strings.HasPrefix(start, "{"), strings.HasPrefix(start, "[{"), strings.HasPrefix(start, "[\""):
		return kindJSON
	case strings.HasPrefix(start, "<?xml"):
		return kindXML
	case strings.HasPrefix(start, "<"):
		return kindHTML
	}
	return kindText
}

// decode makes text of bytes: UTF-8, UTF-16 by its mark, else Latin-1 where the answer does not name another encoding. It is "" for what is
// no text.
func decode(contentType string, b []byte) string {
	_, params, _ := mime.ParseMediaType(contentType)
	charset := strings.ToLower(params["charset"])
	if len(b) > 1 && (b[0] == 0xff && b[1] == 0xfe || b[0] == 0xfe && b[1] == 0xff) {
		return utf16(b[2:], b[0] == 0xff)
	}
	if cut := whole(b); utf8.Valid(cut) {
		b = cut
	}
	if strings.IndexByte(string(b), 0) >= 0 {
		return ""
	}
	if utf8.Valid(b) && !strings.HasPrefix(charset, "iso-2022") {
		return strings.TrimPrefix(string(b), "\ufeff")
	}
	switch charset {
	case "", "utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "latin1", "us-ascii":
	default:
		return "" // letters of another encoding would be read as others
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

// whole leaves out a character that was cut off at the end.
func whole(b []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-n:]) {
				return b[:len(b)-n]
			}
			break
		}
	}
	return b
}

func utf16(b []byte, little bool) string {
	var s strings.Builder
	for i := 0; i+1 < len(b); i += 2 {
		hi, lo := b[i], b[i+1]
		if little {
			hi, lo = lo, hi
		}
		s.WriteRune(rune(hi)<<8 | rune(lo)) // half of a pair becomes the sign for what cannot be read
	}
	return s.String()
}

// firstLines is the first lines that are not empty.
func firstLines(text string) []string {
	const few = 5
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
		if len(out) == few {
			break
		}
	}
	return out
}

// tidy puts a text on one line, without control characters and without a mark that ends what goes on.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r == utf8.RuneError, unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	return strings.TrimRight(s, " :-·|–—")
}

func cut(s string) string {
	r := []rune(s)
	if len(r) <= longest {
		return s
	}
	return strings.TrimRight(string(r[:longest-1]), " ") + "…"
}

// hollow are words that add nothing to a status.
var hollow = map[string]bool{"error": true, "http": true, "status": true, "code": true, "oops": true, "sorry": true, "the": true, "temporarily": true, "page": true, "ok": true}

// repeats reports whether a text says no more than what the reader sees already.
func repeats(known, text string) bool {
	seen := map[string]bool{}
	for _, w := range wordsOf(known) {
		seen[w] = true
	}
	for _, w := range wordsOf(text) {
		if !seen[w] && !hollow[w] {
			return false
		}
	}
	return true
}

func wordsOf(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
