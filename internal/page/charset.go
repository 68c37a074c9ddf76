package page

import (
	"fmt"
	"strings"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/net/html/charset"
)

// decode turns a document into a string whose markup is ASCII, and says in which charset its addresses are; "" is UTF-8.
func decode(raw string, contentType string) (text, name string) {
	body := unsafe.Slice(unsafe.StringData(raw), len(raw)) // only read
	bom := len(body) >= 3 && string(body[:3]) == "\xef\xbb\xbf"
	if bom {
		return raw[3:], ""
	}
	if declared := lower(contentType); strings.Contains(declared, "utf-8") && !wide(body) || ascii(body) && !strings.Contains(declared, "utf-16") {
		return raw, quickName(declared, body)
	}
	enc, label, certain := charset.DetermineEncoding(body[:min(len(body), 1024)], contentType)
	if label == "utf-8" || !certain && utf8.Valid(body) {
		return raw, ""
	}
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		return raw, ""
	}
	if strings.HasPrefix(label, "utf-16") {
		label = ""
	}
	return string(out), label
}

// wide reports whether a document begins with the mark of UTF-16.
func wide(b []byte) bool {
	return len(b) >= 2 && (b[0] == 0xfe && b[1] == 0xff || b[0] == 0xff && b[1] == 0xfe)
}

// quickName is the charset of a document that is ASCII all through: its addresses may hold what it writes as character references.
func quickName(declared string, body []byte) string {
	if strings.Contains(declared, "utf-8") || !strings.Contains(declared, "charset=") {
		return ""
	}
	_, label, _ := charset.DetermineEncoding(body[:min(len(body), 1024)], declared)
	if label == "utf-8" || strings.HasPrefix(label, "utf-16") {
		return ""
	}
	return label
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// encoderOf turns the query of an address into a charset; nil for UTF-8.
func encoderOf(name string) func(string) string {
	if name == "" {
		return nil
	}
	enc, _ := charset.Lookup(name)
	if enc == nil {
		return nil
	}
	return func(s string) string {
		if ascii([]byte(s)) {
			return s
		}
		encoder := enc.NewEncoder()
		var b strings.Builder
		for _, r := range s {
			if one, err := encoder.String(string(r)); err == nil && (r == '&' || !strings.HasPrefix(one, "&#")) {
				b.WriteString(one)
			} else {
				fmt.Fprintf(&b, "%%26%%23%d%%3B", r)
			}
		}
		return b.String()
	}
}
