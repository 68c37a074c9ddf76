package wire

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// lastMoment is a back end whose dialling is given up right after the link was made.
type lastMoment struct {
	backend
	giveUp context.CancelFunc
}

func (b lastMoment) link(nc net.Conn) (link, error) {
	defer b.giveUp()
	return b.backend.link(nc)
}

// A connection that is made at the very moment at which nobody wants it any more is closed, with all that was made of it.
func TestDialTooLate(t *testing.T) {
	addr := scripted(t, func(_ int, _ net.Conn, r *bufio.Reader) { hold(r) })
	eachBackend(t, func(t *testing.T, io string) {
		e := newEngine(t, Config{IO: io})
		before := descriptors()
		for range 20 {
			ctx, giveUp := context.WithCancel(t.Context())
			own := e.backend
			e.backend = lastMoment{own, giveUp}
			d := &dialing{e: e, client: e.Client(0), origin: e.origin(false, addr), ctx: ctx, done: make(chan struct{})}
			if err := d.connectAll(); err == nil {
				t.Error("dialled in spite of it")
			}
			e.backend = own
		}
		if !eventually(func() bool { return descriptors() <= before }) {
			t.Errorf("%d descriptors, then %d", before, descriptors())
		}
	})
}

// Traffic comes from the source addresses and from nowhere else, also where a name has addresses of both IP versions.
func TestSourcesOfOneVersion(t *testing.T) {
	six, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Logf("this machine has no IPv6: %v", err)
		return
	}
	_, port, _ := net.SplitHostPort(six.Addr().String())
	four, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		six.Close()
		t.Logf("the port is another's: %v", err)
		return
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.RemoteAddr) }), ErrorLog: quietLog}
	go s.Serve(six)
	go s.Serve(four)
	defer s.Close()
	for _, source := range []string{"127.0.0.1", "::1"} {
		e := newEngine(t, Config{Allow: []string{"both.example", "127.0.0.1", "::1"}, SourceIPs: []netip.Addr{netip.MustParseAddr(source)}})
		e.names.ask = func(context.Context, string, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("::1"), netip.MustParseAddr("127.0.0.1")}, nil
		}
		got := body(t, do(t, e.Client(0), Request{URL: "http://both.example:" + port}))
		if host, _, _ := net.SplitHostPort(got); host != source {
			t.Errorf("asked from %s, want %s", host, source)
		}
		other := "http://[::1]:" + port
		if source == "::1" {
			other = "http://127.0.0.1:" + port
		}
		if _, f := doFail(t, e.Client(0), Request{URL: other}, fault.Unreachable); !strings.Contains(f.Text, "no source address is of the IP version") {
			t.Error(f)
		}
	}
}

// A source that is not this machine's is a mistake of the plan, and not a lack of ports.
func TestForeignSource(t *testing.T) {
	s, _ := site(t, false, parts())
	e := newEngine(t, Config{SourceIPs: []netip.Addr{netip.MustParseAddr("192.0.2.7")}})
	_, f := doFail(t, e.Client(0), Request{URL: s.URL}, fault.Unreachable)
	if !strings.Contains(f.Text, "192.0.2.7, which is no address of this machine") || !strings.Contains(f.Hint, "--source-ip") {
		t.Error(f)
	}
}

// What is wrong with the proxy is not put down to the site.
func TestProxyAtFault(t *testing.T) {
	gone := freePort(t)
	mute := scripted(t, func(_ int, _ net.Conn, r *bufio.Reader) { readRequest(r) })
	says := func(text string) string {
		return scripted(t, func(_ int, c net.Conn, r *bufio.Reader) {
			readRequest(r)
			io.WriteString(c, text)
			io.Copy(io.Discard, r)
		})
	}
	ssh, overTLS := says("SSH-2.0-OpenSSH_9.2\r\n"), says("\x15\x03\x01\x00\x02\x02\x16")
	asks := says("HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n")
	ntlm := says("HTTP/1.1 407 Who?\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: Negotiate\r\n\r\n")
	for _, tt := range []struct {
		proxy, site string
		kind        fault.Kind
		want        string
	}{
		{gone, "http://site.example", fault.Refused, "refused: nothing listens on " + gone + "; is the proxy up?"},
		{gone, "https://site.example", fault.Refused, "refused: nothing listens on " + gone + "; is the proxy up?"},
		{mute, "https://site.example", fault.Reset, "reset: the proxy " + mute + " closed the connection while it was made"},
		{mute, "http://site.example", fault.Reset, "reset: site.example:80 (through the proxy " + mute + ") closed the connection without an answer"},
		{ssh, "https://site.example", fault.Protocol, "protocol: the proxy " + ssh + " does not answer as an HTTP proxy: the answer does not begin with an HTTP status " +
			"line; is this the port of an HTTP proxy, and not of SOCKS (socks5h://) or of a proxy that wants TLS (https://)?"},
		{overTLS, "https://site.example", fault.Protocol, "protocol: the proxy " + overTLS + " does not answer as an HTTP proxy: the answer is TLS and not HTTP; " +
			"is this the port of an HTTP proxy, and not of SOCKS (socks5h://) or of a proxy that wants TLS (https://)?"},
		{asks, "https://site.example", fault.Refused, "refused: the proxy " + asks + " answered 407 to CONNECT site.example:443; put user:password@ into the proxy's URL"},
		{"ann:pw@" + asks, "https://site.example", fault.Refused, "refused: the proxy " + asks + " answered 407 to CONNECT site.example:443; it does not take the " +
			"user and password of the proxy's URL; signs other than letters and digits stand there as %40 for @"},
		{ntlm, "https://site.example", fault.Refused, "refused: the proxy " + ntlm + " answered 407 to CONNECT site.example:443; it asks for ntlm or negotiate, " +
			"and only Basic can be given: let it offer that to the load, or ask the site without a proxy"},
	} {
		proxy, err := url.Parse("http://" + tt.proxy)
		if err != nil {
			t.Fatal(err)
		}
		e := newEngine(t, Config{Allow: []string{"site.example"}, Proxy: proxy})
		if _, f := doFail(t, e.Client(0), Request{URL: tt.site}, tt.kind); f.Error() != tt.want {
			t.Errorf("%q, want %q", f.Error(), tt.want)
		}
	}
}

