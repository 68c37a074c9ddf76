package wire

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/weburl"
)

// origin is a scheme, host and port, with all that requests to it have in common. Made once per engine and authority; immutable but for
// what it learns of the server's protocol.
type origin struct {
	secure    bool
	local     bool   // a loopback name: browsers treat it as secure
	host      string // canonical: lower case, ASCII, no brackets
	port      string
	hostport  string     // for dialling
	authority string     // for the Host header: without the scheme's own port
	site      string     // scheme://authority
	addr      netip.Addr // when the host is an address; else invalid
	socket    string     // the Unix socket that is dialled instead, for texts
	via       *proxy     // that requests go through; nil without
	isProxy   bool       // not a site, but the proxy before all of them, for texts
	err       error      // why requests to it are refused; nil when they are not

	lines [4]string // default header lines: Host, User-Agent, Accept, Accept-Encoding
	start string    // all of them in one
	h2    atomic.Bool
	met   atomic.Bool // somebody got a connection to it
	tls13 atomic.Bool // over TLS 1.3, the last time

	authorityBytes []byte
	fields         [3]struct{ name, value []byte } // the same defaults for HTTP/2, without Host
}

// place is where o is dialled, for error texts.
func (o *origin) place() string {
	switch {
	case o.socket != "":
		return o.socket
	case o.via != nil:
		return o.hostport + " (through the proxy " + o.via.place.hostport + ")"
	}
	return o.hostport
}

// named is place, and says of a proxy that it is one.
func (o *origin) named() string {
	if o.isProxy {
		return "the proxy " + o.hostport
	}
	return o.place()
}

// what says what stands at place.
func (o *origin) what() string {
	if o.isProxy {
		return "proxy"
	}
	return "site"
}

// same reports whether two origins are one. Pointers are equal unless the engine saw too many hosts to remember them all.
func (o *origin) same(p *origin) bool {
	return o == p || o.secure == p.secure && o.hostport == p.hostport
}

type originKey struct {
	secure    bool
	authority string // as written
}

// originLimit bounds the memory for origins: a test may ask wildcard hosts without end.
const originLimit = 4096

// origins are found without a lock: the map is replaced, never changed.
type origins struct {
	known atomic.Pointer[map[originKey]*origin]
}

func (s *origins) find(k originKey) *origin {
	if m := s.known.Load(); m != nil {
		return (*m)[k]
	}
	return nil
}

func (s *origins) remember(k originKey, o *origin) *origin {
	for {
		old := s.known.Load()
		next := map[originKey]*origin{}
		if old != nil {
			if len(*old) >= originLimit {
				return o
			}
			next = maps.Clone(*old)
		}
		if first := next[k]; first != nil {
			return first
		}
		for _, other := range next {
			if other.same(o) { // the same host, written in another way
				o = other
				break
			}
		}
		k.authority = strings.Clone(k.authority)
		next[k] = o
		if s.known.CompareAndSwap(old, &next) {
			return o
		}
	}
}

// origin finds or makes the origin of an authority such as "example.org:8443". An origin that the guard refuses is not remembered: it
// has err set.
func (e *Engine) origin(secure bool, authority string) *origin {
	k := originKey{secure, authority}
	if o := e.origins.find(k); o != nil {
		return o
	}
	o, err := e.newOrigin(secure, authority)
	if err != nil {
		return &origin{err: &fault.Error{Kind: fault.Other, Op: "url", Text: err.Error(), Err: err}}
	}
	if o.err != nil {
		return o
	}
	return e.origins.remember(k, o)
}

