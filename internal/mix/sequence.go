package mix

import (
	"sync"
	"sync/atomic"
)

// maxPeriod is the longest period kept as a whole table (two bytes each). Weights whose smallest whole numbers add up to more, such
// as pi and e, are worked out as far as the run needs them.
const maxPeriod = 1 << 16

// share is one type that takes part, with its weight > 0.
type share struct {
	kind   int
	weight float64
}

// sequence is an endless list of types in proportion to their shares.
//
// After a whole period every deviation is 0 and the rule starts again, so a table of one period is the whole sequence and is read
// without a lock. Without a short period the table grows under a lock; a reader sees the header that was published after its
// entries were written.
type sequence struct {
	kinds  []int // the caller's index of each type
	period int   // 0 when the table grows
	table  atomic.Pointer[[]uint16]

	mu  sync.Mutex // guards gen and the growth of table
	gen *chairman
}

// newSequence returns nil for no shares.
func newSequence(shares []share) *sequence {
	if len(shares) == 0 {
		return nil
	}
	s := &sequence{kinds: make([]int, len(shares))}
	weights := make([]float64, len(shares))
	for i, sh := range shares {
		s.kinds[i], weights[i] = sh.kind, sh.weight
	}
	whole, total := wholeWeights(weights)
	s.gen = newChairman(whole)
	s.table.Store(new([]uint16))
	if total <= maxPeriod {
		s.extend(int(total))
		s.period = int(total)
		s.gen = nil // never asked again
	}
	return s
}

// at is the caller's index of entry k >= 0.
func (s *sequence) at(k int) int {
	t := *s.table.Load()
	if s.period > 0 {
		return s.kinds[t[k%s.period]]
	}
	if k >= len(t) {
		t = s.grow(k)
	}
	return s.kinds[t[k]]
}

// grow makes the table hold entry k.
func (s *sequence) grow(k int) []uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := *s.table.Load(); k < len(t) {
		return t // somebody else was first
	}
	return s.extend(max(k+1, 1024))
}

// extend works out the table to at least n entries, a quarter more than it held so that growing stays rare.
func (s *sequence) extend(n int) []uint16 {
	old := *s.table.Load()
	n = max(n, len(old)+len(old)/4)
	t := make([]uint16, len(old), n)
	copy(t, old)
	for len(t) < n {
		t = append(t, uint16(s.gen.next()))
	}
	s.table.Store(&t)
	return t
}
