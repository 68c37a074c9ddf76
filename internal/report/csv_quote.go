package report

import (
	"bufio"
	"io"
	"strings"
)

// csvRows writes rows as Python's csv module does, which is what Locust uses and what scripts written for it read: fields in quotes only
// when they need them, quotes doubled, rows ended by CR LF, line ends inside a field left as they are. (Package encoding/csv turns those
// into CR LF too, and so a name would not come back as it was.)
type csvRows struct {
	w   *bufio.Writer
	err error
}

func newCSVRows(w io.Writer) *csvRows { return &csvRows{w: bufio.NewWriterSize(w, 64<<10)} }

// row writes one row. The first error stays and is returned by flush.
func (c *csvRows) row(fields ...string) {
	for i, f := range fields {
		if i > 0 {
			c.put(",")
		}
		c.put(csvField(f))
	}
	c.put("\r\n")
}

func (c *csvRows) put(s string) {
	if c.err == nil {
		_, c.err = c.w.WriteString(s)
	}
}

func (c *csvRows) flush() error {
	if c.err == nil {
		c.err = c.w.Flush()
	}
	return c.err
}

// csvField quotes what needs quotes. Besides what the format asks for, that is anything a spreadsheet might take for a formula: the
// quotes say that it is text, and do not change what programs read. NUL bytes, which stop older readers, become the replacement
// character.
func csvField(s string) string {
	s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	if s == "" || !strings.ContainsAny(s, ",\"\r\n\t") && !strings.ContainsAny(s[:1], "=+-@ ") && s[len(s)-1] != ' ' {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
