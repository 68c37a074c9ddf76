package stampede

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/table"
	"github.com/stampede-load/stampede/internal/wire"
)

// Error is a failure of a request as errors.As finds it: its kind, status and text.
type Error = fault.Error

// Response is the answer to a request. It is never nil, also when the request failed: Status is 0 when there was no answer.
//
// It belongs to the user that asked and is valid until that user's next request or the end of the task, whichever comes first; copy what
// you keep longer. A Response is not safe for use by several goroutines.
type Response struct {
	Status int // 0 when there was no answer
	wire   wire.Response
	kept   string // the body of a document that came from the visitor's cache
}

// OK reports whether the status is below 400 and there was an answer.
func (r *Response) OK() bool { return r.Status > 0 && r.Status < 400 }

// Header is the first value of a header field, in any case; "" when absent.
func (r *Response) Header(name string) string { return r.wire.Header(name) }

// Headers are all values of a header field.
func (r *Response) Headers(name string) []string { return r.wire.Values(name) }

// Cookie is the value of a cookie that this answer set; "" when it set none of that name.
func (r *Response) Cookie(name string) string {
	for _, c := range r.wire.SetCookies() {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// Cookies are the cookies that this answer set.
func (r *Response) Cookies() []*http.Cookie { return r.wire.SetCookies() }

// Body is the body, decompressed at the first call. The bytes are valid as long as the Response; they must not be changed. It is nil when
// there is none, when the request had Discard, or when it cannot be decompressed: see BodyErr.
func (r *Response) Body() []byte {
	if r.kept != "" {
		return unsafe.Slice(unsafe.StringData(r.kept), len(r.kept)) // as it says, it must not be changed
	}
	b, _ := r.wire.Body()
	return b
}

// BodyErr is why Body could not be had; nil when it could.
func (r *Response) BodyErr() error {
	_, err := r.wire.Body()
	return err
}

// Text is the body as a string of its own: a copy.
func (r *Response) Text() string { return string(r.Body()) }

// Contains reports whether the body holds text, without copying it. Of a large compressed body nothing is kept in memory for it.
func (r *Response) Contains(text string) bool {
	if r.kept != "" {
		return strings.Contains(r.kept, text)
	}
	return r.wire.Contains([]byte(text))
}

// JSON reads the body into v. The error shows the beginning of a body that is not JSON.
func (r *Response) JSON(v any) error {
	b, err := r.wire.Body()
	if err != nil {
		return err
	}
	if r.kept != "" {
		b = r.Body()
	}
	if err := json.Unmarshal(unmarked(b), v); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) || len(b) == 0 {
			return fmt.Errorf("the body is not JSON: it begins with %q", head(b, 40))
		}
		var other *json.UnmarshalTypeError
		if errors.As(err, &other) && len(other.Value) > 60 {
			other.Value = string(head([]byte(other.Value), 60)) + "…" // a number of megabytes
		}
		return fmt.Errorf("the body is not the JSON that was expected: %w", err)
	}
	return nil
}

// unmarked is JSON without the mark of an encoding at its beginning, as UTF-8.
func unmarked(b []byte) []byte {
	if len(b) < 2 || b[0] != 0xef && b[0] < 0xfe {
		return b
	}
	if rest, ok := bytes.CutPrefix(b, []byte("\xef\xbb\xbf")); ok {
		return rest
	}
	if text, err := table.Text(b); err == nil {
		return []byte(text)
	}
	return b
}

// URL is where the request ended after redirects; "" when it stayed where it was sent.
func (r *Response) URL() string { return r.wire.URL }

// Redirects is how many redirects were followed.
func (r *Response) Redirects() int { return r.wire.Hops }

// Proto is "HTTP/1.1" or "HTTP/2.0".
func (r *Response) Proto() string { return r.wire.Proto }

// Size is the length of the body as received, before decompression.
func (r *Response) Size() int64 { return r.wire.BodySize }

// Timing is how long the parts of a request took. Parts that were not needed are zero.
type Timing struct {
	Lookup, Connect, TLS time.Duration
	FirstByte            time.Duration // from sending, connecting included, to the first byte of the answer
	Total                time.Duration // from sending to the end of the answer
}

// Timing says where the time went.
func (r *Response) Timing() Timing {
	t := r.wire.Times
	out := Timing{Lookup: t.Lookup, Connect: t.Connect, TLS: t.TLS, Total: time.Duration(t.Done - t.Sent)}
	if t.FirstByte > 0 {
		out.FirstByte = time.Duration(t.FirstByte - t.Sent)
	}
	return out
}

// head is at most n bytes of text from b, cut between runes.
func head(b []byte, n int) []byte {
	if len(b) <= n {
		return b
	}
	for n > 0 && !utf8.RuneStart(b[n]) {
		n--
	}
	return b[:n]
}
