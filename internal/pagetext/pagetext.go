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
