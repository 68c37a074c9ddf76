package wire

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/stampede-load/stampede/internal/fault"
)

// proxy is an HTTP proxy before some sites.
type proxy struct {
	place *origin // where it is dialled
	auth  string  // value of Proxy-Authorization; "" without
}

// newProxy reads the URL of a proxy; nil is none.
func newProxy(u *url.URL) (*proxy, error) {
	if u == nil {
		return nil, nil
	}
	if u.Scheme != "http" || u.Hostname() == "" {
		return nil, fmt.Errorf("proxy %s: only http://host:port proxies are supported", u.Redacted())
	}
	host, err := canonicalHost(u.Hostname())
	port := u.Port()
	if port == "" {
		port = "80"
	}
	if err != nil || !validPort(port) {
		return nil, fmt.Errorf("proxy %s: write http://host:port", u.Redacted())
	}
	o := &origin{host: host, port: port, hostport: net.JoinHostPort(host, port), isProxy: true}
	o.addr, _ = netip.ParseAddr(host)
	return &proxy{place: o, auth: basicAuth(u.User)}, nil
}

// proxyOf is the proxy that requests to a site go through; nil for none.
func (e *Engine) proxyOf(o *origin) (*proxy, error) {
	if e.cfg.ProxyFor == nil {
		return newProxy(e.cfg.Proxy)
	}
	u, err := url.Parse(o.site)
	if err != nil {
		return nil, err
	}
	if u, err = e.cfg.ProxyFor(u); err != nil {
		return nil, fmt.Errorf("the proxy for %s cannot be known: %w", o.site, err)
	}
	return newProxy(u)
}

// tunnel asks the proxy to connect nc through to the site (RFC 9110, 9.3.6). The dialer closes nc when its time is over.
func (d *dialing) tunnel(nc net.Conn) error {
	d.stage.Store(int32(tunnelling))
	b := append([]byte("CONNECT "), d.origin.hostport...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, d.origin.hostport...)
	b = append(b, "\r\nUser-Agent: "...)
	b = append(b, d.e.cfg.UserAgent...)
	if auth := d.origin.via.auth; auth != "" {
		b = append(b, "\r\nProxy-Authorization: "...)
		b = append(b, auth...)
	}
	b = append(b, "\r\n\r\n"...)
	if _, err := nc.Write(b); err != nil {
		return transportError("dial", d.peer(), err)
	}
	a := answer{pool: &d.e.buffers, maxHeader: d.e.cfg.MaxHeader, maxBody: d.e.cfg.MaxBody}
	a.begin(false, true)
	defer a.release()
	for a.fields == nil {
		// One byte at a time at the end: what follows the header belongs to the site, and must not be taken from it.
		n, err := nc.Read(a.room()[:1])
		if err != nil {
			return transportError("dial", d.peer(), err)
		}
		done, err := a.took(n)
		if err != nil {
			return d.notProxy(err)
		}
		if done {
			break
		}
	}
	if a.status/100 == 2 {
		return nil
	}
	f := &fault.Error{Kind: fault.Refused, Op: "dial", Text: d.peer().named() + " answered " + strconv.Itoa(a.status) + " to CONNECT " + d.origin.hostport}
	if a.status == 407 {
		f.Hint = proxyLogin(d.origin.via.auth != "", a.schemes("Proxy-Authenticate"))
	}
	return f
}

// notProxy is the failure where what answers CONNECT does not speak HTTP.
func (d *dialing) notProxy(err error) error {
	return &fault.Error{
		Kind: fault.Protocol, Op: "dial", Text: d.peer().named() + " does not answer as an HTTP proxy: " + plainText(err),
		Hint: "is this the port of an HTTP proxy, and not of SOCKS or of a proxy that wants TLS?", Err: err,
	}
}

// proxyLogin is what to do about a proxy that wants to know who asks. given says that it was told; schemes are the ways it offers.
func proxyLogin(given bool, schemes []string) string {
	switch {
	case len(schemes) > 0 && !slices.Contains(schemes, "basic"):
		return "it asks for " + strings.Join(schemes, " or ") + ", and only Basic can be given: let it offer that to the load, or ask the site without a proxy"
	case given:
		return "it does not take the user and password of the proxy's URL; signs other than letters and digits stand there as %40 for @"
	}
	return "put user:password@ into the proxy's URL"
}
