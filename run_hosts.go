package stampede

import (
	"fmt"
	"net/url"
	"strings"
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
		return "", fmt.Errorf("%s %q is not a URL: write https://example.org", what, redact(host))
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("%s %q: the scheme %q is not known: use http or https", what, redact(host), u.Scheme)
	}
	if u.Host == "" {
		return "", fmt.Errorf("%s %q names no host: write https://example.org", what, redact(host))
	}
	if u.User != nil {
		return "", fmt.Errorf("%s holds a user and password: keep secrets out of it, and give requests stampede.BasicAuth", what)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%s %q: leave out what follows the path", what, host)
	}
	return strings.TrimSuffix(host, "/"), nil
}

// redact leaves the user and password out of a URL.
func redact(raw string) string {
	if i, j := strings.Index(raw, "://"), strings.LastIndex(raw, "@"); i >= 0 && j > i {
		return raw[:i+3] + "..." + raw[j:]
	}
	return raw
}
