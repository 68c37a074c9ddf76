package wire

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/weburl"
)

// notAsked are the places that are never asked, whatever else permits them. The zero value forbids nothing.
type notAsked struct {
	rules  []allowRule
	names  []string // of rules, as they were written
	places []notAskedAt
}

// notAskedAt are addresses that are never asked, by whatever name.
type notAskedAt struct {
	prefix netip.Prefix
	port   string // empty: all of them
	name   string // as people read it
}

func (n *notAsked) empty() bool { return len(n.rules)+len(n.places) == 0 }

// parseNever reads Config.Never: hosts as Config.Allow has them, addresses and prefixes.
func parseNever(list []string) (notAsked, error) {
	var n notAsked
	for _, entry := range list {
		s := strings.TrimSpace(entry)
		if p, err := netip.ParsePrefix(s); err == nil {
			if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
				p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
			}
			n.places = append(n.places, notAskedAt{prefix: p.Masked(), name: p.Masked().String()})
			continue
		}
		if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
			n.address(a, "")
			continue
		}
		if u, err := weburl.Parse(s); err == nil && strings.Contains(s, "://") {
			s = u.Authority() // people copy it from the address bar
		}
		r, err := parseAllowed(s)
		if err != nil {
			return notAsked{}, fmt.Errorf(`host that is never to be asked, %q: write "www.example.org", "*.example.org", an address or a prefix`, entry)
		}
		if a, err := netip.ParseAddr(r.host); err == nil && !r.sub { // in one of its many spellings, or with a port
			n.address(a, r.port)
			continue
		}
		n.rules, n.names = append(n.rules, r), append(n.names, s)
	}
	return n, nil
}

func (n *notAsked) address(a netip.Addr, port string) {
	a = a.WithZone("").Unmap()
	p := notAskedAt{prefix: netip.PrefixFrom(a, a.BitLen()), port: port}
	if p.name = p.prefix.String(); port != "" {
		p.name = net.JoinHostPort(a.String(), port)
	}
	n.places = append(n.places, p)
}

// host says whether a host, in canonical form, is forbidden at a port.
func (n *notAsked) host(host, port string) error {
	for i := range n.rules {
		if (guard{n.rules[i : i+1]}).allows(host, port) {
			return neverError(host, "", n.names[i])
		}
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return n.addr(host, port, a)
	}
	return nil
}

// addr says whether an address that a host leads to is forbidden at a port; without a port, whether it is at all of them.
func (n *notAsked) addr(host, port string, a netip.Addr) error {
	for i := range n.places {
		p := &n.places[i]
		if (p.port == "" || p.port == port) && leadsInto(a, p.prefix) {
			return neverError(host, a.WithZone("").Unmap().String(), p.name)
		}
	}
	return nil
}

// leadsInto reports whether who asks an address comes into a network: by itself, by what carries it, or because an address that is none means this machine.
func leadsInto(a netip.Addr, network netip.Prefix) bool {
	a = a.WithZone("").Unmap()
	inner := carried(a)
	return network.Contains(a) || network.Contains(inner) ||
		inner.IsUnspecified() && (network.Contains(netip.AddrFrom4([4]byte{127, 0, 0, 1})) || network.Contains(netip.IPv6Loopback()))
}

func neverError(host, addr, rule string) error {
	if addr != "" && addr != host {
		host += ", which is at " + addr + ","
	}
	return &fault.Error{
		Kind: fault.Guard, Op: "guard", Text: host + " is never to be asked (the rule: never " + rule + "); nothing was sent",
		Hint: "choose another target, or take the rule out of hosts in stampede.yaml if you mean it",
	}
}

// swap is a host that stands for another one.
type swap struct {
	from       allowRule
	secure     bool
	host, port string
}

// parseSwaps reads Config.Swap.
func parseSwaps(all map[string]string) ([]swap, error) {
	var out []swap
	for from, to := range all {
		r, err := parseAllowed(from)
		if err != nil {
			return nil, fmt.Errorf(`host %q that another stands for: write "www.example.org" or "www.example.org:8443"`, from)
		}
		u, err := weburl.Parse(to)
		if err != nil {
			return nil, fmt.Errorf("what stands for host %s: %q is no URL: write https://staging.example.org", from, withoutLogin(to))
		}
		s := swap{from: r, secure: u.Scheme == "https"}
		s.host, s.port = splitHostPort(u.Authority())
		if s.host, err = canonicalHost(s.host); err != nil {
			return nil, fmt.Errorf("what stands for host %s: %w", from, err)
		}
		out = append(out, s)
	}
	return out, nil
}

