package cli

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// target is one URL of a hit.
type target struct {
	url   string
	host  string // "https://example.org:8443"
	name  string // "example.org", for the hosts guard
	label string // what its requests are called
}

var errNoURL = errors.New("no URL was given: write what to ask for, such as http://127.0.0.1:8080/")

// readURLs reads a file with one URL a line; empty lines and lines that begin with # are left out.
func readURLs(path string) ([]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--urls %s: the file cannot be read: %w; correct the name", path, errors.Unwrap(err))
	}
	var urls []string
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") {
			urls = append(urls, line)
		}
	}
	if len(urls) == 0 {
		return nil, fmt.Errorf("--urls %s: the file holds no URL; write one a line", path)
	}
	return urls, nil
}

// parseTargets reads URLs. Requests are called by their path; where several hosts are asked, by host and path.
func parseTargets(urls []string) ([]target, []error) {
	var targets []target
	var wrong []error
	hosts := map[string]bool{}
	for _, raw := range urls {
		t, err := parseTarget(raw)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		hosts[t.host] = true
		targets = append(targets, t)
	}
	if len(hosts) > 1 {
		for i := range targets {
			_, place, _ := strings.Cut(targets[i].host, "://")
			targets[i].label = place + targets[i].label
		}
	}
	return targets, wrong
}

func parseTarget(raw string) (target, error) {
	if !strings.Contains(raw, "://") {
		return target{}, fmt.Errorf("URL %q has no scheme: write http://%s or https://%s", raw, raw, raw)
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return target{}, fmt.Errorf("URL %q cannot be read: %w", raw, errors.Unwrap(err))
	case u.Scheme != "http" && u.Scheme != "https":
		return target{}, fmt.Errorf("URL %q: the scheme %q is not known; use http or https", raw, u.Scheme)
	case u.Hostname() == "":
		return target{}, fmt.Errorf("URL %q names no host; write http://127.0.0.1:8080/", raw)
	case u.User != nil:
		return target{}, fmt.Errorf("URL %s holds a user and password; give them as a header: -H 'Authorization: ...'", u.Redacted())
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.Fragment = ""
	return target{url: u.String(), host: u.Scheme + "://" + u.Host, name: u.Hostname(), label: u.Path}, nil
}
