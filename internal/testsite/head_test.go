package testsite

import (
	"bufio"
	"bytes"
	"errors"
	"net/http"
	"testing"
)

func TestParseHead(t *testing.T) {
	for _, row := range []struct {
		name, in string
		want     head
		size     int
		err      error
	}{
		{name: "incomplete", in: "GET / HTTP/1.1\r\nHost: a\r\n"},
		{name: "nothing"},
		{name: "plain", in: "GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\nGET", size: 32, want: head{method: []byte("GET"), target: []byte("/a?b=c")}},
		{name: "no fields", in: "GET / HTTP/1.1\r\n\r\n", size: 18, want: head{method: []byte("GET"), target: []byte("/")}},
		{name: "body", in: "POST / HTTP/1.1\r\ncontent-length: 12\r\n\r\n", size: 39, want: head{method: []byte("POST"), target: []byte("/"), length: 12}},
		{name: "close", in: "GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", size: 37, want: head{method: []byte("GET"), target: []byte("/"), close: true}},
		{name: "old", in: "GET / HTTP/1.0\r\n\r\n", size: 18, want: head{method: []byte("GET"), target: []byte("/"), close: true}},
		{name: "cookie", in: "GET / HTTP/1.1\r\nCookie: a=b; c=d\r\n\r\n", size: 36, want: head{method: []byte("GET"), target: []byte("/"), cookie: []byte("a=b; c=d")}},
		{name: "no version", in: "GET /\r\n\r\n", size: 9, err: errMalformed},
		{name: "one word", in: "GET\r\n\r\n", size: 7, err: errMalformed},
		{name: "HTTP/2", in: "PRI * HTTP/2.0\r\n\r\n", size: 18, err: errMalformed},
		{name: "no colon", in: "GET / HTTP/1.1\r\nHost\r\n\r\n", size: 24, err: errMalformed},
		{name: "length not a number", in: "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", size: 38, err: errMalformed},
		{name: "length too long", in: "GET / HTTP/1.1\r\nContent-Length: 9999999999999999999\r\n\r\n", size: 55, err: errMalformed},
		{name: "chunked", in: "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", size: 46, err: errLength},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, size, err := parseHead([]byte(row.in))
			if !errors.Is(err, row.err) || size != row.size {
				t.Fatalf("size %d, %v; want %d, %v", size, err, row.size, row.err)
			}
			if err == nil && !sameHead(got, row.want) {
				t.Errorf("%+v, want %+v", got, row.want)
			}
		})
	}
}

func sameHead(a, b head) bool {
	return bytes.Equal(a.method, b.method) && bytes.Equal(a.target, b.target) && bytes.Equal(a.cookie, b.cookie) && a.length == b.length && a.close == b.close
}

// What net/http understands and the servers accept must mean the same to both.
func FuzzParseHead(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\nHost: a\r\nCookie: x=y\r\n\r\n"))
	f.Add([]byte("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc"))
	f.Add([]byte("GET / HTTP/1.1\r\n: \r\n\r\n"))
	f.Add([]byte(" \r\n\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		got, size, err := parseHead(in)
		if size < 0 || size > len(in) {
			t.Fatalf("size %d of %d bytes", size, len(in))
		}
		if err != nil || size == 0 {
			return
		}
		request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(in)))
		if err != nil {
			return // net/http is stricter
		}
		if string(got.method) != request.Method || string(got.target) != request.RequestURI {
			t.Errorf("%q %q, net/http says %q %q", got.method, got.target, request.Method, request.RequestURI)
		}
		if request.ContentLength != got.length && len(request.Header["Content-Length"]) == 1 {
			t.Errorf("length %d, net/http says %d", got.length, request.ContentLength)
		}
	})
}
