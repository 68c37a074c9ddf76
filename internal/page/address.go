package page

import (
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// address is a URL as browsers write it (the URL standard): scheme in lower case, host in ASCII, dots resolved, odd characters percent-encoded,
// no fragment. The zero value is no address.
type address struct {
	url    string // without fragment
	origin string // scheme://host[:port]; "" for anything but http and https
	path   int    // where the path begins in url
	secure bool
}

func (a *address) ok() bool { return a.url != "" }

// web reports whether the address is one of http or https.
func (a *address) web() bool { return a.origin != "" }

// host is the host without port.
func (a *address) host() string { return hostOf(a.origin) }

func hostOf(origin string) string {
	h := origin[strings.Index(origin, "://")+3:]
	if strings.HasPrefix(h, "[") {
		return h[:strings.IndexByte(h, ']')+1]
	}
	if i := strings.IndexByte(h, ':'); i >= 0 {
		h = h[:i]
	}
	return h
}

// siteOf is the site of an origin: scheme and registrable domain. An opaque origin, "", has none.
func siteOf(origin string) string {
	if origin == "" {
		return ""
	}
	scheme, _, _ := strings.Cut(origin, "://")
	host := hostOf(origin)
	if isIP(host) {
		return scheme + "://" + host
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		host = domain
	}
	return scheme + "://" + host
}

func isIP(host string) bool {
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// trustworthy reports whether a page may use plain HTTP to the origin as if it were secure: this machine.
func trustworthy(origin string) bool {
	if strings.HasPrefix(origin, "https://") {
		return true
	}
	if origin == "" {
		return false
	}
	host := hostOf(origin)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && a.IsLoopback()
}

// parseAddress reads an absolute URL; the zero address when it is none.
func parseAddress(raw string) address { return resolve(&address{}, raw, nil) }

// resolve reads a URL as it stands in a page of base. encode turns what a query holds into the page's own charset; nil means UTF-8.
func resolve(base *address, raw string, encode func(string) string) address {
	s := cleanURL(raw)
	if i := strings.IndexByte(s, '#'); i >= 0 {
		s = s[:i]
	}
	scheme, rest := cutScheme(s)
	switch {
	case scheme == "":
		if !base.web() {
			return address{}
		}
		return resolveRelative(base, s, encode)
	case scheme != "http" && scheme != "https":
		return address{url: s}
	}
	if base.web() && !hasSlash(rest, 0) && strings.HasPrefix(base.origin, scheme+":") {
		return resolveRelative(base, rest, encode) // "http:image.png": relative after all
	}
	if base.web() && strings.HasPrefix(base.origin, scheme+":") && !hasSlash(rest, 1) {
		return resolveRelative(base, rest, encode)
	}
	return absolute(scheme, strings.TrimLeft(rest, `/\`), encode)
}

func hasSlash(s string, i int) bool { return len(s) > i && (s[i] == '/' || s[i] == '\\') }

// absolute reads what follows "scheme://".
func absolute(scheme, rest string, encode func(string) string) address {
	end := strings.IndexAny(rest, `/\?`)
	if end < 0 {
		end = len(rest)
	}
	authority := rest[:end]
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		authority = authority[i+1:]
	}
	host, ok := cleanHost(scheme, authority)
	if !ok {
		return address{}
	}
	return build(scheme+"://"+host, "", rest[end:], encode)
}

func resolveRelative(base *address, s string, encode func(string) string) address {
	scheme, _, _ := strings.Cut(base.origin, ":")
	if hasSlash(s, 0) && hasSlash(s, 1) {
		return absolute(scheme, strings.TrimLeft(s, `/\`), encode)
	}
	path := base.url[base.path:]
	query := strings.IndexByte(path, '?')
	switch {
	case s == "":
		return *base
	case s[0] == '?':
		if query >= 0 {
			path = path[:query]
		}
		return build(base.origin, path, s, encode)
	case hasSlash(s, 0):
		return build(base.origin, "", s, encode)
	}
	if query >= 0 {
		path = path[:query]
	}
	return build(base.origin, path[:strings.LastIndexByte(path, '/')+1], s, encode)
}

// build puts an address together: dir is a path that is clean already, s path and query as written.
func build(origin, dir, s string, encode func(string) string) address {
	query := ""
	has := false
	if i := strings.IndexByte(s, '?'); i >= 0 {
		s, query, has = s[:i], s[i+1:], true
	}
	b := make([]byte, 0, len(origin)+len(dir)+len(s)+len(query)+8)
	b = append(b, origin...)
	start := len(b)
	b = append(b, dir...)
	b = appendPath(b, start, s)
	if len(b) == start {
		b = append(b, '/')
	}
	if has {
		b = append(b, '?')
		if encode != nil {
			query = encode(query)
		}
		b = appendEncoded(b, query, " \"#<>'")
	}
	return address{url: string(b), origin: origin, path: start, secure: strings.HasPrefix(origin, "https:")}
}

// appendPath appends segments to a path that begins at start, resolving dots.
func appendPath(b []byte, start int, s string) []byte {
	if len(b) > start && b[len(b)-1] == '/' { // the slash is there
		b = b[:len(b)-1]
	} else if len(s) > 0 && (s[0] == '/' || s[0] == '\\') {
		s = s[1:]
	} else if s == "" {
		return b
	}
	for {
		end := strings.IndexAny(s, `/\`)
		last := end < 0
		if last {
			end = len(s)
		}
		switch dots(s[:end]) {
		case 1:
			if last {
				b = append(b, '/')
			}
		case 2:
			if i := strings.LastIndexByte(string(b[start:]), '/'); i >= 0 {
				b = b[:start+i]
			}
			if last {
				b = append(b, '/')
			}
		default:
			b = append(b, '/')
			b = appendEncoded(b, s[:end], " \"#<>?`{}^")
		}
		if last {
			return b
		}
		s = s[end+1:]
	}
}

// dots says whether a segment is ".", 1, or "..", 2, also when percent-encoded.
func dots(s string) int {
	if len(s) == 0 || len(s) > 6 || s[0] != '.' && s[0] != '%' {
		return 0
	}
	switch strings.ReplaceAll(strings.ToLower(s), "%2e", ".") {
	case ".":
		return 1
	case "..":
		return 2
	}
	return 0
}

const upperHex = "0123456789ABCDEF"

// appendEncoded percent-encodes control characters, what is not ASCII, and those of set.
func appendEncoded(b []byte, s, set string) []byte {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(set, c) >= 0 {
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
			continue
		}
		b = append(b, c)
	}
	return b
}

// cleanURL takes away the space around a URL, and tabs and line ends within.
func cleanURL(s string) string {
	for len(s) > 0 && s[0] <= ' ' {
		s = s[1:]
	}
	for len(s) > 0 && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	if strings.ContainsAny(s, "\t\n\r") {
		s = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s)
	}
	return s
}

