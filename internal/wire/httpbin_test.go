package wire

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mccutchen/go-httpbin/v2/httpbin"

	"github.com/stampede-load/stampede/internal/fault"
)

// eachHTTPBin runs a test against a server that others wrote for testing clients.
func eachHTTPBin(t *testing.T, test func(t *testing.T, e *Engine, base *Target)) {
	app := httpbin.New(httpbin.WithMaxBodySize(8<<20), httpbin.WithMaxDuration(10*time.Second))
	eachTransport(t, app.Handler(), test)
}

// into reads a JSON answer.
func into(t *testing.T, r *Response, v any) {
	t.Helper()
	b, err := r.Body()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatalf("%v: %.200s", err, b)
	}
}

func TestHTTPBinEcho(t *testing.T) {
	eachHTTPBin(t, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			req := Request{
				Method: method, Base: base, URL: "/" + strings.ToLower(method) + "?a=1&a=2", Query: []Field{{"b c", "d&e=ü"}},
				Header: []Field{{"X-Two", "1"}, {"x-two", "2"}, {"Content-Type", "application/x-www-form-urlencoded"}},
			}
			if method != "GET" {
				req.Body = []byte("k=v+w&k=%26")
			}
			r := do(t, c, req)
			var got struct {
				Args    map[string][]string
				Headers http.Header
				Form    map[string][]string
				URL     string
			}
			into(t, r, &got)
			if fmt.Sprint(got.Args) != "map[a:[1 2] b c:[d&e=ü]]" || fmt.Sprint(got.Headers["X-Two"]) != "[1 2]" || got.Headers.Get("User-Agent") != "stampede" {
				t.Errorf("%s: %+v", method, got)
			}
			if got.Headers.Get("Accept-Encoding") != "gzip, deflate, br, zstd" || got.Headers.Get("Accept") != "*/*" {
				t.Errorf("%s: %+v", method, got.Headers)
			}
			if method != "GET" && method != "DELETE" && fmt.Sprint(got.Form) != "map[k:[v w &]]" {
				t.Errorf("%s: form %v", method, got.Form)
			}
		}
	})
}

func TestHTTPBinCookies(t *testing.T) {
	eachHTTPBin(t, func(t *testing.T, e *Engine, base *Target) {
		ann, bob := e.Client(0), e.Client(1)
		r := do(t, ann, Request{Base: base, URL: "/cookies/set?k1=v1&k2=v2"})
		if r.Hops != 1 || !strings.HasSuffix(r.URL, "/cookies") {
			t.Errorf("%+v", r)
		}
		cookies := func(c *Client) string {
			var got struct{ Cookies map[string]string }
			into(t, do(t, c, Request{Base: base, URL: "/cookies"}), &got)
			return fmt.Sprint(got.Cookies)
		}
		if got := cookies(ann); got != "map[k1:v1 k2:v2]" {
			t.Error(got)
		}
		if got := cookies(bob); got != "map[]" {
			t.Error(got)
		}
		do(t, ann, Request{Base: base, URL: "/cookies/delete?k1="})
		if got := cookies(ann); got != "map[k2:v2]" {
			t.Error(got)
		}
		var got struct{ Cookies map[string]string }
		into(t, do(t, ann, Request{Base: base, URL: "/cookies", NoCookies: true}), &got)
		if len(got.Cookies) != 0 {
			t.Error(got)
		}
	})
}

func TestHTTPBinRedirects(t *testing.T) {
	eachHTTPBin(t, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		for _, url := range []string{"/redirect/4", "/relative-redirect/4", "/absolute-redirect/4"} {
			r := do(t, c, Request{Base: base, URL: url})
			if r.Status != 200 || r.Hops != 4 || !strings.HasSuffix(r.URL, "/get") {
				t.Errorf("%s: %+v", url, r)
			}
		}
		doFail(t, c, Request{Base: base, URL: "/redirect/11"}, fault.Redirect)
		doFail(t, c, Request{Base: base, URL: "/redirect-to?url=http%3A%2F%2Fexample.com%2F"}, fault.Guard)
	})
}

