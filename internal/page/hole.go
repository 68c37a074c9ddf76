package page

import (
	"strings"
	"unsafe"
)

// hole is a stretch of a document's source that may hold anything without changing what the document asks for: a text, the value of an
// attribute such as nonce, a script. What ends it says which it is: '<', a quote, or 's' for the end tag of a script.
type hole struct {
	from, to int32
	end      byte
}

// sameBut reports whether other is the tree's source but for what stands in its holes. Pages with a nonce, a token or a name in them are
// found equal so at the cost of a comparison.
func (t *tree) sameBut(other string) bool {
	if len(t.holes) == 0 {
		return t.src == other
	}
	at, done := 0, 0
	for i := range t.holes {
		h := &t.holes[i]
		fixed := t.src[done:h.from]
		if len(other)-at < len(fixed) || other[at:at+len(fixed)] != fixed {
			return false
		}
		at += len(fixed)
		n := h.length(other[at:])
		if n < 0 || h.end == '<' && !alike(t.src[h.from:h.to], other[at:at+n]) {
			return false
		}
		at += n
		done = int(h.to)
	}
	return t.src[done:] == other[at:]
}

// length is how much of s is in the hole; -1 when it does not end.
func (h *hole) length(s string) int {
	if h.end != 's' {
		return strings.IndexByte(s, h.end)
	}
	n := strings.Index(s, "</")
	for n >= 0 && !(len(s) >= n+8 && equalFold(s[n+2:n+8], "script")) {
		next := strings.Index(s[n+2:], "</")
		if next < 0 {
			return -1
		}
		n += 2 + next
	}
	if n >= 0 && strings.Contains(s[:n], "<!--") {
		return -1
	}
	return n
}

// alike reports whether two texts need the same fonts, as far as can be said without looking at any.
func alike(a, b string) bool {
	if a == b {
		return true
	}
	if trim(b) == "" {
		return false
	}
	for i := range len(a) {
		if a[i] >= 0x80 {
			return false
		}
	}
	for i := range len(b) {
		if b[i] >= 0x80 || b[i] == '&' {
			return false
		}
	}
	return true
}

// sameBytes is sameBut for a body.
func (t *tree) sameBytes(body []byte) bool {
	return t.sameBut(unsafe.String(unsafe.SliceData(body), len(body))) // it is not kept
}
