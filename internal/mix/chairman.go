package mix

import "math/bits"

// chairman produces the smooth sequence by Tijdeman's rule, in whole numbers. With m types of weight w_i, W their sum and
// c = 2m - 2, its two times for the next entry of type i are, both sides multiplied by c,
//
//	release  k + 1 >= (c x_i + 1) W / (c w_i)
//	deadline (c x_i + c - 1) W / (c w_i)
//
// Types wait in one heap until their release and then stand in another by deadline: O(log m) an entry.
type chairman struct {
	weights []int64
	total   int64
	c       uint64
	given   []uint64 // x_i
	release []uint64 // first k at which type i may come again
	pending heap     // by release
	ready   heap     // by deadline
	k       uint64
}

// newChairman keeps weights; each is > 0.
func newChairman(weights []int64) *chairman {
	m := len(weights)
	g := &chairman{weights: weights, given: make([]uint64, m), release: make([]uint64, m), c: uint64(max(1, 2*m-2))}
	g.pending = heap{less: g.earlier, items: make([]int32, 0, m)}
	g.ready = heap{less: g.sooner, items: make([]int32, 0, m)}
	for _, w := range weights {
		g.total += w
	}
	for i := range weights {
		g.wait(int32(i))
	}
	return g
}

// next is the type of the next entry. The eligible types are never none: the sum of r_i (k+1) - x_i over all is 1, so the largest is
// at least 1/m.
func (g *chairman) next() int {
	for len(g.pending.items) > 0 && g.release[g.pending.items[0]] <= g.k {
		g.ready.push(g.pending.pop())
	}
	i := g.ready.pop()
	g.given[i]++
	g.k++
	g.wait(i)
	return int(i)
}

// wait works out the release of type i and puts it among the pending.
func (g *chairman) wait(i int32) {
	// k >= ceil((c x + 1) W / (c w)) - 1; the quotient is about k and fits, the product may not.
	hi, lo := bits.Mul64(g.c*g.given[i]+1, uint64(g.total))
	divisor := g.c * uint64(g.weights[i])
	quotient, rest := bits.Div64(hi, lo, divisor)
	if rest == 0 {
		quotient--
	}
	g.release[i] = quotient
	g.pending.push(i)
}

// earlier orders by release.
func (g *chairman) earlier(a, b int32) bool {
	return g.release[a] < g.release[b]
}

// sooner orders by deadline, at a tie the lighter type first, then the one named first.
func (g *chairman) sooner(a, b int32) bool {
	aHi, aLo := bits.Mul64(g.c*g.given[a]+g.c-1, uint64(g.weights[b]))
	bHi, bLo := bits.Mul64(g.c*g.given[b]+g.c-1, uint64(g.weights[a]))
	switch {
	case aHi != bHi:
		return aHi < bHi
	case aLo != bLo:
		return aLo < bLo
	case g.weights[a] != g.weights[b]:
		return g.weights[a] < g.weights[b]
	default:
		return a < b
	}
}

// heap is a binary heap of types. container/heap would box each one.
type heap struct {
	items []int32
	less  func(a, b int32) bool
}

func (h *heap) push(x int32) {
	h.items = append(h.items, x)
	for i := len(h.items) - 1; i > 0; {
		up := (i - 1) / 2
		if !h.less(h.items[i], h.items[up]) {
			break
		}
		h.items[i], h.items[up] = h.items[up], h.items[i]
		i = up
	}
}

func (h *heap) pop() int32 {
	top := h.items[0]
	last := len(h.items) - 1
	h.items[0] = h.items[last]
	h.items = h.items[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			return top
		}
		if child+1 < last && h.less(h.items[child+1], h.items[child]) {
			child++
		}
		if !h.less(h.items[child], h.items[i]) {
			return top
		}
		h.items[i], h.items[child] = h.items[child], h.items[i]
		i = child
	}
}
