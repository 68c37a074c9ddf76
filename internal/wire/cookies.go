package wire

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// jar holds one visitor's cookies (RFC 6265 with public suffixes). They are kept in the order in which they are sent, longer paths first
// and then older ones, so that a Cookie header is one pass that allocates nothing.
type jar struct {
	mu sync.Mutex

	// The Cookie line of an origin, which nearly every request can use again: a look at each cookie would fetch half a dozen cache lines.
	line      []byte
	lineFor   *origin // nil when there is no line to use again
	lineUntil int64   // when the first cookie of it expires

	cookies []cookie
	made    uint32

	lineScope CookieScope // of line

	_ [43]byte // the allocator cuts what is no power of two across cache lines
}

// cookie is a stored cookie. All its strings but domain and path are parts of line or share its memory.
type cookie struct {
	line     string // the Set-Cookie value it came from
	name     string
	value    string
	domain   string
	path     string
	from     string // the host that set it
	expires  int64  // ns since Config.Start; never for a session cookie
	maxAge   int64  // ns from being set; 0 when expires is a date, or absent
	made     uint32 // order of creation
	hostOnly bool
	secure   bool
	site     sameSite
}

// jarLimit bounds the memory of one visitor's cookies; browsers keep a few thousand for all their sites.
const jarLimit = 300

// appendCookies writes the Cookie line for a request; nothing when no cookie matches.
func (c *Client) appendCookies(b []byte, at *location, now int64, scope CookieScope) []byte {
	j := c.jar.Load()
	if j == nil {
		return b
	}
	j.mu.Lock()
	if j.lineFor != at.origin || j.lineUntil <= now || j.lineScope != scope {
		j.write(at, now, scope)
	}
	b = append(b, j.line...)
	j.mu.Unlock()
	return b
}

// write makes the Cookie line for a location. Where all cookies of the origin go to all its paths it holds for the next one too. The lock is
// held.
func (j *jar) write(at *location, now int64, scope CookieScope) {
	b, prefix := j.line[:0], "Cookie: "
	j.lineFor, j.lineUntil, j.lineScope = at.origin, never, scope
	for i := range j.cookies {
		k := &j.cookies[i]
		if !k.visits(at.origin) || k.expires <= now || !k.goes(scope) {
			continue
		}
		if k.path != "/" {
			j.lineFor = nil
			if !pathMatches(at, k.path) {
				continue
			}
		}
		j.lineUntil = min(j.lineUntil, k.expires)
		b = append(b, prefix...)
		if k.name != "" { // a value alone goes as it came
			b = append(b, k.name...)
			b = append(b, '=')
		}
		b = append(b, k.value...)
		prefix = "; "
	}
	if len(b) > 0 {
		b = append(b, '\r', '\n')
	}
	j.line = b
}

// goes reports whether a request of a scope carries the cookie.
func (k *cookie) goes(scope CookieScope) bool {
	switch scope {
	case LaxCookies:
		return k.site != siteStrict
	case ThirdCookies:
		return k.site == siteNone
	}
	return true
}

// matches reports whether the cookie goes to a location (RFC 6265, 5.4).
func (k *cookie) matches(at *location) bool {
	return k.visits(at.origin) && (k.path == "/" || pathMatches(at, k.path))
}

// visits reports whether the cookie goes to some path of an origin. As in browsers a secure cookie also goes to this machine.
func (k *cookie) visits(o *origin) bool {
	if k.domain != o.host && (k.hostOnly || !below(o.host, k.domain)) {
		return false
	}
	return !k.secure || o.secure || o.local
}

// below reports whether host is a name under domain.
func below(host, domain string) bool {
	n := len(host) - len(domain)
	return n > 1 && host[n-1] == '.' && host[n:] == domain && !isAddress(host)
}

func isAddress(host string) bool {
	return strings.IndexByte(host, ':') >= 0 || host[len(host)-1]-'0' <= 9 && allOf(host, "0123456789.")
}

func allOf(s, set string) bool {
	for i := range len(s) {
		if indexByte(set, s[i]) < 0 {
			return false
		}
	}
	return true
}

// pathMatches is RFC 6265, 5.1.4, for a request path in two pieces.
func pathMatches(at *location, path string) bool {
	prefix, rest := at.pathOnly()
	total := len(prefix) + len(rest)
	if len(path) > total {
		return false
	}
	char := func(i int) byte {
		if i < len(prefix) {
			return prefix[i]
		}
		return rest[i-len(prefix)]
	}
	for i := range len(path) {
		if char(i) != path[i] {
			return false
		}
	}
	return len(path) == total || path[len(path)-1] == '/' || char(len(path)) == '/'
}

// storeCookies takes the cookies out of an answer.
func (c *Client) storeCookies(x *exchange) {
	now := x.e.Now()
	for name, value := range x.answer.each {
		if len(name) == len("Set-Cookie") && equalFold(name, "set-cookie") {
			c.storeScoped(&x.at, value, now, x.req.Cookies)
		}
	}
}

