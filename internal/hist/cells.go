package hist

import (
	"iter"
	"slices"
)

// sparseMax is how many buckets are kept as a sorted list before a plain array takes over. A second of one name on one worker of a
// large fleet has a few dozen samples: as a list it costs ten bytes a bucket, as an array up to 36 KB. The total of a run is an array.
const sparseMax = 96

// cells are the counts of the buckets in use, in one of two forms. Sparse (at is not nil, or there are no counts): counts[i] belongs to
// bucket at[i], ascending, none zero. Dense: counts[i] belongs to bucket first+i, zeros included. Sparse becomes dense as it grows, and
// never the other way.
type cells struct {
	counts []int64
	at     []uint16
	first  int
}

func (c *cells) dense() bool { return c.at == nil && c.counts != nil }

// add counts n more in bucket b.
func (c *cells) add(b int, n int64) {
	if !c.dense() {
		c.addSparse(b, n)
		return
	}
	i := b - c.first
	if uint(i) >= uint(len(c.counts)) {
		c.cover(b, b)
		i = b - c.first
	}
	c.counts[i] = addSat(c.counts[i], n)
}

func (c *cells) addSparse(b int, n int64) {
	i := len(c.at)
	if i > 0 && int(c.at[i-1]) >= b { // ascending order, as when draining, needs no search
		var found bool
		if i, found = slices.BinarySearch(c.at, uint16(b)); found {
			c.counts[i] = addSat(c.counts[i], n)
			return
		}
	}
	if len(c.at) >= sparseMax {
		c.cover(b, b)
		c.counts[b-c.first] = n
		return
	}
	c.at = slices.Insert(c.at, i, uint16(b))
	c.counts = slices.Insert(c.counts, i, n)
}

// cover makes the form dense, with room for the buckets lo to hi beside those in use. Room is made in whole powers of two, and one more
// on each side that grows, so that a growing range is not moved each time.
func (c *cells) cover(lo, hi int) {
	if l, h, ok := c.span(); ok {
		if c.dense() && lo >= l && hi <= h {
			return
		}
		if lo < l {
			lo -= half
		}
		if hi > h {
			hi += half
		}
		lo, hi = min(lo, l), max(hi, h)
	}
	lo = max(lo, 0) / half * half
	hi = min((hi/half+1)*half, over+1)
	counts := make([]int64, hi-lo)
	if c.dense() {
		copy(counts[c.first-lo:], c.counts)
	} else {
		for i, b := range c.at {
			counts[int(b)-lo] = c.counts[i]
		}
	}
	c.counts, c.at, c.first = counts, nil, lo
}

// span is the first and the last bucket in use, or (dense) with room; false when there is none.
func (c *cells) span() (lo, hi int, ok bool) {
	switch {
	case len(c.counts) == 0:
		return 0, 0, false
	case c.dense():
		return c.first, c.first + len(c.counts) - 1, true
	default:
		return int(c.at[0]), int(c.at[len(c.at)-1]), true
	}
}

// used is the first and the last bucket that counted something; false when there is none.
func (c *cells) used() (lo, hi int, ok bool) {
	for b := range c.all() {
		if !ok {
			lo, ok = b, true
		}
		hi = b
	}
	return lo, hi, ok
}

// get is the count of bucket b.
func (c *cells) get(b int) int64 {
	i := b - c.first
	if !c.dense() {
		var found bool
		if i, found = slices.BinarySearch(c.at, uint16(b)); !found {
			return 0
		}
	}
	if uint(i) >= uint(len(c.counts)) {
		return 0
	}
	return c.counts[i]
}

// atRank is the bucket of the value at a rank, 1 < rank < n, where n is the sum of all counts. It comes from the nearer end.
func (c *cells) atRank(rank, n int64) int {
	if rank <= n/2 {
		for i, k := range c.counts {
			if rank -= k; rank <= 0 {
				return c.bucket(i)
			}
		}
	}
	for i := len(c.counts) - 1; i > 0; i-- {
		if n -= c.counts[i]; n < rank {
			return c.bucket(i)
		}
	}
	return c.bucket(0)
}

// bucket is the bucket of counts[i].
func (c *cells) bucket(i int) int {
	if c.at != nil {
		return int(c.at[i])
	}
	return c.first + i
}

// all yields the buckets in use, ascending, with their counts.
func (c *cells) all() iter.Seq2[int, int64] {
	return func(yield func(int, int64) bool) {
		if !c.dense() {
			for i, b := range c.at {
				if !yield(int(b), c.counts[i]) {
					return
				}
			}
			return
		}
		for i, n := range c.counts {
			if n != 0 && !yield(c.first+i, n) {
				return
			}
		}
	}
}

// merge adds the counts of o.
func (c *cells) merge(o *cells) {
	lo, hi, ok := o.span()
	switch {
	case !ok:
		return
	case c.counts == nil: // nothing is here yet, so a copy is all it takes
		*c = *o.clone()
		return
	}
	if !o.dense() {
		for i, b := range o.at {
			c.add(int(b), o.counts[i])
		}
		return
	}
	c.cover(lo, hi)
	into := c.counts[lo-c.first:]
	into = into[:len(o.counts)]
	for i, n := range o.counts {
		into[i] = addSat(into[i], n)
	}
}

// take removes up to n from bucket b and says how many that were.
func (c *cells) take(b int, n int64) int64 {
	n = min(n, c.get(b))
	if n == 0 {
		return 0
	}
	if c.dense() {
		c.counts[b-c.first] -= n
		return n
	}
	i, _ := slices.BinarySearch(c.at, uint16(b))
	if c.counts[i] -= n; c.counts[i] == 0 {
		c.at = slices.Delete(c.at, i, i+1)
		c.counts = slices.Delete(c.counts, i, i+1)
	}
	return n
}

// reset forgets the counts and keeps the memory.
func (c *cells) reset() {
	if c.dense() {
		clear(c.counts)
		return
	}
	c.at, c.counts = c.at[:0], c.counts[:0]
}

func (c *cells) clone() *cells {
	return &cells{counts: slices.Clone(c.counts), at: slices.Clone(c.at), first: c.first}
}