func (e *Engine) newOrigin(secure bool, authority string) (*origin, error) {
	host, port := splitHostPort(authority)
	host, err := canonicalHost(host)
	if err != nil {
		return nil, err
	}
	if port == "" {
		_, port = schemeOf(secure)
	}
	if !validPort(port) {
		return nil, fmt.Errorf("port %q of %q is not a number from 1 to 65535", port, authority)
	}
	secure, host, port = swapped(e.fence.swaps, secure, host, port)
	scheme, usual := schemeOf(secure)
	if port == "" {
		port = usual
	}
	o := &origin{secure: secure, host: host, port: port, hostport: net.JoinHostPort(host, port), socket: e.cfg.UnixSocket}
	o.addr, _ = netip.ParseAddr(host)
	o.local = host == "localhost" || strings.HasSuffix(host, ".localhost") || o.addr.IsLoopback()
	o.authority = o.hostport
	if port == usual {
		o.authority = strings.TrimSuffix(o.hostport, ":"+port)
	}
	o.site = scheme + o.authority
	if before, zone, ok := strings.Cut(o.authority, "%"); ok { // the zone of an address is this machine's own affair (RFC 6874, 4)
		o.authority = before + zone[strings.IndexByte(zone, ']'):]
	}
	if o.err = e.fence.never.host(host, port); o.err != nil {
		return o, nil
	}
	if !e.guard.allows(host, port) {
		o.err = guardError(o.authority)
	} else if o.via, err = e.proxyOf(o); err != nil {
		o.err = &fault.Error{Kind: fault.Other, Op: "dial", Text: err.Error(), Err: err}
	} else if o.via != nil {
		o.err = e.fence.never.host(o.via.place.host, o.via.place.port)
	}
	o.lines = [4]string{
		"Host: " + o.authority + "\r\n", "User-Agent: " + e.cfg.UserAgent + "\r\n", "Accept: */*\r\n",
		"Accept-Encoding: " + o.encodings() + "\r\n",
	}
	o.start = strings.Join(o.lines[:], "")
	o.authorityBytes = []byte(o.authority)
	for i, line := range o.lines[1:] {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\r\n"), ": ")
		o.fields[i].name, o.fields[i].value = []byte(strings.ToLower(name)), []byte(value)
	}
	o.h2.Store(e.cfg.HTTP == "h2c" || e.cfg.HTTP == "2")
	return o, nil
}

// schemeOf is how URLs begin, and the port that they need not name.
func schemeOf(secure bool) (scheme, usual string) {
	if secure {
		return "https://", "443"
	}
	return "http://", "80"
}

// encodings is what a browser accepts: Brotli and Zstandard only where no old proxy can be in between.
func (o *origin) encodings() string {
	if o.secure || o.local {
		return "gzip, deflate, br, zstd"
	}
	return "gzip, deflate"
}

// splitHostPort cuts "host:port", "[v6]:port", "host" or "[v6]". The port is "" when there is none.
func splitHostPort(s string) (host, port string) {
	if strings.HasPrefix(s, "[") {
		if i := strings.IndexByte(s, ']'); i > 0 {
			return s[1:i], strings.TrimPrefix(s[i+1:], ":")
		}
		return "", ""
	}
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

// canonicalHost is the form in which hosts are compared: see weburl.CanonicalHost.
func canonicalHost(host string) (string, error) {
	if strings.IndexByte(host, ':') >= 0 {
		host = strings.Replace(host, "%25", "%", 1) // of a zone
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return a.String(), nil
	}
	return weburl.CanonicalHost(host)
}

func validPort(p string) bool {
	n := 0
	for i := range len(p) {
		if p[i]-'0' > 9 || n > 65535 {
			return false
		}
		n = n*10 + int(p[i]-'0')
	}
	return n >= 1 && n <= 65535
}

// Target is a parsed base URL, made once and shared by every request to it. Immutable.
type Target struct {
	origin *origin
	prefix string // path without its final slash; "" for the root
	url    string // as a browser would write it
	basic  string // value of an Authorization field from user:password@ in the URL; "" without
}

// String is the base URL, without credentials.
func (t *Target) String() string { return t.url }

// Target parses a base URL such as "https://example.org:8443/shop". Whether the host may be asked is decided, and counted as a failure,
// at each request.
func (e *Engine) Target(base string) (*Target, error) {
	u, err := weburl.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("wire: base URL %q: %w", withoutLogin(base), err)
	}
	if u.Query != "" || strings.Contains(base, "#") {
		return nil, fmt.Errorf("wire: base URL %q: must end with its path; put the query into the requests", u.String())
	}
	o := e.origin(u.Scheme == "https", u.Authority())
	if o.host == "" {
		return nil, fmt.Errorf("wire: base URL %q: %w", u.String(), o.err)
	}
	t := &Target{origin: o, prefix: strings.TrimSuffix(u.Path, "/"), basic: loginOf(u)}
	t.url = o.site + t.prefix
	return t, nil
}

// withoutLogin is a URL without what may be a password.
func withoutLogin(raw string) string {
	if i := strings.LastIndexByte(raw, '@'); i >= 0 {
		return "..." + raw[i:]
	}
	return raw
}
