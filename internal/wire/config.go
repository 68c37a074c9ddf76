package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"time"
)

// Config is what all clients of a run share. The zero value works, except that Allow is empty and so every host is refused.
type Config struct {
	IO    string    // back end: "auto" (also ""), "net", "raw", "epoll"; see Backends
	HTTP  string    // "auto" (also ""; HTTP/2 when ALPN offers it), "1.1", "2", "h2c", "3", "auto+3" (HTTP/3 once a site has said that it speaks it)
	Start time.Time // the times of a Response count from here; must hold a monotonic reading; zero means the time of New
	Allow []string  // hosts that may be asked: "example.org", "example.org:8443", "*.example.org"; without a port any port
	Never []string  // hosts that are not asked whatever Allow says, also when a name leads there: as Allow has them, and "192.0.2.7", "192.0.2.0/24"
	// Swap is which host stands for another, in every URL: "www.example.org" to "https://staging.example.org", whose path does not count.
	Swap map[string]string

	ConnectTimeout   time.Duration // name lookup, connect, proxy and TLS together; zero means 10 s
	FirstByteTimeout time.Duration // from sending on a connection to the first byte of the answer; zero means none of its own
	Timeout          time.Duration // the whole request with its redirects; zero means 30 s
	MaxHeader        int           // bytes of a response header; zero means 256 KiB
	MaxBody          int64         // bytes of a body, as received and as decoded; zero means 256 MiB
	MaxConnsPerHost  int           // connections one client may have to one host; zero means 6, as browsers do
	MaxRedirects     int           // zero means 10
	UserAgent        string        // zero means "stampede"

	Insecure     bool              // do not verify certificates
	RootCAs      *x509.CertPool    // nil means the system's
	Certificates []tls.Certificate // shown to servers that ask for one
	ServerName   string            // name sent in the handshake and verified; "" means the host of the URL

	SourceIPs []netip.Addr      // local addresses, used in turn by client number
	Resolve   map[string]string // "host:port", or "*:port" for all hosts -> "address" or "address:port", or several between commas, tried in turn; as curl's --resolve
	DNSTTL    time.Duration     // how long a name's addresses are used before it is looked up again; zero means 30 s
	Proxy     *url.URL          // http://, https:// (TLS to the proxy), socks5:// or socks5h://; through the first two http sites go in absolute form, all else by CONNECT
	// ProxyFor says through which proxy a site is asked, instead of Proxy, as net/http's Transport.Proxy does; a nil URL is none.
	ProxyFor   func(site *url.URL) (*url.URL, error)
	UnixSocket string // every connection goes to this socket
	Fresh      Fresh  // when connections are thrown away

	// Dial replaces the network, for tests in virtual time. With it set the back end is "net", names are not looked up, and address is
	// the host and port of the URL (or of the proxy).
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	noRing bool // do without io_uring, for tests
	lean   bool // make the requests of Do as Start does, for tests
}

// DefaultTimeout is Config.Timeout where it is zero.
const DefaultTimeout = 30 * time.Second

// Fresh says how long a connection lives.
type Fresh uint8

// The lives of a connection.
const (
	KeepAlive    Fresh = iota // as long as both sides want
	PerIteration              // until Client.EndIteration
	PerRequest                // one request
)

// withDefaults fills in what zero means and refuses what cannot be.
func (c Config) withDefaults() (Config, error) {
	if c.Start.IsZero() {
		c.Start = time.Now()
	}
	for _, d := range []struct {
		field *time.Duration
		name  string
		zero  time.Duration
	}{
		{&c.ConnectTimeout, "connect timeout", 10 * time.Second},
		{&c.FirstByteTimeout, "first byte timeout", 0},
		{&c.Timeout, "timeout", DefaultTimeout},
		{&c.DNSTTL, "DNS time to live", 30 * time.Second},
	} {
		if *d.field < 0 {
			return c, fmt.Errorf("wire: %s %v: must not be negative", d.name, *d.field)
		}
		if *d.field == 0 {
			*d.field = d.zero
		}
	}
	if c.MaxHeader < 0 || c.MaxBody < 0 || c.MaxConnsPerHost < 0 || c.MaxRedirects < 0 {
		return c, fmt.Errorf("wire: a limit is below zero (header %d, body %d, connections per host %d, redirects %d): leave it at zero for the default",
			c.MaxHeader, c.MaxBody, c.MaxConnsPerHost, c.MaxRedirects)
	}
	setDefault(&c.MaxHeader, 256<<10)
	setDefault(&c.MaxBody, 256<<20)
	setDefault(&c.MaxConnsPerHost, 6)
	setDefault(&c.MaxRedirects, 10)
	setDefault(&c.UserAgent, "stampede")
	switch c.HTTP {
	case "":
		c.HTTP = "auto"
	case "auto", "1.1", "2", "h2c", "3", "auto+3":
	default:
		return c, fmt.Errorf(`wire: HTTP version %q: choose "auto", "1.1", "2", "h2c", "3" or "auto+3"`, c.HTTP)
	}
	if c.HTTP == "3" || c.HTTP == "auto+3" {
		if c.Proxy != nil || c.ProxyFor != nil || c.UnixSocket != "" || c.Dial != nil {
			return c, fmt.Errorf("wire: HTTP version %q: HTTP/3 goes by UDP, which neither a proxy nor a Unix socket carries", c.HTTP)
		}
	}
	if !validValue(c.UserAgent) {
		return c, fmt.Errorf("wire: user agent %q: control characters cannot be sent in a header", c.UserAgent)
	}
	if _, err := newProxy(c.Proxy); err != nil {
		return c, fmt.Errorf("wire: %w", err)
	}
	if (c.Proxy != nil || c.ProxyFor != nil) && c.UnixSocket != "" {
		return c, fmt.Errorf("wire: a proxy and a Unix socket exclude each other; set only one")
	}
	return c, nil
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
