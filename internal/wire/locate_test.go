package wire

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/fault"
)

func TestLocate(t *testing.T) {
	e := newEngine(t, Config{Allow: []string{"shop.example", "*.example", "127.0.0.1", "::1", "xn--bcher-kva.example"}})
	base := target(t, e, "https://Shop.Example:443/store/")
	if base.String() != "https://shop.example/store" {
		t.Errorf("the base is %s", base)
	}
	for raw, want := range map[string]string{
		"/":                               "https://shop.example/store/",
		"/a/b?c=d#e":                      "https://shop.example/store/a/b?c=d",
		"/.well-known/x":                  "https://shop.example/store/.well-known/x",
		"/a/../b":                         "https://shop.example/store/b",
		"/a/./b/..":                       "https://shop.example/store/a/",
		"/x?y=/../z":                      "https://shop.example/store/x?y=/../z",
		"next":                            "https://shop.example/store/next",
		"../up":                           "https://shop.example/up",
		"?q=1":                            "https://shop.example/store/?q=1",
		"":                                "https://shop.example/store/",
		"//cdn.example/x":                 "https://cdn.example/x",
		"http://shop.example":             "http://shop.example/",
		"HTTP://SHOP.example:80/a":        "http://shop.example/a",
		"http://shop.example:8080?x":      "http://shop.example:8080/?x",
		"https://shop.example:80/":        "https://shop.example:80/",
		"http://[::1]:80/a":               "http://[::1]/a",
		"http://[0:0::1]:81/a":            "http://[::1]:81/a",
		"http://bücher.example/ü?ü":       "http://xn--bcher-kva.example/%C3%BC?%C3%BC",
		"http://shop.example./a":          "http://shop.example/a",
		"http://u:p@shop.example/a":       "http://shop.example/a",
		"http://shop.example/a b\"<>{}`c": "http://shop.example/a%20b%22%3C%3E%7B%7D%60c",
		"/a|b^{}`\"'<>~?a|b^{}`\"'<>~":    "https://shop.example/store/a%7Cb%5E%7B%7D%60%22'%3C%3E~?a|b^{}`%22%27%3C%3E~", // as Chromium 156 has it
		"http://shop.example/%41%2f?%20":  "http://shop.example/%41%2f?%20",
		`http://shop.example\a\b`:         "http://shop.example/a/b",
		`/search?q=a\b`:                   `https://shop.example/store/search?q=a\b`, // a backslash is a slash in the path only
		`/dir\x?q=a\b`:                    `https://shop.example/store/dir/x?q=a\b`,
		`\x?user=CORP\bob`:                `https://shop.example/x?user=CORP\bob`,
		`\\cdn.example\x`:                 "https://cdn.example/x",
		`http://shop.example/?a\b`:        `http://shop.example/?a\b`,
		"/50%":                            "https://shop.example/store/50%", // a percent sign alone is sent as it is
		"/?q=100%&r=%zz":                  "https://shop.example/store/?q=100%&r=%zz",
		"a%/../50%":                       "https://shop.example/store/50%",
		"http://shop.example/./50%":       "http://shop.example/50%",
		"/a/%2e%2E/b":                     "https://shop.example/store/b",
		"http:///shop.example/a":          "http://shop.example/a",
		" http://shop.example/a ":         "http://shop.example/a",
		"http://127.1/":                   "http://127.0.0.1/",
		"http://0x7f000001:81/":           "http://127.0.0.1:81/",
		"http://app.shop.example.:80/":    "http://app.shop.example/",
	} {
		at, err := e.locate(base, raw)
		if err != nil {
			t.Errorf("%q: %v", raw, err)
		} else if got := at.url(); got != want {
			t.Errorf("%q: %s, want %s", raw, got, want)
		} else if at.origin.err != nil {
			t.Errorf("%q: %v", raw, at.origin.err)
		}
	}
	for _, raw := range []string{"", "/a", "a", "ftp://shop.example/", "mailto:x", "http://", "http://shop.example:0/", "http://shop.example:65536/", "http://shop.example:x/", "http://sh op.example/", "http://[::1/", "http://a@b@/"} {
		c := e.Client(0)
		doFail(t, c, Request{URL: raw}, fault.Other)
	}
	for _, bad := range []string{"", "shop.example", "ftp://shop.example", "http://", "http://shop.example/?q", "http://shop.example/#f", "http://shop.example:x", "http://%zz"} {
		if _, err := e.Target(bad); err == nil {
			t.Errorf("the base %q is taken", bad)
		}
	}
	// A base that is not allowed is known by its requests.
	elsewhere := target(t, e, "http://elsewhere.org")
	doFail(t, e.Client(0), Request{Base: elsewhere, URL: "/"}, fault.Guard)
}

