package curl

import (
	"errors"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/stampede-load/stampede/internal/importer"
)

var (
	patterns = regexp.MustCompile(`(?:^|[^\\])(?:\{[^{}]*[^\\{}],[^{}]*\}|\[(?:[0-9]+-[0-9]+|[a-z]-[a-z]|[A-Z]-[A-Z])(?::[0-9]+)?\])`)
	plainURL = strings.NewReplacer(`\[`, `[`, `\]`, `]`, `\{`, `{`, `\}`, `}`)
)

// address is what curl asks for by the text of an address: it takes http for granted, and brackets and braces for patterns of which it makes several
// addresses. Backslashes before them, as Chromium copies them, say that they are none.
func (c *command) address(u string) (string, error) {
	if !c.globoff {
		if host := strings.Index(u, "://"); patterns.MatchString(u[max(0, host):]) {
			return "", errors.New("the address " + importer.Brief(u) + " is a pattern ({a,b} or [1-9]) of which curl makes several: write one command for each, or add --globoff if it is meant as it stands")
		}
		u = plainURL.Replace(u)
	}
	if !strings.Contains(u, "://") {
		u = "http://" + u
	}
	if c.put != "" { // curl adds the name of the file to that of a folder
		place, rest := u, ""
		if i := strings.IndexAny(u, "?#"); i >= 0 {
			place, rest = u[:i], u[i:]
		}
		if strings.HasSuffix(place, "/") {
			u = place + url.PathEscape(path.Base(c.put)) + rest
		}
	}
	return withQuery(u, c.query), nil
}

// withQuery adds fields to the query of an address, which ends before its fragment.
func withQuery(u string, fields []string) string {
	more := strings.Join(fields, "&")
	if more == "" {
		return u
	}
	u, fragment, marked := strings.Cut(u, "#")
	switch {
	case !strings.Contains(u, "?"):
		u += "?"
	case !strings.HasSuffix(u, "?") && !strings.HasSuffix(u, "&"):
		u += "&"
	}
	if u += more; marked {
		u += "#" + fragment
	}
	return u
}

// login takes what logs in out of an address, and what -u says: a field of its own comes before both, as for curl.
func (c *command) login(u string) (string, []importer.Field) {
	user := c.user
	scheme, rest, ok := strings.Cut(u, "://")
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority = rest[:i]
	}
	if at := strings.LastIndexByte(authority, '@'); ok && at >= 0 {
		u = scheme + "://" + rest[at+1:]
		if user == "" {
			name, password, _ := strings.Cut(authority[:at], ":")
			user = unescaped(name) + ":" + unescaped(password)
		}
	}
	if user == "" || importer.Get(c.header, "Authorization") != "" {
		return u, c.header
	}
	return u, append(c.header[:len(c.header):len(c.header)], importer.Field{Name: "Authorization", Value: basic(user)})
}

func unescaped(s string) string {
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}
