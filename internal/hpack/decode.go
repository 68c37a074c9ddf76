package hpack

import (
	"errors"
	"unsafe"
)

// DefaultTable is the size in bytes of a table whose size nobody has set (RFC 9113, 6.5.2).
const DefaultTable = 4096

// Fields receives what a block holds. The slices are valid during the call and must not be changed.
type Fields interface{ Field(name, value []byte) }

// Errors of a block. The connection on which such a block came cannot go on: its table is no longer the peer's.
var (
	ErrIndex   = errors.New("hpack: an index points beyond the table")
	ErrInteger = errors.New("hpack: a number is too large")
	ErrShort   = errors.New("hpack: the block ends within a field")
	ErrHuffman = errors.New("hpack: a string is not valid Huffman code")
	ErrSize    = errors.New("hpack: the size of the table is changed in the wrong place or beyond what is permitted")
)

// Decoder is the receiving side of one connection. The zero value is one that has received nothing, with a table of DefaultTable bytes
// that may not become larger.
type Decoder struct {
	buf     []byte  // names and values, in the order of the entries
	entries []entry // oldest first; those before first are gone
	first   int
	size    int // as RFC 7541, 4.1 counts it
	max     int // what the peer has chosen, less DefaultTable
	allowed int // what it may choose, less DefaultTable
	asked   uint32
}

// entry is where in buf a field of the table is.
type entry struct{ at, name, value uint32 }

// perEntry is what each entry counts beside its text (RFC 7541, 4.1).
const perEntry = 32

// Allow says up to what size the peer may set its table, as the settings sent to it did.
func (d *Decoder) Allow(size int) { d.allowed = size - DefaultTable }

// Empty reports whether the dynamic table holds nothing. Then a block means the same on each such connection.
func (d *Decoder) Empty() bool { return len(d.entries) == d.first }

// Fixed reports whether the peer has done without a dynamic table: nothing that it sends enters one.
func (d *Decoder) Fixed() bool { return d.max == -DefaultTable }

// Remembered counts the fields that blocks told to remember, whether or not there was room. It wraps around.
func (d *Decoder) Remembered() uint32 { return d.asked }

// Decode reads a whole block and calls yield for each field in order. Scratch is room for decoded strings, which grows. After an error the
// decoder cannot be used any more.
func (d *Decoder) Decode(b []byte, scratch *[]byte, yield Fields) (err error) {
	begun := false
	for len(b) > 0 {
		c := b[0]
		switch {
		case c >= 0x80: // indexed
			i, rest, err := readInt(b, 7)
			if err != nil {
				return err
			}
			name, value, ok := d.at(i)
			if !ok {
				return ErrIndex
			}
			yield.Field(name, value)
			b = rest
		case c>>5 == 1: // size of the table
			n, rest, err := readInt(b, 5)
			if err != nil {
				return err
			}
			if begun || n > d.allowed+DefaultTable {
				return ErrSize
			}
			d.max = n - DefaultTable
			d.evict(0)
			b = rest
			continue
		case c>>6 == 1: // literal, to be remembered
			if b, err = d.literal(b, 6, scratch, yield); err != nil {
				return err
			}
		default: // literal
			if b, err = d.literal(b, 4, scratch, yield); err != nil {
				return err
			}
		}
		begun = true
	}
	return nil
}

// literal reads a field that is not, or not wholly, in the table.
func (d *Decoder) literal(b []byte, bits uint, scratch *[]byte, yield Fields) (rest []byte, err error) {
	s := (*scratch)[:0]
	i, b, err := readInt(b, bits)
	if err != nil {
		return nil, err
	}
	var name, value []byte
	if i == 0 {
		if name, b, err = readString(b, &s); err != nil {
			return nil, err
		}
	} else {
		n, _, ok := d.at(i)
		if !ok {
			return nil, ErrIndex
		}
		if name = n; bits == 6 && i >= firstDynamic { // it may move or go when the field enters the table
			s = append(s, n...)
			name = s[:len(s):len(s)]
		}
	}
	value, b, err = readString(b, &s)
	*scratch = s[:0]
	if err != nil {
		return nil, err
	}
	yield.Field(name, value)
	if bits == 6 {
		d.insert(name, value)
	}
	return b, nil
}