// storeCookie takes one Set-Cookie value. One that is already there, as a server sends with every answer, only renews its age.
func (c *Client) storeCookie(at *location, line []byte, now int64) {
	c.storeScoped(at, line, now, AllCookies)
}

// storeScoped is storeCookie for the answer to a request of a scope.
func (c *Client) storeScoped(at *location, line []byte, now int64, scope CookieScope) {
	j := c.jar.Load()
	if j == nil {
		c.jar.CompareAndSwap(nil, &jar{})
		j = c.jar.Load()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := range j.cookies {
		k := &j.cookies[i]
		if k.line == string(line) && k.from == at.origin.host && k.pathStays(at) {
			if k.maxAge > 0 {
				if k.expires <= now {
					j.lineFor = nil // it is no longer in the line
				}
				k.expires = now + k.maxAge
			}
			return
		}
	}
	k, ok := parseCookie(string(line), at, now, c.e.cfg.Start)
	if !ok {
		return
	}
	if scope == ThirdCookies && k.site != siteNone || !at.origin.secure && !at.origin.local && j.hides(&k) {
		return
	}
	j.put(k, now)
}

// hides reports whether a cookie from a connection without TLS would stand before a secure one of its name.
func (j *jar) hides(k *cookie) bool {
	return slices.ContainsFunc(j.cookies, func(old cookie) bool {
		return old.secure && old.name == k.name && (below(old.domain, k.domain) || below(k.domain, old.domain) || old.domain == k.domain) &&
			pathWithin(k.path, old.path)
	})
}

// pathWithin is RFC 6265, 5.1.4, for the paths of two cookies.
func pathWithin(path, outer string) bool {
	return strings.HasPrefix(path, outer) && (len(path) == len(outer) || outer[len(outer)-1] == '/' || path[len(outer)] == '/')
}

// pathStays reports whether setting the same line at this location would give the same path.
func (k *cookie) pathStays(at *location) bool {
	if k.path == "/" && strings.IndexByte(at.path, '?') < 0 && at.prefix == "" && strings.LastIndexByte(at.path, '/') == 0 {
		return true
	}
	return k.path == defaultPath(at) || hasAttr(k.line, "path")
}

// put replaces the cookie of the same name, domain and path, or adds one. An expired one only removes. A cookie of the host alone and one of its
// domain are two, as for browsers and curl (draft-ietf-httpbis-rfc6265bis, 5.7).
func (j *jar) put(k cookie, now int64) {
	j.lineFor = nil
	k.made = j.made
	j.made++
	j.cookies = slices.DeleteFunc(j.cookies, func(old cookie) bool {
		same := old.name == k.name && old.domain == k.domain && old.hostOnly == k.hostOnly && old.path == k.path
		if same {
			k.made = old.made
		}
		return same || old.expires <= now
	})
	if k.expires <= now {
		return
	}
	if len(j.cookies) >= jarLimit {
		oldest := 0
		for i := range j.cookies {
			if j.cookies[i].made < j.cookies[oldest].made {
				oldest = i
			}
		}
		j.cookies = slices.Delete(j.cookies, oldest, oldest+1)
	}
	i, _ := slices.BinarySearchFunc(j.cookies, k, func(a, b cookie) int {
		if len(a.path) != len(b.path) {
			return len(b.path) - len(a.path)
		}
		return int(int32(a.made - b.made))
	})
	j.cookies = slices.Insert(j.cookies, i, k)
}

// Cookies are the cookies the client would send to a URL; nil for a URL that cannot be asked.
func (c *Client) Cookies(rawURL string) []*http.Cookie {
	j := c.jar.Load()
	at, err := c.e.locate(nil, rawURL)
	if err != nil || j == nil || at.origin.host == "" {
		return nil
	}
	now := c.e.Now()
	j.mu.Lock()
	defer j.mu.Unlock()
	var all []*http.Cookie
	for i := range j.cookies {
		if k := &j.cookies[i]; k.matches(&at) && k.expires > now {
			all = append(all, &http.Cookie{Name: k.name, Value: k.value})
		}
	}
	return all
}

// SetCookies stores cookies as if an answer from the URL had set them. Those the URL may not set are left out.
func (c *Client) SetCookies(rawURL string, cookies []*http.Cookie) {
	at, err := c.e.locate(nil, rawURL)
	if err != nil || at.origin.host == "" {
		return
	}
	for _, k := range cookies {
		if line := setLine(k); line != "" {
			c.storeCookie(&at, []byte(line), c.e.Now())
		}
	}
}

// ClearCookies forgets all cookies.
func (c *Client) ClearCookies() { c.jar.Store(nil) }

// since turns a date into ns since start, bounded so that no date overflows.
func since(t, start time.Time) int64 {
	// Sub saturates; the difference of wall clocks is what counts for a date.
	return int64(t.Sub(start.Round(0)))
}
