package wire

import (
	"bytes"
	"context"
	"runtime"
	"strings"

	"github.com/stampede-load/stampede/internal/fault"
)

// A megabyte of gzip can hold a gigabyte, and each of a thousand users may be sent one. So what a body becomes is bounded for all users
// together: small bodies are decompressed into a pooled buffer; a large one is first measured, and decompressed once more when there is
// memory for the whole of it.

const (
	smallBody   = 1 << 20   // what is decompressed at once
	largeBodies = 256 << 20 // bytes of larger bodies that may be there at the same time; one of Config.MaxBody always may
)

// unpackers is how many bodies are decompressed at the same time: each needs up to 16 MiB for what came last.
func unpackers() int { return 4 * runtime.GOMAXPROCS(0) }

// decode undoes the content codings of the body.
func (x *exchange) decode(codings string) ([]byte, error) {
	list, err := codingsOf(codings)
	if err != nil || len(list) == 0 {
		return x.answer.body, err
	}
	b, n, err := x.measure(list)
	if err == nil && n > int64(len(b)) {
		x.e.buffers.put(b)
		b, err = x.decodeLarge(list, n)
	}
	if err != nil {
		if b != nil {
			x.e.buffers.put(b)
		}
		return nil, decodeError(strings.Join(list, ", "), err)
	}
	return b, nil
}

// measure decompresses a body of up to smallBody bytes; of a larger one, n tells how large it becomes. The caller gives b back, also after an
// error.
func (x *exchange) measure(list []string) (b []byte, n int64, err error) {
	x.e.unpacking <- struct{}{}
	defer func() { <-x.e.unpacking }()
	u, err := x.e.unpack(list, x.answer.body)
	if err != nil {
		return nil, 0, err
	}
	defer u.end()
	b, more, err := u.begin()
	n = int64(len(b))
	if !more || err != nil {
		return b, n, err
	}
	rest := x.e.buffers.get(smallBody)
	defer x.e.buffers.put(rest)
	for more && err == nil {
		var k int
		k, more, err = u.read(rest, x.e.cfg.MaxBody-n)
		n += int64(k)
	}
	return b, n, err
}

// begin reads up to smallBody bytes into a borrowed buffer that grows.
func (u *unpacker) begin() (b []byte, more bool, err error) {
	b, more = u.e.buffers.get(2 * smallBuffer)[:0], true
	for more && err == nil && len(b) < smallBody {
		if len(b) == cap(b) {
			bigger := u.e.buffers.get(2 * cap(b))
			n := copy(bigger, b)
			u.e.buffers.put(b)
			b = bigger[:n]
		}
		var n int
		n, more, err = u.read(b[len(b):min(cap(b), smallBody)], u.e.cfg.MaxBody-int64(len(b)))
		b = b[:len(b)+n]
	}
	return b, more, err
}

// decodeLarge decompresses a body of n bytes when there is memory for it.
func (x *exchange) decodeLarge(list []string, n int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(x.ctx, x.limit())
	defer cancel()
	if err := x.e.large.Acquire(ctx, n); err != nil {
		if x.ctx.Err() != nil {
			return nil, cancelledError(context.Cause(x.ctx))
		}
		return nil, &fault.Error{
			Kind: fault.Limit, Op: "decode", Text: "the decompressed bodies of all users together need too much memory", Err: err,
			Hint: "let checks use Contains, which keeps nothing, or run fewer users at a time",
		}
	}
	x.claimed = n
	x.e.unpacking <- struct{}{}
	defer func() { <-x.e.unpacking }()
	u, err := x.e.unpack(list, x.answer.body)
	if err != nil {
		return nil, err
	}
	defer u.end()
	b := x.e.buffers.get(int(n))
	k, _, err := u.read(b[:n], n)
	return b[:k], err
}

// search looks for text in the body while it is decompressed. A body that is small is kept, as decode does.
func (x *exchange) search(codings string, text []byte) bool {
	list, err := codingsOf(codings)
	if err != nil || len(list) == 0 {
		return err == nil && bytes.Contains(x.answer.body, text)
	}
	x.e.unpacking <- struct{}{}
	defer func() { <-x.e.unpacking }()
	u, err := x.e.unpack(list, x.answer.body)
	if err != nil {
		return false
	}
	defer u.end()
	b, more, err := u.begin()
	if !more && err == nil {
		x.decoded, x.undone = b, true
		x.c.stripe().decoded.Add(int64(len(b)))
		return bytes.Contains(b, text)
	}
	defer func() { x.e.buffers.put(b) }()
	size := int64(len(b))
	for err == nil {
		if bytes.Contains(b, text) {
			return true
		}
		if !more {
			return false
		}
		keep := min(len(b), max(0, len(text)-1)) // a find may lie across two pieces
		copy(b, b[len(b)-keep:])
		var n int
		n, more, err = u.read(b[keep:cap(b)], x.e.cfg.MaxBody-size)
		b, size = b[:keep+n], size+int64(n)
	}
	return false
}

// sameBody reports whether b is the body as received, which decode does not own.
func (x *exchange) sameBody(b []byte) bool {
	raw := x.answer.body
	return cap(b) > 0 && cap(raw) > 0 && &b[:1][0] == &raw[:1][0]
}

func (x *exchange) ownsDecoded() bool { return !x.sameBody(x.decoded) }
