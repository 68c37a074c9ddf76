package hpack

import "hash/maphash"

// How a field is sent.
type How uint8

// The ways to send a field that the peer's table does not hold.
const (
	Remember How = iota // it enters the table: the next time it takes a byte
	Once                // it will not come again
	Secret              // nobody on the way may put it into a table
)

// remembered is how many of the newest entries of the peer's table an encoder knows. A user's requests differ in few fields.
const remembered = 16

// Encoder is the sending side of one connection. It keeps no text: of each field in the peer's table only a hash of 64 bits with a seed
// that nobody else knows. The zero value is one that has sent nothing, to a peer with a table of DefaultTable bytes.
type Encoder struct {
	hash  [remembered]uint64 // of the entry that was inserted as number i mod remembered
	begin [remembered]uint32 // bytes inserted before it
	count uint32             // entries inserted
	bytes uint32             // of all of them, as the table counts
	max   int32              // size of the table, less DefaultTable
	least int32              // the smallest size that is to be told, less DefaultTable
	state uint32             // counts the changes of the table
	tell  bool
}

// State says in which state the table is: as long as it stays the same, equal fields make equal bytes. It reports false when the next block must
// begin with something else. After 2^32 changes a state comes again.
func (e *Encoder) State() (state uint32, settled bool) { return e.state, !e.tell }

// SetTable takes over the size of the peer's table. No more than DefaultTable of it is used.
func (e *Encoder) SetTable(size uint32) {
	n := int32(min(size, DefaultTable)) - DefaultTable
	if n == e.max && !e.tell {
		return
	}
	if !e.tell || n < e.least {
		e.least = n
	}
	e.max, e.tell = n, true
}

// Begin appends what must stand before the fields of a block, which is usually nothing.
func (e *Encoder) Begin(dst []byte) []byte {
	if !e.tell {
		return dst
	}
	e.tell = false
	e.state++
	if e.least < e.max { // by a size of 0, which is less than any: some decoders take a second size for an empty table only
		dst = append(dst, 0x20)
		e.shrink(0)
	}
	e.shrink(int(e.max) + DefaultTable)
	return appendInt(dst, 0x20, 5, int(e.max)+DefaultTable)
}

// shrink forgets the entries that a table of that size loses.
func (e *Encoder) shrink(size int) {
	for i := range uint32(min(e.count, remembered)) {
		n := e.count - 1 - i // from the newest on
		if int(e.bytes-e.begin[n%remembered]) > size {
			e.hash[n%remembered] = 0
		}
	}
}

// Field appends one field. The name must be in lower case.
func (e *Encoder) Field(dst []byte, seed maphash.Seed, name, value []byte, how How) []byte {
	index, whole := static(name, value)
	if whole && how != Secret {
		return appendInt(dst, 0x80, 7, index)
	}
	size := len(name) + len(value) + perEntry
	if how == Remember && size <= int(e.max)+DefaultTable {
		h := hashOf(seed, name, value)
		if i := e.find(h); i > 0 {
			return appendInt(dst, 0x80, 7, i)
		}
		e.insert(h, size)
		dst = appendInt(dst, 0x40, 6, index)
	} else if how == Secret {
		dst = appendInt(dst, 0x10, 4, index)
	} else {
		dst = appendInt(dst, 0, 4, index)
	}
	if index == 0 {
		dst = appendString(dst, name)
	}
	return appendString(dst, value)
}

// find is the index of the entry with that hash; 0 for none. An entry that the peer has dropped for newer ones is none.
func (e *Encoder) find(h uint64) int {
	for i := range uint32(min(e.count, remembered)) {
		n := e.count - 1 - i
		k := n % remembered
		if e.hash[k] == h {
			if int(e.bytes-e.begin[k]) > int(e.max)+DefaultTable {
				return 0
			}
			return firstDynamic + int(i)
		}
	}
	return 0
}

func (e *Encoder) insert(h uint64, size int) {
	k := e.count % remembered
	e.hash[k], e.begin[k] = h, e.bytes
	e.count++
	e.state++
	e.bytes += uint32(size)
}

// hashOf is never 0.
func hashOf(seed maphash.Seed, name, value []byte) uint64 {
	return (maphash.Bytes(seed, name)*0x9e3779b97f4a7c15 ^ maphash.Bytes(seed, value)) | 1
}

// appendInt writes a number with a prefix of so many bits, below the bits of first.
func appendInt(dst []byte, first byte, bits uint, n int) []byte {
	full := 1<<bits - 1
	if n < full {
		return append(dst, first|byte(n))
	}
	dst = append(dst, first|byte(full))
	for n -= full; n >= 0x80; n >>= 7 {
		dst = append(dst, byte(n)|0x80)
	}
	return append(dst, byte(n))
}

// appendString writes a string, as Huffman code when that is shorter.
func appendString(dst, s []byte) []byte {
	if n := encodedLen(s); n < len(s) {
		return appendEncoded(appendInt(dst, 0x80, 7, n), s)
	}
	return append(appendInt(dst, 0, 7, len(s)), s...)
}
