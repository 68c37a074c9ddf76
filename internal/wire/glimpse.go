package wire

import (
	"bytes"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

const (
	glimpseKept = 4 << 10  // of a failure's body under Discard, as received
	glimpseSeen = 64 << 10 // of any body, as decompressed
)

// Glimpse is the beginning of the body, at most 64 KiB, decompressed as far as that goes: enough to tell people what an answer says. Of an
// answer to a request with Discard it is there for a status of 400 and above. It never fails: what cannot be read is left out. The bytes are
// valid until Release.
func (r *Response) Glimpse() []byte {
	x := r.x
	if x == nil {
		return nil
	}
	b := x.answer.body
	if x.answer.discard {
		b = x.answer.glimpse
	}
	if !x.answer.encoded || len(b) == 0 {
		return b[:min(len(b), glimpseSeen)]
	}
	codings := strings.Split(strings.Join(r.Values("Content-Encoding"), ","), ",")
	if len(codings) > codingLimit {
		return nil
	}
	var in io.Reader = bytes.NewReader(b)
	for i := len(codings) - 1; i >= 0; i-- {
		if in = undo(strings.ToLower(strings.TrimSpace(codings[i])), in); in == nil {
			return nil
		}
	}
	out := make([]byte, glimpseSeen)
	n, _ := io.ReadFull(in, out) // a body that was cut short ends with an error, and what came before it counts
	return out[:n]
}

// undo undoes one content coding; nil when it cannot be undone. An unknown one is taken for none.
func undo(coding string, in io.Reader) io.Reader {
	switch coding {
	case "gzip", "x-gzip":
		if r, err := gzip.NewReader(in); err == nil {
			return r
		}
		return nil
	case "br":
		return brotli.NewReader(in)
	case "zstd":
		r, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(8<<20))
		if err != nil {
			return nil
		}
		return r
	case "deflate":
		all, err := io.ReadAll(io.LimitReader(in, glimpseSeen))
		if err != nil && len(all) == 0 {
			return nil
		}
		if r, err := zlib.NewReader(bytes.NewReader(all)); err == nil {
			return r
		}
		return flate.NewReader(bytes.NewReader(all))
	}
	return in
}
