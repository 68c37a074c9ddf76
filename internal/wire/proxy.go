package wire

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// proxy stands before some sites.
type proxy struct {
	place  *origin       // where it is dialled
	secure bool          // TLS is spoken with it
	socks  *url.Userinfo // of a SOCKS proxy, for which it is not nil
	here   bool          // names of sites are looked up here, and not by the SOCKS proxy
	auth   string        // value of Proxy-Authorization; "" without
}

// proxyPorts are the kinds of proxies by the schemes of their URLs, with the port of each.
var proxyPorts = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}

// newProxy reads the URL of a proxy; nil is none.
func newProxy(u *url.URL) (*proxy, error) {
	if u == nil {
		return nil, nil
	}
	usual := proxyPorts[u.Scheme]
	if usual == "" || u.Hostname() == "" {
		return nil, fmt.Errorf("proxy %s: write http://, https://, socks5:// or socks5h:// and host:port", u.Redacted())
	}
	host, err := canonicalHost(u.Hostname())
	port := cmp.Or(u.Port(), usual)
	if err != nil || !validPort(port) {
		return nil, fmt.Errorf("proxy %s: write %s://host:port", u.Redacted(), u.Scheme)
	}
	o := &origin{host: host, port: port, hostport: net.JoinHostPort(host, port), isProxy: true}
	o.addr, _ = netip.ParseAddr(host)
	p := &proxy{place: o, secure: u.Scheme == "https", here: u.Scheme == "socks5"}
	if usual != proxyPorts["socks5"] {
		p.auth = basicAuth(u.User)
		return p, nil
	}
	p.socks = cmp.Or(u.User, new(url.Userinfo))
	if password, _ := p.socks.Password(); len(p.socks.Username()) > 255 || len(password) > 255 {
		return nil, fmt.Errorf("proxy %s: SOCKS takes at most 255 bytes as user and as password", u.Redacted())
	}
	return p, nil
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
