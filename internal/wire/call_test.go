package wire

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stampede-load/stampede/internal/fault"
)

// echo answers with the body that came, in two parts, and says behind it how long it was.
func echo() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Header().Set("Trailer", "X-Length")
		w.Header().Set("X-Asked", fmt.Sprintf("%s %d %v", r.Proto, r.ContentLength, r.Header.Values("Te")))
		for _, part := range []string{string(b), "!"} {
			io.WriteString(w, part)
			w.(http.Flusher).Flush()
		}
		w.Header().Set("X-Length", fmt.Sprint(len(b)))
		w.Header().Set(http.TrailerPrefix+"X-Last", strings.Repeat("z", len(b)))
	})
}

// trailers are the fields behind the body, as text.
func trailers(r *Response) string {
	var all []string
	for name, value := range r.Trailers {
		all = append(all, string(name)+"="+string(value))
	}
	return strings.Join(all, " ")
}

// Calls have one connection of HTTP/2 whatever the others have, and their trailers are kept.
func TestCalls(t *testing.T) {
	for _, secure := range []bool{true, false} {
		site, from := site2(t, secure, echo())
		for _, version := range []string{"auto", "1.1", "2", "h2c", "3", "auto+3"} {
			for _, fresh := range []Fresh{KeepAlive, PerRequest} {
				t.Run(fmt.Sprint(secure, version, fresh), func(t *testing.T) {
					cfg := from
					cfg.HTTP, cfg.Fresh = version, fresh
					e := newEngine(t, cfg)
					c := e.Client(0)
					base, err := c.Target(site)
					if err != nil {
						t.Fatal(err)
					}
					ask := Request{Method: "POST", Base: base, URL: "/pkg.S/M", Pool: CallPool, Header: []Field{{"Te", "trailers"}}, Body: []byte("abc")}
					var first Response
					if err := c.Connect(t.Context(), &ask, &first); err != nil || !first.Remote.IsValid() || first.Status != 0 {
						t.Fatalf("%+v, %v", first, err)
					}
					first.Release()
					for range 2 {
						r := do(t, c, ask)
						if got := r.Header("X-Asked"); got != "HTTP/2.0 -1 [trailers]" || !r.Reused || body(t, r) != "abc!" || trailers(r) != "x-last=zzz x-length=3" {
							t.Errorf("asked %q, reused %v, trailers %q", got, r.Reused, trailers(r))
						}
						r.Release()
					}
					var all sync.WaitGroup
					for range 5 {
						all.Go(func() {
							r := do(t, c, ask)
							r.Release()
						})
					}
					all.Wait()
					if n := e.Counters().Dials; n != 1 {
						t.Errorf("%d connections were made", n)
					}
					ask.MaxBody = 3
					var r Response
					if err := c.Do(t.Context(), &ask, &r); fault.Of(err) != fault.TooLarge || trailers(&r) != "" {
						t.Errorf("a body above the limit: %v", err)
					}
					if ask.MaxBody = 4; c.Do(t.Context(), &ask, &r) != nil {
						t.Error("the limit is too narrow")
					}
					r.Release()
					c.Close()
				})
			}
		}
	}
}

// Connect says what is wrong before anything is asked.
func TestCallsNeedHTTP2(t *testing.T) {
	s := httptest.NewServer(echo())
	defer s.Close()
	e := newEngine(t, Config{})
	c := e.Client(0)
	ask := Request{Method: "POST", URL: "/", Base: target(t, e, s.URL), Pool: CallPool}
	var r Response
	if err := c.Connect(t.Context(), &ask, &r); fault.Of(err) != fault.Protocol || !strings.Contains(err.Error(), "does not speak HTTP/2") {
		t.Errorf("to HTTP/1.1: %v", err)
	}
	ask.Base = target(t, e, "http://elsewhere.example")
	if err := c.Connect(t.Context(), &ask, &r); fault.Of(err) != fault.Guard {
		t.Errorf("to another host: %v", err)
	}
	if ask.Pool = 0; c.Connect(t.Context(), &ask, &r) == nil {
		t.Error("a connection of the usual pool is no one for calls")
	}
}

// Through a proxy a call has a tunnel, also without TLS: no proxy takes HTTP/2 from a client.
func TestCallsThroughProxy(t *testing.T) {
	site, cfg := site2(t, false, echo())
	seen := make(chan string, 10)
	cfg.HTTP, cfg.Proxy = "auto", &url.URL{Scheme: "http", Host: forwarder(t, seen), User: url.UserPassword("ann", "pw")}
	e := newEngine(t, cfg)
	c := e.Client(0)
	r := do(t, c, Request{Method: "POST", Base: target(t, e, site), URL: "/a", Pool: CallPool, Body: []byte("abc")})
	if body(t, r) != "abc!" || trailers(r) == "" {
		t.Errorf("%+v", r)
	}
	if got, want := <-seen, "CONNECT "+strings.TrimPrefix(site, "http://")+" Basic YW5uOnB3"; got != want {
		t.Errorf("the proxy was asked for %q, want %q", got, want)
	}
	c.Close()
}
