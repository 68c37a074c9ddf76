package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/mask"
	"github.com/stampede-load/stampede/internal/weburl"
)

// target is one URL of a hit, with what a list says of it alone.
type target struct {
	url   string
	host  string // "https://example.org:8443"
	name  string // "example.org", for the hosts guard
	label string // what its requests are called
	query string // of the URL, for those that are alike but for it

	socket bool // a WebSocket

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

// parseTarget reads a URL as browsers do; what they ask for, such as a path with a lone percent sign, is no mistake. What they would guess at,
// and somebody who types a command has rather forgotten, is.
func parseTarget(raw string) (target, error) {
	shown := strings.TrimSpace(raw)
	scheme, rest, ok := strings.Cut(shown, "://")
	if !ok {
		return target{}, fmt.Errorf("URL %q has no scheme: write http://%s or https://%s", shown, shown, shown)
	}
	scheme = strings.ToLower(scheme)
	switch {
	case strings.ContainsAny(rest, " \t\r\n"):
		return target{}, fmt.Errorf("URL %q cannot be read: a space in it is written %%20", shown)
	case !slices.Contains([]string{"http", "https", "ws", "wss"}, scheme):
		return target{}, fmt.Errorf("URL %q: the scheme %q is not known; use http or https, or ws or wss for a WebSocket", shown, scheme)
	case rest == "" || strings.ContainsRune(`/\?#`, rune(rest[0])):
		return target{}, fmt.Errorf("URL %q names no host; write http://127.0.0.1:8080/", shown)
	}
	address, socket := shown, scheme == "ws" || scheme == "wss"
	if socket {
		address = "http" + scheme[2:] + "://" + rest
	}
	u, err := weburl.Parse(address)
	if err != nil {
		return target{}, fmt.Errorf("URL %q: %w", mask.Text(shown), err)
	}
	if u.Login {
		return target{}, fmt.Errorf("URL %s holds a user and password; give them as a header: -H 'Authorization: ...'", mask.Text(shown))
	}
	return target{url: u.String(), host: u.Site(), name: u.Host, label: u.Path, query: strings.TrimPrefix(u.Query, "?"), socket: socket}, nil
}
