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
		RootCAs: e.cfg.RootCAs, Certificates: e.cfg.Certificates, ServerName: e.cfg.ServerName, InsecureSkipVerify: e.cfg.Insecure,
	}
	if len(e.cfg.Certificates) > 0 {
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

// handshake speaks TLS on nc, and then HTTP/1.1 or HTTP/2 as the server chose.
func (d *dialing) handshake(nc net.Conn) error {
	begun := d.e.Now()
	p, err := d.e.backend.pipe(nc)
	if err != nil {
		return transportError("dial", d.origin, err)
	}
	tc := tls.Client(p, d.client.tlsFor(d.origin))
	err = tc.HandshakeContext(d.ctx)
	d.tls = time.Duration(d.e.Now() - begun)
	if err != nil {
		return transportError("handshake", d.origin, err)
	}
	d.origin.tls13.Store(tc.ConnectionState().Version == tls.VersionTLS13)
	switch got := tc.ConnectionState().NegotiatedProtocol; {
	case got == "h2":
		d.origin.h2.Store(true)
		return d.speak2(tc, p)
	case d.e.cfg.HTTP == "2" || d.e.cfg.HTTP == "h2c":
		return &fault.Error{
			Kind: fault.Protocol, Op: "handshake", Text: d.origin.place() + " does not offer HTTP/2", Hint: `use HTTP "auto" or "1.1"`,
		}
	}
	d.origin.h2.Store(false)
	if err := p.promote(); err != nil {
		return transportError("dial", d.origin, err)
	}
	d.link = &tlsLink{tc: tc, pipe: p}
	return nil
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

func (l *tlsLink) alive(idle int64, once bool) bool { return l.pipe.alive(idle, once) }

func (l *tlsLink) close() {
	l.pipe.use(nil) // the request that was last is another one's by now
	l.tc.Close()
}