// at is the field with an index.
func (d *Decoder) at(i int) (name, value []byte, ok bool) {
	if i > 0 && i < firstDynamic {
		p := &staticTable[i]
		return unsafe.Slice(unsafe.StringData(p.name), len(p.name)), unsafe.Slice(unsafe.StringData(p.value), len(p.value)), true
	}
	k := len(d.entries) - 1 - (i - firstDynamic)
	if i <= 0 || k < d.first {
		return nil, nil, false
	}
	e := d.entries[k]
	middle := e.at + e.name
	return d.buf[e.at:middle:middle], d.buf[middle : middle+e.value : middle+e.value], true
}

// evict drops the oldest entries until n more bytes fit. It reports whether they do.
func (d *Decoder) evict(n int) bool {
	limit := d.max + DefaultTable
	for d.first < len(d.entries) && d.size+n > limit {
		e := d.entries[d.first]
		d.size -= int(e.name+e.value) + perEntry
		d.first++
	}
	if d.first == len(d.entries) {
		d.buf, d.entries, d.first = d.buf[:0], d.entries[:0], 0
		if limit == 0 {
			d.buf, d.entries = nil, nil
		}
	}
	return n <= limit
}

// insert makes a field the newest entry. Its name and value must not lie in the table.
func (d *Decoder) insert(name, value []byte) {
	n := len(name) + len(value)
	d.asked++
	if !d.evict(n + perEntry) {
		return
	}
	if d.first > 0 && (len(d.buf)+n > cap(d.buf) || len(d.entries) == cap(d.entries)) {
		d.compact()
	}
	d.entries = append(d.entries, entry{uint32(len(d.buf)), uint32(len(name)), uint32(len(value))})
	d.buf = append(append(d.buf, name...), value...)
	d.size += n + perEntry
}

// compact moves what is left of the table to the front of its buffer.
func (d *Decoder) compact() {
	from := d.entries[d.first].at
	d.buf = d.buf[:copy(d.buf, d.buf[from:])]
	d.entries = d.entries[:copy(d.entries, d.entries[d.first:])]
	d.first = 0
	for i := range d.entries {
		d.entries[i].at -= from
	}
}

// largest is more than any index or length that can be right.
const largest = 1 << 24

// readInt reads a number with a prefix of so many bits (RFC 7541, 5.1).
func readInt(b []byte, bits uint) (n int, rest []byte, err error) {
	if len(b) == 0 {
		return 0, nil, ErrShort
	}
	full := 1<<bits - 1
	n, b = int(b[0])&full, b[1:]
	if n < full {
		return n, b, nil
	}
	for shift := uint(0); ; shift += 7 {
		if len(b) == 0 {
			return 0, nil, ErrShort
		}
		c := b[0]
		b = b[1:]
		if shift > 28 {
			return 0, nil, ErrInteger
		}
		if n += int(c&0x7f) << shift; n > largest {
			return 0, nil, ErrInteger
		}
		if c < 0x80 {
			return n, b, nil
		}
	}
}

// readString reads a string (RFC 7541, 5.2): a slice of b, or decoded at the end of scratch.
func readString(b []byte, scratch *[]byte) (s, rest []byte, err error) {
	if len(b) == 0 {
		return nil, nil, ErrShort
	}
	coded := b[0] >= 0x80
	n, b, err := readInt(b, 7)
	if err != nil {
		return nil, nil, err
	}
	if n > len(b) {
		return nil, nil, ErrShort
	}
	s, rest = b[:n:n], b[n:]
	if coded {
		from := len(*scratch)
		var ok bool
		if *scratch, ok = appendDecoded(*scratch, s); !ok {
			return nil, nil, ErrHuffman
		}
		s = (*scratch)[from:len(*scratch):len(*scratch)]
	}
	return s, rest, nil
}
