package stampede

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/mask"
	"github.com/stampede-load/stampede/internal/wire"
)

// cleanHost checks a base URL and drops a slash at its end. Empty is fine: a test may use absolute URLs only.
func cleanHost(what, host string) (string, error) {
	if host == "" {
		return "", nil
	}
	if !strings.Contains(host, "://") {
		return "", fmt.Errorf("%s %q has no scheme: write http://%s or https://%s", what, host, host, host)
	}
	u, err := url.Parse(host)
	if err != nil {
		return "", fmt.Errorf("%s %q is not a URL: write https://example.org", what, mask.Text(host))
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("%s %q: the scheme %q is not known: use http or https", what, mask.Text(host), u.Scheme)
	}
	if u.Host == "" {
		return "", fmt.Errorf("%s %q names no host: write https://example.org", what, mask.Text(host))
	}
	if u.User != nil {
		return "", fmt.Errorf("%s holds a user and password: keep secrets out of it, and give requests stampede.BasicAuth", what)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%s %q: leave out what follows the path", what, host)
	}
	return strings.TrimSuffix(host, "/"), nil
}

// checkFence puts what stands for the hosts of a plan in their place, and refuses a plan that names a host which is never to be asked.
func (p *prepared) checkFence() error {
	h := &p.plan.HTTP
	if len(h.Never) == 0 && len(h.Swap) == 0 {
		return nil
	}
	f, err := wire.NewFence(h.Never, h.Swap)
	if err != nil {
		return err
	}
	p.fence, p.plan.Host = f, f.Instead(p.plan.Host)
	named := append([]string{p.plan.Host}, h.AllowHosts...)
	for _, ut := range p.plan.Test.Users {
		if ut.t != nil && (len(p.plan.UserTypes) == 0 || slices.Contains(p.plan.UserTypes, ut.t.name)) {
			named = append(named, ut.t.host)
		}
	}
	for _, to := range h.Swap {
		named = append(named, to)
	}
	if h.Proxy != nil {
		named = append(named, h.Proxy.Scheme+"://"+h.Proxy.Host)
	}
	slices.Sort(named)
	var errs []error
	for _, raw := range slices.Compact(named) {
		if err := f.Check(raw); err != nil && raw != "" {
			errs = append(errs, fmt.Errorf("host %s: %s", mask.Text(raw), neverText(err)))
		}
	}
	return errors.Join(errs...)
}

// neverText is why, and what to do.
func neverText(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Text + ": " + f.Hint
	}
	return err.Error()
}