func TestLocateAllocates(t *testing.T) {
	e := newEngine(t, Config{Allow: []string{"shop.example"}})
	base := target(t, e, "https://shop.example/store")
	for _, raw := range []string{"/a/b?c=d", "https://shop.example/a/b?c", "http://SHOP.example:8080/"} {
		e.locate(base, raw)
		if n := testing.AllocsPerRun(100, func() { e.locate(base, raw) }); n != 0 {
			t.Errorf("%s: %v allocations", raw, n)
		}
	}
}

// The engine remembers only so many origins, and works without.
func TestOriginsAreBounded(t *testing.T) {
	e := newEngine(t, Config{Allow: []string{"*.example"}})
	var last, again location
	nearly := map[originKey]*origin{}
	for i := range originLimit - 10 {
		k := originKey{false, "h" + strconv.Itoa(i) + ".example"}
		nearly[k], _ = e.newOrigin(k.secure, k.authority)
	}
	e.origins.known.Store(&nearly)
	for i := range 20 {
		last, _ = e.locate(nil, "http://i"+strconv.Itoa(i)+".example/")
		if n := len(*e.origins.known.Load()); n != min(originLimit-9+i, originLimit) {
			t.Fatalf("%d origins are kept after %d new ones", n, i+1)
		}
	}
	again, _ = e.locate(nil, last.url())
	if !again.origin.same(last.origin) {
		t.Error("the same host is another")
	}
}

// built is the request as it would be sent.
func built(e *Engine, req *Request) ([]byte, error) {
	x := newExchange(e)
	x.c, x.req, x.resp, x.ctx = e.Client(0), req, new(Response), background
	x.method = req.Method
	if x.method == "" {
		x.method = "GET"
	}
	var err error
	if x.own, err = checkRequest(x.method, req.Header, len(req.Body)); err != nil {
		return nil, err
	}
	if x.at, err = e.locate(req.Base, req.URL); err != nil {
		return nil, err
	}
	if x.at.origin.err != nil {
		return nil, x.at.origin.err
	}
	x.acquire()
	x.build()
	return append(x.out, x.rest...), nil
}

