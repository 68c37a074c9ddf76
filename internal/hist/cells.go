package hist

import (
	"iter"
	"slices"
)

// sparseMax is how many buckets are kept as a sorted list before a plain array takes over. A second of one name on one worker of a
// large fleet has a few dozen samples: as a list it costs ten bytes a bucket, as an array up to 36 KB. The total of a run is an array.
const sparseMax = 96

// cells are the counts of the buckets in use, in one of two forms. Sparse: counts[i] belongs to bucket at[i], ascending, none zero.
// Dense (at is nil): counts[i] belongs to bucket first+i, zeros included. A form never goes back from dense to sparse by itself.
type cells struct {
	counts []int64
	at     []uint16
	first  int
}

// add counts n more in bucket b.
func (c *cells) add(b int, n int64) {
	if c.at == nil && c.counts != nil {
		if i := b - c.first; uint(i) < uint(len(c.counts)) {
			c.counts[i] = addSat(c.counts[i], n)
			return
		}
		c.cover(b, b)
		c.counts[b-c.first] += n
		return
	}
	c.addSparse(b, n)
}

func (c *cells) addSparse(b int, n int64) {
	i := len(c.at)
	if i > 0 && int(c.at[i-1]) >= b { // appending in ascending order, as decoding and draining do, skips the search
		var found bool
		if i, found = slices.BinarySearch(c.at, uint16(b)); found {
			c.counts[i] = addSat(c.counts[i], n)
			return
		}
	}
	if len(c.at) == sparseMax {
		c.cover(b, b)
		c.counts[b-c.first] += n
		return
	}
	c.at = slices.Insert(c.at, i, uint16(b))
	c.counts = slices.Insert(c.counts, i, n)
}

// cover makes the form dense, with room for the buckets lo to hi beside those in use. Room is made in whole powers of two, so that a
// growing range moves at most 36 times.
func (c *cells) cover(lo, hi int) {
	if l, h, ok := c.span(); ok {
		lo, hi = min(lo, l), max(hi, h)
	}
	lo = lo / half * half
	hi = min((hi/half+1)*half, over+1)
	counts := make([]int64, hi-lo)
	for b, n := range c.all() {
		counts[b-lo] = n
	}
	c.counts, c.at, c.first = counts, nil, lo
}

// span is the first and the last bucket in use, or (dense) with room; false when there is none.
func (c *cells) span() (lo, hi int, ok bool) {
	switch {
	case len(c.counts) == 0:
		return 0, 0, false
	case c.at != nil:
		return int(c.at[0]), int(c.at[len(c.at)-1]), true
	default:
		return c.first, c.first + len(c.counts) - 1, true
	}
}

// all yields the buckets in use, ascending, with their counts.
func (c *cells) all() iter.Seq2[int, int64] {
	return func(yield func(int, int64) bool) {
		for i, n := range c.counts {
			b := c.first + i
			if c.at != nil {
				b = int(c.at[i])
			}
			if n != 0 && !yield(b, n) {
				return
			}
		}
	}
}

// merge adds the counts of o.
func (c *cells) merge(o *cells) {
	lo, hi, ok := o.span()
	if !ok {
		return
	}
	if o.at == nil {
		c.mergeDense(o, lo, hi)
		return
	}
	for i, n := range o.counts {
		c.add(int(o.at[i]), n)
	}
}

func (c *cells) mergeDense(o *cells, lo, hi int) {
	if l, h, ok := c.span(); !ok || c.at != nil || lo < l || hi > h {
		c.cover(lo, hi)
	}
	into := c.counts[lo-c.first:]
	into = into[:len(o.counts)]
	for i, n := range o.counts {
		into[i] = addSat(into[i], n)
	}
}

// take removes up to n from bucket b and says how many that were.
func (c *cells) take(b int, n int64) int64 {
	i := b - c.first
	if c.at != nil {
		var found bool
		if i, found = slices.BinarySearch(c.at, uint16(b)); !found {
			return 0
		}
	} else if i < 0 || i >= len(c.counts) {
		return 0
	}
	n = min(n, c.counts[i])
	c.counts[i] -= n
	if c.at != nil && c.counts[i] == 0 {
		c.at = slices.Delete(c.at, i, i+1)
		c.counts = slices.Delete(c.counts, i, i+1)
	}
	return n
}

// reset forgets the counts and keeps the memory.
func (c *cells) reset() {
	if c.at == nil {
		clear(c.counts)
		return
	}
	c.at, c.counts = c.at[:0], c.counts[:0]
}

func (c *cells) clone() *cells {
	return &cells{counts: slices.Clone(c.counts), at: slices.Clone(c.at), first: c.first}
}
