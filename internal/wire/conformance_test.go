package wire

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// bytesOf is a body that shows whether anything was lost, doubled or moved.
func bytesOf(n int) []byte {
	b := make([]byte, n)
	for i := range min(n, 1<<16) {
		b[i] = byte(i>>8) ^ byte(i)
	}
	for i := 1 << 16; i < n; { // from there on it repeats; a loop over all would be most of the work of these tests under the race detector
		i += copy(b[i:], b[:i])
	}
	return b
}

// parts is a site with answers of every shape.
func parts() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/size/{n}", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.PathValue("n"))
		if r.URL.Query().Has("chunked") {
			b := bytesOf(n)
			for len(b) > 0 {
				k := min(len(b), 1+len(b)/3)
				w.Write(b[:k])
				w.(http.Flusher).Flush()
				b = b[k:]
			}
			return
		}
		w.Header().Set("Content-Length", strconv.Itoa(n))
		w.Write(bytesOf(n))
	})
	mux.HandleFunc("/sum", func(w http.ResponseWriter, r *http.Request) {
		h := sha256.New()
		n, err := io.Copy(h, r.Body)
		fmt.Fprintf(w, "%s %d %d %v %x", r.Method, r.ContentLength, n, err, h.Sum(nil))
	})
	mux.HandleFunc("/close", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		io.WriteString(w, "bye")
	})
	mux.HandleFunc("/status/{n}", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.PathValue("n"))
		w.WriteHeader(n)
	})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s\n", r.Method, r.RequestURI, r.Host)
		for _, name := range []string{"Accept", "Accept-Encoding", "User-Agent", "Cookie", "X-A", "Authorization", "Content-Type", "Content-Length"} {
			for _, v := range r.Header.Values(name) {
				fmt.Fprintf(w, "%s: %s\n", name, v)
			}
		}
	})
	return mux
}

// eachTransport runs a test on every back end, in clear and below TLS.
func eachTransport(t *testing.T, h http.Handler, test func(t *testing.T, e *Engine, base *Target)) {
	for _, secure := range []bool{false, true} {
		t.Run(map[bool]string{false: "http", true: "https"}[secure], func(t *testing.T) {
			eachBackend(t, func(t *testing.T, io string) {
				s, roots := site(t, secure, h)
				e := newEngine(t, Config{IO: io, RootCAs: roots})
				if e.Backend() != io && io != lean {
					t.Fatalf("the back end is %q", e.Backend())
				}
				test(t, e, target(t, e, s.URL))
			})
		})
	}
}

func TestBodies(t *testing.T) {
	eachTransport(t, parts(), func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		for _, n := range []int{0, 1, 1000, 16000, 16 << 10, 17 << 10, 100_000, 3_000_000} {
			for _, how := range []string{"", "?chunked"} {
				for _, discard := range []bool{false, true} {
					r := do(t, c, Request{Base: base, URL: fmt.Sprintf("/size/%d%s", n, how), Discard: discard})
					if r.Status != 200 || r.BodySize != int64(n) || r.WireIn <= int64(n) {
						t.Fatalf("%d%s: status %d, %d bytes, %d on the wire", n, how, r.Status, r.BodySize, r.WireIn)
					}
					if !discard && body(t, r) != string(bytesOf(n)) {
						t.Fatalf("%d%s: another body", n, how)
					}
					r.Release()
				}
			}
		}
		if got := e.Counters(); got.Dials != 1 || got.Open != 1 || got.BytesIn < 12_000_000 {
			t.Errorf("counters: %+v", got)
		}
	})
}

func TestUploads(t *testing.T) {
	eachTransport(t, parts(), func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		for _, n := range []int{0, 1, 16 << 10, 16<<10 + 1, 200_000, 8_000_000} {
			b := bytesOf(n)
			r := do(t, c, Request{Method: "POST", Base: base, URL: "/sum", Body: b})
			if got, want := body(t, r), fmt.Sprintf("POST %d %d <nil> %x", n, n, sha256.Sum256(b)); got != want {
				t.Errorf("%d bytes: %s, want %s", n, got, want)
			}
			if r.WireOut < int64(n) {
				t.Errorf("%d bytes: sent %d", n, r.WireOut)
			}
		}
		r := do(t, c, Request{Method: "DELETE", Base: base, URL: "/sum"})
		if got := body(t, r); !strings.HasPrefix(got, "DELETE 0 0") {
			t.Error(got)
		}
	})
}