func TestHTTPBinEncodings(t *testing.T) {
	eachHTTPBin(t, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		for _, coding := range []string{"gzip", "deflate"} {
			r := do(t, c, Request{Base: base, URL: "/" + coding})
			if r.Header("Content-Encoding") != coding {
				t.Errorf("%s: %s", coding, r.Header("Content-Encoding"))
			}
			if got := body(t, r); !strings.Contains(got, `"method": "GET"`) || got == string(r.Raw()) {
				t.Errorf("%s: %.100s", coding, got)
			}
		}
		if got := body(t, do(t, c, Request{Base: base, URL: "/encoding/utf8"})); !strings.Contains(got, "STARGΛ̊TE") {
			t.Errorf("%.100s", got)
		}
	})
}

func TestHTTPBinStreams(t *testing.T) {
	eachHTTPBin(t, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		if r := do(t, c, Request{Base: base, URL: "/stream/20"}); strings.Count(body(t, r), "\n") != 20 {
			t.Errorf("%q", r.Raw())
		}
		if r := do(t, c, Request{Base: base, URL: "/stream-bytes/100000?chunk_size=777&seed=1"}); r.BodySize != 100000 {
			t.Errorf("%d bytes", r.BodySize)
		}
		if r := do(t, c, Request{Base: base, URL: "/bytes/100000?seed=1", Discard: true}); r.BodySize != 100000 {
			t.Errorf("%d bytes", r.BodySize)
		}
		r := do(t, c, Request{Base: base, URL: "/drip?numbytes=10&duration=50ms&delay=50ms"})
		if first := time.Duration(r.Times.FirstByte - r.Times.Sent); r.BodySize != 10 || first < 45*time.Millisecond || r.Times.Done < r.Times.FirstByte+40e6 {
			t.Errorf("%d bytes, %+v", r.BodySize, r.Times)
		}
		r = do(t, c, Request{Base: base, URL: "/trailers?a=b&c=d"})
		if r.Status != 200 || !strings.Contains(body(t, r), "trailers") && r.BodySize == 0 {
			t.Errorf("%+v", r)
		}
		doFail(t, c, Request{Base: base, URL: "/delay/5", Timeout: 50 * time.Millisecond}, fault.Timeout)
		if r := do(t, c, Request{Base: base, URL: "/range/1000", Header: []Field{{"Range", "bytes=10-19"}}}); r.Status != 206 || r.BodySize != 10 {
			t.Errorf("%+v", r)
		}
	})
}

func TestHTTPBinStatusAndAuth(t *testing.T) {
	eachHTTPBin(t, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		for _, status := range []int{200, 201, 204, 304, 400, 401, 403, 404, 418, 500, 503} {
			if r := do(t, c, Request{Base: base, URL: fmt.Sprintf("/status/%d", status)}); r.Status != status {
				t.Errorf("%d: %+v", status, r)
			}
		}
		if r := do(t, c, Request{Base: base, URL: "/basic-auth/ann/s3cret"}); r.Status != 401 {
			t.Errorf("%+v", r)
		}
		login := strings.Replace(base.String(), "://", "://ann:s3cret@", 1)
		if r := do(t, c, Request{URL: login + "/basic-auth/ann/s3cret"}); r.Status != 200 {
			t.Errorf("%+v", r)
		}
		if r := do(t, c, Request{Base: target(t, e, login), URL: "/basic-auth/ann/s3cret"}); r.Status != 200 {
			t.Errorf("%+v", r)
		}
		if r := do(t, c, Request{Base: base, URL: "/bearer", Header: []Field{{"Authorization", "Bearer x"}}}); r.Status != 200 {
			t.Errorf("%+v", r)
		}
		if r := do(t, c, Request{Method: "HEAD", Base: base, URL: "/get"}); r.Status != 200 || r.BodySize != 0 {
			t.Errorf("%+v", r)
		}
		if r := do(t, c, Request{Base: base, URL: "/unstable?failure_rate=1"}); r.Status != 500 {
			t.Errorf("%+v", r)
		}
		if n := e.Counters(); n.Dials != 1 {
			t.Errorf("one connection is enough: %+v", n)
		}
	})
}
