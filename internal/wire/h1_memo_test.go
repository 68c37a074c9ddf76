package wire

import (
	"strings"
	"testing"
)

// A header that came before means the same when it comes again, in whatever pieces, and one that differs in a byte is read anew.
func TestRememberedHeader(t *testing.T) {
	heads := []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=b\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nSet-Cookie: a=b\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=b\r\nX: y\r\n\r\n",
		"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 5\r\n\r\n",
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n",
		"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
		"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n",
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n",
		"HTTP/1.1 200 OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 2*memoLimit) + "\r\nContent-Length: 5\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
	}
	used := newAnswer(false, false)
	for _, before := range heads {
		for _, now := range heads {
			for _, headless := range []bool{false, true} {
				for piece := range 3 {
					for _, head := range []string{before, now} {
						fresh := newAnswer(headless, false)
						used.release()
						used.begin(headless, false)
						whole := head + "5\r\nhello\r\n0\r\n\r\n"
						want, got := takeAll(fresh, whole, piece), takeAll(used, whole, piece)
						if got != want {
							t.Fatalf("%q after %q: %+v, want %+v", now, before, got, want)
						}
					}
				}
			}
		}
	}
}

// taken is what became of an answer.
type taken struct {
	done                        bool
	err, fields, body           string
	status, at                  int
	minor                       byte
	cookies, encoded, hop, keep bool
	framing                     framing
}

// takeAll lets a take what comes: at once, in two pieces, or byte by byte.
func takeAll(a *answer, whole string, piece int) taken {
	size := []int{len(whole), len(whole)/2 + 1, 1}[piece]
	var r taken
	for len(whole) > 0 && !r.done && r.err == "" {
		n := copy(a.room(), whole[:min(size, len(whole))])
		whole = whole[n:]
		var err error
		if r.done, err = a.took(n); err != nil {
			r.err = err.Error()
		}
	}
	r.fields, r.body, r.status, r.minor = string(a.fields), string(a.body), a.status, a.minor
	r.cookies, r.encoded, r.hop, r.keep, r.framing = a.cookies, a.encoded, a.hop, a.keep, a.framing
	r.at = a.at
	return r
}
