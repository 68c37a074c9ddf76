package fleet

import (
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/stampede-load/stampede/internal/stats"
)

// packer writes snapshots for the stream. It is used by one goroutine.
type packer struct {
	z   *zstd.Encoder
	raw []byte
}

func newPacker() (*packer, error) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(128<<10))
	return &packer{z: z}, err
}

// biggest is how large a packed snapshot may be: room for headers is left.
const biggest = 512 << 10

// pack writes a snapshot, in as many parts as it takes. next numbers the parts.
func (p *packer) pack(s *stats.Snapshot, next func() uint64) [][]byte {
	p.raw = s.AppendBinary(p.raw[:0])
	if out := p.z.EncodeAll(p.raw, nil); len(out) <= biggest || len(s.Rows)+len(s.Errors) <= 1 {
		s.Seq = next()
		p.raw = s.AppendBinary(p.raw[:0])
		return [][]byte{p.z.EncodeAll(p.raw, nil)}
	}
	first, rest := *s, *s
	first.Rows, rest.Rows = s.Rows[:len(s.Rows)/2], s.Rows[len(s.Rows)/2:]
	first.Errors, rest.Errors = s.Errors[:len(s.Errors)/2], s.Errors[len(s.Errors)/2:]
	first.More, first.Final = true, false
	return append(p.pack(&first, next), p.pack(&rest, next)...)
}

// unpacker reads what a packer wrote. It is used by one goroutine.
type unpacker struct {
	z    *zstd.Decoder
	raw  []byte
	snap stats.Snapshot
}

// unpackedMost is how large a snapshot can be: a worker that sends more than that is no worker of ours.
const unpackedMost = 32 << 20

func newUnpacker() (*unpacker, error) {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(unpackedMost))
	return &unpacker{z: z}, err
}

// unpack reads one. It is good until the next one is read.
func (u *unpacker) unpack(b []byte) (*stats.Snapshot, error) {
	raw, err := u.z.DecodeAll(b, u.raw[:0])
	if err != nil {
		return nil, fmt.Errorf("a snapshot that cannot be read: %w", err)
	}
	u.raw = raw
	if err := u.snap.Decode(raw); err != nil {
		return nil, err
	}
	return &u.snap, nil
}
