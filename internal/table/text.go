// Package table reads the tables that people bring: test data, recordings, sheets of earlier runs. They come out of spreadsheets and databases
// of every country, so nothing is asked about them that can be seen: the encoding, the mark at the beginning, what separates the cells, how
// lines end. What is no text at all is refused by its name. It is pure.
package table

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// kinds are files that are often taken for text, by how they begin.
var kinds = []struct{ magic, what string }{
	{"PK\x03\x04", "a workbook or another packed file: open it in the spreadsheet and save it as CSV UTF-8"},
	{"\xd0\xcf\x11\xe0", "an old Excel workbook: open it and save it as CSV UTF-8"},
	{"\x1f\x8b", "packed with gzip: unpack it first"},
	{"\x28\xb5\x2f\xfd", "packed with zstd: unpack it first"},
	{"BZh", "packed with bzip2: unpack it first"},
	{"%PDF", "a PDF: save the table as CSV"},
	{"SQLite format 3", "a SQLite database: export the table as CSV"},
	{"PAR1", "a Parquet file: convert it to CSV"},
	{"\xfd7zXZ", "packed with xz: unpack it first"},
	{"7z\xbc\xaf", "packed with 7-Zip: unpack it first"},
	{"{\\rtf", "a document of a word processor: save the table as CSV UTF-8"},
	{"ARROW1", "an Arrow file: convert it to CSV"},
	{"Obj\x01", "an Avro file: convert it to CSV"},
}

// Text is the text of a file: UTF-8 or UTF-16, with or without a mark, and what is neither as Windows writes it in the west. Lines as old Macs
// end them end as others do.
func Text(b []byte) (string, error) {
	for _, k := range kinds {
		if bytes.HasPrefix(b, []byte(k.magic)) {
			return "", errors.New("it is " + k.what)
		}
	}
	var text string
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(b, []byte("\x00\x00\xfe\xff")):
		return "", errors.New("it is in UTF-32: save it as UTF-8")
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		text = fromUTF16(b[2:], binary.LittleEndian)
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		text = fromUTF16(b[2:], binary.BigEndian)
	case wide(b, 1):
		text = fromUTF16(b, binary.LittleEndian)
	case wide(b, 0):
		text = fromUTF16(b, binary.BigEndian)
	case bytes.IndexByte(b, 0) >= 0:
		return "", errors.New("it is no text: it has zero bytes in it")
	case utf8.Valid(b):
		text = string(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")))
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")): // two programs have written it
		line := 1 + bytes.Count(b[:firstInvalid(b)], []byte("\n"))
		return "", fmt.Errorf("line %d: its beginning says that it is UTF-8, and this line is not: save it again as UTF-8", line)
	default:
		text = fromWindows(b)
	}
	text = strings.TrimRight(text, "\x1a") // as DOS and programs of its time end a file
	if strings.IndexByte(text, '\n') < 0 {
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	return strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\n\ufeff", "\n"), nil // files that were joined have a mark each
}

// Plain reads text that is UTF-8 unless a mark at its beginning says otherwise, and leaves the mark out: JSON and commands as Windows' editors and
// shells write them. Unlike Text it takes what it is given otherwise.
func Plain(r io.Reader) io.Reader {
	return transform.NewReader(r, unicode.BOMOverride(transform.Nop))
}

// firstInvalid is where text stops to be UTF-8.
func firstInvalid(b []byte) int {
	i := 0
	for i < len(b) {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		i += n
	}
	return i
}

// wide reports whether text that is nearly all ASCII has two bytes for each sign, the second or the first of which is zero.
func wide(b []byte, zero int) bool {
	b = b[:min(len(b), 200)&^1]
	zeros := 0
	for i := 0; i < len(b); i += 2 {
		if b[i+1-zero] == 0 {
			return false
		}
		if b[i+zero] == 0 {
			zeros++
		}
	}
	return len(b) >= 4 && zeros > len(b)/4
}

func fromUTF16(b []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// fromWindows reads Windows-1252, which is Latin-1 but for 32 signs.
func fromWindows(all []byte) string {
	signs := []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")
	var b strings.Builder
	for _, c := range all {
		if c >= 0x80 && c < 0xa0 {
			b.WriteRune(signs[c-0x80])
			continue
		}
		b.WriteRune(rune(c))
	}
	return b.String()
}
