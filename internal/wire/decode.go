package wire

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"github.com/stampede-load/stampede/internal/fault"
)

// decoders are decompressors that wait to be used again: each holds tens of kilobytes.
type decoders struct{ gzip, brotli, zstd sync.Pool }

// codingLimit bounds how often a body may be wrapped.
const codingLimit = 4

// decode undoes the content codings of the body, the last applied first.
func (x *exchange) decode(codings string) ([]byte, error) {
	list := strings.Split(codings, ",")
	body := x.answer.body
	if len(list) > codingLimit {
		return nil, decodeError(codings, errors.New("too many codings"))
	}
	for i := len(list) - 1; i >= 0; i-- {
		coding := strings.ToLower(strings.TrimSpace(list[i]))
		if coding == "" || coding == "identity" {
			continue
		}
		out, err := x.e.decodeOne(coding, body)
		if !x.sameBody(body) {
			x.e.buffers.put(body)
		}
		if err != nil {
			return nil, err
		}
		body = out
	}
	return body, nil
}

// sameBody reports whether b is the body as received, which decode does not own.
func (x *exchange) sameBody(b []byte) bool {
	raw := x.answer.body
	return cap(b) > 0 && cap(raw) > 0 && &b[:1][0] == &raw[:1][0]
}

func (x *exchange) ownsDecoded() bool { return !x.sameBody(x.decoded) }

func (e *Engine) decodeOne(coding string, in []byte) ([]byte, error) {
	src := bytes.NewReader(in)
	var out []byte
	var err error
	switch coding {
	case "gzip", "x-gzip":
		out, err = e.gunzip(src)
	case "br":
		r, _ := e.decoders.brotli.Get().(*brotli.Reader)
		if r == nil {
			r = new(brotli.Reader)
		}
		if err = r.Reset(src); err == nil {
			out, err = e.readAll(r)
		}
		e.decoders.brotli.Put(r)
	case "zstd":
		out, err = e.unzstd(src)
	case "deflate":
		out, err = e.inflate(src, in)
	default:
		return nil, &fault.Error{Kind: fault.Protocol, Op: "decode", Text: "the body has the unknown content coding " + quoteWord(coding)}
	}
	if err != nil {
		if out != nil {
			e.buffers.put(out)
		}
		return nil, decodeError(coding, err)
	}
	return out, nil
}

func (e *Engine) gunzip(src *bytes.Reader) ([]byte, error) {
	r, _ := e.decoders.gzip.Get().(*gzip.Reader)
	if r == nil {
		r = new(gzip.Reader)
	}
	defer e.decoders.gzip.Put(r)
	if err := r.Reset(src); err != nil {
		return nil, err
	}
	return e.readAll(r)
}

func (e *Engine) unzstd(src *bytes.Reader) ([]byte, error) {
	r, _ := e.decoders.zstd.Get().(*zstd.Decoder)
	if r == nil {
		var err error
		// One goroutine, no more memory than the largest body allows: RFC 9659 bounds the window of HTTP's zstd at 8 MiB.
		r, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
	}
	defer e.decoders.zstd.Put(r)
	if err := r.Reset(src); err != nil {
		return nil, err
	}
	return e.readAll(r)
}

// inflate reads what servers send as deflate: the zlib format that the standard means, or the bare stream that some took it for.
func (e *Engine) inflate(src *bytes.Reader, in []byte) ([]byte, error) {
	if len(in) >= 2 && in[0]&0x0f == 8 && (int(in[0])<<8|int(in[1]))%31 == 0 {
		r, err := zlib.NewReader(src)
		if err != nil {
			return nil, err
		}
		defer r.Close()
		return e.readAll(r)
	}
	r := flate.NewReader(src)
	defer r.Close()
	return e.readAll(r)
}

var errTooLarge = errors.New("larger than the limit")

// readAll reads into a borrowed buffer that grows up to the limit of a body. The caller must give it back, also after an error.
func (e *Engine) readAll(r io.Reader) ([]byte, error) {
	b := e.buffers.get(2 * smallBuffer)[:0]
	for {
		if len(b) == cap(b) {
			bigger := e.buffers.get(2 * cap(b))
			n := copy(bigger, b)
			e.buffers.put(b)
			b = bigger[:n]
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if int64(len(b)) > e.cfg.MaxBody {
			return b, errTooLarge
		}
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return b, err
		}
	}
}

func decodeError(coding string, err error) error {
	if err == errTooLarge {
		return &fault.Error{
			Kind: fault.TooLarge, Op: "decode", Text: "the " + coding + " body is larger than the limit when decompressed", Err: err,
		}
	}
	return &fault.Error{Kind: fault.Protocol, Op: "decode", Text: "the body is not " + coding + " as its header says", Err: err}
}

func quoteWord(s string) string {
	if len(s) > 20 || !validToken(s) {
		return "(unprintable)"
	}
	return s
}
