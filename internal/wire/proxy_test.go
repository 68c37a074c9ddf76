package wire

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// socksServer is a SOCKS 5 proxy that lets in who gives a user and password, "" for everybody. It tells what it was asked for.
func socksServer(t *testing.T, user string, seen chan<- string) string {
	return scripted(t, func(_ int, c net.Conn, r *bufio.Reader) {
		to, err := socksAsked(c, r, user)
		if err != nil {
			return
		}
		seen <- to
		host, port, _ := net.SplitHostPort(to)
		if host == "site.example" { // as this proxy knows it
			host = "127.0.0.1"
		}
		there, err := net.Dial("tcp", net.JoinHostPort(host, port))
		if err != nil {
			c.Write([]byte{5, 5, 0, 1, 0, 0, 0, 0, 0, 0})
			return
		}
		c.Write([]byte("\x05\x00\x00\x03\x04gate\x00\x01"))
		done := make(chan bool)
		go func() { io.Copy(plainWriter{there}, r); there.Close(); close(done) }()
		io.Copy(plainWriter{c}, there)
		c.Close()
		<-done
	})
}

// socksAsked is where a client wants to be connected to.
func socksAsked(c net.Conn, r *bufio.Reader, user string) (string, error) {
	b := make([]byte, 2)
	if _, err := io.ReadFull(r, b); err != nil {
		return "", err
	}
	methods := make([]byte, b[1])
	io.ReadFull(r, methods)
	switch {
	case user == "":
		c.Write([]byte{5, 0})
	case !strings.Contains(string(methods), "\x02"):
		c.Write([]byte{5, 0xff})
		return "", io.EOF
	default:
		c.Write([]byte{5, 2})
		got := make([]byte, 2+len(user)) // its colon stands for a length
		io.ReadFull(r, got)
		name, password, _ := strings.Cut(user, ":")
		if want := fmt.Sprintf("\x01%c%s%c%s", rune(len(name)), name, rune(len(password)), password); string(got) != want {
			c.Write([]byte{1, 1})
			return "", io.EOF
		}
		c.Write([]byte{1, 0})
	}
	b = make([]byte, 4)
	io.ReadFull(r, b)
	var host string
	switch b[3] {
	case 1, 4:
		ip := make([]byte, map[byte]int{1: 4, 4: 16}[b[3]])
		io.ReadFull(r, ip)
		host = net.IP(ip).String()
	case 3:
		n, _ := r.ReadByte()
		name := make([]byte, n)
		io.ReadFull(r, name)
		host = string(name)
	}
	port := make([]byte, 2)
	_, err := io.ReadFull(r, port)
	return net.JoinHostPort(host, fmt.Sprint(int(port[0])<<8|int(port[1]))), err
}

// unlocked puts TLS before a proxy.
func unlocked(t *testing.T, ca *authority, addr string) string {
	cert := ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour))
	return scripted(t, func(_ int, c net.Conn, _ *bufio.Reader) {
		tc := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}})
		there, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		done := make(chan bool)
		go func() { io.Copy(plainWriter{there}, tc); there.Close(); close(done) }()
		io.Copy(plainWriter{tc}, there)
		tc.Close()
		<-done
	})
}

// proxied are the kinds of proxies besides the plain one, each before the same sites.
func proxied(t *testing.T, ca *authority, seen chan<- string) map[string]*url.URL {
	login := url.UserPassword("ann", "p@:w")
	return map[string]*url.URL{
		"socks5":  {Scheme: "socks5", Host: socksServer(t, "", seen)},
		"socks5h": {Scheme: "socks5h", Host: socksServer(t, "ann:p@:w", seen), User: login},
		"https":   {Scheme: "https", Host: unlocked(t, ca, forwarder(t, seen)), User: login},
	}
}

// both are the authorities of two pools; nil stands for none.
func both(ca *authority, roots *x509.CertPool) *x509.CertPool {
	if roots == nil {
		return ca.pool
	}
	all := roots.Clone()
	all.AddCert(ca.cert)
	return all
}

