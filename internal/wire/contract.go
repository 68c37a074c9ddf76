package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/netip"
	"net/url"
	"time"
)

// Config is what all clients of a run share. The zero value works, except that Allow is empty and so every host is refused.
type Config struct {
	IO    string    // back end: "auto" (also ""), "net", "raw", "epoll", "uring"
	HTTP  string    // "auto" (also ""; HTTP/2 when ALPN offers it), "1.1", "2", "h2c"
	Start time.Time // the times of a Response count from here; must hold a monotonic reading; zero means the time of New
	Allow []string  // hosts that may be asked: "example.org", "example.org:8443", "*.example.org"; without a port any port

	ConnectTimeout   time.Duration // zero means 10 s
	FirstByteTimeout time.Duration // zero means none of its own
	Timeout          time.Duration // the whole request with its redirects; zero means 30 s
	MaxHeader        int           // bytes of a response header; zero means 256 KiB
	MaxBody          int64         // bytes of a body, as received and as decoded; zero means 256 MiB
	MaxConnsPerHost  int           // connections one client may have to one host; zero means 6, as browsers do
	MaxRedirects     int           // zero means 10
	UserAgent        string        // zero means "stampede/VERSION"

	Insecure     bool // do not verify certificates
	RootCAs      *x509.CertPool
	Certificates []tls.Certificate
	ServerName   string

	SourceIPs  []netip.Addr      // local addresses, used in turn by client number
	Resolve    map[string]string // "host:port" -> "address" or "address:port", as curl's --resolve
	DNSTTL     time.Duration     // zero means 30 s
	Proxy      *url.URL          // http:// proxy: absolute form for http, CONNECT for https
	UnixSocket string            // every connection goes to this socket
	Fresh      Fresh             // when connections are thrown away
}

// Fresh says how long a connection lives.
type Fresh uint8

// The lives of a connection.
const (
	KeepAlive    Fresh = iota // as long as both sides want
	PerIteration              // until Client.EndIteration
	PerRequest                // one request
)

// Field is one header field.
type Field struct{ Name, Value string }

// Request is what to ask. It belongs to the caller and is not kept after Do returns; Do does not change it.
type Request struct {
	Method string // "" means GET
	// URL is absolute ("https://host/path?q"), or relative to Base when it begins with "/". Anything else is resolved against Base as
	// a browser does.
	URL       string
	Base      *Target // may be nil when URL is absolute
	Query     []Field // appended to the URL's query, escaped
	Header    []Field // sent in this order; Host, Content-Length, Cookie, User-Agent, Accept, Accept-Encoding override what the client would send
	Body      []byte
	Timeout   time.Duration // zero means Config.Timeout
	Stay      bool          // do not follow redirects: the 3xx is the answer
	Discard   bool          // the body will not be looked at: count it, verify its length, keep nothing
	NoCookies bool          // neither send nor store cookies

	// OnHop, when set, is called for each redirect answer before the next request is sent. The Response is valid during the call.
	OnHop func(from string, r *Response)
}

// Target is a parsed base URL, made once and shared by every request to it. Immutable.
type Target struct {
	// fields are the engine's
	target
}

// Response is the answer. The caller owns the struct and may use it again for the next Do; header and body live in buffers of the
// engine until Release (or until the Response is used again).
type Response struct {
	Status  int
	Proto   string // "HTTP/1.1", "HTTP/2.0"
	Times   Times
	URL     string // where it ended after redirects; "" when it did not move
	Hops    int    // redirects followed
	Reused  bool   // the connection had served a request before
	Retried bool   // sent again on a new connection after a stale one
	Remote  netip.AddrPort

	WireIn   int64 // bytes received, headers and framing included, TLS not
	WireOut  int64 // bytes sent
	BodySize int64 // bytes of the body as received, before decompression

	response // header, body and buffers: the engine's
}

// Times of a request, in nanoseconds since Config.Start; the phases are lengths. With redirects Sent is of the first hop, and the others
// of the last.
type Times struct {
	Sent      int64 // Do began, before lookup and connect
	FirstByte int64 // 0 when none came
	Done      int64
	Lookup    time.Duration // 0 when not needed
	Connect   time.Duration // 0 when reused
	TLS       time.Duration
	Wait      time.Duration // waited for one of the client's own connections to be free
}

// The methods the rest of the project relies on. Each is in the file of its concern:
//
//	New(Config) (*Engine, error)
//	(*Engine) Backend() string                     name of the back end chosen
//	(*Engine) Target(base string) (*Target, error) parse "https://host[:port][/prefix]"
//	(*Engine) Client(number int) *Client           cheap: allocates nothing more until the first request
//	(*Engine) Counters() Counters                  open connections, dials, bytes, lookups, blocked time
//	(*Engine) Now() int64                          ns since Config.Start
//	(*Engine) Close() error                        closes every connection, waits for its goroutines
//
//	(*Client) Do(ctx, *Request, *Response) error   safe for concurrent use with distinct Request and Response; error is a *fault.Error
//	                                               for transport failures only; a status of 400 or above is not an error here.
//	                                               Response.Times is filled in also when an error is returned.
//	(*Client) Cookies(rawURL string) []*http.Cookie, SetCookies(rawURL string, []*http.Cookie), ClearCookies()
//	(*Client) EndIteration()                       drops connections when Fresh is PerIteration
//	(*Client) Close()                              closes its connections; the client can be used again afterwards
//
//	(*Response) Header(name string) string         first value, any case; "" when absent
//	(*Response) Values(name string) []string
//	(*Response) Fields(yield func(name, value string) bool)
//	(*Response) Body() ([]byte, error)             decoded on first use; valid until Release
//	(*Response) Raw() []byte                       as received
//	(*Response) SetCookies() []*http.Cookie        cookies this answer set
//	(*Response) Release()                          gives the buffers back; idempotent
type doer interface {
	Do(ctx context.Context, req *Request, resp *Response) error
}

// Counters are totals since New, except the gauges Open, InUse.
type Counters struct {
	Open, InUse      int64
	Dials, DialFails int64
	Lookups          int64
	LookupNS         int64
	BytesIn          int64
	BytesOut         int64
	Decoded          int64
	Stale            int64 // requests sent again after a stale connection
	BlockedNS        int64 // time clients waited for one of their own connections
}
