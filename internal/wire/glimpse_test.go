package wire

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestGlimpse(t *testing.T) {
	text := []byte("<h1>down for repairs</h1>" + strings.Repeat(" more", 400))
	answers := map[string]struct {
		coding string
		body   []byte
		want   []byte
	}{
		"/plain": {"", text, text},
		"/empty": {"", nil, nil},
		"/bomb":  {"gzip", pack(t, "gzip", make([]byte, 3<<20)), make([]byte, glimpseSeen)},
		"/large": {"", bytes.Repeat([]byte("a"), 100<<10), bytes.Repeat([]byte("a"), glimpseSeen)},
		"/cut":   {"gzip", pack(t, "gzip", text)[:40], nil},
		"/none":  {"none", text, text},
	}
	for _, coding := range []string{"gzip", "br", "zstd", "deflate", "bare"} {
		a := answers["/plain"]
		a.coding, a.body = strings.Replace(coding, "bare", "deflate", 1), pack(t, coding, text)
		answers["/"+coding] = a
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answers[r.URL.Path]
		if a.coding != "" {
			w.Header().Set("Content-Encoding", a.coding)
		}
		if r.URL.RawQuery == "fail" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		w.Write(a.body)
	})
	s, _ := site(t, false, h)
	e := newEngine(t, Config{MaxBody: 1 << 20})
	base, c := target(t, e, s.URL), e.Client(0)
	for path, a := range answers {
		for _, how := range []string{"", "fail", "discard", "fail discard"} {
			status, discard := strings.TrimSuffix(strings.TrimSuffix(how, "discard"), " "), strings.HasSuffix(how, "discard")
			r := do(t, c, Request{Base: base, URL: fmt.Sprintf("%s?%s", path, status), Discard: discard})
			got, want := r.Glimpse(), a.want
			switch {
			case how == "discard":
				want = nil // a success that nobody looks at
			case discard && path == "/bomb" || path == "/cut":
				want = got // how far it goes is the decoder's affair
			case discard && path == "/large":
				want = want[:glimpseKept]
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s %s: %d bytes %.40q, want %d", path, how, len(got), got, len(want))
			}
			r.Release()
			if r.Glimpse() != nil {
				t.Errorf("%s: a released answer has a body", path)
			}
		}
	}
}
