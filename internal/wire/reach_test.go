package wire

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// proxy is a forward proxy that tells what it was asked.
func forwarder(t *testing.T, seen chan<- string) string {
	return scripted(t, func(_ int, c net.Conn, r *bufio.Reader) {
		for {
			req, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			seen <- req.Method + " " + req.RequestURI + " " + req.Header.Get("Proxy-Authorization")
			if req.Method == "CONNECT" {
				if req.Header.Get("Proxy-Authorization") == "" {
					io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
					return
				}
				there, err := net.Dial("tcp", req.RequestURI)
				if err != nil {
					io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
					return
				}
				io.WriteString(c, "HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n")
				done := make(chan bool)
				// As plain readers and writers: else package net keeps pipes for splicing, which look like leaks.
				go func() { io.Copy(plainWriter{there}, r); there.Close(); close(done) }()
				io.Copy(plainWriter{c}, there)
				c.Close()
				<-done
				return
			}
			req.RequestURI = ""
			res, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				return
			}
			res.Write(c)
			res.Body.Close()
		}
	})
}

type plainWriter struct{ io.Writer }

func TestProxy(t *testing.T) {
	eachTransport(t, parts(), func(t *testing.T, plainEngine *Engine, base *Target) {
		seen := make(chan string, 10)
		addr := forwarder(t, seen)
		cfg := plainEngine.cfg
		cfg.Proxy = &url.URL{Scheme: "http", Host: addr, User: url.UserPassword("ann", "pw")}
		e := newEngine(t, cfg)
		c := e.Client(0)
		for range 2 {
			r := do(t, c, Request{URL: base.String() + "/size/1000?x=y"})
			if body(t, r) != string(bytesOf(1000)) {
				t.Errorf("%+v", r)
			}
		}
		want := "GET " + base.String() + "/size/1000?x=y Basic YW5uOnB3"
		if base.origin.secure {
			want = "CONNECT " + base.origin.hostport + " Basic YW5uOnB3"
		}
		if got := <-seen; got != want {
			t.Errorf("the proxy saw %q, want %q", got, want)
		}
		if base.origin.secure {
			if len(seen) != 0 {
				t.Errorf("the proxy saw %q", <-seen)
			}
			cfg.Proxy = &url.URL{Scheme: "http", Host: addr}
			e := newEngine(t, cfg)
			if _, f := doFail(t, e.Client(0), Request{URL: base.String()}, fault.Refused); !strings.Contains(f.Text, "the proxy "+addr+" answered 407") {
				t.Error(f)
			}
		}
		doFail(t, c, Request{URL: "http://elsewhere.example/"}, fault.Guard)
	})
}

func TestUnixSocket(t *testing.T) {
	eachBackend(t, func(t *testing.T, io string) {
		path := filepath.Join(t.TempDir(), "site.sock")
		l, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		s := &http.Server{Handler: parts(), ErrorLog: quietLog}
		go s.Serve(l)
		e := newEngine(t, Config{IO: io, UnixSocket: path, Allow: []string{"site.example"}})
		c := e.Client(0)
		for range 2 {
			r := do(t, c, Request{URL: "http://site.example/echo"})
			if !strings.HasPrefix(body(t, r), "GET /echo site.example\n") || r.Remote.IsValid() {
				t.Errorf("%+v", r)
			}
		}
		s.Close()
		c.Close()
		if _, f := doFail(t, c, Request{URL: "http://site.example/echo"}, fault.Refused); !strings.Contains(f.Text, path) {
			t.Error(f)
		}
	})
}