func TestReuse(t *testing.T) {
	eachTransport(t, parts(), func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		first := do(t, c, Request{Base: base, URL: "/size/10"})
		if first.Reused || first.Times.Connect == 0 || first.Times.FirstByte < first.Times.Sent || first.Times.Done < first.Times.FirstByte {
			t.Errorf("first: %+v", first)
		}
		if !first.Remote.Addr().IsLoopback() || first.Remote.Port() == 0 {
			t.Errorf("remote is %v", first.Remote)
		}
		second := do(t, c, Request{Method: "HEAD", Base: base, URL: "/size/10"})
		if !second.Reused || second.Times.Connect != 0 || second.Times.TLS != 0 || second.BodySize != 0 || second.Header("content-length") != "10" {
			t.Errorf("second: %+v", second)
		}
		do(t, c, Request{Base: base, URL: "/status/204"})
		do(t, c, Request{Base: base, URL: "/status/304"})
		last := do(t, c, Request{Base: base, URL: "/close"})
		if !last.Reused || body(t, last) != "bye" {
			t.Errorf("last: %+v", last)
		}
		if next := do(t, c, Request{Base: base, URL: "/size/10"}); next.Reused {
			t.Errorf("a closed connection was used again: %+v", next)
		}
		c.Close()
		if n := e.Counters(); n.Open != 0 || n.Dials != 2 || e.inUse() != 0 {
			t.Errorf("after closing: %+v", n)
		}
		if again := do(t, c, Request{Base: base, URL: "/size/10"}); again.Reused {
			t.Error("a client that was closed kept its connection")
		}
	})
}

func TestFresh(t *testing.T) {
	eachBackend(t, func(t *testing.T, io string) {
		s, _ := site(t, false, parts())
		for fresh, want := range map[Fresh][]bool{
			KeepAlive: {false, true, true, true}, PerIteration: {false, true, false, true}, PerRequest: {false, false, false, false},
		} {
			e := newEngine(t, Config{IO: io, Fresh: fresh})
			base, c := target(t, e, s.URL), e.Client(0)
			for i, reused := range want {
				if i == 2 {
					c.EndIteration()
				}
				if r := do(t, c, Request{Base: base, URL: "/size/5"}); r.Reused != reused {
					t.Errorf("life %d, request %d: reused is %v", fresh, i, r.Reused)
				}
			}
			if n := e.Counters().Open; fresh == PerRequest && n != 0 {
				t.Errorf("%d connections left", n)
			}
		}
	})
}

// Many users at once, each with several requests at once: nothing is mixed up.
func TestCrowd(t *testing.T) {
	const users = 12
	eachTransport(t, parts(), func(t *testing.T, e *Engine, base *Target) {
		var all sync.WaitGroup
		for u := range users {
			c := e.Client(u)
			for k := range 8 {
				all.Go(func() {
					var r Response
					for i := range 10 {
						n := (u*1009 + k*211 + i*4001) % 40000
						if err := c.Do(t.Context(), &Request{Base: base, URL: "/size/" + strconv.Itoa(n)}, &r); err != nil {
							t.Error(err)
							return
						}
						if b, _ := r.Body(); !bytes.Equal(b, bytesOf(n)) {
							t.Errorf("user %d got another body", u)
						}
						r.Release()
					}
				})
			}
		}
		all.Wait()
		n := e.Counters()
		if n.Open > users*6 || n.Dials > users*6 || e.inUse() != 0 {
			t.Errorf("more connections than a browser has: %+v", n)
		}
		if n.BlockedNS == 0 {
			t.Error("eight requests at once over six connections, and none waited")
		}
	})
}