// The texts of failed lookups group, whatever ports the resolver was asked from.
func TestLookupTexts(t *testing.T) {
	for said, want := range map[string]string{
		"read udp 127.0.0.1:40100->127.0.0.53:53: read: connection refused": "lookup: the addresses of shop.example cannot be had: connection refused; " +
			"check the network and the resolver",
		"server misbehaving": "lookup: the addresses of shop.example cannot be had: server misbehaving; check the network and the resolver",
	} {
		e := newEngine(t, Config{Allow: []string{"shop.example"}})
		e.names.ask = func(context.Context, string, string) ([]netip.Addr, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: said, Name: "shop.example", Server: "127.0.0.53:53"}}
		}
		if _, f := doFail(t, e.Client(0), Request{URL: "http://shop.example"}, fault.Lookup); f.Error() != want {
			t.Errorf("%q, want %q", f.Error(), want)
		}
	}
}

// Package net may notice the end of a dial's time a moment before the context does. Whose time it was is told all the same.
func TestWhoseTimeWasUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := New(Config{Allow: []string{"example.org"}, ConnectTimeout: time.Second, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			at, _ := ctx.Deadline()
			time.Sleep(time.Until(at) - time.Millisecond)
			return nil, &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		for _, tt := range []struct {
			whole, own time.Duration // the request's limit, and the one of the caller's context
			kind       fault.Kind
			text       string
		}{
			{time.Minute, time.Minute, fault.ConnectTimeout, "no connection to example.org:80 within 1s"},
			{500 * time.Millisecond, time.Minute, fault.Timeout, "example.org:80 took longer than 500ms: no connection"},
			{time.Minute, 300 * time.Millisecond, fault.Cancelled, "the deadline of the test's own context passed"},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), tt.own)
			begun := time.Now()
			err := e.Client(0).Do(ctx, &Request{URL: "http://example.org", Timeout: tt.whole}, new(Response))
			f, ok := errors.AsType[*fault.Error](err)
			if took := time.Since(begun); !ok || f.Kind != tt.kind || f.Text != tt.text || took != min(time.Second, tt.whole, tt.own) {
				t.Errorf("%v after %v, want %s", err, took, tt.text)
			}
			cancel()
		}
	})
}

// Whoever takes connections and says nothing is another matter than one who takes none.
func TestSilentPeers(t *testing.T) {
	for _, tt := range []struct {
		proxy, says string // the latter to CONNECT
		whole       time.Duration
		want        string
	}{
		{"", "", time.Minute, "connect timeout: no TLS handshake with site.example:443 within 1s; it took the connection and said nothing: does it speak TLS, or should the URL begin with http://?"},
		{"", "", 500 * time.Millisecond, "timeout: site.example:443 took longer than 500ms: no TLS handshake; it took the connection and said nothing: does it speak TLS, or should the URL begin with http://?"},
		{"http://proxy:3128", "", time.Minute, "connect timeout: no answer to CONNECT from the proxy proxy:3128 within 1s; can the proxy reach the site?"},
		{
			"http://proxy:3128", "HTTP/1.1 200 OK\r\n\r\n", time.Minute, "connect timeout: no TLS handshake with site.example:443 (through the proxy proxy:3128) within 1s; " +
				"it took the connection and said nothing: does it speak TLS, or should the URL begin with http://?",
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			cfg := Config{Allow: []string{"site.example"}, ConnectTimeout: time.Second, Dial: func(context.Context, string, string) (net.Conn, error) {
				here, there := net.Pipe()
				go func() {
					r := bufio.NewReader(there)
					if tt.says != "" {
						readRequest(r)
						io.WriteString(there, tt.says)
					}
					io.Copy(io.Discard, r)
				}()
				return here, nil
			}}
			if tt.proxy != "" {
				cfg.Proxy, _ = url.Parse(tt.proxy)
			}
			e, err := New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			if err := e.Client(0).Do(t.Context(), &Request{URL: "https://site.example", Timeout: tt.whole}, new(Response)); err == nil || err.Error() != tt.want {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

// A site that answered somebody is reachable: no connection to it means that it takes no more.
func TestNoConnectionBesideAnswers(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer site.Close()
	var dials atomic.Int64
	e, err := New(Config{Allow: []string{"example.org"}, ConnectTimeout: 2 * time.Second, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		if dials.Add(1) != 2 {
			return nil, os.ErrDeadlineExceeded // as of a dial whose time ran out
		}
		return new(net.Dialer).DialContext(context.WithoutCancel(ctx), network, site.Listener.Addr().String())
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for user, want := range []string{"is the site reachable?", "", "others got one: its listen queue may be full"} {
		var r Response
		err := e.Client(user).Do(t.Context(), &Request{URL: "http://example.org", Timeout: time.Minute}, &r)
		if want == "" {
			if err != nil {
				t.Fatal(err)
			}
			r.Release()
			continue
		}
		if f, ok := errors.AsType[*fault.Error](err); !ok || f.Kind != fault.ConnectTimeout || f.Hint != want {
			t.Errorf("user %d: %v, want the hint %q", user, err, want)
		}
	}
}