func TestIPv6(t *testing.T) {
	// The zone says through which interface, and is nobody else's business.
	for _, written := range []string{"[fe80::1%eth0]:81", "[fe80::1%25eth0]:81"} {
		if o, err := newEngine(t, Config{}).newOrigin(false, written); err != nil || o.authority != "[fe80::1]:81" || o.site != "http://[fe80::1%eth0]:81" {
			t.Errorf("%+v, %v", o, err)
		}
	}
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Logf("this machine has no IPv6: %v", err)
		return
	}
	s := &http.Server{Handler: parts(), ErrorLog: quietLog}
	go s.Serve(l)
	defer s.Close()
	e := newEngine(t, Config{SourceIPs: []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1")}})
	r := do(t, e.Client(0), Request{URL: "http://" + l.Addr().String() + "/echo"})
	if !strings.HasPrefix(body(t, r), "GET /echo "+l.Addr().String()) || !r.Remote.Addr().Is6() {
		t.Errorf("%+v", r)
	}
}

// Names come from Config.Resolve, sources are used in turn by client number.
func TestResolveAndSources(t *testing.T) {
	eachBackend(t, func(t *testing.T, io string) {
		s, _ := site(t, false, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.RemoteAddr) }))
		addr := strings.TrimPrefix(s.URL, "http://")
		cfg := Config{IO: io, Allow: []string{"site.example"}, Resolve: map[string]string{"Site.Example:80": addr}}
		for _, a := range []string{"127.0.0.1", "::1", "127.0.0.2", "127.0.0.3"} {
			cfg.SourceIPs = append(cfg.SourceIPs, netip.MustParseAddr(a))
		}
		if !hasLoopbackNet() {
			cfg.SourceIPs = cfg.SourceIPs[:1]
		}
		e := newEngine(t, cfg)
		for user, want := range []string{"127.0.0.1", "127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.1"} {
			if len(cfg.SourceIPs) == 1 {
				want = "127.0.0.1"
			}
			got := body(t, do(t, e.Client(user), Request{URL: "http://site.example/"}))
			if host, _, _ := strings.Cut(got, ":"); host != want {
				t.Errorf("user %d comes from %s, want %s", user, host, want)
			}
		}
		if n := e.Counters(); n.Lookups != 0 {
			t.Errorf("a resolved name was looked up: %+v", n)
		}
	})
}

// hasLoopbackNet reports whether all of 127.0.0.0/8 is this machine, as on Linux and Windows.
func hasLoopbackNet() bool {
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err == nil {
		l.Close()
	}
	return err == nil
}

func TestLookup(t *testing.T) {
	s, _ := site(t, false, parts())
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	e := newEngine(t, Config{Allow: []string{"localhost", "*.invalid"}})
	r := do(t, e.Client(0), Request{URL: "http://localhost:" + port + "/size/1"})
	if r.Times.Lookup <= 0 || e.Counters().Lookups != 1 {
		t.Errorf("%+v", r.Times)
	}
	if r := do(t, e.Client(1), Request{URL: "http://LOCALHOST:" + port + "/size/1"}); e.Counters().Lookups != 1 || r.Times.Lookup != 0 {
		t.Errorf("looked up again: %+v", r.Times)
	}
	if _, f := doFail(t, e.Client(0), Request{URL: "http://nobody.invalid/"}, fault.Lookup); !strings.Contains(f.Text, "nobody.invalid") || f.Hint == "" {
		t.Error(f)
	}
}

