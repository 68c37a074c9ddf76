package wire

import (
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/stampede-load/stampede/internal/fault"
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
// with a dot.
func plainPath(s string) bool {
	if len(s) == 0 || s[0] != '/' || len(s) > 1 && s[1] == '/' {
		return false
	}
	before := byte(0)
	for i := range len(s) {
		c := s[i]
		if c == '#' || c == '.' && before == '/' {
			return false
		}
		before = c
	}
	return true
}

// locateOther is locate for everything else.
func (e *Engine) locateOther(base *Target, raw string) (location, error) {
	if i := strings.IndexByte(raw, '#'); i >= 0 {
		raw = raw[:i]
	}
	if len(raw) > 0 && raw[0] == '/' && (len(raw) == 1 || raw[1] != '/') && base != nil && !hasDots(raw) {
		return location{origin: base.origin, prefix: base.prefix, path: raw, basic: base.basic}, nil
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
	if strings.IndexByte(authority, '@') >= 0 || hasDots(path) || strings.IndexByte(path, '\\') >= 0 {
		return e.locateOdd(raw)
	}
	l := location{origin: e.origin(secure, authority), path: path}
	if path == "" || path[0] != '/' {
		l.prefix = "/"
	}
	return l, nil
}

// locateRelative resolves a reference as a browser does, as if base were a folder.
func (e *Engine) locateRelative(base *Target, raw string) (location, error) {
	if base == nil {
		return location{}, urlError("the URL must begin with http:// or https://, as the user has no host", nil)
	}
	u, err := url.Parse(base.url + "/")
	if err != nil {
		return location{}, urlError("the base URL cannot be read", err)
	}
	if strings.HasPrefix(raw, "/") && !strings.HasPrefix(raw, "//") {
		raw = base.prefix + raw
	}
	ref, err := u.Parse(strings.ReplaceAll(raw, `\`, "/"))
	if err != nil {
		return location{}, urlError("the URL cannot be read", err)
	}
	l, err := e.locateURL(ref)
	if err == nil && l.origin == base.origin && l.basic == "" {
		l.basic = base.basic
	}
	return l, err
}

// locateOdd takes an absolute URL through net/url: it has credentials, dot segments or backslashes.
func (e *Engine) locateOdd(raw string) (location, error) {
	u, err := url.Parse(strings.ReplaceAll(raw, `\`, "/"))
	if err != nil {
		return location{}, urlError("the URL cannot be read", err)
	}
	return e.locateURL(u.ResolveReference(&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}))
}

func (e *Engine) locateURL(u *url.URL) (location, error) {
	if u.Scheme != "http" && u.Scheme != "https" {
		return location{}, urlError("only http and https URLs can be asked, not "+u.Scheme, nil)
	}
	if u.Host == "" {
		return location{}, urlError("the URL has no host", nil)
	}
	l := location{origin: e.origin(u.Scheme == "https", u.Host), path: u.EscapedPath(), basic: basicAuth(u.User)}
	if !strings.HasPrefix(l.path, "/") {
		l.path = "/" + l.path
	}
	if u.RawQuery != "" || u.ForceQuery {
		l.path += "?" + u.RawQuery
	}
	return l, nil
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

// hasDots reports whether a path has a segment "." or "..", which browsers resolve before they ask.
func hasDots(s string) bool {
	for {
		i := strings.Index(s, "/.")
		if i < 0 || strings.IndexByte(s[:i], '?') >= 0 {
			return false
		}
		s = s[i+2:]
		t := strings.TrimPrefix(s, ".")
		if t == "" || t[0] == '/' || t[0] == '?' {
			return true
		}
		if s == "" || s[0] == '/' || s[0] == '?' {
			return true
		}
	}
}

func basicAuth(u *url.Userinfo) string {
	if u == nil {
		return ""
	}
	password, _ := u.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+password))
}
