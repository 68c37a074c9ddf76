// Package weburl reads web addresses as browsers do (the URL standard of WHATWG), as far as http and https go. What people copy out of an
// address bar, and what sites write into pages and Location headers, is often no URL by RFC 3986: a percent sign alone, a backslash, an
// address such as 127.1, an international name, spaces around it.
//
// It is pure: no network, no state. Paths and queries stay as they are written; whoever sends them escapes what cannot be sent.
package weburl

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// URL is an absolute address. The zero value is none.
type URL struct {
	Scheme   string // "http" or "https"
	User     string // decoded
	Password string // decoded
	Login    bool   // there is a user or a password
	Host     string // as CanonicalHost has it: no brackets
	Port     string // "" when there is none, or when it is the scheme's own
	Path     string // as written, with dots resolved and slashes for backslashes; begins with "/"
	Query    string // as written, with its "?"; "" without
}

// Parse reads an absolute address. A fragment is left out.
func Parse(raw string) (URL, error) {
	raw = clean(raw)
	scheme, rest, ok := cutScheme(raw)
	if !ok {
		if before, _, found := strings.Cut(raw, ":"); found && isScheme(before) && strings.HasPrefix(raw[len(before):], "://") {
			return URL{}, fmt.Errorf("only http and https URLs can be asked, not %s", strings.ToLower(before))
		}
		return URL{}, errors.New("it must begin with http:// or https://")
	}
	return parseRest(scheme, strings.TrimLeft(rest, `/\`))
}

// Resolve is where a reference leads from u: an absolute address, "//host/x", "/x", "x", "?q" or "".
func (u URL) Resolve(ref string) (URL, error) {
	ref = clean(ref)
	if scheme, rest, ok := cutScheme(ref); ok {
		if scheme != u.Scheme || len(rest)-len(strings.TrimLeft(rest, `/\`)) > 1 {
			return parseRest(scheme, strings.TrimLeft(rest, `/\`))
		}
		ref = rest // "http:x" and "http:/x" are relative, for want of slashes
	} else if before, _, found := strings.Cut(ref, ":"); found && isScheme(before) {
		return URL{}, fmt.Errorf("only http and https URLs can be asked, not %s", strings.ToLower(before))
	}
	path, query := cutQuery(ref)
	path = strings.ReplaceAll(path, `\`, "/")
	switch {
	case strings.HasPrefix(path, "//"):
		return parseRest(u.Scheme, strings.TrimLeft(path, "/")+query)
	case path == "" && query == "":
		return u, nil
	case path == "":
	case path[0] == '/':
		u.Path = withoutDots(path)
	default:
		u.Path = withoutDots(u.Path[:strings.LastIndexByte(u.Path, '/')+1] + path)
	}
	u.Query = query
	return u, nil
}

// Authority is host and port as a Host header has them.
func (u URL) Authority() string {
	host := u.Host
	if strings.IndexByte(host, ':') >= 0 {
		host = "[" + host + "]"
	}
	if u.Port != "" {
		host += ":" + u.Port
	}
	return host
}

// Site is the address without path, query and login: "https://example.org:8443". The zone of an address stands in it as in URLs (RFC 6874).
func (u URL) Site() string { return u.Scheme + "://" + strings.Replace(u.Authority(), "%", "%25", 1) }

// String is the address without a login.
func (u URL) String() string { return u.Site() + u.Path + u.Query }

// clean leaves out what browsers do: spaces around, line ends within, the fragment.
func clean(raw string) string {
	raw = strings.TrimFunc(raw, func(r rune) bool { return r <= ' ' })
	if strings.ContainsAny(raw, "\t\r\n") {
		raw = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(raw)
	}
	if i := strings.IndexByte(raw, '#'); i >= 0 {
		raw = raw[:i]
	}
	return raw
}

// cutScheme cuts "http:" or "https:" in any case.
func cutScheme(s string) (scheme, rest string, ok bool) {
	for _, scheme := range []string{"http", "https"} {
		if n := len(scheme); len(s) > n && s[n] == ':' && strings.EqualFold(s[:n], scheme) {
			return scheme, s[n+1:], true
		}
	}
	return "", s, false
}

func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || !(s[i] >= '0' && s[i] <= '9' || strings.IndexByte("+-.", s[i]) >= 0)) {
			return false
		}
	}
	return s != ""
}

func cutQuery(s string) (path, query string) {
	if i := strings.IndexByte(s, '?'); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// parseRest reads what follows the slashes behind a scheme.
func parseRest(scheme, s string) (URL, error) {
	u := URL{Scheme: scheme, Path: "/"}
	authority := s
	if i := strings.IndexAny(s, `/\?`); i >= 0 {
		authority = s[:i]
		u.Path, u.Query = cutQuery(s[i:])
		u.Path = withoutDots("/" + strings.TrimPrefix(strings.ReplaceAll(u.Path, `\`, "/"), "/"))
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, password, _ := strings.Cut(authority[:i], ":")
		u.User, u.Password = decode(user), decode(password)
		u.Login = u.User+u.Password != ""
		authority = authority[i+1:]
	}
	host, port, err := splitPort(authority)
	if err != nil {
		return URL{}, err
	}
	if u.Host, err = CanonicalHost(host); err != nil {
		return URL{}, err
	}
	if port != map[string]string{"http": "80", "https": "443"}[scheme] {
		u.Port = port
	}
	return u, nil
}

// splitPort cuts "host:port", "[v6]:port", "host", "[v6]" or "host:". Zeros before a port say nothing.
func splitPort(s string) (host, port string, err error) {
	host = s
	if strings.HasPrefix(s, "[") {
		i := strings.IndexByte(s, ']')
		if i < 0 || i+1 < len(s) && s[i+1] != ':' {
			return "", "", fmt.Errorf("host %q: an address in brackets ends with ] and perhaps a port", s)
		}
		host, port = s[:i+1], strings.TrimPrefix(s[i+1:], ":")
	} else if i := strings.LastIndexByte(s, ':'); i >= 0 {
		host, port = s[:i], s[i+1:]
		if strings.IndexByte(host, ':') >= 0 {
			return "", "", fmt.Errorf("host %q: an IPv6 address stands in brackets, [::1]", s)
		}
	}
	if port == "" {
		return host, "", nil
	}
	n := 0
	for i := range len(port) {
		if port[i]-'0' > 9 || n > 65535 {
			n = 1 << 20
			break
		}
		n = n*10 + int(port[i]-'0')
	}
	if n < 1 || n > 65535 {
		return "", "", fmt.Errorf("port %q is not a number from 1 to 65535", port)
	}
	return host, fmt.Sprint(n), nil
}

// decode undoes percent escapes; one that is none stays.
func decode(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := url.PathUnescape(s[i : i+3]); err == nil {
				b.WriteString(c)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// withoutDots resolves the segments "." and ".." of a path from the root, also where the dots are escaped.
func withoutDots(path string) string {
	if !strings.Contains(path, "/.") && !strings.Contains(strings.ToLower(path), "/%2e") {
		return path
	}
	segments := strings.Split(path[1:], "/")
	var out []string
	for i, s := range segments {
		last := i == len(segments)-1
		switch strings.ReplaceAll(strings.ToLower(s), "%2e", ".") {
		case ".":
			if last {
				out = append(out, "")
			}
		case "..":
			out = out[:max(0, len(out)-1)]
			if last {
				out = append(out, "")
			}
		default:
			out = append(out, s)
		}
	}
	return "/" + strings.Join(out, "/")
}
