package stats

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

var errShort = errors.New("stats: decode: the bytes end too early (truncated in transit or on disk)")

// reader takes values off the front of b. After the first error all of them are zero.
type reader struct {
	b   []byte
	err error
}

func (d *reader) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("stats: decode: "+format, args...)
	}
	d.b = nil
}

func (d *reader) short() {
	if d.err == nil {
		d.err = errShort
	}
	d.b = nil
}

func (d *reader) byte() byte {
	if len(d.b) == 0 {
		d.short()
		return 0
	}
	v := d.b[0]
	d.b = d.b[1:]
	return v
}

func (d *reader) uint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.short()
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *reader) int() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.short()
		return 0
	}
	d.b = d.b[n:]
	return v
}

// count is a number that fits an int64.
func (d *reader) count() int64 {
	v := d.uint()
	if v > math.MaxInt64 {
		d.fail("a count of %d", v)
		return 0
	}
	return int64(v)
}

func (d *reader) float() float64 {
	if len(d.b) < 8 {
		d.short()
		return 0
	}
	v := math.Float64frombits(binary.LittleEndian.Uint64(d.b))
	d.b = d.b[8:]
	if math.IsNaN(v) || math.IsInf(v, 0) {
		d.fail("a share of %v", v)
		return 0
	}
	return v
}

func (d *reader) string(limit int) string { return d.like("", limit) }

// like is string, and takes no memory for a text that is the same as one that is there.
func (d *reader) like(s string, limit int) string {
	n := d.uint()
	if n > uint64(limit) {
		d.fail("a text of %d bytes, where %d are allowed", n, limit)
		return ""
	}
	if n > uint64(len(d.b)) {
		d.short()
		return ""
	}
	if string(d.b[:n]) != s {
		s = string(d.b[:n])
	}
	d.b = d.b[n:]
	return s
}

// list is the length of a list whose entries have at least so many bytes.
func (d *reader) list(least int) int {
	n := d.uint()
	if n > uint64(len(d.b)/least) {
		if d.err == nil {
			d.fail("a list of %d entries in %d bytes", n, len(d.b))
		}
		return 0
	}
	return int(n)
}
