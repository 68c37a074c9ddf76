package wire

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/fault"
)

// oracle is what net/http makes of the same bytes.
type oracle struct {
	res  *http.Response
	body []byte
	rest bool // bytes follow the answer
	err  error
}

func askOracle(in []byte, method string) (o oracle) {
	br := bufio.NewReaderSize(bytes.NewReader(in), 8<<10)
	for range 1000 {
		o.res, o.err = http.ReadResponse(br, &http.Request{Method: method})
		if o.err != nil {
			return o
		}
		if o.res.StatusCode/100 != 1 || o.res.StatusCode == 101 {
			break
		}
	}
	o.body, o.err = io.ReadAll(o.res.Body)
	_, err := br.ReadByte()
	o.rest = err == nil
	return o
}

// stricter says why this parser refuses what net/http takes; "" when it has no business to.
func stricter(in []byte, err error) string {
	f, ok := err.(*fault.Error)
	if !ok {
		return ""
	}
	if f.Kind == fault.TooLarge {
		return "limits are smaller"
	}
	for _, text := range []string{
		"folded over two lines",            // RFC 9112, 5.2: only inside message/http may a recipient take it
		"header name holds characters",     // net/http lets blanks stand before the colon
		"status is not a number",           // net/http takes +20 and 007
		"not HTTP/1.1 but another",         // net/http takes HTTP/7.3
		"does not begin with an HTTP",      // and several blanks behind the version
		"a trailer line holds a zero byte", // net/http does not look at trailers when nobody reads them
		"line with a chunk's size",         // its limit depends on the buffer of its reader
		"chunks hold far more framing",     // the same rule, counted with the line break
		"the Content-Length is not",        // net/http ignores it for answers that cannot have a body
		"two Content-Length",               // likewise
		"the size of a chunk is beyond",    // 2^56 is enough
		"a chunk is longer than its size",  // net/http notices only when it is asked for more
	} {
		if strings.Contains(f.Text, text) {
			return text
		}
	}
	return ""
}

// looser says why this parser takes what net/http refuses; "" when it has no business to.
func looser(in []byte, err error) string {
	for _, text := range []string{
		"bad trailer key",           // the Trailer field announces, it does not frame
		"too large",                 // net/http bounds the memory of a header map
		"header too long",           //
		"token too long",            //
		"unexpected EOF",            // of a body that cannot exist, or trailers longer than its buffer
		"suspiciously long trailer", //
		"malformed MIME header",     // what curl and browsers forgive, see h1_forgive.go
		"malformed HTTP",            //
		"bad Content-Length",        // several that agree, in one field
		"transfer encoding",         // several that mean chunked, or nothing
		"bare LF",                   //
	} {
		if strings.Contains(err.Error(), text) {
			return text
		}
	}
	return ""
}

func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n",
		"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nrest",
		"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/1.1 304 Not Modified\nContent-Length: 7\nSet-Cookie: a=b\n\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\nx\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nConnection: close, x\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\n\r\n",
	} {
		f.Add([]byte(seed), uint16(7), false)
		f.Add([]byte(seed), uint16(4096), true)
	}
	f.Fuzz(func(t *testing.T, in []byte, piece uint16, head bool) {
		method := "GET"
		if head {
			method = "HEAD"
		}
		want := askOracle(in, method)
		a := newAnswer(head, false)
		defer a.release()
		err := a.feed(string(in), int(piece)+1)
		if err != nil && a.stage > atHeader && fault.Of(err) == fault.Reset && want.err != nil {
			return // both miss the end of the body
		}
		switch {
		case err != nil && want.err == nil:
			if stricter(in, err) == "" {
				t.Fatalf("refused: %v; net/http: %v with %d bytes", err, want.res.Status, len(want.body))
			}
			return
		case err == nil && want.err != nil:
			if looser(in, want.err) == "" {
				t.Fatalf("taken: %d with %d bytes; net/http refuses: %v", a.status, len(a.body), want.err)
			}
			return
		case err != nil:
			return
		}
		compareAnswers(t, a, want)
	})
}

func compareAnswers(t *testing.T, a *answer, want oracle) {
	if a.status != want.res.StatusCode {
		t.Fatalf("status %d, net/http %d", a.status, want.res.StatusCode)
	}
	if !bytes.Equal(a.body, want.body) {
		t.Fatalf("body %q, net/http %q", a.body, want.body)
	}
	if a.keep && (want.res.Close || want.rest) {
		t.Fatalf("keeps a connection that net/http closes (close %v, rest %v)", want.res.Close, want.rest)
	}
	got := http.Header{}
	for name, value := range a.each {
		got.Add(string(name), string(value))
	}
	for name, values := range want.res.Header {
		if name == "Cache-Control" && want.res.Header.Get("Pragma") == "no-cache" {
			continue // made up by net/http
		}
		if strings.TrimSpace(name) != name || !validToken(name) {
			continue // net/http keeps the space before a colon
		}
		if words(got[name]) != words(values) && name != "Content-Length" && name != "Connection" {
			t.Fatalf("field %s is %q, net/http %q", name, got[name], values)
		}
	}
}

// words is the text of fields, whatever spaces a folded one was joined with.
func words(values []string) string {
	return strings.Join(strings.Fields(strings.Join(values, "\n")), " ")
}