func TestCapacity(t *testing.T) {
	for _, tt := range []struct {
		name string
		d    Demand
		s    Supply
		want []string // parts of the error; none: it will do
	}{
		{"enough", Demand{Users: 1000}, Supply{Descriptors: 20000, Ports: 28232}, nil},
		{"unknown", Demand{Users: 1e9}, Supply{}, nil},
		{"nobody", Demand{}, Supply{Descriptors: 64, Ports: 1}, nil},
		{"just enough", Demand{Users: 936}, Supply{Descriptors: 1000}, nil},
		{"descriptors", Demand{Users: 937}, Supply{Descriptors: 1000}, []string{"937 connections", "1001 file descriptors", "limit is 1000", "ulimit -n 1001", "over 2 workers"}},
		{"ports", Demand{Users: 10000, PerUser: 6}, Supply{Ports: 28232}, []string{"60000 connections", "there are 28232", "ip_local_port_range", "3 addresses with --source-ip"}},
		{"ports of several sources and targets", Demand{Users: 100000, Sources: 2, Targets: 2}, Supply{Ports: 28232}, nil},
		{"a socket needs no ports", Demand{Users: 100000, NoPorts: true}, Supply{Descriptors: 200000, Ports: 28232}, nil},
		{"both", Demand{Users: 100000}, Supply{Descriptors: 1024, Ports: 28232}, []string{"file descriptors", "; ", "local ports"}},
	} {
		err := tt.d.within(tt.s)
		if (err == nil) != (tt.want == nil) {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		for _, part := range tt.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v lacks %q", tt.name, err, part)
			}
		}
	}
	soft, hard, err := RaiseDescriptorLimit()
	if err == nil && soft != hard || soft > hard {
		t.Errorf("%d of %d, %v", soft, hard, err)
	}
	if err := Capacity(Demand{Users: 1}); err != nil {
		t.Error(err)
	}
}

// Each site has the proxy that is told for it, or none.
func TestProxyFor(t *testing.T) {
	seen := make(chan string, 10)
	addr := forwarder(t, seen)
	s, _ := site(t, false, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") }))
	port := s.URL[strings.LastIndexByte(s.URL, ':'):]
	e := newEngine(t, Config{
		Allow: []string{"127.0.0.1", "localhost", "odd.example", "wrong.example"},
		ProxyFor: func(u *url.URL) (*url.URL, error) {
			switch u.Hostname() {
			case "localhost":
				return &url.URL{Scheme: "http", Host: addr, User: url.UserPassword("ann", "pw")}, nil
			case "odd.example":
				return &url.URL{Scheme: "ftp", Host: addr}, nil
			case "wrong.example":
				return nil, errors.New("no idea")
			}
			return nil, nil
		},
	})
	c := e.Client(0)
	do(t, c, Request{URL: s.URL}).Release()
	if len(seen) > 0 {
		t.Errorf("the proxy saw %q", <-seen)
	}
	doFail(t, c, Request{URL: "http://odd.example"}, fault.Other)
	doFail(t, c, Request{URL: "http://wrong.example"}, fault.Other)
	_ = c.Do(t.Context(), &Request{URL: "http://localhost" + port + "/x"}, new(Response))
	if got, want := <-seen, "GET http://localhost"+port+"/x Basic YW5uOnB3"; got != want {
		t.Errorf("the proxy saw %q, want %q", got, want)
	}
}

// A look connects and sends nothing; what keeps it from connecting is said as for a request.
func TestReach(t *testing.T) {
	heard := make(chan int, 1)
	addr := scripted(t, func(_ int, _ net.Conn, r *bufio.Reader) {
		b, _ := io.ReadAll(r)
		heard <- len(b)
	})
	e := newEngine(t, Config{Allow: []string{"127.0.0.1", "trick.example"}, Resolve: map[string]string{"trick.example:80": "169.254.169.254"}})
	if err := e.Reach(t.Context(), "http://"+addr); err != nil || <-heard != 0 {
		t.Errorf("%v", err)
	}
	for base, want := range map[string]fault.Kind{
		"http://127.0.0.1:1": fault.Refused, "http://trick.example": fault.Guard, "http://other.example": fault.Guard, "nonsense": fault.Other,
	} {
		if err := e.Reach(t.Context(), base); fault.Of(err) != want {
			t.Errorf("%s: %v", base, err)
		}
	}
	silent := newEngine(t, Config{
		Allow: []string{"a.example"}, ConnectTimeout: time.Millisecond,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() },
	})
	if err := silent.Reach(t.Context(), "http://a.example"); fault.Of(err) != fault.ConnectTimeout {
		t.Error(err)
	}
}
