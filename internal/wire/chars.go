package wire

import "encoding/binary"

// classes of bytes, as bits of charClass.
const (
	isToken  = 1 << iota // may be in a header name or a method (RFC 9110, 5.6.2)
	isTarget             // may be in a path as it is, and in a query; others are percent-encoded
	isAsked              // may be in a query as it is
	isQuery              // may be in a name or value of a form without escaping
)

var charClass = func() (t [256]uint8) {
	for c := range 256 {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if letter || c < 0x80 && indexByte("!#$%&'*+-.^_`|~", byte(c)) >= 0 {
			t[c] |= isToken
		}
		if c > ' ' && c < 0x7f && indexByte("\"<>`{}#^|'", byte(c)) < 0 { // both sets are those of Chromium: the URL standard's and a bar
			t[c] |= isTarget
		}
		if c > ' ' && c < 0x7f && indexByte("\"<>#'", byte(c)) < 0 {
			t[c] |= isAsked
		}
		if letter || c < 0x80 && indexByte("-_.*~", byte(c)) >= 0 {
			t[c] |= isQuery
		}
	}
	return t
}()

func indexByte(s string, c byte) int {
	for i := range len(s) {
		if s[i] == c {
			return i
		}
	}
	return -1
}

func lower(c byte) byte {
	if c-'A' < 26 {
		return c | 0x20
	}
	return c
}

// equalFold reports whether b is the lower-case ASCII word s in any case.
func equalFold[B []byte | string](b B, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i := range len(s) {
		if lower(b[i]) != s[i] {
			return false
		}
	}
	return true
}

// sameFold compares two texts as ASCII without case.
func sameFold[A, B []byte | string](a A, b B) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(b) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func validToken[B []byte | string](b B) bool {
	for i := range len(b) {
		if charClass[b[i]]&isToken == 0 {
			return false
		}
	}
	return len(b) > 0
}

// validValue reports whether a header value holds no control character but the tab.
func validValue(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' && s[i] != '\t' || s[i] == 0x7f {
			return false
		}
	}
	return true
}

// validLine is validValue for received bytes, eight at a time: it is the only loop over every byte of a response header.
func validLine(b []byte) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for len(b) >= 8 {
		x := binary.LittleEndian.Uint64(b)
		y := x ^ 0x7f*ones
		// The classic test for a byte below 0x20, and for one that is zero after the xor. Both may also fire for a byte after a real
		// hit, never without one, and the careful loop decides.
		if ((x-0x20*ones)&^x|(y-ones)&^y)&tops != 0 && !validSlow(b[:8]) {
			return false
		}
		b = b[8:]
	}
	return validSlow(b)
}

func validSlow(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}
