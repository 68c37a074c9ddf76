package wire

import (
	"math/bits"
	"sync"
)

// smallBuffer is the size of a receive buffer: most answers fit whole.
const smallBuffer = 16 << 10

// classes of buffers: 16 KiB, then each twice the one before, up to 4 MiB. Larger ones are left to the garbage collector.
const bufferClasses = 9

// buffers lends byte slices of a few sizes. A slice has one owner at a time; put ends the loan.
type buffers struct {
	class [bufferClasses]sync.Pool
	boxes sync.Pool // empty *[]byte, so that putting a slice into a pool allocates nothing
}

func classOf(n int) int {
	if n <= smallBuffer {
		return 0
	}
	return bits.Len(uint(n-1)) - bits.Len(uint(smallBuffer-1))
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
	return make([]byte, smallBuffer<<c)
}

// put takes a slice back that get lent. Nobody may look at it any more.
func (p *buffers) put(b []byte) {
	b = b[:cap(b)]
	c := classOf(len(b))
	if c >= bufferClasses || len(b) != smallBuffer<<c {
		return
	}
	box, _ := p.boxes.Get().(*[]byte)
	if box == nil {
		box = new([]byte)
	}
	*box = b
	p.class[c].Put(box)
}
