package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"

	"github.com/stampede-load/stampede/internal/fault"
)

// decoders are decompressors that wait to be used again: each holds tens of kilobytes.
type decoders struct{ gzip, brotli, zstd sync.Pool }

// codingLimit bounds how often a body may be wrapped.
const codingLimit = 4

// codingsOf are the content codings that can be undone, the last applied first. Others ("utf-8", "none") are no codings, but what somebody
// took for one: the body stands there as it is, and browsers show it so.
func codingsOf(header string) ([]string, error) {
	var list []string
	for word := range strings.SplitSeq(header, ",") {
		word, _, _ = strings.Cut(word, ";")
		switch word = strings.ToLower(strings.Trim(strings.TrimSpace(word), `"`)); word {
		case "x-gzip":
			word = "gzip"
			fallthrough
		case "gzip", "br", "zstd", "deflate":
			list = append([]string{word}, list...)
		}
	}
	if len(list) > codingLimit {
		return nil, decodeError(strings.Join(list, ", "), errors.New("too many codings"))
	}
	return list, nil
}

// unpacker undoes the content codings of one body.
type unpacker struct {
	e    *Engine
	list []string // as codingsOf gives it
	in   []byte

	io.Reader // what comes out
	close     []func()
}

// unpack makes a reader of what a body holds. Its end must be called.
func (e *Engine) unpack(list []string, in []byte) (*unpacker, error) {
	u := &unpacker{e: e, list: list, in: in, Reader: bytes.NewReader(in)}
	for _, coding := range list {
		if err := u.add(coding); err != nil {
			u.end()
			return nil, decodeError(coding, err)
		}
	}
	return u, nil
}

// end gives the decompressors back.
func (u *unpacker) end() {
	for _, f := range u.close {
		f()
	}
	u.close, u.Reader = nil, nil
}

// add puts the decompressor of one coding behind those that are there.
func (u *unpacker) add(coding string) error {
	switch coding {
	case "gzip":
		pool := &u.e.decoders.gzip
		r, _ := pool.Get().(*gunzip)
		if r == nil {
			r = new(gunzip)
		}
		r.reset(u.Reader)
		u.push(r, func() { pool.Put(r) })
	case "br":
		pool := &u.e.decoders.brotli
		r, _ := pool.Get().(*brotli.Reader)
		if r == nil {
			r = new(brotli.Reader)
		}
		if err := r.Reset(u.Reader); err != nil {
			return err
		}
		u.push(unbrotli{r}, func() { pool.Put(r) })
	case "zstd":
		return u.addZstd()
	case "deflate":
		return u.addDeflate()
	}
	return nil
}

// unbrotli reads what servers send as br. As browsers do it takes a body with something else behind it.
type unbrotli struct{ *brotli.Reader }

func (u unbrotli) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	if err != nil && err.Error() == "brotli: excessive input" { // the library has no other way to tell it
		err = io.EOF
	}
	return n, err
}

func (u *unpacker) push(r io.Reader, end func()) {
	u.Reader, u.close = r, append(u.close, end)
}

func (u *unpacker) addZstd() error {
	pool := &u.e.decoders.zstd
	r, _ := pool.Get().(*zstd.Decoder)
	if r == nil {
		var err error
		// One goroutine, no more memory than the largest body allows: RFC 9659 bounds the window of HTTP's zstd at 8 MiB.
		r, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderLowmem(true))
		if err != nil {
			return err
		}
	}
	if err := r.Reset(u.Reader); err != nil {
		return err
	}
	u.push(r, func() { pool.Put(r) })
	return nil
}

// addDeflate reads what servers send as deflate: the zlib format that the standard means, or the bare stream that some took it for. The sum at
// the end of the former is not looked at, as it may be missing.
func (u *unpacker) addDeflate() error {
	in := bufio.NewReader(u.Reader)
	head, _ := in.Peek(2)
	if len(head) == 2 && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 && head[1]&0x20 == 0 {
		_, _ = in.Discard(2)
	}
	r := flate.NewReader(in)
	u.push(r, func() { r.Close() })
	return nil
}

var errTooLarge = errors.New("larger than the limit")

// read fills what it can of b, and says whether there may be more. The body as a whole must not be larger than left.
func (u *unpacker) read(b []byte, left int64) (n int, more bool, err error) {
	for n < len(b) {
		k, err := u.Read(b[n:])
		if n += k; int64(n) > left {
			return n, false, errTooLarge
		}
		if err == io.EOF {
			return n, false, nil
		}
		if err != nil {
			return n, false, err
		}
	}
	return n, true, nil
}

func decodeError(coding string, err error) error {
	switch {
	case err == nil || fault.Of(err) != fault.Other:
		return err
	case err == errTooLarge:
		return &fault.Error{
			Kind: fault.TooLarge, Op: "decode", Text: "the " + coding + " body is larger than the limit when decompressed",
			Hint: "raise the limit (--max-body), or ask for less", Err: err,
		}
	}
	return &fault.Error{Kind: fault.Protocol, Op: "decode", Text: "the body is not " + coding + " as its header says", Err: err}
}
