package report

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"io"

	"github.com/stampede-load/stampede/internal/hist"
)

// The geometry of package hist as HdrHistogram names it: values from 1 ns to 2^42-1 ns with two significant digits, which makes 256
// sub-buckets. Bucket for bucket the layouts are the same, so nothing is lost on the way.
const (
	hdrDigits  = 2
	hdrLowest  = 1
	hdrHighest = hist.Limit - 1

	hdrCookie           = 0x1c849303 | 0x10 // V2, counts as ZigZag LEB128 words
	hdrCompressedCookie = 0x1c849304 | 0x10
)

// hdrEncoder writes histograms in HdrHistogram's compressed V2 encoding, in base64. The zero value is ready. It exists beside the
// library because the library takes half a millisecond and a megabyte for each histogram, and a log holds many thousands; the tests
// decode everything with the library.
type hdrEncoder struct {
	counts     []byte
	compressed bytes.Buffer
	zip        *zlib.Writer
	text       []byte
}

// encode returns the text of a histogram. It is valid until the next call.
func (e *hdrEncoder) encode(h *hist.Hist) ([]byte, error) {
	e.counts = appendHDRCounts(append(e.counts[:0], make([]byte, 40)...), h)
	head := e.counts[:40]
	binary.BigEndian.PutUint32(head[0:], hdrCookie)
	binary.BigEndian.PutUint32(head[4:], uint32(len(e.counts)-40))
	binary.BigEndian.PutUint32(head[8:], 0) // normalizing index offset
	binary.BigEndian.PutUint32(head[12:], hdrDigits)
	binary.BigEndian.PutUint64(head[16:], hdrLowest)
	binary.BigEndian.PutUint64(head[24:], uint64(hdrHighest))
	binary.BigEndian.PutUint64(head[32:], 0x3ff0000000000000) // 1.0: integer to double ratio

	e.compressed.Reset()
	e.compressed.Write(make([]byte, 8)) // cookie and length, known later
	if e.zip == nil {
		zip, err := zlib.NewWriterLevel(io.Discard, zlib.BestSpeed)
		if err != nil {
			return nil, err
		}
		e.zip = zip
	}
	e.zip.Reset(&e.compressed)
	if _, err := e.zip.Write(e.counts); err != nil {
		return nil, err
	}
	if err := e.zip.Close(); err != nil {
		return nil, err
	}
	packed := e.compressed.Bytes()
	binary.BigEndian.PutUint32(packed[0:], hdrCompressedCookie)
	binary.BigEndian.PutUint32(packed[4:], uint32(len(packed)-8))
	e.text = base64.StdEncoding.AppendEncode(e.text[:0], packed)
	return e.text, nil
}

// appendHDRCounts appends the counts from index 0 up to the last one in use; a run of n empty ones is the number -n. Values of hist.Limit
// and more, which HdrHistogram cannot hold, count in its last bucket.
func appendHDRCounts(dst []byte, h *hist.Hist) []byte {
	next := 0
	var held int64 // the count at index next-1 that is not written yet
	for b := range h.Buckets() {
		index := hdrIndex(min(b.Low, hdrHighest))
		if index == next-1 { // the bucket of clamped values after the last regular one
			held += b.Count
			continue
		}
		dst = appendHeld(dst, held)
		if gap := index - next; gap > 0 {
			dst = appendZigZag(dst, -int64(gap))
		}
		held, next = b.Count, index+1
	}
	return appendHeld(dst, held)
}

func appendHeld(dst []byte, count int64) []byte {
	if count == 0 {
		return dst
	}
	return appendZigZag(dst, count)
}

// hdrIndex is the place of a value in HdrHistogram's array of counts: 256 places for the values below 256, then 128 for each power of
// two.
func hdrIndex(v int64) int {
	shift := 0
	for v>>shift >= 256 {
		shift++
	}
	return shift*128 + int(v>>shift)
}

// appendZigZag appends a number in HdrHistogram's LEB128 variant: seven bits a byte, and all eight in a ninth.
func appendZigZag(dst []byte, v int64) []byte {
	u := uint64(v<<1) ^ uint64(v>>63)
	for range 8 {
		if u < 0x80 {
			return append(dst, byte(u))
		}
		dst = append(dst, byte(u)|0x80)
		u >>= 7
	}
	return append(dst, byte(u))
}
