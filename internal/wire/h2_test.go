package wire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// site2 is a site that speaks HTTP/2: with TLS, or in clear by prior knowledge.
func site2(t *testing.T, secure bool, h http.Handler) (string, Config) {
	t.Helper()
	cfg := Config{HTTP: "h2c", Allow: []string{"127.0.0.1"}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h, ErrorLog: quietLog, Protocols: new(http.Protocols)}
	done := make(chan bool)
	url := "http://" + l.Addr().String()
	if secure {
		ca := newAuthority(t)
		s.TLSConfig = tlsServer(ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour)))
		s.Protocols.SetHTTP2(true)
		cfg.RootCAs, cfg.HTTP = ca.pool, "auto"
		url = "https://" + l.Addr().String()
		go func() { defer close(done); s.ServeTLS(l, "", "") }()
	} else {
		s.Protocols.SetUnencryptedHTTP2(true)
		go func() { defer close(done); s.Serve(l) }()
	}
	t.Cleanup(func() {
		s.Close()
		<-done
	})
	return url, cfg
}

func each2(t *testing.T, h http.Handler, test func(t *testing.T, e *Engine, base *Target)) {
	for _, secure := range []bool{true, false} {
		t.Run(map[bool]string{true: "h2", false: "h2c"}[secure], func(t *testing.T) {
			eachBackend(t, func(t *testing.T, io string) {
				url, cfg := site2(t, secure, h)
				cfg.IO = io
				e := newEngine(t, cfg)
				test(t, e, target(t, e, url))
			})
		})
	}
}

func TestHTTP2(t *testing.T) {
	each2(t, parts(), func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		for i, n := range []int{10, 0, 16 << 10, 1_000_000} {
			for _, discard := range []bool{false, true} {
				r := do(t, c, Request{Base: base, URL: fmt.Sprintf("/size/%d", n), Discard: discard})
				if r.Proto != "HTTP/2.0" || r.Status != 200 || r.BodySize != int64(n) || r.WireIn <= int64(n) || r.WireOut == 0 || r.Remote.Port() == 0 {
					t.Fatalf("%+v", r)
				}
				if r.Reused != (i > 0 || discard) || r.Times.FirstByte == 0 || r.Times.Done < r.Times.FirstByte {
					t.Errorf("%+v", r)
				}
				if !discard && body(t, r) != string(bytesOf(n)) {
					t.Error("another body")
				}
				r.Release()
			}
		}
		up := bytesOf(3_000_000)
		r := do(t, c, Request{Method: "POST", Base: base, URL: "/sum", Body: up})
		if got, want := body(t, r), fmt.Sprintf("POST %d %d <nil> %x", len(up), len(up), sha256.Sum256(up)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		c.SetCookies(base.String(), cookieOf("k", "v"))
		r = do(t, c, Request{Base: base, URL: "/echo?a=b c", Query: []Field{{"d", "é"}}, Header: []Field{{"x-a", "1"}, {"Host", "other.example"}, {"Accept", "text/x"}, {"User-Agent", ""}}})
		want := "GET /echo?a=b%20c&d=%C3%A9 other.example\nAccept: text/x\nAccept-Encoding: gzip, deflate, br, zstd\nCookie: k=v\nX-A: 1\n"
		if got := body(t, r); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if r := do(t, c, Request{Method: "HEAD", Base: base, URL: "/size/77"}); r.BodySize != 0 || r.Header("Content-Length") != "77" {
			t.Errorf("%+v", r)
		}
		if n := e.Counters(); n.Dials != 1 || n.Open != 1 || e.inUse() != 0 {
			t.Errorf("%+v", n)
		}
	})
}

func TestHTTP2AtOnce(t *testing.T) {
	each2(t, parts(), func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		var all sync.WaitGroup
		for i := range 30 {
			all.Go(func() {
				var r Response
				if err := c.Do(t.Context(), &Request{Base: base, URL: fmt.Sprintf("/size/%d", i*1000)}, &r); err != nil {
					t.Error(err)
				} else if b, _ := r.Body(); !bytes.Equal(b, bytesOf(i*1000)) {
					t.Error("another body")
				}
				r.Release()
			})
		}
		all.Wait()
		if n := e.Counters(); n.Open > 6 || e.inUse() != 0 {
			t.Errorf("%+v", n)
		}
	})
}

