package wire

import (
	"bytes"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// Response is the answer. The caller owns the struct and may use it again for the next Do; header and body live in buffers of the
// engine until Release (or until the Response is used again). It must not be copied.
type Response struct {
	Status  int
	Proto   string // "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/3.0"
	Times   Times
	URL     string         // where it ended after redirects; "" when it did not move
	Hops    int            // redirects followed
	Reused  bool           // the connection had served a request before
	Retried bool           // sent again on a new connection after a stale one
	Remote  netip.AddrPort // the address that answered; invalid for a Unix socket

	// Bytes of all hops but those that Request.OnHop was told of.
	WireIn   int64 // received, headers and framing included, TLS not
	WireOut  int64 // sent
	BodySize int64 // bytes of the body as received, before decompression

	response // header, body and buffers: the engine's
}

type response struct{ x *exchange }

// Times of a request, in nanoseconds since Config.Start; the phases are lengths. With redirects Sent is of the first hop, and the others
// of the last.
type Times struct {
	Sent      int64         // Do began, before lookup and connect
	FirstByte int64         // 0 when none came
	Done      int64         // the last byte came; for a timeout the limit
	Lookup    time.Duration // 0 when not needed
	Connect   time.Duration // with the CONNECT of a proxy; 0 when reused
	TLS       time.Duration // 0 when reused or without
	Wait      time.Duration // waited for one of the client's own connections to be free, in all hops
}

// fill copies what the exchange found out.
func (r *Response) fill(x *exchange) {
	r.Status = x.answer.status
	r.BodySize = x.answer.size
	r.Retried = x.retried
	r.Hops = int(x.hops)
	switch {
	case r.Status == 0:
	case x.answer.minor == 3:
		r.Proto = "HTTP/3.0"
	case x.answer.minor == 2:
		r.Proto = "HTTP/2.0"
	case x.answer.minor == 0:
		r.Proto = "HTTP/1.0"
	default:
		r.Proto = "HTTP/1.1"
	}
	if x.hops > 0 {
		r.URL = x.at.url()
	}
}

// Release gives header and body back to the engine. What the fields of the struct say stays. Idempotent.
func (r *Response) Release() {
	if x := r.x; x != nil {
		r.x = nil
		x.free()
	}
}

// Fields calls yield for each header field in the order received, until it returns false. The strings are the caller's.
func (r *Response) Fields(yield func(name, value string) bool) {
	if r.x == nil {
		return
	}
	for name, value := range r.x.answer.each {
		if !yield(string(name), string(value)) {
			return
		}
	}
}

// Lines calls yield for each header field in the order received, until it returns false. The bytes are the engine's, until Release.
func (r *Response) Lines(yield func(name, value []byte) bool) {
	if r.x != nil {
		r.x.answer.each(yield)
	}
}

// Header is the first value of a field, in any case; "" when absent. The string is the caller's.
func (r *Response) Header(name string) string {
	if r.x == nil {
		return ""
	}
	for n, v := range r.x.answer.each {
		if sameFold(n, name) {
			return string(v)
		}
	}
	return ""
}

// Values are all values of a field, in any case; nil when absent.
func (r *Response) Values(name string) []string {
	var all []string
	if r.x == nil {
		return nil
	}
	for n, v := range r.x.answer.each {
		if sameFold(n, name) {
			all = append(all, string(v))
		}
	}
	return all
}

// SetCookies are the cookies this answer set, as it set them. Values that the standard forbids to servers are as browsers take them.
func (r *Response) SetCookies() []*http.Cookie {
	if r.x == nil || !r.x.answer.cookies {
		return nil
	}
	var all []*http.Cookie
	for _, line := range r.Values("Set-Cookie") {
		if c, err := http.ParseSetCookie(line); err == nil {
			all = append(all, c)
		} else if s, ok := parseSetCookie(line); ok {
			all = append(all, s.plain(line))
		}
	}
	return all
}

// Raw is the body as received. Valid until Release; must not be changed.
func (r *Response) Raw() []byte {
	if r.x == nil {
		return nil
	}
	return r.x.answer.body
}

// Encoded reports whether Body has to decompress.
func (r *Response) Encoded() bool {
	return r.x != nil && r.x.answer.encoded && len(r.x.answer.body) > 0 && !r.x.undone
}

// Decoded is the length of the body after decompression, when Body was called and could decompress it; else BodySize.
func (r *Response) Decoded() int64 {
	if x := r.x; x != nil && x.undone && x.decodeErr == nil {
		return int64(len(x.decoded))
	}
	return r.BodySize
}

var errDiscarded = errors.New("wire: the body was not kept, as the request had Discard set")

// Body is the body, decompressed at the first call as Content-Encoding says. Valid until Release; must not be changed. A body that cannot
// be decompressed, or grows beyond Config.MaxBody, gives a *fault.Error at each call.
func (r *Response) Body() ([]byte, error) {
	x := r.x
	if x == nil {
		return nil, nil
	}
	if x.answer.discard && x.answer.size > 0 {
		return nil, errDiscarded
	}
	if !x.answer.encoded || len(x.answer.body) == 0 {
		return x.answer.body, nil
	}
	if !x.undone {
		x.decoded, x.decodeErr = x.decode(r.codings())
		x.undone = true
		x.c.stripe().decoded.Add(int64(len(x.decoded)))
	}
	return x.decoded, x.decodeErr
}

// Contains reports whether the decompressed body holds text. Of a large one it keeps nothing: it looks while it decompresses. It is false
// where Body gives an error, unless the text was found before what is wrong.
func (r *Response) Contains(text []byte) bool {
	x := r.x
	if x == nil {
		return len(text) == 0
	}
	if x.undone || !x.answer.encoded || x.answer.discard || len(x.answer.body) == 0 || len(text) > smallBody/2 {
		b, err := r.Body()
		return err == nil && bytes.Contains(b, text)
	}
	return x.search(r.codings(), text)
}

func (r *Response) codings() string { return strings.Join(r.Values("Content-Encoding"), ",") }

// each walks over the header fields, which have been checked when they came.
func (a *answer) each(yield func(name, value []byte) bool) {
	for rest := a.fields; len(rest) > 0; {
		line := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line, rest = rest[:i], rest[i+1:]
		} else {
			rest = nil
		}
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		i := bytes.IndexByte(line, ':')
		if i <= 0 {
			continue // other clients pass over such a line too
		}
		if !yield(trim(line[:i]), trim(line[i+1:])) {
			return
		}
	}
}
