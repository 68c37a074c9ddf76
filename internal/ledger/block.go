package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// minute is how many seconds one block covers. One name in sixty seconds is large enough to pack well, and small enough that a window
// reads little beside it.
const minute = 60

// blockVersion is the first byte of a block, before it is packed.
const blockVersion = 1

// What is known of a stretch in a block besides its row.
const (
	hasSpan   = 1 << 0 // the run lasted less than the width
	hasGauges = 1 << 1
	isFinal   = 1 << 2
)

// stretch is one name in some seconds of a run. Those of the total (name 0) are there for every second, with gauges; those of a name
// only where something happened.
type stretch struct {
	from, width int           // [from, from+width) s
	span        time.Duration // how much of that the run lasted
	final       bool
	gauges      *stats.Gauges // nil but in the total
	row         stats.Row     // without its key
}

// appendBlock appends stretches in order: for each, in varints, its distance from the end of the one before (from 0), its width, flags,
// span in ns when it is less than the width, gauges, row.
func appendBlock(dst []byte, all []stretch) []byte {
	dst = append(dst, blockVersion)
	end := 0
	for i := range all {
		s := &all[i]
		dst = binary.AppendUvarint(dst, uint64(s.from-end))
		dst = binary.AppendUvarint(dst, uint64(s.width))
		end = s.from + s.width
		var flags byte
		partial := s.span != time.Duration(s.width)*time.Second
		if partial {
			flags |= hasSpan
		}
		if s.gauges != nil {
			flags |= hasGauges
		}
		if s.final {
			flags |= isFinal
		}
		dst = append(dst, flags)
		if partial {
			dst = binary.AppendUvarint(dst, uint64(s.span))
		}
		if s.gauges != nil {
			dst = s.gauges.AppendBinary(dst)
		}
		s.row.Key = stats.Key{}
		dst = s.row.AppendBinary(dst)
	}
	return dst
}

var errBlockEnds = errors.New("a block ends too early")

// rowDecoder reads a row at the start of b, or as much of it as is wanted, and gives what follows it.
type rowDecoder func(b []byte) (r stats.Row, rest []byte, err error)

// decodeBlock reads what appendBlock wrote. Bytes from anywhere are safe.
func decodeBlock(b []byte) ([]stretch, error) { return decodeBlockTo(nil, b, stats.DecodeRow) }

// decodeBlockTo appends the stretches of a block.
func decodeBlockTo(all []stretch, b []byte, decode rowDecoder) ([]stretch, error) {
	if len(b) == 0 {
		return nil, errBlockEnds
	}
	if b[0] != blockVersion {
		return nil, fmt.Errorf("a block of version %d, and this program reads version %d", b[0], blockVersion)
	}
	b = b[1:]
	end := 0
	for len(b) > 0 {
		s, rest, err := decodeStretch(b, end, decode)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
		end, b = s.from+s.width, rest
	}
	return all, nil
}

// longest is more seconds than any run has.
const longest = 1 << 31

func decodeStretch(b []byte, end int, decode rowDecoder) (s stretch, rest []byte, err error) {
	gap, b, err := uvarint(b, longest)
	if err != nil {
		return s, nil, err
	}
	width, b, err := uvarint(b, longest)
	if err != nil || len(b) == 0 {
		return s, nil, errors.Join(errBlockEnds, err)
	}
	s.from, s.width, s.span = end+int(gap), int(width), time.Duration(width)*time.Second
	flags := b[0]
	b = b[1:]
	if s.from > longest || s.width < 1 {
		return s, nil, fmt.Errorf("a stretch of %d s at %d s", s.width, s.from)
	}
	if flags&hasSpan != 0 {
		var span uint64
		if span, b, err = uvarint(b, uint64(s.span)); err != nil {
			return s, nil, err
		}
		s.span = time.Duration(span)
	}
	if flags&hasGauges != 0 {
		var g stats.Gauges
		if g, b, err = stats.DecodeGauges(b); err != nil {
			return s, nil, err
		}
		s.gauges = &g
	}
	s.final = flags&isFinal != 0
	s.row, rest, err = decode(b)
	return s, rest, err
}

// uvarint reads a number that is at most a limit.
func uvarint(b []byte, limit uint64) (uint64, []byte, error) {
	v, n := binary.Uvarint(b)
	if n <= 0 {
		return 0, nil, errBlockEnds
	}
	if v > limit {
		return 0, nil, fmt.Errorf("a number in a block is %d, and at most %d makes sense", v, limit)
	}
	return v, b[n:], nil
}

// widen joins stretches that begin in the same multiple of a width, exactly: counts and histograms add up, gauges follow each other.
// It may change what it is given.
func widen(all []stretch, width int) []stretch {
	var out []stretch
	for i := range all {
		s := &all[i]
		if n := len(out); n > 0 && out[n-1].from/width == s.from/width {
			out[n-1].join(s)
			continue
		}
		out = append(out, *s)
	}
	return out
}

// join adds a later stretch.
func (s *stretch) join(o *stretch) {
	gap := o.from - (s.from + s.width) // seconds of silence between the stretches of a name
	s.width = o.from + o.width - s.from
	s.span += time.Duration(gap)*time.Second + o.span
	s.final = o.final
	if s.gauges != nil && o.gauges != nil {
		s.gauges.Then(o.gauges)
	}
	s.row.Add(&o.row)
}
