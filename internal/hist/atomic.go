package hist

import (
	"math"
	"math/bits"
	"sync"
	"sync/atomic"
)

// An Atomic keeps one 64-bit word for each bucket: the number of values in the upper 20 bits, and in the lower 44 the sum of their
// distances from the bucket's low bound. So one atomic addition counts a value and sums it, both exactly, and both are read together.
const (
	sumBits = 44
	sumMask = one - 1
	one     = uint64(1) << sumBits   // one value
	alarm   = 1<<63 | 1<<(sumBits-1) // a field is half full: the word must be taken away before it runs over
)

// Only values below 2^34 ns, 17 s, have words. Those above are rare, and so wide that few would fill a word.
const (
	nearBits  = 34
	nearLimit = int64(1) << nearBits
	near      = 1<<subBits + (nearBits-subBits)*half // buckets
)

// page is the words of 64 neighbouring buckets: half a power of two.
type page [pageSize]atomic.Uint64

const (
	pageSize  = 64
	pageCount = near / pageSize
)

// Atomic counts times for many goroutines at once, without a lock, in one atomic addition a value. The zero value is empty and ready;
// memory for half a power of two, 512 bytes, is made when its first value comes. It must not be copied after first use.
//
// Values of 17 s and more take a lock.
type Atomic struct {
	max   atomic.Int64 // largest near value since the last drain
	min   atomic.Int64 // largest int64 less the smallest near value since the last drain; so 0 when there is none
	pages [pageCount]atomic.Pointer[page]

	mu  sync.Mutex
	far Hist // what has no word: far values, and words that ran full between drains
}

// Record counts one value in ns. Negative values count as 0. Any number of goroutines may record at once.
func (a *Atomic) Record(ns int64) {
	ns = max(ns, 0)
	if ns >= nearLimit {
		a.recordFar(ns)
		return
	}
	// The extremes come first, so that they are there when the drain finds the value: see Drain.
	if ns > a.max.Load() {
		raise(&a.max, ns)
	}
	if math.MaxInt64-ns > a.min.Load() {
		raise(&a.min, math.MaxInt64-ns)
	}
	e := bits.Len64(uint64(ns)|(1<<subBits-1)) - subBits // bucketOf and boundsOf in one
	b := e*half + int(ns>>(e&63))
	p := a.pages[b/pageSize].Load()
	if p == nil {
		p = a.newPage(b / pageSize)
	}
	offset := uint64(ns) & (1<<(e&63) - 1)
	if p[b%pageSize].Add(one|offset)&alarm != 0 {
		a.spill(p, b)
	}
}

// raise lifts w to at least v.
func raise(w *atomic.Int64, v int64) {
	for {
		old := w.Load()
		if v <= old || w.CompareAndSwap(old, v) {
			return
		}
	}
}

func (a *Atomic) newPage(i int) *page {
	p := new(page)
	if a.pages[i].CompareAndSwap(nil, p) {
		return p
	}
	return a.pages[i].Load()
}

func (a *Atomic) recordFar(ns int64) {
	a.mu.Lock()
	a.far.Record(ns)
	a.mu.Unlock()
}

// spill takes a word away that is half full. The other half is room for those who add meanwhile: each of them sees the alarm too.
// A distance has at most 26 bits and half a sum 43, so it takes 131,072 goroutines between these two steps to run over.
func (a *Atomic) spill(p *page, b int) {
	a.mu.Lock()
	addWord(&a.far, b, p[b%pageSize].Swap(0))
	a.mu.Unlock()
}

// addWord adds what a word counted. A single value is known exactly. Of several the extremes are not known here: the mean stands for
// both, as it is never outside what was recorded.
func addWord(h *Hist, b int, w uint64) {
	n, off := int64(w>>sumBits), int64(w&sumMask)
	if n == 0 {
		return
	}
	low, _ := boundsOf(b)
	h.grow(n, low*n+off, low+off/n, low+(off+n-1)/n)
	h.store().add(b, n)
}

// Drain moves what was recorded since the last drain to into. It may run while others record: every value is in this drain or in a
// later one, once. One drain at a time.
//
// Count and sum are exact, and so are the extremes over all drains together. Within one drain the minimum or the maximum can be off, by
// less than the width of its bucket, when several values share that bucket and one is being recorded at this very moment.
func (a *Atomic) Drain(into *Hist) {
	got := Hist{cells: into.store()} // its own totals, but the buckets of into
	for i := range a.pages {
		p := a.pages[i].Load()
		if p == nil {
			continue
		}
		for j := range p {
			if p[j].Load() != 0 {
				addWord(&got, i*pageSize+j, p[j].Swap(0))
			}
		}
	}
	a.mu.Lock()
	got.Merge(&a.far)
	a.far.Reset()
	a.mu.Unlock()
	a.extremes(&got)
	if got.n > 0 {
		into.grow(got.n, got.sum, got.min, got.max)
	}
}

// extremes makes the minimum and the maximum of a drained histogram exact. A recorded extreme whose bucket was not drained belongs to a
// value that is just being recorded: it is put back for the next drain.
func (a *Atomic) extremes(got *Hist) {
	if v := a.max.Swap(0); v > 0 {
		switch {
		case got.n == 0 || bucketOf(v) > bucketOf(got.max):
			raise(&a.max, v)
		case bucketOf(v) == bucketOf(got.max):
			got.max = max(got.max, v)
		}
	}
	if w := a.min.Swap(0); w > 0 {
		v := math.MaxInt64 - w
		switch {
		case got.n == 0 || bucketOf(v) < bucketOf(got.min):
			raise(&a.min, w)
		case bucketOf(v) == bucketOf(got.min):
			got.min = min(got.min, v)
		}
	}
}
