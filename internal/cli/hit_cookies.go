package cli

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// cookieFor is a cookie with a URL that may set it. An empty URL is each URL of the hit.
type cookieFor struct {
	url    string
	cookie *http.Cookie
}

// addCookies reads -b as curl does: "NAME=VALUE; NAME=VALUE", or the name of a file of cookies in Netscape's form. Each user begins with
// them, and what the site sets afterwards takes their place.
func (a *app) addCookies(r *request) func(string) error {
	return func(t string) error {
		if strings.Contains(t, "=") {
			for pair := range strings.SplitSeq(t, ";") {
				name, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
				if !ok {
					if name == "" {
						continue
					}
					return errors.New("write 'NAME=VALUE; NAME=VALUE'")
				}
				r.cookies = append(r.cookies, cookieFor{cookie: typedCookie(strings.TrimSpace(name), value)})
			}
			return nil
		}
		text, err := a.textOf(t)
		if err != nil {
			return err
		}
		n := 0
		for line := range strings.Lines(text) {
			n++
			c, err := netscapeCookie(strings.TrimRight(line, "\r\n"))
			if err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
			if c.cookie != nil {
				r.cookies = append(r.cookies, c)
			}
		}
		return nil
	}
}

// typedCookie is a cookie without a word about where it came from. One whose name is kept for secure ones is one.
func typedCookie(name, value string) *http.Cookie {
	c := &http.Cookie{Name: name, Value: value, Path: "/"}
	for _, prefix := range []string{"__secure-", "__host-"} {
		c.Secure = c.Secure || strings.HasPrefix(strings.ToLower(name), prefix)
	}
	return c
}

// netscapeCookie reads a line of a cookie file: domain, whether subdomains get it, path, whether TLS is needed, when it ends, name, value.
func netscapeCookie(line string) (cookieFor, error) {
	line, httpOnly := strings.CutPrefix(line, "#HttpOnly_")
	if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") && !httpOnly {
		return cookieFor{}, nil
	}
	f := strings.Split(line, "\t")
	if len(f) == 6 { // a cookie without a value
		f = append(f, "")
	}
	if len(f) != 7 {
		return cookieFor{}, errors.New("this is no line of a cookie file as browsers and curl -c write them: seven fields with tabs between")
	}
	c := &http.Cookie{Name: f[5], Value: f[6], Path: f[2], Secure: strings.EqualFold(f[3], "TRUE"), HttpOnly: httpOnly}
	if ends, err := strconv.ParseInt(strings.TrimSpace(f[4]), 10, 64); err == nil && ends > 0 { // 0 is until the browser is closed
		c.Expires = time.Unix(min(ends, 1<<37), 0)
	}
	host := strings.TrimPrefix(f[0], ".")
	if strings.EqualFold(f[1], "TRUE") {
		c.Domain = host
	}
	scheme := "http://"
	if c.Secure {
		scheme = "https://"
	}
	return cookieFor{scheme + host + c.Path, c}, nil
}

// forTargets puts the cookies that are for each URL to each host once.
func (r *request) forTargets(targets []target) {
	var all []cookieFor
	for _, c := range r.cookies {
		if c.url != "" {
			all = append(all, c)
			continue
		}
		seen := map[string]bool{}
		for i := range targets {
			if host := targets[i].host; !seen[host] {
				seen[host] = true
				all = append(all, cookieFor{host + "/", c.cookie})
			}
		}
	}
	r.cookies = all
}