// Through SOCKS, and through a proxy that TLS is spoken with, requests go as without, over every back end and version of HTTP.
func TestProxyKinds(t *testing.T) {
	ca := newAuthority(t)
	test := func(t *testing.T, plain *Engine, base *Target) {
		seen := make(chan string, 10)
		for kind, u := range proxied(t, ca, seen) {
			cfg := plain.cfg
			cfg.Proxy, cfg.RootCAs, cfg.lean = u, both(ca, cfg.RootCAs), plain.cfg.lean
			e := newEngine(t, cfg)
			c, base := e.Client(0), target(t, e, base.String())
			for range 2 {
				for _, size := range []int{1000, 300_000} {
					if r := do(t, c, Request{Base: base, URL: fmt.Sprint("/size/", size)}); body(t, r) != string(bytesOf(size)) {
						t.Errorf("%s: %+v", kind, r)
					}
				}
			}
			up := bytesOf(200_000)
			if r := do(t, c, Request{Method: "POST", Base: base, URL: "/sum", Body: up}); !strings.Contains(body(t, r), fmt.Sprintf("%x", sha256.Sum256(up))) {
				t.Errorf("%s: %+v", kind, r)
			}
			want := base.origin.hostport
			if kind == "https" {
				if want = "CONNECT " + want + " Basic YW5uOnBAOnc="; !base.origin.secure && cfg.HTTP != "h2c" {
					want = "GET " + base.String() + "/size/1000 Basic YW5uOnBAOnc="
				}
			}
			if got := <-seen; got != want {
				t.Errorf("%s: the proxy was asked for %q, want %q", kind, got, want)
			}
			for len(seen) > 0 {
				<-seen
			}
			if n := e.Counters(); n.Dials != 1 {
				t.Errorf("%s: %+v", kind, n)
			}
			doFail(t, c, Request{URL: "http://elsewhere.example/"}, fault.Guard)
			c.Close()
			e.Close()
		}
	}
	t.Run("1.1", func(t *testing.T) { eachTransport(t, parts(), test) })
	t.Run("2", func(t *testing.T) { each2(t, parts(), test) })
}

// A name is looked up here or by the proxy, as the scheme says; here the guard sees where it leads, and one address after the other is tried.
func TestSocksNames(t *testing.T) {
	site, _ := site(t, false, parts())
	_, port, _ := net.SplitHostPort(site.Listener.Addr().String())
	seen := make(chan string, 10)
	addr := socksServer(t, "", seen)
	ask := func(scheme string, found ...string) (*Response, error) {
		e := newEngine(t, Config{Allow: []string{"site.example"}, Proxy: &url.URL{Scheme: scheme, Host: addr}})
		e.names.ask = func(_ context.Context, _, host string) (all []netip.Addr, err error) {
			if host != "site.example" {
				t.Errorf("%s was looked up", host)
			}
			for _, a := range found {
				all = append(all, netip.MustParseAddr(a))
			}
			return all, nil
		}
		r := new(Response)
		err := e.Client(0).Do(t.Context(), &Request{URL: "http://site.example:" + port + "/size/10"}, r)
		t.Cleanup(r.Release)
		return r, err
	}
	if _, err := ask("socks5h"); err != nil || <-seen != "site.example:"+port {
		t.Error(err)
	}
	if _, err := ask("socks5", "127.0.0.2", "127.0.0.1"); err != nil || <-seen != "127.0.0.2:"+port || <-seen != "127.0.0.1:"+port {
		t.Error(err)
	}
	if _, err := ask("socks5", "127.0.0.2", "127.0.0.3"); fault.Of(err) != fault.Refused || !strings.Contains(err.Error(), "did not connect to site.example:"+port+": nothing listens there") {
		t.Error(err)
	}
	<-seen
	<-seen
	if _, err := ask("socks5", "169.254.169.254"); fault.Of(err) != fault.Guard || len(seen) > 0 {
		t.Error(err, len(seen))
	}
}

