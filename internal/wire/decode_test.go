package wire

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/stampede-load/stampede/internal/fault"
)

// pack compresses with one coding.
func pack(t testing.TB, coding string, b []byte) []byte {
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch coding {
	case "gzip", "x-gzip":
		w = gzip.NewWriter(&out)
	case "deflate":
		w = zlib.NewWriter(&out)
	case "bare":
		w, err = flate.NewWriter(&out, 6)
	case "br":
		w = brotli.NewWriter(&out)
	case "zstd":
		w, err = zstd.NewWriter(&out)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestDecode(t *testing.T) {
	plain := bytes.Repeat([]byte("the quick brown fox "), 20000) // 400 KB
	answers := map[string]struct {
		header string
		body   []byte
	}{
		"/gzip":     {"gzip", pack(t, "gzip", plain)},
		"/x-gzip":   {"X-GZip", pack(t, "gzip", plain)},
		"/deflate":  {"deflate", pack(t, "deflate", plain)},
		"/bare":     {"deflate", pack(t, "bare", plain)},
		"/br":       {"br", pack(t, "br", plain)},
		"/zstd":     {"zstd", pack(t, "zstd", plain)},
		"/both":     {"gzip, br", pack(t, "br", pack(t, "gzip", plain))},
		"/identity": {"identity", plain},
		"/empty":    {"gzip", nil},
		"/broken":   {"gzip", plain[:100]},
		"/cut":      {"zstd", pack(t, "zstd", plain)[:50]},
		"/unknown":  {"compress", plain[:100]},
		"/bomb":     {"gzip", pack(t, "gzip", make([]byte, 3<<20))},
		"/bomb-br":  {"br", pack(t, "br", make([]byte, 3<<20))},
		"/bomb-zs":  {"zstd", pack(t, "zstd", make([]byte, 3<<20))},
	}
	s, _ := site(t, false, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answers[r.URL.Path]
		w.Header().Set("Content-Encoding", a.header)
		w.Write(a.body)
	}))
	e := newEngine(t, Config{MaxBody: 1 << 20})
	base, c := target(t, e, s.URL), e.Client(0)
	for range 3 { // the decoders are used again
		for path, a := range answers {
			r := do(t, c, Request{Base: base, URL: path})
			if !bytes.Equal(r.Raw(), a.body) || r.BodySize != int64(len(a.body)) {
				t.Errorf("%s: %d bytes raw", path, len(r.Raw()))
			}
			want, kind := plain, fault.None
			switch {
			case path == "/empty":
				want = nil
			case path == "/unknown":
				want = plain[:100]
			case strings.HasPrefix(path, "/bomb"):
				want, kind = nil, fault.TooLarge
			case path == "/broken", path == "/cut":
				want, kind = nil, fault.Protocol
			}
			for range 2 { // also when asked again
				if b, err := r.Body(); !bytes.Equal(b, want) || fault.Of(err) != kind {
					t.Errorf("%s: %d bytes, %v", path, len(b), err)
				}
			}
			r.Release()
			if b, err := r.Body(); b != nil || err != nil {
				t.Errorf("%s: a released answer has a body", path)
			}
		}
	}
	before := e.Counters().Decoded
	do(t, c, Request{Base: base, URL: "/gzip"})
	do(t, c, Request{Base: base, URL: "/gzip", Discard: true})
	if after := e.Counters().Decoded; after != before || before < int64(len(plain)) {
		t.Errorf("bodies nobody looked at were decompressed: %d, %d", before, after)
	}
}
