package wire

import (
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/weburl"
)

// location is where one hop of a request goes: prefix + path is the path and query as the caller wrote them, without fragment. They are
// kept apart so that joining them costs nothing.
type location struct {
	origin *origin
	prefix string
	path   string
	basic  string // value of Authorization from user:password@ in the URL
}

// url is the location as a browser's address bar shows it.
func (l *location) url() string {
	b := make([]byte, 0, len(l.origin.site)+len(l.prefix)+len(l.path)+8)
	b = append(b, l.origin.site...)
	b = appendTarget(b, l.prefix)
	return string(appendTarget(b, l.path))
}

// pathOnly is the path without the query, for cookies.
func (l *location) pathOnly() (prefix, path string) {
	if i := strings.IndexByte(l.path, '?'); i >= 0 {
		return l.prefix, l.path[:i]
	}
	return l.prefix, l.path
}

// locate finds out where a URL points. The two usual forms, "/path" below a base and an absolute URL, allocate nothing.
func (e *Engine) locate(base *Target, raw string) (location, error) {
	if base != nil && plainPath(raw) {
		return base.below(raw), nil
	}
	return e.locateOther(base, raw)
}

// below is the location of a plain path.
func (t *Target) below(path string) location {
	return location{origin: t.origin, prefix: t.prefix, path: path, basic: t.basic}
}

// plainPath reports whether a URL is a path from the root with nothing in it that needs a closer look: no fragment, no segment that begins
// with a dot, no line end or tab, which browsers leave out.
func plainPath(s string) bool {
	if len(s) == 0 || s[0] != '/' || len(s) > 1 && s[1] == '/' || s[len(s)-1] <= ' ' {
		return false
	}
	before := byte(0)
	for i := range len(s) {
		c := s[i]
		if c == '#' || c <= '\r' || c == '.' && before == '/' || c == '\\' || c == '%' && before == '/' && i+1 < len(s) && s[i+1] == '2' {
			return false
		}
		before = c
	}
	return true
}

// locateOther is locate for everything else. A path below a base stays below it, but dots and backslashes are as for a browser.
func (e *Engine) locateOther(base *Target, raw string) (location, error) {
	if base != nil && strings.HasPrefix(raw, "/") && len(raw) > 1 && raw[1] != '/' && raw[1] != '\\' {
		raw = base.url + raw
	}
	if i := strings.IndexByte(raw, '#'); i >= 0 {
		raw = raw[:i]
	}
	secure, rest, absolute := cutScheme(raw)
	if !absolute {
		return e.locateRelative(base, raw)
	}
	end := strings.IndexAny(rest, `/?\`)
	if end < 0 {
		end = len(rest)
	}
	authority, path := rest[:end], rest[end:]
	if end == 0 || strings.IndexByte(authority, '@') >= 0 || isOdd(path) || raw[len(raw)-1] <= ' ' {
		return e.locateOdd(base, raw)
	}
	l := location{origin: e.origin(secure, authority), path: path}
	if path == "" || path[0] != '/' {
		l.prefix = "/"
	}
	if base != nil && l.origin == base.origin {
		l.basic = base.basic
	}
	return l, nil
}

// locateRelative resolves a reference as a browser does, as if base were a folder.
func (e *Engine) locateRelative(base *Target, raw string) (location, error) {
	if base == nil {
		return e.locateOdd(nil, raw)
	}
	u, err := weburl.Parse(base.url + "/")
	if err == nil {
		u, err = u.Resolve(raw)
	}
	return e.locateURL(base, u, err)
}

// locateOdd takes an absolute URL that needs a closer look: it has credentials, dot segments, backslashes or spaces around it.
func (e *Engine) locateOdd(base *Target, raw string) (location, error) {
	u, err := weburl.Parse(raw)
	return e.locateURL(base, u, err)
}

// locateURL is where a URL points that was read, with an error or without. A login of the base goes with every request to its site.
func (e *Engine) locateURL(base *Target, u weburl.URL, err error) (location, error) {
	if err != nil {
		return location{}, urlError("the URL cannot be read: "+err.Error(), err)
	}
	l := location{origin: e.origin(u.Scheme == "https", u.Authority()), path: u.Path + u.Query, basic: loginOf(u)}
	if base != nil && l.origin == base.origin && l.basic == "" {
		l.basic = base.basic
	}
	return l, nil
}

// loginOf is the value of Authorization for the login in a URL.
func loginOf(u weburl.URL) string {
	if !u.Login {
		return ""
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(u.User+":"+u.Password))
}

func urlError(text string, err error) error {
	return &fault.Error{Kind: fault.Other, Op: "url", Text: text, Err: err}
}

func cutScheme(s string) (secure bool, rest string, ok bool) {
	if len(s) >= 7 && equalFold(s[:7], "http://") {
		return false, s[7:], true
	}
	if len(s) >= 8 && equalFold(s[:8], "https://") {
		return true, s[8:], true
	}
	return false, s, false
}

// isOdd reports whether a path has what browsers change before they ask: a segment that begins with a dot, perhaps an escaped one, a backslash,
// or a line end.
func isOdd(s string) bool {
	path, _, _ := strings.Cut(s, "?")
	return strings.Contains(path, "/.") || strings.Contains(path, "/%2") || strings.IndexByte(path, '\\') >= 0 || strings.ContainsAny(s, "\t\r\n")
}

func basicAuth(u *url.Userinfo) string {
	if u == nil {
		return ""
	}
	password, _ := u.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+password))
}
