package wire

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// authority is a certificate authority for a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority { return authorityOf(t, "test authority") }

func authorityOf(t testing.TB, name string) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Unix(0, 0), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{cert: cert, key: key, pool: x509.NewCertPool()}
	a.pool.AddCert(cert)
	return a
}

// issue makes a certificate for a name or an address.
func (a *authority) issue(t testing.TB, name string, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotBefore: time.Unix(0, 0), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// tellTLS says what the server saw of the handshake.
var tellTLS = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	who := "nobody"
	if len(r.TLS.PeerCertificates) > 0 {
		who = r.TLS.PeerCertificates[0].Subject.CommonName
	}
	fmt.Fprintf(w, "%s sni=%s resumed=%v client=%s", r.Proto, r.TLS.ServerName, r.TLS.DidResume, who)
})

// secureSite serves with a certificate of a's.
func secureSite(t testing.TB, cfg *tls.Config, protocols string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: tellTLS, ErrorLog: quietLog, TLSConfig: cfg, Protocols: new(http.Protocols)}
	s.Protocols.SetHTTP1(strings.Contains(protocols, "1"))
	s.Protocols.SetHTTP2(strings.Contains(protocols, "2"))
	done := make(chan bool)
	go func() {
		defer close(done)
		s.ServeTLS(l, "", "")
	}()
	t.Cleanup(func() {
		s.Close()
		<-done
	})
	return l.Addr().String()
}

func TestTLSVerification(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	soon := time.Now().Add(time.Hour)
	good := secureSite(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "127.0.0.1", soon)}}, "1")
	named := secureSite(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "shop.example", soon)}}, "1")
	expired := secureSite(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "127.0.0.1", time.Unix(1e9, 0))}}, "1")
	old := secureSite(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "127.0.0.1", soon)}, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}, "1")
	mutual := secureSite(t, &tls.Config{
		Certificates: []tls.Certificate{ca.issue(t, "127.0.0.1", soon)}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool,
	}, "1")
	clear := scripted(t, func(_ int, c net.Conn, r *bufio.Reader) {
		r.ReadByte()
		io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
	})
	dropped := scripted(t, func(_ int, _ net.Conn, r *bufio.Reader) { r.ReadByte() })
	for _, tt := range []struct {
		name, addr string
		cfg        Config
		want       string // the answer, or the error
	}{
		{"verified", good, Config{RootCAs: ca.pool}, "HTTP/1.1 sni= resumed=false client=nobody"},
		{"unknown authority", good, Config{RootCAs: stranger.pool}, "tls: the certificate of ADDR is signed by an unknown authority; give its CA (--cacert), or --insecure for a test site"},
		{"insecure", good, Config{Insecure: true, RootCAs: stranger.pool}, "HTTP/1.1 sni= resumed=false client=nobody"},
		{"another name", named, Config{RootCAs: ca.pool}, "tls: the certificate of ADDR is for another name; check the host, or set the server name"},
		{"server name", named, Config{RootCAs: ca.pool, ServerName: "shop.example"}, "HTTP/1.1 sni=shop.example resumed=false client=nobody"},
		{"resolved name", named, Config{RootCAs: ca.pool, Resolve: map[string]string{"shop.example:443": named}}, "HTTP/1.1 sni=shop.example resumed=false client=nobody"},
		{"expired", expired, Config{RootCAs: ca.pool}, "tls: the certificate of ADDR has expired or is not yet valid"},
		{"old version", old, Config{RootCAs: ca.pool}, "tls: ADDR refused the handshake: tls: protocol version not supported"},
		{"client certificate", mutual, Config{RootCAs: ca.pool, Certificates: []tls.Certificate{ca.issue(t, "ann", soon)}}, "HTTP/1.1 sni= resumed=false client=ann"},
		{"no client certificate", mutual, Config{RootCAs: ca.pool}, "tls: ADDR refused the handshake: tls: certificate required"},
		{"no TLS", clear, Config{RootCAs: ca.pool}, "tls: ADDR does not speak TLS; should the URL begin with http://?"},
		{"closed", dropped, Config{RootCAs: ca.pool}, "reset: ADDR closed the connection during the TLS handshake"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			eachBackend(t, func(t *testing.T, io string) {
				cfg := tt.cfg
				cfg.IO, cfg.Allow = io, []string{"127.0.0.1", "shop.example"}
				e := newEngine(t, cfg)
				url := "https://" + tt.addr + "/"
				if cfg.Resolve != nil {
					url = "https://shop.example/"
				}
				var r Response
				defer r.Release()
				got := ""
				if err := e.Client(0).Do(t.Context(), &Request{URL: url}, &r); err != nil {
					got = strings.ReplaceAll(err.Error(), tt.addr, "ADDR")
				} else {
					got = body(t, &r)
				}
				if got != tt.want {
					t.Errorf("%s, want %s", got, tt.want)
				}
				if fault.Of(nil) == fault.None && r.Status == 200 && r.Times.TLS <= 0 {
					t.Errorf("%+v", r.Times)
				}
			})
		})
	}
}

