package stats

import (
	"github.com/stampede-load/stampede/internal/hist"
)

// FindRow reads one row of a snapshot that AppendBinary wrote; ok is false when the name is not in it. The other rows are passed over and take
// no memory, and what follows the row is not looked at. It is as safe as DecodeSnapshot.
func FindRow(b []byte, key Key) (row Row, ok bool, err error) {
	_, d, err := openSnapshot(b)
	if err != nil {
		return Row{}, false, err
	}
	for range d.list(leastRow) {
		sameType, sameName := d.isText(key.Type), d.isText(key.Name)
		if d.err != nil {
			break
		}
		if sameType && sameName {
			row.Key = key
			d.row(&row)
			d.check(&row)
			ok = true
			break
		}
		d.skipRow()
	}
	if d.err != nil {
		return Row{}, false, d.err
	}
	return row, ok, nil
}

// isText takes a text of a key and compares it, without making a string.
func (d *reader) isText(want string) bool {
	n := d.uint()
	if n > maxWireKey {
		d.fail("a text of %d bytes, where %d are allowed", n, maxWireKey)
		return false
	}
	if n > uint64(len(d.b)) {
		d.short()
		return false
	}
	same := string(d.b[:n]) == want
	d.b = d.b[n:]
	return same
}

// skipRow passes over the body of a row.
func (d *reader) skipRow() {
	flags := d.byte()
	for i := range 7 {
		if i < 6 || flags&rowDropped != 0 {
			d.count()
		}
	}
	for i := range 6 {
		if flags&(1<<i) == 0 || d.err != nil {
			continue
		}
		rest, err := hist.Skip(d.b)
		if err != nil {
			d.fail("%w", err)
			return
		}
		d.b = rest
	}
	for range d.list(leastFault) {
		d.byte()
		d.int()
		d.count()
	}
}
