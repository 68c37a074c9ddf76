package stats

import (
	"github.com/stampede-load/stampede/internal/hist"
)

// FindRow reads one row of a snapshot that AppendBinary wrote; ok is false when the name is not in it. The other rows are passed over and take
// no memory, and what follows the row is not looked at. It is as safe as DecodeSnapshot.
func FindRow(b []byte, key Key) (row Row, ok bool, err error) {
	return findRow(b, key, (*reader).row)
}

// FindHeadline is FindRow of what [DecodeHeadline] reads of a row.
func FindHeadline(b []byte, key Key, paced bool) (row Row, ok bool, err error) {
	return findRow(b, key, func(d *reader, r *Row) { d.headline(r, paced) })
}

func findRow(b []byte, key Key, read func(*reader, *Row)) (row Row, ok bool, err error) {
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
			read(d, &row)
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
		if flags&(1<<i) != 0 {
			d.skipHist()
		}
	}
	d.skipFaults()
}

// skipHist passes over a histogram.
func (d *reader) skipHist() {
	if d.err != nil {
		return
	}
	rest, err := hist.Skip(d.b)
	if err != nil {
		d.fail("%w", err)
		return
	}
	d.b = rest
}

// skipFaults passes over a list of faults.
func (d *reader) skipFaults() {
	for range d.list(leastFault) {
		d.byte()
		d.int()
		d.count()
	}
}

// DecodeHeadline is DecodeRow of what two runs are compared by: the key, the counts and the histogram that Headline(paced) gives. The
// other histograms and the faults are passed over and take no memory. It is as safe as DecodeRow.
func DecodeHeadline(b []byte, paced bool) (r Row, rest []byte, err error) {
	d := reader{b: b}
	d.key(&r.Key)
	d.headline(&r, paced)
	d.check(&r)
	if d.err != nil {
		return Row{}, nil, d.err
	}
	return r, d.b, nil
}

// headline reads the body of an empty row.
func (d *reader) headline(r *Row, paced bool) {
	flags := d.byte()
	for i, n := range r.counts() {
		if i < 6 || flags&rowDropped != 0 {
			*n = d.count()
		}
	}
	kept := r.Headline(paced)
	for i, h := range r.hists() {
		same := h == &r.Service && flags&rowSameResponse != 0 // it is the response too
		switch {
		case flags&(1<<i) == 0:
		case h == kept || paced && same:
			d.hist(kept)
		default:
			d.skipHist()
		}
	}
	d.skipFaults()
}
