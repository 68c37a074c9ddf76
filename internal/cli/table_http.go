package cli

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/weburl"
)

// httpSettings say how users speak HTTP.
func (a *app) httpSettings(o *options) []setting.Setting {
	h := &o.plan.HTTP
	return []setting.Setting{
		{Name: "timeout", Arg: "TIME", Default: "30s", Group: groupHTTP, Read: positive(&h.Timeout), Help: "of a whole request, redirects included"},
		{Name: "connect-timeout", Arg: "TIME", Default: "10s", Group: groupHTTP, Read: positive(&h.ConnectTimeout), Help: "to get a connection"},
		{
			Name: "first-byte-timeout", Arg: "TIME", Group: groupHTTP, Read: positive(&h.FirstByte),
			Help: "from sending a request to the first byte of its answer; without it only --timeout counts",
		},
		{Name: "insecure", Group: groupHTTP, Default: "false", Read: onOff(&h.Insecure), Help: "do not verify certificates"},
		{
			Name: "cacert", Arg: "FILE", Group: groupHTTP, Read: a.caFile(&h.RootCAs),
			Help: "verify certificates against those of this PEM file, and not against the system's",
		},
		{
			Name: "cert", Arg: "FILE", Group: groupHTTP, Read: a.clientCertificate(&h.Certificates), Mask: maskPassphrase,
			Help: "client certificate: a PEM file that holds the certificate and its key",
		},
		{
			Name: "http", Arg: "VERSION", Default: "auto", Group: groupHTTP, Read: choice(&h.Version, "auto", "1.1", "2", "h2c", "3", "auto+3"),
			Help: "auto (HTTP/2 where the site offers it), 1.1, 2, h2c (HTTP/2 without TLS), 3, or auto+3 (HTTP/3 once the site says so)",
		},
		{
			Name: "fresh", Arg: "WHEN", Default: "never", Group: groupHTTP, Read: fresh(&h.Fresh),
			Help: "new connections: never (kept alive), task (for each task), request (for each request)",
		},
		{
			Name: "resolve", Arg: "HOST:PORT:ADDR", Group: groupHTTP, List: true, Whole: true, Read: resolveRule(h),
			Help: "ask this address for that host and port, as curl has it: the host may be *, several addresses stand between commas; may be repeated",
		},
		{
			Name: "dns-ttl", Arg: "TIME", Default: "30s", Group: groupHTTP, Read: ttl(&h.DNSTTL),
			Help: "how long the answer to a name lookup is used; 0 asks each time",
		},
		{
			Name: "source-ip", Arg: "ADDR", Group: groupHTTP, List: true, Read: sourceIPs(&h.SourceIPs),
			Help: "local addresses to connect from, in turn: 10.0.0.5, 10.0.0.5-10.0.0.20 or 10.0.0.0/28",
		},
		{
			Name: "proxy", Arg: "URL|env", Group: groupHTTP, Read: a.proxy(h), Mask: setting.MaskURL,
			Help: "go through a proxy: http://proxy:3128, https:// (TLS to the proxy), socks5h:// (it looks names up), socks5://; env: as HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY say, which are not looked at else",
		},
		{
			Name: "max-body", Arg: "SIZE", Default: "256MB", Group: groupHTTP, Read: size(&h.MaxBody),
			Help: "the largest body that is kept, as received and as decompressed; larger ones fail, but where nobody looks at them",
		},
		{Name: "unix-socket", Arg: "PATH", Group: groupHTTP, Read: func(t string) error {
			h.UnixSocket = a.path(t)
			return nil
		}, Help: "connect to this socket, whatever the host"},
		{
			Name: "io", Arg: "BACKEND", Default: "auto", Group: groupHTTP, Read: choice(&h.IO, "auto", "net", "raw", "epoll"),
			Help: "how bytes are moved: auto, net, raw (Unix) or epoll (Linux)",
		},
	}
}

func choice(into *string, words ...string) func(string) error {
	return func(t string) (err error) {
		*into, err = setting.Choice(t, words...)
		return err
	}
}

func size(into *int64) func(string) error {
	return func(t string) (err error) {
		*into, err = setting.ParseSize(t)
		return err
	}
}