// cutScheme is the scheme in lower case and what follows its colon; "" when there is none.
func cutScheme(s string) (scheme, rest string) {
	for i := range len(s) {
		c := s[i] | 0x20
		switch {
		case c >= 'a' && c <= 'z':
		case i > 0 && (s[i] >= '0' && s[i] <= '9' || s[i] == '+' || s[i] == '-' || s[i] == '.'):
		case i > 0 && s[i] == ':':
			return strings.ToLower(s[:i]), s[i+1:]
		default:
			return "", s
		}
	}
	return "", s
}

// cleanHost is host and port in canonical form, without the scheme's own port.
func cleanHost(scheme, authority string) (string, bool) {
	host, port := authority, ""
	if i := strings.LastIndexByte(authority, ':'); i >= 0 && strings.IndexByte(authority[i:], ']') < 0 {
		host, port = authority[:i], authority[i+1:]
	}
	for i := range len(port) {
		if port[i] < '0' || port[i] > '9' {
			return "", false
		}
	}
	if scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		port = ""
	}
	lower := strings.ToLower(host)
	for i := range len(lower) {
		c := lower[i]
		if c >= 0x80 || c == '%' {
			ascii, err := idna.Lookup.ToASCII(lower)
			if err != nil {
				return "", false
			}
			lower = ascii
			break
		}
		if c <= ' ' || strings.IndexByte("\"<>^`{|}", c) >= 0 {
			return "", false
		}
	}
	if lower == "" {
		return "", false
	}
	if port != "" {
		lower += ":" + port
	}
	return lower, true
}
