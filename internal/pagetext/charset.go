package pagetext

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// decode makes text of bytes as browsers do: by the mark at their beginning, by what the answer says, and else, where they are no UTF-8, as western
// Windows has them. It is "" for what is no text, and for encodings with more than one byte for a letter, which would take large tables.
func decode(contentType string, b []byte) string {
	charset := named(contentType)
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return read(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), even(b))
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return read(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), even(b))
	}
	if cut := whole(b); utf8.Valid(cut) {
		b = cut
	}
	switch {
	case charset == "utf-16", charset == "utf-16le", charset == "ucs-2", charset == "unicode":
		return read(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), even(b))
	case charset == "utf-16be":
		return read(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), even(b))
	case bytes.IndexByte(b, 0) >= 0:
		return ""
	case utf8.Valid(b) && !strings.HasPrefix(charset, "iso-2022"):
		return strings.TrimPrefix(string(b), "\ufeff")
	}
	if charset == "" {
		if m := within.FindSubmatch(b[:min(len(b), 1024)]); m != nil {
			charset = strings.ToLower(string(m[1]))
		}
	}
	if e := narrow(charset); e != nil {
		return read(e, b)
	}
	return ""
}

// within is how pages and XML name their encoding themselves.
var within = regexp.MustCompile(`(?i)<(?:meta|\?xml)\s[^>]*(?:charset|encoding)\s*=\s*["']?([\w-]+)`)

// named is the encoding that the answer names, in lower case.
func named(contentType string) string {
	_, params, _ := mime.ParseMediaType(contentType)
	return strings.ToLower(strings.Trim(params["charset"], `"' `))
}

// narrow is an encoding with a byte for each letter; nil when the name is that of another. Latin-1 is read as browsers read it.
func narrow(charset string) encoding.Encoding {
	switch charset {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1", "cp1252", "windows-1252":
		return charmap.Windows1252
	case "iso-8859-9", "latin5", "windows-1254":
		return charmap.Windows1254
	case "iso-8859-11", "tis-620", "windows-874":
		return charmap.Windows874
	case "koi8", "koi8-r":
		return charmap.KOI8R
	case "koi8-u":
		return charmap.KOI8U
	case "cp1250", "windows-1250":
		return charmap.Windows1250
	case "cp1251", "windows-1251":
		return charmap.Windows1251
	case "windows-1253":
		return charmap.Windows1253
	case "windows-1255":
		return charmap.Windows1255
	case "windows-1256":
		return charmap.Windows1256
	case "windows-1257":
		return charmap.Windows1257
	case "windows-1258":
		return charmap.Windows1258
	case "cp866", "ibm866":
		return charmap.CodePage866
	case "macintosh", "x-mac-roman":
		return charmap.Macintosh
	}
	return iso8859(strings.TrimPrefix(strings.TrimPrefix(charset, "iso-8859-"), "iso8859-"))
}

func iso8859(part string) encoding.Encoding {
	of := map[string]encoding.Encoding{
		"2": charmap.ISO8859_2, "3": charmap.ISO8859_3, "4": charmap.ISO8859_4, "5": charmap.ISO8859_5, "6": charmap.ISO8859_6, "7": charmap.ISO8859_7,
		"8": charmap.ISO8859_8, "10": charmap.ISO8859_10, "13": charmap.ISO8859_13, "14": charmap.ISO8859_14, "15": charmap.ISO8859_15, "16": charmap.ISO8859_16,
	}
	return of[part]
}

func read(e encoding.Encoding, b []byte) string {
	text, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(string(text), "\ufeff")
}

// even leaves out half a unit at the end.
func even(b []byte) []byte { return b[:len(b)&^1] }

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
