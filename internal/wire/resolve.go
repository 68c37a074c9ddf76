package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"

	"github.com/stampede-load/stampede/internal/fault"
)

// names remembers what the resolver said, and hands the addresses of a name out in turn: a cloud load balancer is many addresses, and
// other ones while it grows.
type names struct {
	e     *Engine
	mu    sync.Mutex
	known map[string]*name
	ask   func(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// name is one host. Guarded by names.mu, but for what asking guards.
type name struct {
	addrs  []netip.Addr
	until  int64 // ns since Config.Start
	turn   int
	err    error
	asking chan struct{} // closed when the lookup in flight is done; nil when there is none
}

const namesLimit = 4096

func (n *names) init(e *Engine) {
	n.e, n.known = e, map[string]*name{}
	n.ask = net.DefaultResolver.LookupNetIP
}

// addresses are those of a host, beginning with the one whose turn it is, and whether the resolver had to be asked. A lookup that another
// client has begun is shared.
func (n *names) addresses(ctx context.Context, host string) (addrs []netip.Addr, asked bool, err error) {
	if strings.HasSuffix(host, ".localhost") { // this machine, as browsers have it, whatever a resolver says (RFC 6761, 6.3)
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, false, nil
	}
	n.mu.Lock()
	h := n.known[host]
	if h == nil {
		n.trim()
		h = &name{}
		n.known[host] = h
	}
	for n.e.Now() >= h.until {
		if h.asking == nil {
			h.asking = make(chan struct{})
			if !n.e.begin(func() { n.lookup(host, h) }) {
				h.asking = nil
				n.mu.Unlock()
				return nil, true, context.Canceled
			}
		}
		asking := h.asking
		n.mu.Unlock()
		select {
		case <-asking:
		case <-ctx.Done():
			return nil, true, context.Cause(ctx)
		}
		asked = true
		n.mu.Lock()
		if h.err != nil {
			err := h.err
			n.mu.Unlock()
			return nil, true, err
		}
		if len(h.addrs) > 0 {
			break // also when its time is over already: a TTL of a nanosecond asks for each connection, not for ever
		}
	}
	out := rotate(h.addrs, h.turn)
	h.turn++
	n.mu.Unlock()
	return out, asked, nil
}

// trim forgets a name when there are too many. The lock is held.
func (n *names) trim() {
	for host, h := range n.known {
		if len(n.known) < namesLimit {
			return
		}
		if h.asking == nil {
			delete(n.known, host)
		}
	}
}

// rotate puts the address whose turn it is first, among those of the family that the system prefers; the other family comes behind.
func rotate(addrs []netip.Addr, turn int) []netip.Addr {
	first := 1
	for first < len(addrs) && addrs[first].Is4() == addrs[0].Is4() {
		first++
	}
	out := make([]netip.Addr, 0, len(addrs))
	for i := range first {
		out = append(out, addrs[(turn+i)%first])
	}
	return append(out, addrs[first:]...)
}

// lookup asks the resolver and tells everybody who waits.
func (n *names) lookup(host string, h *name) {
	ctx, cancel := context.WithTimeout(n.e.life, n.e.cfg.ConnectTimeout)
	defer cancel()
	begun := n.e.Now()
	addrs, err := n.ask(ctx, "ip", host)
	took := n.e.Now() - begun
	n.e.lookups.Add(1)
	n.e.lookupNS.Add(took)
	for i, a := range addrs {
		addrs[i] = a.Unmap()
		if forbiddenAddr(a) {
			err = forbiddenError(host, a.Unmap())
		}
		if no := n.e.fence.never.addr(host, "", a); no != nil {
			err = no
		}
	}
	if err == nil && len(addrs) == 0 {
		err = errors.New("no addresses")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	h.err = lookupError(host, err)
	if err == nil {
		h.addrs, h.until = addrs, n.e.Now()+int64(n.e.cfg.DNSTTL)
	}
	close(h.asking)
	h.asking = nil
}

func lookupError(host string, err error) error {
	if err == nil || fault.Of(err) == fault.Guard {
		return err
	}
	f := &fault.Error{Kind: fault.Lookup, Op: "lookup", Err: err, Hint: "check the name"}
	var d *net.DNSError
	switch {
	case errors.As(err, &d) && d.IsNotFound:
		f.Text = "no such host: " + host
	case isNetTimeout(err):
		f.Text, f.Hint = "the resolver did not answer for "+host, "check the network and the resolver"
	default:
		f.Text, f.Hint = "the addresses of "+host+" cannot be had: "+lookupText(err), "check the network and the resolver"
	}
	return f
}

// lookupText is what the resolver had to say, without what differs each time: package net gives texts such as "read udp
// 127.0.0.1:40100->127.0.0.53:53: read: connection refused".
func lookupText(err error) string {
	d, ok := errors.AsType[*net.DNSError](err)
	if !ok {
		return plain(err)
	}
	return strings.TrimSpace(d.Err[strings.LastIndexByte(d.Err, ':')+1:])
}

// resolveTable reads Config.Resolve.
func resolveTable(m map[string]string) (map[string][]netip.AddrPort, error) {
	if len(m) == 0 {
		return nil, nil
	}
	table := make(map[string][]netip.AddrPort, len(m))
	for from, list := range m {
		host, port := splitHostPort(from)
		if host != anyHost {
			var err error
			if host, err = canonicalHost(host); err != nil {
				host = ""
			}
		}
		if host == "" || port == "" || !validPort(port) {
			return nil, fmt.Errorf(`wire: resolve %q: write "host:port"`, from)
		}
		p, _ := strconv.Atoi(port)
		var all []netip.AddrPort
		for to := range strings.SplitSeq(list, ",") {
			to = strings.TrimSpace(to)
			addr, err := netip.ParseAddr(strings.Trim(to, "[]"))
			at := netip.AddrPortFrom(addr, uint16(p))
			if err != nil {
				if at, err = netip.ParseAddrPort(to); err != nil {
					return nil, fmt.Errorf(`wire: resolve %q to %q: write an address, or "address:port"`, from, to)
				}
			}
			all = append(all, at)
		}
		table[net.JoinHostPort(host, port)] = all
	}
	return table, nil
}

// anyHost stands for every host in Config.Resolve.
const anyHost = "*"

// resolved is where Config.Resolve sends a host and port; nil for nowhere. A rule for the host itself goes before one for all hosts.
func (e *Engine) resolved(host, port string) []netip.AddrPort {
	if len(e.resolve) == 0 {
		return nil
	}
	if to := e.resolve[net.JoinHostPort(host, port)]; to != nil {
		return to
	}
	return e.resolve[net.JoinHostPort(anyHost, port)]
}
