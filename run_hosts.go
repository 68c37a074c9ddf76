package stampede

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/stampede-load/stampede/internal/mask"
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