// What is wrong with a SOCKS proxy, or with TLS to a proxy, is told of the proxy.
func TestSocksAtFault(t *testing.T) {
	ca := newAuthority(t)
	says := func(parts ...string) string {
		return scripted(t, func(_ int, c net.Conn, r *bufio.Reader) {
			for _, part := range parts {
				r.Peek(1)
				r.Discard(r.Buffered())
				io.WriteString(c, part)
			}
			io.Copy(io.Discard, r)
		})
	}
	mute := scripted(t, func(_ int, _ net.Conn, r *bufio.Reader) { r.Peek(1) })
	login, clear := socksServer(t, "ann:pw", make(chan string, 9)), socksServer(t, "", make(chan string, 9))
	locked := unlocked(t, ca, clear)
	notSocks := "; is this the port of a SOCKS proxy, and not of an HTTP proxy (http://, or https:// where it wants TLS)?"
	for _, tt := range []struct{ proxy, want string }{
		{"socks5h://" + says("\x05\x00", "\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00"), "refused: the proxy ADDR did not connect to site.example:80: its rules forbid it; can the proxy reach the site?"},
		{"socks5h://" + says("\x05\x00", "\x05\x03\x00\x01\x00\x00\x00\x00\x00\x00"), "unreachable: the proxy ADDR did not connect to site.example:80: no network leads there; can the proxy reach the site?"},
		{"socks5h://" + says("\x05\x00", "\x05\x5b\x00\x01\x00\x00\x00\x00\x00\x00"), "refused: the proxy ADDR did not connect to site.example:80: its reply is 91; can the proxy reach the site?"},
		{"socks5h://" + says("\x05\x00", "\x05\x00\x00\x07\x00\x00\x00\x00\x00\x00"), "protocol: the proxy ADDR does not answer as a SOCKS 5 proxy: its answer is none of SOCKS 5" + notSocks},
		{"socks5h://" + says("HTTP/1.1 400 Bad Request\r\n\r\n"), "protocol: the proxy ADDR does not answer as a SOCKS 5 proxy: its answer is none of SOCKS 5" + notSocks},
		{"socks5h://" + says("\x00\x5a"), "protocol: the proxy ADDR does not answer as a SOCKS 5 proxy: its answer is none of SOCKS 5" + notSocks},
		{"socks5h://" + mute, "reset: the proxy ADDR closed the connection while it was made"},
		{"socks5h://" + login, "refused: the proxy ADDR does not let us in without a user and a password; put user:password@ into the proxy's URL"},
		{"socks5h://ann:no@" + login, "refused: the proxy ADDR refused the log-in; it does not take the user and password of the proxy's URL; signs other than letters and digits stand there as %40 for @"},
		{"socks5h://ann:pw@" + says("\x05\xff"), "refused: the proxy ADDR takes no user and password; it wants another way to log in, which cannot be done: let it know this machine by its address"},
		{"socks5h://ann:pw@" + says("\x05\x01"), "refused: the proxy ADDR takes no user and password; it wants another way to log in, which cannot be done: let it know this machine by its address"},
		{"https://" + locked, "tls: the certificate of the proxy ADDR is signed by an unknown authority; give its CA (--cacert), or --insecure for a test site"},
		{"https://" + says("SSH-2.0-OpenSSH_9.2\r\n"), "tls: the proxy ADDR does not speak TLS; should the proxy's URL begin with http://, or socks5h:// for SOCKS?"},
		{"https://" + mute, "reset: the proxy ADDR closed the connection during the TLS handshake"},
	} {
		u, err := url.Parse(tt.proxy)
		if err != nil {
			t.Fatal(err)
		}
		e := newEngine(t, Config{Allow: []string{"site.example"}, Proxy: u})
		err = e.Client(0).Do(t.Context(), &Request{URL: "http://site.example/"}, new(Response))
		if want := strings.ReplaceAll(tt.want, "ADDR", u.Host); err == nil || err.Error() != want {
			t.Errorf("%s:\n%v, want\n%s", u.Redacted(), err, want)
		}
	}
	for _, long := range []string{strings.Repeat("u", 256) + ":p", "u:" + strings.Repeat("p", 256)} {
		if _, err := newProxy(must(url.Parse("socks5://" + long + "@127.0.0.1"))); err == nil || strings.Contains(err.Error(), "ppp") {
			t.Error(err)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A stream and a bare connection go through every kind of proxy.
func TestStreamsThroughProxies(t *testing.T) {
	ca := newAuthority(t)
	for _, secure := range []bool{false, true} {
		s, roots := site(t, secure, socketSite())
		seen := make(chan string, 10)
		for kind, u := range proxied(t, ca, seen) {
			e := newEngine(t, Config{Proxy: u, RootCAs: both(ca, roots)})
			c := e.Client(0)
			var r Response
			st, err := c.Open(t.Context(), &Request{URL: s.URL + "/socket", Upgrade: "websocket", Header: []Field{{"Sec-WebSocket-Key", "x"}, {"Sec-WebSocket-Version", "13"}}}, &r)
			if err != nil {
				t.Errorf("%s: %v", kind, err)
				continue
			}
			io.WriteString(st, "hello")
			if b, err := st.Take(); string(b) != "hello" {
				t.Errorf("%s: %q, %v", kind, b, err)
			}
			st.Close()
			nc, err := c.Dial(t.Context(), secure, s.Listener.Addr().String())
			if err != nil {
				t.Errorf("%s: %v", kind, err)
				continue
			}
			if secure {
				nc = tls.Client(nc, &tls.Config{InsecureSkipVerify: true})
			}
			io.WriteString(nc, "GET /size/10 HTTP/1.0\r\n\r\n")
			if b, err := io.ReadAll(nc); !strings.HasSuffix(string(b), string(bytesOf(10))) {
				t.Errorf("%s: %q, %v", kind, b, err)
			}
			nc.Close()
			c.Close()
		}
	}
}
