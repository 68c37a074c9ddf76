package wire

import (
	"bytes"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/stampede-load/stampede/internal/fault"
)

// Bodies with something odd around what is compressed, as curl and Chromium take them, or refuse them.
func TestOddCompressedBodies(t *testing.T) {
	plain := []byte(strings.Repeat("hello, compressed world ", 20))
	gz, z, bare := pack(t, "gzip", plain), pack(t, "deflate", plain), pack(t, "bare", plain)
	named := append([]byte{0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3, 3, 0, 'e', 'x', 't', 'n', 'a', 0, 'c', 0, 1, 2}, gz[10:]...)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for _, tt := range []struct {
		name, coding string
		body         []byte
		want         string // "plain", "raw", "wrong"
	}{
		{"no coding at all", "utf-8", plain, "raw"},
		{"none", "none", plain, "raw"},
		{"empty", "", plain, "raw"},
		{"chunked", "chunked", plain, "raw"},
		{"aws-chunked", "aws-chunked,gzip", gz, "plain"},
		{"charset before", "utf-8, gzip", gz, "plain"},
		{"charset behind", "gzip, UTF-8", gz, "plain"},
		{"comma behind", "gzip,", gz, "plain"},
		{"parameter", "gzip;q=1.0", gz, "plain"},
		{"quotes", `"gzip"`, gz, "plain"},
		{"capitals", "GZIP", gz, "plain"},
		{"file name and comment", "gzip", named, "plain"},
		{"zeros behind", "gzip", join(gz, make([]byte, 600)), "plain"},
		{"text behind", "gzip", join(gz, []byte("<!-- 12 ms -->")), "plain"},
		{"two members", "gzip", join(pack(t, "gzip", plain[:100]), pack(t, "gzip", plain[100:])), "plain"},
		{"no sum", "gzip", gz[:len(gz)-8], "plain"},
		{"half a sum", "gzip", gz[:len(gz)-3], "plain"},
		{"wrong sum", "gzip", join(gz[:len(gz)-8], []byte("abcdefgh")), "wrong"},
		{"cut", "gzip", gz[:len(gz)-12], "wrong"},
		{"not compressed", "gzip", plain, "wrong"},
		{"compressed once, said twice", "gzip, gzip", gz, "wrong"},
		{"deflate without its sum", "deflate", z[:len(z)-4], "plain"},
		{"deflate with text behind", "deflate", join(z, []byte("x")), "plain"},
		{"bare deflate", "deflate", bare, "plain"},
		{"deflate that is none", "deflate", plain, "wrong"},
		{"five times", "br,br,br,br,br", plain, "wrong"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := site(t, false, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", tt.coding)
				w.Write(tt.body)
			}))
			e := newEngine(t, Config{})
			r := do(t, e.Client(0), Request{Base: target(t, e, s.URL), URL: "/"})
			found := r.Contains([]byte("hello"))
			b, err := r.Body()
			switch tt.want {
			case "plain":
				if err != nil || !bytes.Equal(b, plain) || !found {
					t.Errorf("%q, %v, %v", b, err, found)
				}
			case "raw":
				if err != nil || !bytes.Equal(b, tt.body) || !found {
					t.Errorf("%q, %v, %v", b, err, found)
				}
			case "wrong":
				if fault.Of(err) != fault.Protocol {
					t.Errorf("%d bytes, %v", len(b), err)
				}
			}
		})
	}
}

// A text is found wherever it is in a body that is too large to keep, and keeps nothing of it.
func TestContainsStreams(t *testing.T) {
	sizes := []int{10, smallBody - 3, smallBody, smallBody + 5, 2*smallBody + 7}
	if racing { // without it all of them
		sizes = []int{10, smallBody + 5}
	}
	for _, size := range sizes {
		plain := append(bytes.Repeat([]byte("abcdefghij"), size/10+1)[:size], "needle"...)
		for _, coding := range []string{"gzip", "br", "zstd", "deflate"} {
			in := pack(t, coding, append(plain, "tail"...))
			s, _ := site(t, false, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", coding)
				w.Write(in)
			}))
			e := newEngine(t, Config{MaxBody: 8 << 20})
			r := do(t, e.Client(0), Request{Base: target(t, e, s.URL), URL: "/"})
			for text, want := range map[string]bool{"needle": true, "jabc": size > 10, "needletail": true, "needlex": false, "": true, "x": false, string(plain[:9]): true} {
				if got := r.Contains([]byte(text)); got != want {
					t.Errorf("%d %s: %q found: %v", size, coding, text, got)
				}
			}
			if b, err := r.Body(); err != nil || len(b) != size+10 || !bytes.HasSuffix(b, []byte("needletail")) {
				t.Errorf("%d %s: %d bytes, %v", size, coding, len(b), err)
			}
			r.Release()
		}
	}
}

// Large bodies of all users together have the memory of a few.
func TestLargeBodiesAreBounded(t *testing.T) {
	bomb := pack(t, "gzip", make([]byte, 4<<20))
	s, _ := site(t, false, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(bomb)
	}))
	e := newEngine(t, Config{})
	e.large = semaphore.NewWeighted(16 << 20)
	base := target(t, e, s.URL)
	var most, held atomic.Int64
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			r := do(t, e.Client(i), Request{Base: base, URL: "/"})
			b, err := r.Body()
			if err != nil || len(b) != 4<<20 {
				t.Errorf("%d bytes, %v", len(b), err)
			}
			n := held.Add(1)
			for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
			}
			runtime.Gosched()
			held.Add(-1)
			r.Release()
		})
	}
	wg.Wait()
	if most.Load() > 4 {
		t.Errorf("%d bodies at a time", most.Load())
	}
	var held4 []*Response // the memory is used up: the next one says so when its time is over
	for i := range 4 {
		r := do(t, e.Client(i), Request{Base: base, URL: "/"})
		if _, err := r.Body(); err != nil {
			t.Fatal(err)
		}
		held4 = append(held4, r)
	}
	r := do(t, e.Client(9), Request{Base: base, URL: "/", Timeout: 3 * time.Second})
	if _, err := r.Body(); fault.Of(err) != fault.Limit {
		t.Errorf("a fifth body: %v", err)
	}
	r.Release()
	for _, r := range held4 {
		r.Release()
	}
	r = do(t, e.Client(9), Request{Base: base, URL: "/"})
	if _, err := r.Body(); err != nil {
		t.Errorf("after all were released: %v", err)
	}
	r.Release()
}

// What nobody keeps may be of any size.
func TestDiscardBeyondTheLimit(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/length" {
			w.Header().Set("Content-Length", "3000000")
		}
		w.Write(make([]byte, 3000000))
	})
	s, _ := site(t, false, h)
	eachBackend(t, func(t *testing.T, io string) {
		e := newEngine(t, Config{MaxBody: 1 << 20, IO: io})
		base, c := target(t, e, s.URL), e.Client(0)
		for _, path := range []string{"/length", "/chunks"} {
			if r := do(t, c, Request{Base: base, URL: path, Discard: true}); r.BodySize != 3000000 {
				t.Errorf("%s: %d bytes", path, r.BodySize)
			}
			doFail(t, c, Request{Base: base, URL: path}, fault.TooLarge)
		}
	})
}
