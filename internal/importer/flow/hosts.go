package flow

import (
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/weburl"
)

// homeOf is scheme and host of the site that a recording is of: that of its first page, or of its first request.
func homeOf(r *importer.Recording) (weburl.URL, bool) {
	var first weburl.URL
	found := false
	for _, q := range r.Requests {
		u, err := weburl.Parse(q.URL)
		if err != nil {
			continue
		}
		if q.Kind == importer.Document || q.Kind == importer.Unknown && importer.IsHTML(q.Response.Type) {
			return u, true
		}
		if !found {
			first, found = u, true
		}
	}
	return first, found
}

// ownHosts says which hosts are the site's: its own, those of the same registered domain, and those that were named.
func ownHosts(home weburl.URL, allowed []string) func(host string) bool {
	domain := registered(home.Host)
	return func(host string) bool {
		if host == home.Host || domain != "" && (host == domain || strings.HasSuffix(host, "."+domain)) {
			return true
		}
		return slices.ContainsFunc(allowed, func(a string) bool {
			name, _, _ := strings.Cut(a, ":")
			if rest, ok := strings.CutPrefix(name, "*"); ok {
				return strings.HasSuffix(host, rest)
			}
			return host == name
		})
	}
}

// registered is the domain that somebody has registered; "" for addresses and names without a dot.
func registered(host string) string {
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ""
	}
	d, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	return d
}
