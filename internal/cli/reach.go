package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/stampede-load/stampede"
)

// patience is how long a host may take to answer before a run.
const patience = 3 * time.Second

// reach finds out whether hosts of a plan can be connected to, all at the same time. The errors say which cannot and what to do.
func reach(ctx context.Context, plan *stampede.Plan, hosts []string) []error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	type place struct{ host, network, address string }
	var places []place
	for _, host := range hosts {
		network, address := endpoint(&plan.HTTP, host)
		one := place{host, network, address}
		if !slices.ContainsFunc(places, func(p place) bool { return p.network == network && p.address == address }) {
			places = append(places, one)
		}
	}
	errs := make([]error, len(places))
	var wg sync.WaitGroup
	for i, p := range places {
		wg.Go(func() {
			if err := connect(ctx, &plan.HTTP, p.network, p.address); err != nil {
				errs[i] = fmt.Errorf("host %s: %s", redacted(p.host), why(err, p.network, p.address))
			}
		})
	}
	wg.Wait()
	return errs
}

// endpoint is where the first byte for a host goes: the socket, the proxy, what --resolve says, or the host itself.
func endpoint(h *stampede.HTTP, host string) (network, address string) {
	if h.UnixSocket != "" {
		return "unix", h.UnixSocket
	}
	u, err := url.Parse(host)
	if h.Proxy != nil {
		u = h.Proxy
	}
	if err != nil {
		return "tcp", host
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443"}[u.Scheme]
	}
	if port == "" {
		port = "80"
	}
	address = net.JoinHostPort(u.Hostname(), port)
	to := h.Resolve[address]
	if to == "" {
		to = h.Resolve[net.JoinHostPort("*", port)]
	}
	if to, _, _ = strings.Cut(to, ","); to != "" {
		if _, _, err := net.SplitHostPort(to); err == nil {
			return "tcp", to
		}
		return "tcp", net.JoinHostPort(to, port)
	}
	return "tcp", address
}

func connect(ctx context.Context, h *stampede.HTTP, network, address string) error {
	if h.Dial != nil {
		return dialOnce(ctx, h.Dial, network, address)
	}
	if len(h.SourceIPs) == 0 || network != "tcp" {
		return dialOnce(ctx, new(net.Dialer).DialContext, network, address)
	}
	var err error
	for _, source := range sourceOfEachVersion(h.SourceIPs) {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: source.AsSlice(), Zone: source.Zone()}}
		from := dialOnce(ctx, d.DialContext, network, address)
		if from == nil {
			return nil
		}
		if err == nil || otherVersion(err) {
			err = from
		}
	}
	return err
}

func dialOnce(ctx context.Context, dial func(context.Context, string, string) (net.Conn, error), network, address string) error {
	conn, err := dial(ctx, network, address)
	if err != nil {
		return err
	}
	return conn.Close()
}

// sourceOfEachVersion is the first source address of each IP version: users take those that fit the site.
func sourceOfEachVersion(all []netip.Addr) []netip.Addr {
	first := all[:1:1]
	if i := slices.IndexFunc(all, func(a netip.Addr) bool { return a.Is4() != all[0].Is4() }); i > 0 {
		first = append(first, all[i])
	}
	return first
}

// otherVersion reports whether a source address is not of the IP version of what was to be dialled.
func otherVersion(err error) bool {
	_, ok := errors.AsType[*net.AddrError](err)
	return ok
}

// why says in words what kept a connection from coming about, and what to do.
func why(err error, network, address string) string {
	var lookup *net.DNSError
	switch {
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return fmt.Sprintf("the name %q is not known; correct the host, or give --resolve", lookup.Name)
	case errors.As(err, &lookup):
		return fmt.Sprintf("the name %q could not be looked up (%s)", lookup.Name, lookup.Err)
	case errors.Is(err, os.ErrNotExist) && network == "unix":
		return fmt.Sprintf("there is no socket %s; is the site up?", address)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("nothing listens on %s; is the site up?", address)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Sprintf("no connection to %s within %v; is the address right, and no firewall between?", address, patience)
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return fmt.Sprintf("there is no way to %s from this machine; check the network", address)
	case otherVersion(err):
		return fmt.Sprintf("no --source-ip given is of the IP version of %s", address)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "no connection from the --source-ip given; it must be an address of this machine"
	default:
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return fmt.Sprintf("no connection to %s: %v", address, err)
	}
}

// redacted is a URL without its password.
func redacted(raw string) string {
	if u, err := url.Parse(raw); err == nil {
		return u.Redacted()
	}
	return raw
}
