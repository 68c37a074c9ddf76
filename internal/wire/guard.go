package wire

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/stampede-load/stampede/internal/fault"
)

// guard decides which hosts may be asked. The zero value refuses all.
type guard struct{ rules []allowRule }

type allowRule struct {
	host string // lower case; without the "*." when sub is set
	port string // "" means any
	sub  bool   // any name below host, not host itself
}

// parseAllow reads the hosts of Config.Allow.
func parseAllow(list []string) (guard, error) {
	var g guard
	for _, entry := range list {
		r, err := parseAllowed(entry)
		if err != nil {
			return guard{}, err
		}
		g.rules = append(g.rules, r)
	}
	return g, nil
}

func parseAllowed(entry string) (allowRule, error) {
	bad := func(why string) (allowRule, error) {
		return allowRule{}, fmt.Errorf(`wire: allowed host %q: %s; write "example.org", "example.org:8443" or "*.example.org"`, entry, why)
	}
	s := strings.TrimSpace(entry)
	if strings.ContainsAny(s, "/@?#") {
		return bad("this is a URL, not a host")
	}
	host, port := s, ""
	if _, err := netip.ParseAddr(s); err != nil {
		host, port = splitHostPort(s)
	}
	if port != "" && !validPort(port) {
		return bad("its port is no number from 1 to 65535")
	}
	r := allowRule{port: strings.TrimLeft(port, "0")}
	host, r.sub = strings.CutPrefix(host, "*.")
	host, err := canonicalHost(host)
	if err != nil || host == "" {
		return bad("no host")
	}
	if strings.Contains(host, "*") {
		return bad("a star stands only for the names below a domain")
	}
	r.host = host
	return r, nil
}

// allows reports whether the host, in canonical form, may be asked at the port.
func (g guard) allows(host, port string) bool {
	for i := range g.rules {
		r := &g.rules[i]
		if r.port != "" && r.port != port {
			continue
		}
		if r.host == host && !r.sub {
			return true
		}
		if r.sub && len(host) > len(r.host)+1 && host[len(host)-len(r.host)-1] == '.' && strings.HasSuffix(host, r.host) {
			return true
		}
	}
	return false
}

// Permits reports whether the guard lets the engine ask an origin such as "https://example.org:8443".
func (e *Engine) Permits(origin string) bool {
	secure, rest, ok := cutScheme(origin)
	if !ok {
		return false
	}
	o := e.origin(secure, strings.TrimLeft(rest, "/"))
	return o.err == nil
}

func guardError(host string) error {
	return &fault.Error{
		Kind: fault.Guard, Op: "guard", Text: host + " is not one of the run's hosts; nothing was sent", Hint: "permit it with --allow-host " + host,
	}
}

// forbidden are the addresses where clouds keep the credentials of a machine. A name of the run that resolves to one of them is a trick
// or a mistake; whoever means it writes the address itself among the allowed hosts.
var forbidden = []netip.Prefix{
	netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("fe80::/10"),
	netip.MustParsePrefix("fd00:ec2::/32"),       // Amazon: instances (::254), pods (::23), name servers and time
	netip.MustParsePrefix("fd20:ce::254/128"),    // Google
	netip.MustParsePrefix("fd00:c1::/32"),        // Oracle
	netip.MustParsePrefix("fd00:42::42/128"),     // Scaleway
	netip.MustParsePrefix("fd00:a9fe:a9fe::/48"), // where others map 169.254.169.254
	netip.MustParsePrefix("100.100.100.200/32"),  // Alibaba
	netip.MustParsePrefix("168.63.129.16/32"),    // Azure
	netip.MustParsePrefix("192.0.0.192/32"),      // Oracle
}

// Permit reports whether a name, as a URL has it, may lead to an address, by what means ever: the resolver, --resolve or a hosts file. A URL
// that holds an address means it.
func Permit(host string, to netip.Addr) error {
	if _, err := netip.ParseAddr(host); err == nil || !forbiddenAddr(to) {
		return nil
	}
	return forbiddenError(host, to.Unmap())
}

// carriers are IPv6 addresses that hold one of IPv4, and at which byte.
var carriers = []struct {
	prefix netip.Prefix
	at     int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12},    // translated (RFC 6052)
	{netip.MustParsePrefix("64:ff9b:1::/48"), 12},  // translated, local use (RFC 8215)
	{netip.MustParsePrefix("2002::/16"), 2},        // 6to4
	{netip.MustParsePrefix("::/96"), 12},           // IPv4-compatible
	{netip.MustParsePrefix("::ffff:0:0:0/96"), 12}, // SIIT
}

// carried is the address of IPv4 that one of IPv6 holds; of others it is the address itself.
func carried(a netip.Addr) netip.Addr {
	for _, c := range carriers {
		if a.Is6() && c.prefix.Contains(a) {
			b := a.As16()
			return netip.AddrFrom4([4]byte(b[c.at : c.at+4]))
		}
	}
	return a
}

// forbiddenAddr reports whether a name may not resolve to the address.
func forbiddenAddr(a netip.Addr) bool {
	a = carried(a.WithZone("").Unmap())
	for _, p := range forbidden {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func forbiddenError(host string, a netip.Addr) error {
	return &fault.Error{
		Kind: fault.Guard, Op: "guard", Text: host + " resolves to " + a.String() + ", a link-local or cloud metadata address; nothing was sent",
		Hint: "if you mean it, ask for the address itself and permit it with --allow-host " + a.String(),
	}
}