func TestHTTP2Failures(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/hang", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/half", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/abort", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("/big", func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 2<<20)) })
	mux.HandleFunc("/header", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("A", strings.Repeat("a", 20<<10)) })
	mux.HandleFunc("/fields", func(w http.ResponseWriter, _ *http.Request) {
		for i := range 20 {
			w.Header().Set(fmt.Sprint("A", i), strings.Repeat("a", 1<<10))
		}
	})
	mux.HandleFunc("/ok", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") })
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://evil.example/", http.StatusFound)
	})
	for _, secure := range []bool{true, false} {
		url, cfg := site2(t, secure, mux)
		cfg.MaxBody, cfg.MaxHeader = 1<<20, 10<<10
		hasty := cfg
		hasty.FirstByteTimeout = 500 * time.Millisecond
		quick := newEngine(t, hasty)
		doFail(t, quick.Client(0), Request{Base: target(t, quick, url), URL: "/hang"}, fault.FirstByteTimeout)
		e := newEngine(t, cfg)
		base, c := target(t, e, url), e.Client(0)
		doFail(t, c, Request{Base: base, URL: "/hang", Timeout: 50 * time.Millisecond}, fault.Timeout)
		doFail(t, c, Request{Base: base, URL: "/half", Timeout: 50 * time.Millisecond}, fault.Timeout)
		doFail(t, c, Request{Base: base, URL: "/abort"}, fault.Reset)
		doFail(t, c, Request{Base: base, URL: "/big"}, fault.TooLarge)
		doFail(t, c, Request{Base: base, URL: "/header"}, fault.TooLarge)
		doFail(t, c, Request{Base: base, URL: "/fields"}, fault.TooLarge)
		doFail(t, c, Request{Base: base, URL: "/away"}, fault.Guard)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if err := c.Do(ctx, &Request{Base: base, URL: "/half"}, new(Response)); fault.Of(err) != fault.Cancelled {
			t.Error(err)
		}
		cancel()
		if r := do(t, c, Request{Base: base, URL: "/ok"}); body(t, r) != "ok" {
			t.Errorf("%+v", r)
		}
		c.Close()
		if n := e.Counters(); n.Open != 0 {
			t.Errorf("%+v", n)
		}
	}
}

// What the versions of HTTP mean for servers that speak only one.
func TestHTTPVersions(t *testing.T) {
	ca := newAuthority(t)
	cert := tlsServer(ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour)))
	for _, tt := range []struct {
		http, server, want string
		kind               fault.Kind
	}{
		{"auto", "12", "HTTP/2.0", 0},
		{"auto", "1", "HTTP/1.1", 0},
		{"auto", "2", "HTTP/2.0", 0},
		{"1.1", "12", "HTTP/1.1", 0},
		{"2", "12", "HTTP/2.0", 0},
		{"2", "1", "", fault.Protocol},
	} {
		addr := secureSite(t, cert.Clone(), tt.server)
		e := newEngine(t, Config{HTTP: tt.http, RootCAs: ca.pool})
		var r Response
		err := e.Client(0).Do(t.Context(), &Request{URL: "https://" + addr}, &r)
		if fault.Of(err) != tt.kind || r.Proto != tt.want {
			t.Errorf("asked for %s of a server with %s: %s, %v", tt.http, tt.server, r.Proto, err)
		}
		r.Release()
	}
	s, _ := site(t, false, parts())
	e := newEngine(t, Config{HTTP: "2"})
	if _, f := doFail(t, e.Client(0), Request{URL: s.URL}, fault.Protocol); !strings.Contains(f.Hint, "h2c") {
		t.Error(f)
	}
}

// A connection the server has ended is noticed, and the request goes to another.
func TestHTTP2Stale(t *testing.T) {
	var mu sync.Mutex
	var conns []net.Conn
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: parts(), Protocols: new(http.Protocols), ErrorLog: quietLog, ConnState: func(c net.Conn, state http.ConnState) {
		if state == http.StateNew {
			mu.Lock()
			conns = append(conns, c)
			mu.Unlock()
		}
	}}
	s.Protocols.SetUnencryptedHTTP2(true)
	go s.Serve(l)
	defer s.Close()
	e := newEngine(t, Config{HTTP: "h2c"})
	c := e.Client(0)
	url := "http://" + l.Addr().String() + "/size/5"
	for range 3 {
		r := do(t, c, Request{URL: url})
		if r.Reused {
			t.Errorf("%+v", r)
		}
		mu.Lock()
		conns[len(conns)-1].Close()
		mu.Unlock()
		if !eventually(func() bool { return c.conns == nil || !c.conns.h2.usable() }) {
			t.Fatal("the end of the connection goes unnoticed")
		}
	}
	if n := e.Counters(); n.Open > 1 {
		t.Errorf("dead connections are kept: %+v", n)
	}
}

// Closing the engine ends requests over HTTP/2 too.
func TestHTTP2Close(t *testing.T) {
	told := make(chan bool, 10)
	each2(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		told <- true
		<-r.Context().Done()
	}), func(t *testing.T, e *Engine, base *Target) {
		ended := make(chan error, 3)
		for i := range 3 {
			go func() { ended <- e.Client(i).Do(background, &Request{Base: base, URL: "/"}, new(Response)) }()
		}
		for range 3 {
			<-told
		}
		e.Close()
		for range 3 {
			if err := <-ended; fault.Of(err) != fault.Cancelled {
				t.Error(err)
			}
		}
	})
}
