package cli

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpproxy"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
)

// proxyVariables are what curl and most programs take their proxy from.
var proxyVariables = []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"}

// proxy reads --proxy: a URL, or env.
func (a *app) proxy(h *stampede.HTTP) func(string) error {
	return func(t string) error {
		h.Proxy, h.ProxyFor = nil, nil
		if t == "env" {
			h.ProxyFor = a.environProxy()
			return a.checkProxies()
		}
		u, err := proxyURL(t)
		if err != nil {
			return err
		}
		h.Proxy = u
		return nil
	}
}

// proxySchemes are the kinds of proxies that there are, and proxyForms how they are written.
var proxySchemes = []string{"http", "https", "socks5", "socks5h"}

const proxyForms = "http://proxy:3128, https:// where the proxy wants TLS, socks5h://proxy:1080 (it looks names up) or socks5:// (they are looked up here)"

// proxyURL reads where a proxy is. As curl does it takes one without a scheme for an HTTP proxy.
func proxyURL(text string) (*url.URL, error) {
	text = strings.TrimSpace(text)
	whole := text
	if !strings.Contains(text, "://") {
		whole = "http://" + text
	}
	u, err := url.Parse(whole)
	switch scheme, _, _ := strings.Cut(strings.ToLower(whole), "://"); {
	case strings.HasPrefix(scheme, "socks4"):
		return nil, errors.New("SOCKS 4 is not spoken, and most of its proxies know 5: write socks5h://proxy:1080")
	case scheme == "socks":
		return nil, errors.New("SOCKS has versions, and ways to look names up: write socks5h:// (the proxy does) or socks5:// (this machine does)")
	case err != nil && strings.Contains(whole, "@"):
		return nil, errors.New("the user or the password has signs that do not stand in a URL as they are: write %40 for @, %3A for :, %2F for /, %25 for %, %20 for a space")
	case err != nil || u.Hostname() == "" || !slices.Contains(proxySchemes, scheme) || whole != text && u.Port() == "" && u.User == nil && !strings.Contains(text, "."):
		return nil, errors.New("write the URL of a proxy: " + proxyForms + "; or env")
	}
	if n, err := strconv.Atoi(cmp.Or(u.Port(), "80")); err != nil || n < 1 || n > 65535 {
		return nil, errors.New("the port of a proxy is a number from 1 to 65535: write http://proxy:3128, or env")
	}
	return u, nil
}

// environProxy says through which proxy the environment wants a site to be asked. As everywhere, loopback is not.
func (a *app) environProxy() func(*url.URL) (*url.URL, error) {
	first := func(names ...string) string {
		for _, n := range names {
			if v := a.variable(n); v != "" {
				return v
			}
		}
		return ""
	}
	all := []string{"ALL_PROXY", "all_proxy"}
	c := httpproxy.Config{
		HTTPProxy: first(append([]string{"HTTP_PROXY", "http_proxy"}, all...)...), HTTPSProxy: first(append([]string{"HTTPS_PROXY", "https_proxy"}, all...)...),
		NoProxy: unproxied(first("NO_PROXY", "no_proxy")),
	}
	return c.ProxyFunc()
}

// unproxied is NO_PROXY as curl reads it, too: spaces part names as commas do, a dot at the end of one says nothing, and one at its beginning does
// not leave the name itself out.
func unproxied(list string) string {
	var all []string
	for _, name := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		if name = strings.TrimSuffix(name, "."); name != "" {
			all = append(all, strings.TrimPrefix(name, "."))
		}
	}
	return strings.Join(all, ",")
}

// checkProxies refuses what stands in the environment and cannot be used.
func (a *app) checkProxies() error {
	for _, name := range proxyVariables {
		v := a.variable(name)
		if v == "" {
			continue
		}
		if _, err := proxyURL(v); err != nil {
			return fmt.Errorf("%s is %s: %w", name, setting.MaskURL(v), err)
		}
	}
	return nil
}

// unusedProxy says that the environment names a proxy for the run's hosts which the load does not go through; "" when it does not.
func (a *app) unusedProxy(plan *stampede.Plan) string {
	h := &plan.HTTP
	if h.Proxy != nil || h.ProxyFor != nil || h.UnixSocket != "" || h.Dial != nil {
		return ""
	}
	of := a.environProxy()
	for _, host := range plan.Hosts() {
		u, err := url.Parse(host)
		if err != nil {
			continue
		}
		if p, err := of(u); p == nil && err == nil {
			continue
		}
		at := slices.IndexFunc(proxyVariables, func(name string) bool { return a.variable(name) != "" })
		if at < 0 {
			return ""
		}
		return proxyVariables[at] + " is set and not used: the load goes straight to " + redacted(host) + "; --proxy env sends it through the proxy"
	}
	return ""
}

// variable is the value of a variable of the environment.
func (s *System) variable(name string) string {
	v, _ := s.lookup(name)
	return v
}
