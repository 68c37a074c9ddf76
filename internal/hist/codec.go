package hist

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// maxCount bounds the number of values a decoded histogram may claim, far above what any run records and far below overflow.
const maxCount = 1 << 56

// errShort is the error of bytes that end too early.
var errShort = errors.New("hist: decode: the bytes end too early (truncated in transit or on disk)")

// AppendBinary appends the compact form of the histogram to dst. An empty histogram is one byte; else about one byte for each bucket in
// use and ten more.
//
// The form is, in unsigned varints: the number of values n (0 ends it); min; max-min; sum - n*min; then for each bucket in use,
// ascending from that of min to that of max, a token count<<1 when the bucket follows directly on the one before, or count<<1|1 and
// the number of empty buckets between them less one. The counts add up to n, which ends the list.
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
// histogram is empty. Bytes from anywhere are safe: what is read must be consistent, and memory is bounded by the layout.
func (h *Hist) Decode(b []byte) (rest []byte, err error) {
	h.Reset()
	var d Hist
	rest, err = d.mergeBinary(b)
	if err != nil {
		return nil, err
	}
	*h = d
	return rest, nil
}

func (h *Hist) mergeBinary(b []byte) (rest []byte, err error) {
	var head [4]uint64 // n, min, max-min, sum
	for i := range head {
		var size int
		if head[i], size = binary.Uvarint(b); size <= 0 {
			return nil, errShort
		}
		b = b[size:]
		if i == 0 && head[0] == 0 {
			return b, nil
		}
	}
	n, lo, sum := int64(head[0]), int64(head[1]), int64(head[3])
	hi := lo + int64(head[2])
	if n < 0 || n > maxCount || lo < 0 || hi < lo || sum < mulSat(n, lo) || sum > mulSat(n, hi) {
		return nil, fmt.Errorf("hist: decode: %d values from %d to %d with sum %d do not fit together", n, lo, hi, sum)
	}
	h.grow(n, sum, lo, hi)
	h.store()
	at, last, left := bucketOf(lo), bucketOf(hi), n
	for left > 0 {
		token, size := binary.Uvarint(b)
		if size <= 0 {
			return nil, errShort
		}
		b = b[size:]
		if token&1 != 0 {
			gap, size := binary.Uvarint(b)
			if size <= 0 {
				return nil, errShort
			}
			if gap > over {
				return nil, fmt.Errorf("hist: decode: a gap of %d buckets", gap)
			}
			b = b[size:]
			at += int(gap) + 1
		}
		count := int64(token >> 1)
		if count == 0 || count > left || at > last {
			return nil, fmt.Errorf("hist: decode: bucket %d with %d of %d values left does not fit", at, count, left)
		}
		h.cells.add(at, count)
		left -= count
		at++
	}
	if at != last+1 {
		return nil, fmt.Errorf("hist: decode: the last bucket is %d, not that of the maximum, %d", at-1, last)
	}
	return b, nil
}
