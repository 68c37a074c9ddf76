package wire

import (
	"crypto/tls"
	"net"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// sessions is how many TLS sessions one client remembers: the hosts of a page or two.
const sessions = 8

// tlsConfig is what all handshakes have in common.
func (e *Engine) tlsConfig() *tls.Config {
	t := &tls.Config{
		RootCAs: e.cfg.RootCAs, ServerName: e.cfg.ServerName, InsecureSkipVerify: e.cfg.Insecure, CipherSuites: browserSuites(),
	}
	if len(e.cfg.Certificates) > 0 {
		t.GetClientCertificate = e.clientCertificate
		// Servers that want a certificate for some paths only ask for it with a second handshake (TLS 1.2). TLS 1.3 has another way for that,
		// which crypto/tls does not have.
		t.Renegotiation = tls.RenegotiateOnceAsClient
	}
	switch e.cfg.HTTP {
	case "1.1":
		t.NextProtos = []string{"http/1.1"}
	case "2", "h2c":
		t.NextProtos = []string{"h2"}
	default:
		t.NextProtos = []string{"h2", "http/1.1"}
	}
	return t
}

// browserSuites are those of crypto/tls, and those with RSA key exchange, which it leaves out by itself: Chromium and curl offer them, and there
// are sites that have no others. A suite of TLS 1.3 need not be named.
func browserSuites() []uint16 {
	var all []uint16
	for _, s := range tls.CipherSuites() {
		all = append(all, s.ID)
	}
	return append(all, tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_256_CBC_SHA)
}

// clientCertificate is what a site is shown that asks for a certificate: the first one that it can use, and where it names authorities one of
// theirs if there is one. As with curl, what somebody gave is shown to a site that names others, too: it may know the authority in between.
func (e *Engine) clientCertificate(asked *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	any := *asked
	any.AcceptableCAs = nil
	for _, r := range []*tls.CertificateRequestInfo{asked, &any} {
		for i := range e.cfg.Certificates {
			if r.SupportsCertificate(&e.cfg.Certificates[i]) == nil {
				return &e.cfg.Certificates[i], nil
			}
		}
	}
	return new(tls.Certificate), nil
}

// tlsFor is the client's configuration for a host. Each client has its own session cache: a visitor resumes, and a thousand visitors are
// not one.
func (c *Client) tlsFor(o *origin) *tls.Config {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tls == nil || c.tls.ServerName != o.host {
		cache := tls.ClientSessionCache(nil)
		if c.tls != nil {
			cache = c.tls.ClientSessionCache
		}
		if cache == nil {
			cache = tls.NewLRUClientSessionCache(sessions)
		}
		c.tls = c.e.tls.Clone()
		c.tls.ClientSessionCache = cache
		if c.tls.ServerName == "" {
			c.tls.ServerName = o.host
		}
	}
	return c.tls
}

// handshake speaks TLS on the pipe p, or on what leads through it to the site, and then HTTP/1.1 or HTTP/2 as the server chose.
func (d *dialing) handshake(over net.Conn, p pipe) error {
	begun := d.e.Now()
	cfg := d.client.tlsFor(d.origin)
	if d.calls {
		cfg = cfg.Clone()
		cfg.NextProtos = []string{"h2"}
	}
	tc := tls.Client(over, cfg)
	d.stage.Store(int32(shaking))
	err := tc.HandshakeContext(d.ctx)
	d.tls = time.Duration(d.e.Now() - begun)
	if err != nil {
		if isAlert(err) && plain(err) == noProtocol {
			return d.noHTTP2()
		}
		return transportError("handshake", d.origin, err)
	}
	d.origin.tls13.Store(tc.ConnectionState().Version == tls.VersionTLS13)
	switch got := tc.ConnectionState().NegotiatedProtocol; {
	case got == "h2":
		d.origin.h2.Store(true)
		return d.speak2(tc, p)
	case d.e.cfg.HTTP == "2" || d.at2():
		return d.noHTTP2()
	}
	d.origin.h2.Store(false)
	return d.overTLS(tc, p)
}

// noProtocol is the alert of a server that speaks none of the protocols that it is offered.
const noProtocol = "tls: no application protocol"

// noHTTP2 is the failure at a site that does not speak what was asked for. Some say so by an alert, others by choosing nothing.
func (d *dialing) noHTTP2() error {
	f := &fault.Error{Kind: fault.Protocol, Op: "handshake", Text: d.origin.place() + " does not offer HTTP/2", Hint: `use HTTP "auto" or "1.1"`}
	if d.e.cfg.HTTP != "2" && !d.at2() {
		f.Text, f.Hint = d.origin.place()+" offers no version of HTTP that it is asked for", `use HTTP "auto"`
	}
	return f
}

// clientTLS speaks TLS for a stream on its socket. HTTP/2 is not offered.
func (d *dialing) clientTLS(nc net.Conn) (*tls.Conn, error) {
	begun := d.e.Now()
	cfg := d.client.tlsFor(d.origin).Clone()
	cfg.NextProtos = []string{"http/1.1"}
	tc := tls.Client(nc, cfg)
	d.stage.Store(int32(shaking))
	err := tc.HandshakeContext(d.ctx)
	d.tls = time.Duration(d.e.Now() - begun)
	if err != nil {
		return nil, transportError("handshake", d.origin, err)
	}
	return tc, nil
}

// tlsLink is HTTP/1.1 over TLS, on the pipe of any back end.
type tlsLink struct {
	tc   *tls.Conn
	pipe pipe
}

func (l *tlsLink) ask(x *exchange) (int, error) {
	l.pipe.use(x)
	return askConn(l.tc, x)
}

func (l *tlsLink) more(x *exchange) (int, error) { return readConn(l.tc, x) }

func (l *tlsLink) wait(*exchange) {} // its reads do
func (l *tlsLink) wake()          { l.pipe.wake() }
func (l *tlsLink) rest()          { l.pipe.use(nil) }

func (l *tlsLink) alive(idle int64, once bool) bool { return l.pipe.alive(idle, once) }

func (l *tlsLink) close() {
	l.pipe.use(nil) // the request that was last is another one's by now
	l.tc.Close()
}