// swapped is where a host is really asked: once, so that a target that is another's source stays what it is. Exact names come before
// stars.
func swapped(all []swap, secure bool, host, port string) (bool, string, string) {
	for _, star := range []bool{false, true} {
		for i := range all {
			if s := &all[i]; s.from.sub == star && (guard{[]allowRule{s.from}}).allows(host, port) {
				return s.secure, s.host, s.port
			}
		}
	}
	return secure, host, port
}

// Fence is where requests of a run may not go, and where they go instead. The zero value changes nothing.
type Fence struct {
	never notAsked
	swaps []swap
}

// NewFence reads [Config].Never and [Config].Swap. The error names every entry that cannot be read.
func NewFence(forbidden []string, swap map[string]string) (*Fence, error) {
	f := &Fence{}
	var errs [2]error
	f.never, errs[0] = parseNever(forbidden)
	f.swaps, errs[1] = parseSwaps(swap)
	return f, errors.Join(errs[:]...)
}

// Check says whether a URL, or a host alone, leads to what is never to be asked. What is no host is complained of elsewhere.
func (f *Fence) Check(raw string) error {
	secure, host, port, ok := placeOf(raw)
	if !ok {
		return nil
	}
	_, host, port = swapped(f.swaps, secure, host, port)
	return f.never.host(host, port)
}

// named says whether a request's own Host field names what is never to be asked: a server in front of several sites goes by that. One that cannot be read is
// not sent: nobody knows what that server would take it for. origin is where the request goes.
func (f *Fence) named(fields []Field, at *origin) error {
	if f.never.empty() {
		return nil
	}
	for i := range fields {
		value := strings.TrimSpace(fields[i].Value)
		if overriding(fields[i].Name) != ownHost || value == "" {
			continue
		}
		_, host, port, ok := placeOf(value)
		if !ok || !validPort(cmp.Or(port, at.port)) {
			return &fault.Error{
				Kind: fault.Guard, Op: "guard", Text: fmt.Sprintf("the Host field %.100q names no host, so it cannot be held against what is never to be asked; nothing was sent", value),
				Hint: "correct it, or leave it out",
			}
		}
		ports := []string{port}
		if port == "" { // that of the scheme, or the one that is dialled
			_, usual := schemeOf(at.secure)
			ports = []string{usual, at.port}
		}
		for _, port := range ports {
			if err := f.never.host(host, port); err != nil {
				return err
			}
		}
	}
	return nil
}

// Instead is the base URL that is asked when raw is meant: raw itself when nothing stands for its host.
func (f *Fence) Instead(raw string) string {
	secure, host, port, ok := placeOf(raw)
	u, err := weburl.Parse(raw)
	if !ok || err != nil {
		return raw
	}
	nowSecure, nowHost, nowPort := swapped(f.swaps, secure, host, port)
	if nowSecure == secure && nowHost == host && nowPort == port {
		return raw
	}
	scheme, usual := schemeOf(nowSecure)
	if strings.Contains(nowHost, ":") {
		nowHost = "[" + nowHost + "]"
	}
	if nowPort != "" && nowPort != usual {
		nowHost += ":" + nowPort
	}
	return scheme + nowHost + strings.TrimSuffix(u.Path, "/")
}

// placeOf is the host and port of a URL or of a host alone, whose port may be empty.
func placeOf(raw string) (secure bool, host, port string, ok bool) {
	authority, usual := raw, ""
	if u, err := weburl.Parse(raw); err == nil && strings.ContainsAny(raw, `/\`) {
		secure, authority = u.Scheme == "https", u.Authority()
		_, usual = schemeOf(secure)
	}
	if a, err := netip.ParseAddr(authority); err == nil {
		host = a.String()
	} else {
		host, port = splitHostPort(authority)
	}
	host, err := canonicalHost(host)
	if port == "" {
		port = usual
	}
	return secure, host, port, err == nil && host != ""
}
