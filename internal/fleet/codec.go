package fleet

import (
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/stampede-load/stampede/internal/stats"
)

// packer writes snapshots for the stream. It is used by one goroutine.
type packer struct {
	z    *zstd.Encoder
	raw  []byte
	made func(*stats.Snapshot) []byte // see WorkerConfig.Packed; nil
}

func newPacker() (*packer, error) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(128<<10))
	return &packer{z: z}, err
}

// biggest is how large a packed snapshot may be: room for headers is left.
const biggest = 512 << 10

// pack writes a snapshot, in as many parts as it takes, which are numbered from seq on.
func (p *packer) pack(s *stats.Snapshot, seq uint64) [][]byte {
	s.Seq = seq
	if p.made != nil {
		return [][]byte{p.made(s)}
	}
	p.raw = s.AppendBinary(p.raw[:0])
	if out := p.z.EncodeAll(p.raw, nil); len(out) <= biggest || parts(s) <= 1 {
		return [][]byte{out}
	}
	first, rest := *s, *s
	half := parts(s) / 2
	first.Rows, rest.Rows, half = cut(s.Rows, half)
	first.Errors, rest.Errors, half = cut(s.Errors, half)
	first.Earlier, rest.Earlier = cutEarlier(s.Earlier, half)
	first.More, first.Final = true, false
	packed := p.pack(&first, seq)
	return append(packed, p.pack(&rest, seq+uint64(len(packed)))...)
}

// parts is how many things a snapshot can be taken apart into.
func parts(s *stats.Snapshot) int {
	n := len(s.Rows) + len(s.Errors)
	for i := range s.Earlier {
		n += len(s.Earlier[i].Rows)
	}
	return n
}

// cut takes up to n of all from the beginning, and says how many of the n are left to take elsewhere.
func cut[T any](all []T, n int) (first, rest []T, left int) {
	taken := min(n, len(all))
	return all[:taken], all[taken:], n - taken
}

// cutEarlier takes n rows of what belongs to earlier seconds from the beginning.
func cutEarlier(all []stats.Part, n int) (first, rest []stats.Part) {
	for _, p := range all {
		var a, b []stats.Row
		if a, b, n = cut(p.Rows, n); len(a) > 0 {
			first = append(first, stats.Part{Second: p.Second, Rows: a})
		}
		if len(b) > 0 {
			rest = append(rest, stats.Part{Second: p.Second, Rows: b})
		}
	}
	return first, rest
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
