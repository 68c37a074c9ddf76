package cli

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
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
		u, err := url.Parse(t)
		if err != nil || u.Host == "" || u.Scheme != "http" {
			return errors.New("write the URL of an HTTP proxy, such as http://proxy:3128, or env")
		}
		h.Proxy = u
		return nil
	}
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
		NoProxy: first("NO_PROXY", "no_proxy"),
	}
	return c.ProxyFunc()
}

// checkProxies refuses what stands in the environment and cannot be used.
func (a *app) checkProxies() error {
	for _, name := range proxyVariables {
		v := a.variable(name)
		if v == "" {
			continue
		}
		if !strings.Contains(v, "://") {
			v = "http://" + v
		}
		if u, err := url.Parse(v); err != nil || u.Host == "" || u.Scheme != "http" {
			return fmt.Errorf("%s is %s: only HTTP proxies can be used, such as http://proxy:3128", name, setting.MaskURL(a.variable(name)))
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
