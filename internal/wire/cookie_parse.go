package wire

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"
)

// cookieLimit is the longest name and value together that browsers keep, attrLimit the longest value of an attribute that they look at.
const (
	cookieLimit = 4096
	attrLimit   = 1024
)

// setCookie is a Set-Cookie value taken apart (RFC 6265, 5.2). Where the standard is stricter for servers than for browsers, this is as
// lenient as a browser.
type setCookie struct {
	name, value  string
	domain, path string
	expires      time.Time // zero without
	maxAge       int64     // s
	hasMaxAge    bool
	secure       bool
	httpOnly     bool
	partitioned  bool
	site         sameSite
}

// sameSite is the attribute of that name. A cookie without it is a lax one.
type sameSite uint8

const (
	siteLax sameSite = iota
	siteStrict
	siteNone
)

func parseSetCookie(line string) (s setCookie, ok bool) {
	pair, attrs, _ := strings.Cut(line, ";")
	name, value, found := strings.Cut(pair, "=")
	if !found { // a value without a name
		name, value = "", pair
	}
	s.name, s.value = trimSpace(name), trimSpace(value)
	switch {
	case s.name == "" && (s.value == "" || strings.IndexByte(s.value, '=') >= 0 || promises(s.value)), len(s.name)+len(s.value) > cookieLimit, !validValue(line), strings.IndexByte(s.name+s.value, '\t') >= 0:
		return s, false
	}
	for attrs != "" {
		var attr string
		attr, attrs, _ = strings.Cut(attrs, ";")
		key, val, _ := strings.Cut(attr, "=")
		if val = trimSpace(val); len(val) <= attrLimit {
			s.attribute(trimSpace(key), val)
		}
	}
	return s, true
}

// promises reports whether a name begins with one of the words that say how the cookie was set.
func promises(name string) bool {
	return hasPrefixFold(name, "__secure-") || hasPrefixFold(name, "__host-") || hasPrefixFold(name, "__http-")
}

// plain is s as package net/http has it, which does not read what is outside the standard itself.
func (s *setCookie) plain(line string) *http.Cookie {
	c := &http.Cookie{
		SameSite: [...]http.SameSite{0, http.SameSiteStrictMode, http.SameSiteNoneMode}[s.site],
		Name:     s.name, Value: s.value, Domain: s.domain, Path: s.path, Expires: s.expires, Secure: s.secure, HttpOnly: s.httpOnly, Raw: line,
	}
	if s.hasMaxAge {
		c.MaxAge = -1 // which stands for 0 and below
		if s.maxAge > 0 {
			c.MaxAge = int(s.maxAge)
		}
	}
	return c
}

func (s *setCookie) attribute(key, val string) {
	switch {
	case equalFold(key, "secure"):
		s.secure = true
	case equalFold(key, "httponly"):
		s.httpOnly = true
	case equalFold(key, "partitioned"):
		s.partitioned = true
	case equalFold(key, "samesite"):
		switch {
		case equalFold(val, "none"):
			s.site = siteNone
		case equalFold(val, "strict"):
			s.site = siteStrict
		default:
			s.site = siteLax
		}
	case equalFold(key, "domain"):
		s.domain = asciiDomain(val)
	case equalFold(key, "path"):
		s.path = ""
		if strings.HasPrefix(val, "/") {
			s.path = val
		}
	case equalFold(key, "max-age"):
		if n, ok := parseMaxAge(val); ok {
			s.maxAge, s.hasMaxAge = n, true
		}
	case equalFold(key, "expires"):
		if t, ok := parseCookieDate(val); ok {
			s.expires = t
		}
	}
}

// asciiDomain is the value of Domain in the one form of hosts: without a dot before it, in lower case, other letters as Punycode.
func asciiDomain(val string) string {
	domain := strings.TrimPrefix(val, ".")
	if domain == "" && val != "" {
		return val // a dot is no domain, and not the same as none
	}
	for i := range len(domain) {
		if domain[i] >= utf8.RuneSelf {
			if host, err := canonicalHost(domain); err == nil {
				return host
			}
			break
		}
	}
	return strings.ToLower(domain)
}

// hasAttr reports whether a Set-Cookie line has the attribute.
func hasAttr(line, key string) bool {
	_, attrs, _ := strings.Cut(line, ";")
	for attrs != "" {
		var attr string
		attr, attrs, _ = strings.Cut(attrs, ";")
		name, val, _ := strings.Cut(attr, "=")
		if equalFold(trimSpace(name), key) {
			return strings.HasPrefix(trimSpace(val), "/")
		}
	}
	return false
}