func fresh(into *stampede.Fresh) func(string) error {
	return func(t string) error {
		word, err := setting.Choice(t, "never", "task", "request")
		switch word {
		case "task":
			*into = stampede.PerIteration
		case "request":
			*into = stampede.PerRequest
		}
		return err
	}
}

func ttl(into *time.Duration) func(string) error {
	return func(t string) error {
		d, err := setting.ParseDuration(t)
		*into = max(d, 1) // the library's zero means its default; a nanosecond is over at once
		return err
	}
}

// resolveRule reads "host:port:address" as curl's --resolve: the host * is every host, several addresses stand between commas, IPv6 addresses
// may stand in brackets. A + before the host, which curl reads as "not for ever", changes nothing; a - takes an earlier rule back.
func resolveRule(h *stampede.HTTP) func(string) error {
	bad := errors.New("write host:port:address, such as example.org:443:127.0.0.1; the host * is every host, several addresses stand between commas")
	return func(t string) error {
		t = strings.TrimPrefix(t, "+")
		t, gone := strings.CutPrefix(t, "-")
		host, rest, ok := strings.Cut(t, ":")
		if strings.HasPrefix(t, "[") {
			if host, rest, ok = strings.Cut(t[1:], "]"); ok {
				rest, ok = strings.CutPrefix(rest, ":")
			}
		}
		port, list, also := strings.Cut(rest, ":")
		if n, err := strconv.Atoi(port); !ok || host == "" || err != nil || n < 1 || n > 65535 || also == gone {
			return bad
		}
		if host != "*" {
			var err error
			if host, err = weburl.CanonicalHost(host); err != nil {
				return err
			}
		}
		at := net.JoinHostPort(host, port)
		if gone {
			delete(h.Resolve, at)
			return nil
		}
		var to []string
		for address := range strings.SplitSeq(list, ",") {
			ip, err := netip.ParseAddr(strings.Trim(strings.TrimSpace(address), "[]"))
			if err != nil {
				return fmt.Errorf("%q is not an address; %w", address, bad)
			}
			to = append(to, ip.String())
		}
		if h.Resolve == nil {
			h.Resolve = make(map[string]string)
		}
		h.Resolve[at] = strings.Join(to, ",")
		return nil
	}
}

// mostSources bounds what a range of source addresses may hold.
const mostSources = 1 << 16

// sourceIPs reads one address, a range, or a prefix.
func sourceIPs(into *[]netip.Addr) func(string) error {
	bad := errors.New("write an address, a range such as 10.0.0.5-10.0.0.20, or a prefix such as 10.0.0.0/28")
	return func(t string) error {
		first, last := t, t
		if low, high, ok := strings.Cut(t, "-"); ok {
			first, last = strings.TrimSpace(low), strings.TrimSpace(high)
		}
		if prefix, err := netip.ParsePrefix(t); err == nil {
			return spreadPrefix(into, prefix.Masked())
		}
		from, err := netip.ParseAddr(first)
		to, wrong := netip.ParseAddr(last)
		if err != nil || wrong != nil || from.Is4() != to.Is4() {
			return bad
		}
		if to.Less(from) {
			return fmt.Errorf("the range goes backwards; write %s-%s", last, first)
		}
		return spread(into, from, func(ip netip.Addr) bool { return !to.Less(ip) })
	}
}

// spreadPrefix adds the addresses of a prefix, without the two of an IPv4 network that no machine has: its first and its last.
func spreadPrefix(into *[]netip.Addr, p netip.Prefix) error {
	if p.Addr().Is4() && p.Bits() <= 30 {
		return spread(into, p.Addr().Next(), func(ip netip.Addr) bool { return p.Contains(ip.Next()) })
	}
	return spread(into, p.Addr(), p.Contains)
}

// spread adds addresses from the first one on, as long as they belong.
func spread(into *[]netip.Addr, ip netip.Addr, belongs func(netip.Addr) bool) error {
	var all []netip.Addr
	for ; ip.IsValid() && belongs(ip); ip = ip.Next() {
		if len(all) == mostSources {
			return fmt.Errorf("that is more than %d addresses; give a smaller range", mostSources)
		}
		all = append(all, ip)
	}
	*into = append(*into, all...)
	return nil
}
