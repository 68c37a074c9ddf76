package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// dialled is a join URL as it was given, read and checked, at whose address workers on AWS can dial the controller. own says that they are in a network that
// was chosen for them, from which private addresses may be reached.
func (a *app) dialled(given string, own bool) (string, error) {
	url, err := a.joined(given)
	if err == nil {
		err = a.reachable(url, own)
	}
	return url, err
}

// dialledByText is that as far as the URL itself tells: nobody is asked.
func (a *app) dialledByText(given string, own bool) (string, error) {
	if given == toUp {
		return given, nil
	}
	url, err := a.joined(given)
	if err != nil {
		return "", err
	}
	u, err := a.joinURL(url)
	if err != nil {
		return "", err
	}
	host, _, err := net.SplitHostPort(u.Address)
	if _, name := netip.ParseAddr(host); err == nil && name == nil {
		_, err = dialable(host, own)
	}
	return url, err
}

// carrierGrade are the addresses behind a provider's own translation, and of networks laid over others.
var carrierGrade = netip.MustParsePrefix("100.64.0.0/10")

// privateNetwork reports whether an address is of a network of its own, which may be joined with others or not.
func privateNetwork(at netip.Addr) bool { return at.IsPrivate() || carrierGrade.Contains(at) }

// thisMachine reports whether an address means whoever uses it, or only its own cable: no other network can ever dial it.
func thisMachine(at netip.Addr) bool {
	return at.IsLoopback() || at.IsUnspecified() || at.IsLinkLocalUnicast() || at.IsMulticast()
}

// dialable refuses the host of a controller that workers cannot dial. private says that only some networks can.
func dialable(host string, own bool) (private bool, err error) {
	at, err := netip.ParseAddr(host)
	literal := err == nil
	at = at.Unmap()
	private = literal && privateNetwork(at)
	switch {
	case literal && thisMachine(at) || !literal && onlyHere(host):
		return false, fmt.Errorf("the controller's address %s is that of this machine alone, which AWS's instances cannot dial: give serve the name by which others reach it with --fleet-host; "+
			"deploy eb makes a controller there when --join is left out", host)
	case private && !own:
		return true, fmt.Errorf("the controller's address %s is one of a private network, which instances in AWS's default network cannot dial. When it can be reached from a network of yours on AWS "+
			"(one with a VPN, or peered), name that with --vpc and --subnets; else give serve a public name with --fleet-host; deploy eb makes a controller there when --join is left out", host)
	}
	return private, nil
}

// reachable refuses a controller at an address that workers cannot dial, or that does not answer here. What only they can see is said.
func (a *app) reachable(url string, own bool) error {
	u, err := a.joinURL(url)
	if err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(u.Address)
	if err != nil {
		return fmt.Errorf("the join URL's address %q has no port", u.Address)
	}
	private, err := dialable(host, own)
	if err != nil {
		return err
	}
	conn, err := net.DialTimeout("tcp", u.Address, 10*time.Second)
	switch {
	case err == nil:
		return conn.Close()
	case private:
		a.progress(fmt.Sprintf("the controller does not answer here at %s (%v): that may be right where only the workers' network reaches it", u.Address, err))
		return nil
	}
	return fmt.Errorf("the controller does not answer at %s: %w; workers must reach it there", u.Address, err)
}

// onlyHere reports whether a name leads to this machine alone.
func onlyHere(name string) bool {
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	all, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	return err == nil && len(all) > 0 && !slices.ContainsFunc(all, func(at netip.Addr) bool { return !thisMachine(at.Unmap()) })
}

// ownAddress asks AWS which address it sees.
func ownAddress(ctx context.Context) (string, error) {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	hint := "give --from CIDR, such as 203.0.113.7/32"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://checkip.amazonaws.com", nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("your own address is not known (%w): %s", errors.Unwrap(err), hint)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 100))
	if err != nil {
		return "", fmt.Errorf("your own address is not known (%w): %s", err, hint)
	}
	at, err := netip.ParseAddr(strings.TrimSpace(string(text)))
	if err != nil {
		return "", errors.New("your own address is not known: " + hint)
	}
	return netip.PrefixFrom(at, at.BitLen()).String(), nil
}
