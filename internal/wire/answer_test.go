package wire

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/fault"
)

// newAnswer makes a parser with small limits.
func newAnswer(headless, discard bool) *answer {
	a := &answer{pool: &buffers{}, maxHeader: 8 << 10, maxBody: 1 << 20}
	a.begin(headless, discard)
	return a
}

// feed gives the parser the bytes in pieces of at most n, and then the end of the stream.
func (a *answer) feed(in string, n int) error {
	for len(in) > 0 {
		room := a.room()
		k := copy(room, in[:min(n, len(in))])
		in = in[k:]
		done, err := a.took(k)
		if err != nil {
			return err
		}
		if done {
			if len(in) > 0 {
				a.keep = false
			}
			return nil
		}
	}
	if !a.eof() {
		return &fault.Error{Kind: fault.Reset}
	}
	return nil
}

func TestAnswerRFC9112(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 4096) // 64 KiB
	tests := []struct {
		name, in string
		head     bool
		kind     fault.Kind // None: accepted
		status   int
		body     string
		keep     bool
	}{
		{name: "length", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", status: 200, body: "hello", keep: true},
		{name: "length in odd case", in: "HTTP/1.1 200 OK\r\ncOnTeNt-LeNgTh:5\r\n\r\nhello", status: 200, body: "hello", keep: true},
		{name: "length with blanks around", in: "HTTP/1.1 200 OK\r\nContent-Length: \t 5 \t\r\n\r\nhello", status: 200, body: "hello", keep: true},
		{name: "length zero", in: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", status: 200, keep: true},
		{name: "no reason", in: "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", status: 200, keep: true},
		{name: "no space behind status", in: "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", status: 200, keep: true},
		{name: "unusual status", in: "HTTP/1.1 799 Odd\r\nContent-Length: 0\r\n\r\n", status: 799, keep: true},
		{name: "bare line feeds", in: "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", status: 200, body: "ok", keep: true},
		{name: "same length twice", in: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok", keep: true},
		{name: "lengths disagree", in: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", kind: fault.Protocol},
		{name: "list of lengths", in: "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok", status: 200, body: "ok", keep: true},
		{name: "list of lengths that disagree", in: "HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok", kind: fault.Protocol},
		{name: "list of lengths with a hole", in: "HTTP/1.1 200 OK\r\nContent-Length: 2,,2\r\n\r\nok", kind: fault.Protocol},
		{name: "negative length", in: "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok", kind: fault.Protocol},
		{name: "length with plus", in: "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok", kind: fault.Protocol},
		{name: "hexadecimal length", in: "HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok", kind: fault.Protocol},
		{name: "empty length", in: "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nok", kind: fault.Protocol},
		{name: "length overflows", in: "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\nok", kind: fault.Protocol},
		{name: "length above the limit", in: "HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n", kind: fault.TooLarge},
		{name: "body too short", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", kind: fault.Reset},
		{name: "body too long", in: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhello", status: 200, body: "hell"},
		{name: "large body", in: "HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n" + long, status: 200, body: long, keep: true},
		{name: "until close", in: "HTTP/1.1 200 OK\r\n\r\nhello", status: 200, body: "hello"},
		{name: "large until close", in: "HTTP/1.1 200 OK\r\n\r\n" + long, status: 200, body: long},
		{name: "empty until close", in: "HTTP/1.1 200 OK\r\n\r\n", status: 200},

		{name: "chunked", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", status: 200, body: "hello world", keep: true},
		{name: "chunked in odd case", in: "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", status: 200, body: "x", keep: true},
		{name: "chunk extensions", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b;c=\"d\"\r\nhello\r\n0;z\r\n\r\n", status: 200, body: "hello", keep: true},
		{name: "chunk size with blanks", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 \t\r\nhello\r\n0\r\n\r\n", status: 200, body: "hello", keep: true},
		{name: "chunk size with zeros", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0005\r\nhello\r\n000\r\n\r\n", status: 200, body: "hello", keep: true},
		{name: "upper case size", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n", status: 200, body: "0123456789", keep: true},
		{name: "trailers", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\n", status: 200, body: "x", keep: true},
		{name: "odd trailers", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nno colon\r\nBad Name: y\r\nFolded: a\r\n b\r\nX: \x01\r\n\r\n", status: 200, body: "x", keep: true},
		{name: "bad trailer", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: \x00\r\n\r\n", kind: fault.Protocol},
		{name: "endless trailers", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + strings.Repeat("A: b\r\n", 4000), kind: fault.TooLarge},
		{name: "large chunks", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n", len(long), long) + "0\r\n\r\n", status: 200, body: long, keep: true},
		{name: "many small chunks", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("2\r\nab\r\n", 20000) + "0\r\n\r\n", status: 200, body: strings.Repeat("ab", 20000), keep: true},
		{name: "chunk line with bare line feed", in: "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\nx\n1\r\ny\r\n0\n\n", status: 200, body: "xy", keep: true},
		{name: "carriage return in a chunk line", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;\r \r\nx\r\n0\r\n\r\n", kind: fault.Protocol},
		{name: "chunk without line break", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n", kind: fault.Protocol},
		{name: "chunk without size", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nx\r\n0\r\n\r\n", kind: fault.Protocol},
		{name: "chunk with bad size", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5g\r\nhello\r\n0\r\n\r\n", kind: fault.Protocol},
		{name: "negative chunk", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n", kind: fault.Protocol},
		{name: "enormous chunk", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx\r\n0\r\n\r\n", kind: fault.Protocol},
		{name: "endless extension", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + long, kind: fault.Protocol},
		{name: "more framing than data", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1;"+long[:4000]+"\r\nx\r\n", 10), kind: fault.Protocol},
		{name: "chunked above the limit", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat(fmt.Sprintf("%x\r\n%s\r\n", len(long), long), 17), kind: fault.TooLarge},
		{name: "chunked cut off", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", kind: fault.Reset},
		{name: "last line cut off", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", kind: fault.Reset},
		{name: "chunked and length", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\nx\r\n0\r\n\r\n", status: 200, body: "x"},
		{name: "gzip transfer coding", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", kind: fault.Protocol},
		{name: "chunked twice", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", status: 200, body: "x", keep: true},
		{name: "chunked in a list", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity, chunked, Chunked;q=1\r\n\r\n1\r\nx\r\n0\r\n\r\n", status: 200, body: "x", keep: true},
		{name: "gzip in a second field", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n1\r\nx\r\n0\r\n\r\n", kind: fault.Protocol},
		{name: "identity", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nx", status: 200, body: "x", keep: true},
		{name: "empty transfer coding", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\nContent-Length: 1\r\n\r\nx", status: 200, body: "x", keep: true},

		{name: "HEAD with length", in: "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", head: true, status: 200, keep: true},
		{name: "HEAD with chunked", in: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", head: true, status: 200, keep: true},
		{name: "204", in: "HTTP/1.1 204 No Content\r\n\r\n", status: 204, keep: true},
		{name: "204 with length", in: "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", status: 204, keep: true},
		{name: "304 with length", in: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", status: 304, keep: true},
		{name: "204 with a body", in: "HTTP/1.1 204 No Content\r\n\r\nhello", status: 204},
		{name: "100 first", in: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok", keep: true},
		{name: "hints first", in: "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 9\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok", keep: true},
		{name: "hints without end", in: strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 400), kind: fault.TooLarge},
		{name: "101", in: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", status: 101},

		{name: "1.0", in: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok"},
		{name: "1.0 kept alive", in: "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok", keep: true},
		{name: "1.0 chunked is no framing", in: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok"},
		{name: "close", in: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok"},
		{name: "close in a list", in: "HTTP/1.1 200 OK\r\nConnection: foo ,\tCLOSE\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok"},
		{name: "close in a second field", in: "HTTP/1.1 200 OK\r\nConnection: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok"},
		{name: "close and keep-alive", in: "HTTP/1.1 200 OK\r\nConnection: keep-alive, close\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok"},

		{name: "folded field", in: "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\td\r\nContent-Length: 0\r\n\r\n", status: 200, keep: true},
		{name: "folded length", in: "HTTP/1.1 200 OK\r\nContent-Length:\r\n 2\r\n\r\nok", status: 200, body: "ok", keep: true},
		{name: "length folded apart", in: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n 2\r\n\r\nok", kind: fault.Protocol},
		{name: "folded list", in: "HTTP/1.1 200 OK\nConnection: keep-alive,\n close\nContent-Length: 2\n\nok", status: 200, body: "ok"},
		{name: "folded behind hints", in: "HTTP/1.1 103 Early Hints\r\nLink: a,\r\n b\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 2\r\n\r\nok", status: 200, body: "ok", keep: true},
		{name: "folded without end", in: "HTTP/1.1 200 OK\r\nA: b\r\n" + strings.Repeat(" c\r\n", 300) + "\r\n", kind: fault.Protocol},
		{name: "blank before the first field", in: "HTTP/1.1 200 OK\r\n A: b\r\n\r\n", kind: fault.Protocol},
		{name: "no colon", in: "HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 0\r\n\r\n", status: 200, keep: true},
		{name: "no name", in: "HTTP/1.1 200 OK\r\n: b\r\n : c\r\nContent-Length: 0\r\n\r\n", status: 200, keep: true},
		{name: "odd names", in: "HTTP/1.1 200 OK\r\nX Foo: a\r\nX(b): c\r\nGr\xc3\xb6\xc3\x9fe: d\r\nContent-Length: 0\r\n\r\n", status: 200, keep: true},
		{name: "zero byte in a name", in: "HTTP/1.1 200 OK\r\nA\x00: b\r\n\r\n", kind: fault.Protocol},
		{name: "blank before the colon", in: "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok", status: 200, body: "ok", keep: true},
		{name: "control characters in a value", in: "HTTP/1.1 200 OK\r\nA: b\rc: d\x01\x1b[31m\x7f\r\nContent-Length: 0\r\n\r\n", status: 200, keep: true},
		{name: "zero byte in a value", in: "HTTP/1.1 200 OK\r\nA: b\x00c\r\n\r\n", kind: fault.Protocol},
		{name: "tab and Latin-1 in a value", in: "HTTP/1.1 200 OK\r\nA: caf\xe9\tau lait, very long indeed\r\nContent-Length: 0\r\n\r\n", status: 200, keep: true},
		{name: "HTTP/2 in words", in: "HTTP/2 200\r\nContent-Length: 0\r\n\r\n", status: 200, keep: true},
		{name: "HTTP/1.2", in: "HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n", status: 200, keep: true},
		{name: "lower case", in: "http/1.0  200OK\r\nContent-Length: 0\r\n\r\n", status: 200},
		{name: "two digits", in: "HTTP/1.1 20 OK\r\n\r\n", kind: fault.Protocol},
		{name: "four digits", in: "HTTP/1.1 2000 OK\r\n\r\n", kind: fault.Protocol},
		{name: "no digits", in: "HTTP/1.1 OK\r\n\r\n", kind: fault.Protocol},
		{name: "status with sign", in: "HTTP/1.1 +20 OK\r\n\r\n", kind: fault.Protocol},
		{name: "not HTTP", in: "SSH-2.0-OpenSSH_9.2\r\n", kind: fault.Protocol},
		{name: "empty lines first", in: "\r\n\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", status: 200, keep: true},
		{name: "many empty lines first", in: "\r\n\r\n\r\n\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", kind: fault.Protocol},
		{name: "endless line", in: "HTTP/1.1 200 OK\r\nA: " + long, kind: fault.TooLarge},
		{name: "endless fields", in: "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 4000), kind: fault.TooLarge},
		{name: "nothing", in: "", kind: fault.Reset},
		{name: "half a header", in: "HTTP/1.1 200 OK\r\nConte", kind: fault.Reset},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, piece := range []int{1 << 20, 1000, 3, 1} {
				for _, discard := range []bool{false, true} {
					if discard && strings.HasSuffix(tt.name, "above the limit") {
						continue // what is not kept may be of any size
					}
					a := newAnswer(tt.head, discard)
					err := a.feed(tt.in, piece)
					if got := fault.Of(err); got != tt.kind {
						t.Fatalf("pieces of %d: kind %v (%v), want %v", piece, got, err, tt.kind)
					}
					if tt.kind != fault.None {
						continue
					}
					body := tt.body
					if a.size != int64(len(body)) {
						t.Errorf("pieces of %d: size %d, want %d", piece, a.size, len(body))
					}
					if discard {
						body = ""
					}
					if a.status != tt.status || string(a.body) != body || a.keep != tt.keep {
						t.Errorf("pieces of %d: status %d, %d bytes of body, keep %v; want %d, %d bytes %.40q, %v",
							piece, a.status, len(a.body), a.keep, tt.status, len(body), body, tt.keep)
					}
					a.release()
				}
			}
		})
	}
}

// The header stays readable however the body moves the buffers about.
func TestAnswerKeepsHeader(t *testing.T) {
	var fields strings.Builder
	for i := range 200 {
		fmt.Fprintf(&fields, "X-Field-%d: %s\r\n", i, strings.Repeat("v", i))
	}
	for _, framing := range []string{
		"Content-Length: 200000\r\n\r\n" + strings.Repeat("z", 200000),
		"Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("3e8\r\n"+strings.Repeat("z", 1000)+"\r\n", 200) + "0\r\n\r\n",
		"Connection: close\r\n\r\n" + strings.Repeat("z", 200000),
	} {
		for _, discard := range []bool{false, true} {
			a := newAnswer(false, discard)
			a.maxHeader = 64 << 10
			if err := a.feed("HTTP/1.1 200 OK\r\n"+fields.String()+framing, 777); err != nil {
				t.Fatal(err)
			}
			n := 0
			for name, value := range a.each {
				if n < 200 && (string(name) != fmt.Sprintf("X-Field-%d", n) || len(value) != n) {
					t.Fatalf("field %d is %q: %d bytes", n, name, len(value))
				}
				n++
			}
			if n != 201 || a.size != 200000 || !discard && strings.Trim(string(a.body), "z") != "" {
				t.Errorf("%d fields, %d bytes", n, a.size)
			}
			a.release()
		}
	}
}

// A small answer is not copied: its body is a part of the receive buffer, also when it is chunked.
func TestAnswerStaysInPlace(t *testing.T) {
	for _, in := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
	} {
		a := newAnswer(false, false)
		if err := a.feed(in, 1000); err != nil {
			t.Fatal(err)
		}
		if a.big || &a.buf[a.floor] != &a.body[0] {
			t.Errorf("%q: the body was moved", in)
		}
	}
}