// What browsers and curl can reach can be loaded, and what a visitor shows of itself is what it was given.
func TestTLSOfOthers(t *testing.T) {
	ca, stranger := newAuthority(t), authorityOf(t, "a stranger")
	soon := time.Now().Add(time.Hour)
	old := httptest.NewUnstartedServer(tellTLS) // which has a key of RSA
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}}
	old.StartTLS()
	t.Cleanup(old.Close)
	asks := secureSite(t, &tls.Config{
		Certificates: []tls.Certificate{ca.issue(t, "127.0.0.1", soon)}, ClientAuth: tls.RequireAnyClientCert, ClientCAs: ca.pool,
	}, "1")
	one := secureSite(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "127.0.0.1", soon)}}, "1")
	for _, tt := range []struct {
		name, url string
		cfg       Config
		want      string // the answer, or the error
	}{
		{"RSA key exchange alone", old.URL, Config{}, "HTTP/1.1 sni= resumed=false client=nobody"},
		{"a certificate of another authority", "https://" + asks, Config{Certificates: []tls.Certificate{stranger.issue(t, "eve", soon)}}, "HTTP/1.1 sni= resumed=false client=eve"},
		{
			"the certificate that is asked for", "https://" + asks,
			Config{Certificates: []tls.Certificate{stranger.issue(t, "eve", soon), ca.issue(t, "ann", soon)}},
			"HTTP/1.1 sni= resumed=false client=ann",
		},
		{"HTTP/2 where there is none", "https://" + one, Config{HTTP: "2"}, "protocol: " + one + ` does not offer HTTP/2; use HTTP "auto" or "1.1"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := tt.cfg
			cfg.Insecure = true
			var r Response
			defer r.Release()
			got := ""
			if err := newEngine(t, cfg).Client(0).Do(t.Context(), &Request{URL: tt.url}, &r); err != nil {
				got = err.Error()
			} else {
				got = body(t, &r)
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// A visitor resumes its own sessions, and those of nobody else.
func TestTLSResumption(t *testing.T) {
	ca := newAuthority(t)
	addr := secureSite(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour))}}, "1")
	eachBackend(t, func(t *testing.T, io string) {
		e := newEngine(t, Config{IO: io, RootCAs: ca.pool, Fresh: PerRequest})
		for user := range 2 {
			c := e.Client(user)
			for i := range 3 {
				got := body(t, do(t, c, Request{URL: "https://" + addr}))
				if want := fmt.Sprintf("resumed=%v", i > 0); !strings.Contains(got, want) {
					t.Errorf("user %d, connection %d: %s", user, i, got)
				}
			}
		}
	})
}

func tlsServer(cert tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{cert}}
}
