package wire

import (
	"math/bits"
	"sync"
)

// smallBuffer is the size of a receive buffer: most answers fit whole. tinyBuffer is for those that are known to be small before they come: a task
// keeps its answers until it ends.
const (
	smallBuffer = 16 << 10
	tinyBuffer  = 2 << 10
)

// classes of buffers: 2 KiB, 16 KiB, then each twice the one before, up to 4 MiB. Larger ones are left to the garbage collector.
const bufferClasses = 10

// buffers lends byte slices of a few sizes. A slice has one owner at a time; put ends the loan.
type buffers struct {
	class [bufferClasses]sync.Pool
	boxes sync.Pool // empty *[]byte, so that putting a slice into a pool allocates nothing
}

func classOf(n int) int {
	switch {
	case n <= tinyBuffer:
		return 0
	case n <= smallBuffer:
		return 1
	}
	return 1 + bits.Len(uint(n-1)) - bits.Len(uint(smallBuffer-1))
}

// sizeOf is the size of the buffers of a class.
func sizeOf(class int) int {
	if class == 0 {
		return tinyBuffer
	}
	return smallBuffer << (class - 1)
}

// get lends a slice of at least n bytes, its length being its capacity. Its content is arbitrary.
func (p *buffers) get(n int) []byte {
	c := classOf(n)
	if c >= bufferClasses {
		return make([]byte, n)
	}
	if box, _ := p.class[c].Get().(*[]byte); box != nil {
		b := *box
		*box = nil
		p.boxes.Put(box)
		return b
	}
	return make([]byte, sizeOf(c))
}

// put takes a slice back that get lent. Nobody may look at it any more.
func (p *buffers) put(b []byte) {
	b = b[:cap(b)]
	c := classOf(len(b))
	if c >= bufferClasses || len(b) != sizeOf(c) {
		return
	}
	box, _ := p.boxes.Get().(*[]byte)
	if box == nil {
		box = new([]byte)
	}
	*box = b
	p.class[c].Put(box)
}
