package wire

import (
	"hash/maphash"
	"math/bits"

	"github.com/stampede-load/stampede/internal/hpack"
)

// blockMemo remembers the header block of a connection's last request, but for the path, when all of its fields were in the server's table: then
// the next one, which is nearly always alike, is the same few bytes, and no field has to be found again.
type blockMemo struct {
	key           uint64 // what it was made of, see blockKey; 0 for none
	state         uint32 // of the encoder
	nFirst, nRest uint8  // the parts on both sides of the path
	bytes         [blockMost]byte
}

// blockMost is how long such a block may be. A usual one takes a byte for each field.
const blockMost = 34

// blockKey is a hash, with a seed that nobody else knows, of what a block is made of besides the path; 0 where that is not all.
func (h *h2conn) blockKey(x *exchange, fields []byte) uint64 {
	if x.own&ownHost != 0 || x.stream.tunnel != nil || x.at.origin != h.origin {
		return 0
	}
	method := maphash.String(h.e.seed, x.method) + uint64(x.own)
	return (maphash.Bytes(h.e.seed, fields) ^ bits.RotateLeft64(method*0x9e3779b97f4a7c15, 31)) | 1
}

// fits reports whether a block with that key is the one that is remembered, and would be made again.
func (m *blockMemo) fits(key uint64, enc *hpack.Encoder) bool {
	state, settled := enc.State()
	return key == m.key && key != 0 && settled && state == m.state
}

func (m *blockMemo) before() []byte { return m.bytes[:m.nFirst] }
func (m *blockMemo) behind() []byte { return m.bytes[m.nFirst : m.nFirst+m.nRest] }

// keep remembers a block.
func (m *blockMemo) keep(key uint64, state uint32, before, behind []byte) {
	if len(before)+len(behind) > blockMost {
		return
	}
	m.key, m.state = key, state
	m.nFirst = uint8(copy(m.bytes[:], before))
	m.nRest = uint8(copy(m.bytes[len(before):], behind))
}
