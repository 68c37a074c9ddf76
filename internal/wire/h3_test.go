package wire

import (
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"github.com/stampede-load/stampede/internal/fault"
)

// site3 is a site that speaks HTTP/3 on a UDP port. The server is closed when the test ends, or before.
func site3(t *testing.T, conf *tls.Config, h http.Handler) (addr string, s *http3.Server) {
	t.Helper()
	udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	s = &http3.Server{Handler: h, TLSConfig: http3.ConfigureTLSConfig(conf), QUICConfig: &quic.Config{MaxIncomingStreams: 8}}
	done := make(chan bool)
	go func() {
		defer close(done)
		s.Serve(udp)
	}()
	t.Cleanup(func() {
		s.Close()
		udp.Close()
		<-done
	})
	return udp.LocalAddr().String(), s
}

func TestHTTP3(t *testing.T) {
	ca := newAuthority(t)
	leaks(t)
	mux := http.NewServeMux()
	mux.Handle("/", parts())
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
	mux.HandleFunc("/header", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("A", strings.Repeat("a", 20<<10)) })
	addr, _ := site3(t, tlsServer(ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour))), mux)
	e := newEngine(t, Config{HTTP: "3", RootCAs: ca.pool, FirstByteTimeout: 5 * time.Second, MaxHeader: 10 << 10, MaxBody: 4 << 20})
	base, c := target(t, e, "https://"+addr), e.Client(0)
	for i, n := range []int{10, 0, 16 << 10, 1_000_000} {
		r := do(t, c, Request{Base: base, URL: fmt.Sprintf("/size/%d", n)})
		if r.Proto != "HTTP/3.0" || r.Status != 200 || r.BodySize != int64(n) || r.WireIn <= int64(n) || r.WireOut == 0 || !r.Remote.IsValid() || r.Reused != (i > 0) {
			t.Fatalf("%+v", r)
		}
		if body(t, r) != string(bytesOf(n)) || r.Times.FirstByte == 0 || r.Times.Done < r.Times.FirstByte || (r.Times.Connect > 0) != (i == 0) {
			t.Errorf("%+v", r)
		}
	}
	up := bytesOf(3_000_000)
	r := do(t, c, Request{Method: "POST", Base: base, URL: "/sum", Body: up})
	if got, want := body(t, r), fmt.Sprintf("POST %d %d <nil> %x", len(up), len(up), sha256.Sum256(up)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	c.SetCookies(base.String(), cookieOf("k", "v"))
	r = do(t, c, Request{Base: base, URL: "/echo?a=b c", Header: []Field{{"x-a", "1"}, {"Accept", "text/x"}, {"User-Agent", ""}}})
	if got, want := body(t, r), "GET /echo?a=b%20c "+addr+"\nAccept: text/x\nAccept-Encoding: gzip, deflate, br, zstd\nCookie: k=v\nX-A: 1\n"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, r := range atOnce(t, c, 30, func(i int) Request { return Request{Base: base, URL: fmt.Sprint("/size/", i*500)} }) {
		r.Release()
	}
	doFail(t, c, Request{Base: base, URL: "/hang"}, fault.FirstByteTimeout)
	doFail(t, c, Request{Base: base, URL: "/half", Timeout: 100 * time.Millisecond}, fault.Timeout)
	if _, f := doFail(t, c, Request{Base: base, URL: "/abort"}, fault.Reset); !strings.HasPrefix(f.Text, "HTTP/3: the server ") {
		t.Error(f)
	}
	doFail(t, c, Request{Base: base, URL: "/header"}, fault.TooLarge)
	doFail(t, c, Request{Base: base, URL: "/size/5000000"}, fault.TooLarge)
	doFail(t, c, Request{URL: "http://" + addr + "/"}, fault.Protocol)
	doFail(t, c, Request{URL: "https://other.example/"}, fault.Guard)
	do(t, c, Request{Base: base, URL: "/size/1"})
	if n := e.Counters(); n.Open != 1 || e.inUse() != 0 {
		t.Errorf("%+v", n)
	}
	var closing sync.WaitGroup
	closing.Go(func() {
		if err := e.Client(1).Do(background, &Request{Base: base, URL: "/hang", Timeout: time.Minute}, new(Response)); fault.Of(err) != fault.Cancelled && fault.Of(err) != fault.FirstByteTimeout {
			t.Error(err)
		}
	})
	eventually(func() bool { return e.inUse() == 1 })
	e.Close()
	closing.Wait()
}