func TestBuild(t *testing.T) {
	e := newEngine(t, Config{Allow: []string{"shop.example", "127.0.0.1"}, UserAgent: "test/1"})
	base := target(t, e, "http://shop.example:81/store")
	usual := "Host: shop.example:81\r\nUser-Agent: test/1\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\n"
	for _, tt := range []struct {
		name, want string
		req        Request
	}{
		{"plain", "GET /store/a HTTP/1.1\r\n" + usual + "\r\n", Request{URL: "/a"}},
		{"root", "GET /store/ HTTP/1.1\r\n" + usual + "\r\n", Request{URL: "/"}},
		{"query", "GET /store/a?x=y&b=c%26d&%C3%BC=+ HTTP/1.1\r\n" + usual + "\r\n", Request{URL: "/a?x=y", Query: []Field{{"b", "c&d"}, {"ü", " "}}}},
		{"query alone", "GET /store/a?b=c HTTP/1.1\r\n" + usual + "\r\n", Request{URL: "/a", Query: []Field{{"b", "c"}}}},
		{"query behind a question mark", "GET /store/a?b=c HTTP/1.1\r\n" + usual + "\r\n", Request{URL: "/a?", Query: []Field{{"b", "c"}}}},
		{"query behind an ampersand", "GET /store/a?x&b=c HTTP/1.1\r\n" + usual + "\r\n", Request{URL: "/a?x&", Query: []Field{{"b", "c"}}}},
		{"not ASCII", "GET /store/%C3%BC%20%22 HTTP/1.1\r\n" + usual + "\r\n", Request{URL: "/ü \""}},
		{"a smuggled line, as browsers read it", "GET /store/aX:%20y HTTP/1.1\r\n" + usual + "\r\n", Request{URL: "/a\r\nX: y"}},
		{"post", "POST /store/a HTTP/1.1\r\n" + usual + "Content-Type: t\r\nContent-Length: 4\r\n\r\nbody", Request{Method: "POST", URL: "/a", Header: []Field{{"Content-Type", "t"}}, Body: []byte("body")}},
		{"empty post", "POST /store/a HTTP/1.1\r\n" + usual + "Content-Length: 0\r\n\r\n", Request{Method: "POST", URL: "/a"}},
		{"delete", "DELETE /store/a HTTP/1.1\r\n" + usual + "\r\n", Request{Method: "DELETE", URL: "/a"}},
		{"overrides", "GET /store/a HTTP/1.1\r\nAccept-Encoding: gzip, deflate\r\nhost: h\r\nuser-agent: u\r\nACCEPT: x\r\nCookie: c=d\r\n\r\n", Request{URL: "/a", Header: []Field{{"host", "h"}, {"user-agent", "u"}, {"ACCEPT", "x"}, {"Cookie", "c=d"}}}},
		{"left out", "GET /store/a HTTP/1.1\r\nHost: shop.example:81\r\n\r\n", Request{URL: "/a", Header: []Field{{"User-Agent", ""}, {"Accept", ""}, {"Accept-Encoding", ""}}}},
		{"own length", "POST /store/a HTTP/1.1\r\n" + usual + "Content-Length: 4\r\n\r\nbody", Request{Method: "POST", URL: "/a", Header: []Field{{"Content-Length", "4"}}, Body: []byte("body")}},
		{"as a browser here", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: test/1\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n\r\n", Request{URL: "http://127.0.0.1"}},
		{"credentials", "GET / HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: test/1\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\nAuthorization: Basic YTpi\r\n\r\n", Request{URL: "http://a:b@shop.example"}},
		{"credentials by hand win", "GET / HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: test/1\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\nAuthorization: x\r\n\r\n", Request{URL: "http://a:b@shop.example", Header: []Field{{"Authorization", "x"}}}},
	} {
		tt.req.Base = base
		if got, err := built(e, &tt.req); err != nil || string(got) != tt.want {
			t.Errorf("%s: %v\n%s\nwant\n%s", tt.name, err, got, tt.want)
		}
	}
	for name, req := range map[string]Request{
		"method":            {Method: "GE T", URL: "/"},
		"method with line":  {Method: "GET / HTTP/1.1\r\nX:", URL: "/"},
		"field name":        {URL: "/", Header: []Field{{"A B", "c"}}},
		"empty field name":  {URL: "/", Header: []Field{{"", "c"}}},
		"field value":       {URL: "/", Header: []Field{{"A", "b\r\nC: d"}}},
		"another length":    {Method: "POST", URL: "/", Header: []Field{{"Content-Length", "9"}}, Body: []byte("body")},
		"length of nothing": {URL: "/", Header: []Field{{"Content-Length", "9"}}},
		"no length":         {URL: "/", Header: []Field{{"Content-Length", "many"}}},
		"two lengths":       {Method: "POST", URL: "/", Header: []Field{{"Content-Length", "4"}, {"content-length", "4"}}, Body: []byte("body")},
		"two hosts":         {URL: "/", Header: []Field{{"Host", "a"}, {"host", "b"}}},
		"transfer encoding": {URL: "/", Header: []Field{{"Transfer-Encoding", "chunked"}}},
	} {
		req.Base = base
		if got, err := built(e, &req); fault.Of(err) != fault.Protocol {
			t.Errorf("%s is taken: %s", name, got)
		}
	}
}

// FuzzBuild checks that whatever a test puts into a request, one request goes out and net/http reads back what was meant.
func FuzzBuild(f *testing.F) {
	f.Add("GET", "/a?b=c", "X-A", "b", "q", "v", []byte("body"))
	f.Add("POST", "/a b\r\nHost: evil", "Cookie", "a=b", "ü", "\n", []byte(nil))
	f.Add("PUT", "http://shop.example/%zz\x00", "content-length", "3", "", "", []byte("abc"))
	e := newEngine(f, Config{Allow: []string{"shop.example"}})
	base := target(f, e, "http://shop.example/store")
	f.Fuzz(func(t *testing.T, method, raw, name, value, key, param string, body []byte) {
		req := Request{Method: method, URL: raw, Base: base, Header: []Field{{name, value}}, Query: []Field{{key, param}}, Body: body}
		out, err := built(e, &req)
		if err != nil || equalFold(name, "content-length") || equalFold(name, "host") {
			return
		}
		br := bufio.NewReader(bytes.NewReader(out))
		got, err := http.ReadRequest(br)
		if err != nil {
			if _, bad := url.ParseRequestURI(strings.Fields(string(out))[1]); bad != nil {
				return // net/http wants escapes to be right; a load test may send wrong ones
			}
			t.Fatalf("net/http cannot read %q: %v", out, err)
		}
		sent, err := io.ReadAll(got.Body)
		if method == "" {
			method = "GET"
		}
		if err != nil || !bytes.Equal(sent, body) || br.Buffered() != 0 || got.Method != method || got.Host != "shop.example" {
			t.Fatalf("%q was read as %s %s with %q, %d bytes behind", out, got.Method, got.Host, sent, br.Buffered())
		}
		if v := got.Header.Get(name); v != strings.Trim(value, " \t") {
			t.Fatalf("%q: the field came as %q", out, v)
		}
		if q := got.URL.Query()[key]; !strings.Contains(raw, "?") && (len(q) != 1 || q[0] != param) {
			t.Fatalf("%q: the parameter came as %q", out, q)
		}
	})
}
