package cli

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"github.com/stampede-load/stampede"
)

// target is one URL of a hit, with what a list says of it alone.
type target struct {
	url   string
	host  string // "https://example.org:8443"
	name  string // "example.org", for the hosts guard
	label string // what its requests are called
	query string // of the URL, for those that are alike but for it

	method  string // "" is that of all
	header  []stampede.Header
	body    []byte
	hasBody bool
}

var errPageMethod = errors.New("--page loads a page as a browser does, by GET and without a body: leave out -X and -d")

var errNoURL = errors.New("no URL was given: write what to ask for, such as http://127.0.0.1:8080/")

// nameTargets gives targets their labels: requests are called by their path; where several hosts are asked by host and path, and where two
// URLs given by hand differ in nothing but the query by that as well. A list of URLs is one thing in many forms, and its rows stay few.
func nameTargets(targets []target, byHand int) {
	hosts := map[string]bool{}
	first := map[string]string{} // the query of the first with this label
	apart := map[string]bool{}
	for i := range targets {
		t := &targets[i]
		hosts[t.host] = true
		if i < byHand {
			id := t.host + t.label
			if query, seen := first[id]; seen && query != t.query {
				apart[id] = true
			} else if !seen {
				first[id] = t.query
			}
		}
	}
	for i := range targets {
		t := &targets[i]
		if i < byHand && apart[t.host+t.label] && t.query != "" {
			t.label += "?" + t.query
		}
	}
	if len(hosts) > 1 {
		for i := range targets {
			_, place, _ := strings.Cut(targets[i].host, "://")
			targets[i].label = place + targets[i].label
		}
	}
}

// parseTargets reads URLs.
func parseTargets(urls []string) ([]target, []error) {
	var targets []target
	var wrong []error
	for _, raw := range urls {
		t, err := parseTarget(raw)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		targets = append(targets, t)
	}
	return targets, wrong
}

// parseTarget takes the host out of a URL and leaves the rest to whoever sends it: what a browser asks for, such as a path with a lone
// percent sign, is no mistake.
func parseTarget(raw string) (target, error) {
	shown := strings.TrimSpace(raw)
	scheme, rest, ok := strings.Cut(shown, "://")
	if !ok {
		return target{}, fmt.Errorf("URL %q has no scheme: write http://%s or https://%s", shown, shown, shown)
	}
	scheme = strings.ToLower(scheme)
	if strings.ContainsAny(rest, " \t\r\n") {
		return target{}, fmt.Errorf("URL %q cannot be read: a space in it is written %%20", shown)
	}
	if scheme != "http" && scheme != "https" {
		return target{}, fmt.Errorf("URL %q: the scheme %q is not known; use http or https", shown, scheme)
	}
	rest, _, _ = strings.Cut(rest, "#")
	end := strings.IndexAny(rest, `/\?`)
	if end < 0 {
		end = len(rest)
	}
	place, tail := rest[:end], rest[end:]
	if at := strings.LastIndexByte(place, '@'); at >= 0 {
		user, _, _ := strings.Cut(place[:at], ":")
		return target{}, fmt.Errorf("URL %s://%s:xxxxx@%s holds a user and password; give them as a header: -H 'Authorization: ...'", scheme, user, place[at+1:]+tail)
	}
	host, name, err := hostOf(place)
	if err != nil {
		return target{}, fmt.Errorf("URL %q %w", shown, err)
	}
	if tail == "" || tail[0] == '?' {
		tail = "/" + tail
	}
	path, query, _ := strings.Cut(tail, "?")
	return target{url: scheme + "://" + host + tail, host: scheme + "://" + host, name: name, label: path, query: query}, nil
}

// hostOf reads "bücher.example:8080" as "xn--bcher-kva.example:8080", and its name without the port.
func hostOf(place string) (host, name string, err error) {
	name, port := place, ""
	if i := strings.LastIndexByte(place, ':'); i >= 0 && !strings.HasSuffix(place, "]") {
		name, port = place[:i], place[i+1:]
	}
	bare := strings.Trim(name, "[]")
	if bare == "" {
		return "", "", errors.New("names no host; write http://127.0.0.1:8080/")
	}
	if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) {
		return "", "", fmt.Errorf("has the port %q; write a number from 1 to 65535", port)
	}
	if strings.Contains(bare, ":") {
		if net.ParseIP(strings.SplitN(bare, "%", 2)[0]) == nil {
			return "", "", fmt.Errorf("has the host %q; an IPv6 address stands in brackets, [::1]", name)
		}
	} else if bare, err = asciiHost(bare); err != nil {
		return "", "", err
	}
	host = bare
	if strings.Contains(bare, ":") {
		host = "[" + bare + "]"
	}
	if port != "" {
		host += ":" + port
	}
	return host, bare, nil
}

// asciiHost is a name as it is looked up.
func asciiHost(name string) (string, error) {
	for i := range len(name) {
		if name[i] >= 0x80 {
			ascii, err := idna.Lookup.ToASCII(name)
			if err != nil {
				return "", fmt.Errorf("has the host %q, which cannot be looked up: correct the name", name)
			}
			return ascii, nil
		}
	}
	return strings.ToLower(name), nil
}