// What a site without HTTP/3, one with another's certificate, and one that goes away look like.
func TestHTTP3Failures(t *testing.T) {
	ca := newAuthority(t)
	leaks(t)
	nobody, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer nobody.Close() // it hears, and says nothing
	e := newEngine(t, Config{HTTP: "3", ConnectTimeout: 300 * time.Millisecond})
	doFail(t, e.Client(0), Request{URL: "https://" + nobody.LocalAddr().String()}, fault.ConnectTimeout)

	addr, s := site3(t, tlsServer(ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour))), parts())
	if _, f := doFail(t, newEngine(t, Config{HTTP: "3"}).Client(0), Request{URL: "https://" + addr}, fault.TLS); !strings.Contains(f.Text, "unknown authority") {
		t.Error(f)
	}
	c := newEngine(t, Config{HTTP: "3", RootCAs: ca.pool, ConnectTimeout: 3 * time.Second}).Client(0) // enough for a busy machine to connect, too
	do(t, c, Request{URL: "https://" + addr + "/size/1"})
	s.Close()
	if !eventually(func() bool { return !c.conns.h3.usable() }) {
		t.Error("the end of the connection goes unnoticed")
	}
	doFail(t, c, Request{URL: "https://" + addr + "/size/1"}, fault.ConnectTimeout)
	for _, bad := range []Config{{HTTP: "3", UnixSocket: "/x"}, {HTTP: "auto+3", Dial: (&net.Dialer{}).DialContext}} {
		if _, err := New(bad); err == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}

// A site that says in Alt-Svc that it speaks HTTP/3 is asked so from then on; when it then cannot be reached, the old way goes on unnoticed.
func TestAlternative(t *testing.T) {
	ca := newAuthority(t)
	leaks(t)
	conf := tlsServer(ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour)))
	addr3, s3 := site3(t, conf.Clone(), parts())
	_, port3, _ := net.SplitHostPort(addr3)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{ErrorLog: quietLog, TLSConfig: conf.Clone(), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Alt-Svc", `h2=":1", h3="evil.example:443", h3=":`+port3+`"; ma=3600`)
		parts().ServeHTTP(w, r)
	})}
	done := make(chan bool)
	go func() { defer close(done); s.ServeTLS(l, "", "") }()
	t.Cleanup(func() { s.Close(); <-done })
	e := newEngine(t, Config{HTTP: "auto+3", RootCAs: ca.pool, ConnectTimeout: 3 * time.Second}) // enough for a busy machine to connect, too
	base, c := target(t, e, "https://"+l.Addr().String()), e.Client(0)
	want := func(proto string) {
		t.Helper()
		if r := do(t, c, Request{Base: base, URL: "/size/5"}); r.Proto != proto {
			t.Errorf("%s, want %s", r.Proto, proto)
		}
	}
	want("HTTP/2.0")
	want("HTTP/3.0")
	want("HTTP/3.0")
	s3.Close()
	if !eventually(func() bool { return !c.conns.h3.usable() }) {
		t.Error("the end of the connection goes unnoticed")
	}
	want("HTTP/2.0") // after the time to connect
	want("HTTP/2.0")
	if r := do(t, e.Client(1), Request{Base: base, URL: "/size/5"}); r.Proto != "HTTP/2.0" {
		t.Errorf("another visitor knows already: %s", r.Proto)
	}
}

func TestParseAltSvc(t *testing.T) {
	for field, want := range map[string]string{
		`h3=":443"; ma=60`:                      "443 1m0s true",
		`h3-29=":443", h3=":8443";persist=1`:    "8443 24h0m0s true",
		`h2=":443"`:                             " 0s false",
		`h3="Example.org:44"; ma="5"`:           "44 5s true",
		`h3="other.example:443", h3=":99999"`:   " 0s false",
		`clear`:                                 " 0s true",
		``:                                      " 0s false",
		`h3=`:                                   " 0s false",
		`h3=":443"; ma=x, h3=":444"; ma=1;;,,,`: "443 24h0m0s true",
	} {
		port, age, ok := parseAltSvc(field, "example.org")
		if got := fmt.Sprint(port, " ", age, " ", ok); got != want {
			t.Errorf("%s: %s, want %s", field, got, want)
		}
	}
}
