package hist

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// maxCount bounds the number of values a histogram may claim to have when it is decoded: far above what any run records, and far below
// what overflows.
const maxCount = 1 << 56

var (
	errShort = errors.New("hist: decode: the bytes end too early (truncated in transit or on disk)")
	errLarge = errors.New("hist: decode: a number of more than 63 bits")
)

// AppendBinary appends the compact form of the histogram to dst. An empty histogram is one byte; else it is about one byte for each
// bucket in use and some fifteen more.
//
// The form is, in unsigned varints: the number of values n (0 ends it), min, max-min, sum; then the buckets in use, ascending from that
// of min to that of max. A bucket that follows directly on the one before, or is the first, is its count<<1; any other is count<<1|1
// and the number of empty buckets before it, less one. The list ends when the counts add up to n.
func (h *Hist) AppendBinary(dst []byte) []byte {
	if h.IsEmpty() {
		return append(dst, 0)
	}
	dst = binary.AppendUvarint(dst, uint64(h.n))
	dst = binary.AppendUvarint(dst, uint64(h.min))
	dst = binary.AppendUvarint(dst, uint64(h.max-h.min))
	dst = binary.AppendUvarint(dst, uint64(h.sum))
	next := bucketOf(h.min)
	for b, n := range h.cells.all() {
		if b == next {
			dst = binary.AppendUvarint(dst, uint64(n)<<1)
		} else {
			dst = binary.AppendUvarint(dst, uint64(n)<<1|1)
			dst = binary.AppendUvarint(dst, uint64(b-next-1))
		}
		next = b + 1
	}
	return dst
}

// Decode replaces the histogram with the one that AppendBinary wrote at the start of b, and returns what follows it. On an error the
// histogram is empty. Bytes from anywhere are safe: what is read must be consistent in itself, and at most ten bytes of memory are
// taken for each byte.
func (h *Hist) Decode(b []byte) (rest []byte, err error) {
	*h = Hist{}
	return h.MergeBinary(b)
}

// MergeBinary is Merge with the histogram that AppendBinary wrote at the start of b, without making it first. It returns what follows
// it; on an error h does not change. It is as safe as Decode.
func (h *Hist) MergeBinary(b []byte) (rest []byte, err error) {
	head, b, err := readHead(b)
	if err != nil || head.n == 0 {
		return b, err
	}
	from, to := bucketOf(head.low), bucketOf(head.high)
	used, size, err := checkBuckets(b, head.n, from, to)
	if err != nil {
		return nil, err
	}
	h.grow(head.n, head.sum, head.low, head.high)
	c := h.store()
	if len(c.counts) == 0 {
		c.fill(b[:size], from, used)
	} else {
		c.mergeBinary(b[:size], from, to, used)
	}
	return b[size:], nil
}

// codedHead is what a histogram in its compact form begins with.
type codedHead struct{ n, low, high, sum int64 }

// readHead reads the numbers before the buckets; of an empty histogram that is all there is.
func readHead(b []byte) (head codedHead, rest []byte, err error) {
	var v [4]int64 // n, min, max-min, sum
	for i := range v {
		x, size := uvarint(b)
		if size <= 0 {
			return codedHead{}, nil, badVarint(size)
		}
		v[i], b = x, b[size:]
		if v[0] == 0 {
			return codedHead{}, b, nil
		}
	}
	n, lo, hi, sum := v[0], v[1], v[1]+v[2], v[3]
	if n > maxCount || hi < lo || n == 1 && hi != lo || sum < mulSat(n, lo) || sum > mulSat(n, hi) {
		return codedHead{}, nil, fmt.Errorf("hist: decode: %d values of %d ns and up to %d ns more do not add up to %d ns", n, lo, v[2], sum)
	}
	return codedHead{n, lo, hi, sum}, b, nil
}

// checkBuckets reads a list of buckets that must hold n values and go from one bucket to another. It returns how many buckets these are
// and how many bytes they take.
func checkBuckets(b []byte, n int64, from, to int) (used, size int, err error) {
	for at := from; n > 0; at++ {
		if size >= len(b) {
			return 0, 0, errShort
		}
		token := int64(b[size])
		if size++; token >= 0x80 || token&1 != 0 { // most are neither: see uvarint
			var s, gap int
			if token, gap, s = uncommon(b[size-1:]); s <= 0 {
				return 0, 0, badVarint(s)
			}
			size += s - 1
			at += gap
		}
		count := token >> 1
		n -= count
		if count == 0 || n < 0 || at > to || n == 0 && at != to || used == 0 && at != from {
			return 0, 0, fmt.Errorf("hist: decode: the counts of the buckets %d to %d do not fit (%d in bucket %d)", from, to, count, at)
		}
		used++
	}
	return used, size, nil
}

// uncommon reads a bucket whose count is large, or that follows on gap empty ones. A size of 0 or less is that of a bad varint.
func uncommon(b []byte) (token int64, gap, size int) {
	token, size = uvarint(b)
	if size <= 0 || token&1 == 0 {
		return token, 0, size
	}
	empty, s := uvarint(b[size:])
	if s <= 0 {
		return 0, 0, s
	}
	return token, int(min(empty, over)) + 1, size + s
}

// fill makes the list of a checked list of buckets. It stays a list, however long.
func (c *cells) fill(b []byte, from, used int) {
	c.at, c.counts = slices.Grow(c.at[:0], used)[:used], slices.Grow(c.counts[:0], used)[:used]
	at := from
	for i := range c.at {
		token := int64(b[0])
		if token >= 0x80 || token&1 != 0 {
			var gap, size int
			token, gap, size = uncommon(b)
			at += gap
			b = b[size:]
		} else {
			b = b[1:]
		}
		c.at[i], c.counts[i] = uint16(at), token>>1
		at++
	}
}

// mergeBinary adds a checked list of buckets.
func (c *cells) mergeBinary(b []byte, from, to, used int) {
	if used > sparseMax {
		c.cover(from, to)
	}
	for at := from; len(b) > 0; at++ {
		token, gap, size := uncommon(b)
		b = b[size:]
		at += gap
		c.add(at, token>>1)
	}
}

// uvarint is binary.Uvarint for numbers of up to 63 bits, quick for those below 128, as most are. size is 0 when b is too short and
// negative when the number is too large.
func uvarint(b []byte) (v int64, size int) {
	if len(b) > 0 && b[0] < 0x80 {
		return int64(b[0]), 1
	}
	return longUvarint(b)
}

func longUvarint(b []byte) (v int64, size int) {
	u, size := binary.Uvarint(b)
	if int64(u) < 0 {
		return 0, -1
	}
	return int64(u), size
}

// badVarint is the error for a size that uvarint returned.
func badVarint(size int) error {
	if size == 0 {
		return errShort
	}
	return errLarge
}