// setLine is a cookie as a site would set it; "" when no site can. Unlike http.Cookie.String it changes nothing of the value, and leaves no name
// out: what people copy out of a browser has quotes, commas, brackets and JSON in it, and goes back as it came.
func setLine(k *http.Cookie) string {
	if k.Name == "" || strings.Contains(k.Name, "=") || strings.ContainsAny(k.Name+k.Value+k.Path+k.Domain, ";\r\n\x00") {
		return ""
	}
	value := k.Value
	if k.Quoted {
		value = `"` + value + `"`
	}
	line := k.Name + "=" + value
	add := func(name, value string) {
		if value != "" {
			line += "; " + name + "=" + value
		}
	}
	add("Path", k.Path)
	add("Domain", k.Domain)
	switch {
	case k.MaxAge > 0:
		add("Max-Age", strconv.Itoa(k.MaxAge))
	case k.MaxAge < 0:
		add("Max-Age", "0")
	}
	if year := k.Expires.UTC().Year(); year >= 1601 && year <= 9999 {
		add("Expires", k.Expires.UTC().Format(http.TimeFormat))
	}
	add("SameSite", map[http.SameSite]string{http.SameSiteStrictMode: "Strict", http.SameSiteLaxMode: "Lax", http.SameSiteNoneMode: "None"}[k.SameSite])
	if k.Secure {
		line += "; Secure"
	}
	if k.HttpOnly {
		line += "; HttpOnly"
	}
	return line
}

// parseMaxAge reads digits, which may have a sign before them. What is larger than any number here is as large as one can be.
func parseMaxAge(val string) (int64, bool) {
	digits := strings.TrimLeft(val, "+-")
	if len(val)-len(digits) > 1 || digits == "" || !allOf(digits, "0123456789") {
		return 0, false
	}
	n, err := strconv.ParseInt(val, 10, 64)
	return n, err == nil || errors.Is(err, strconv.ErrRange)
}

func trimSpace(s string) string { return strings.Trim(s, " \t") }

// parseCookie makes the cookie that a Set-Cookie value asks for at a location. It reports false when the host may not set it.
func parseCookie(line string, at *location, now int64, start time.Time) (cookie, bool) {
	s, ok := parseSetCookie(line)
	if !ok {
		return cookie{}, false
	}
	k := cookie{line: line, name: s.name, value: s.value, path: s.path, from: at.origin.host, secure: s.secure, site: s.site, expires: never}
	if k.domain, k.hostOnly, ok = cookieDomain(at.origin.host, s.domain); !ok {
		return cookie{}, false
	}
	if !s.permitted(at, &k) {
		return cookie{}, false
	}
	if k.path == "" {
		k.path = defaultPath(at)
	}
	switch {
	case s.hasMaxAge && s.maxAge <= 0:
		k.expires = -never
	case s.hasMaxAge && s.maxAge < (never-now)/1e9:
		k.maxAge = s.maxAge * 1e9
		k.expires = now + k.maxAge
	case s.hasMaxAge:
	case !s.expires.IsZero():
		k.expires = since(s.expires, start)
	}
	return k, true
}

// permitted reports whether browsers keep such a cookie: a secure one comes over TLS or from this machine, and a name that promises something
// must keep it (draft-ietf-httpbis-rfc6265bis, 5.7).
func (s *setCookie) permitted(at *location, k *cookie) bool {
	safe := at.origin.secure || at.origin.local
	switch {
	case s.secure && !safe:
		return false
	case (s.site == siteNone || s.partitioned) && !s.secure:
		return false
	case hasPrefixFold(s.name, "__secure-"):
		return s.secure
	case hasPrefixFold(s.name, "__http-"):
		return s.secure && s.httpOnly
	case hasPrefixFold(s.name, "__host-"):
		return s.secure && k.hostOnly && s.domain == "" && s.path == "/" && (s.httpOnly || !hasPrefixFold(s.name, "__host-http-"))
	}
	return true
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && equalFold(s[:len(prefix)], prefix)
}

// cookieDomain is RFC 6265, 5.3, steps 5 and 6: which hosts get the cookie, and whether host may set it for them.
func cookieDomain(host, domain string) (string, bool, bool) {
	if domain == "" || domain == host && isAddress(host) {
		return host, true, true
	}
	if strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") || isAddress(host) {
		return "", false, false
	}
	suffix, _ := publicsuffix.PublicSuffix(domain)
	if suffix == domain {
		return host, true, host == domain // a public suffix is nobody's own, but its host may set cookies for itself
	}
	if host != domain && !below(host, domain) {
		return "", false, false
	}
	return domain, false, true
}

// defaultPath is RFC 6265, 5.1.4: the folder of the request path.
func defaultPath(at *location) string {
	prefix, rest := at.pathOnly()
	if i := strings.LastIndexByte(rest, '/'); i > 0 || i == 0 && prefix != "" {
		return prefix + rest[:i]
	}
	if i := strings.LastIndexByte(prefix, '/'); i > 0 && rest == "" {
		return prefix[:i]
	}
	return "/"
}
