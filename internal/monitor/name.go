package monitor

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// Spec is a server as people name it: NAME=KIND:URL.
type Spec struct {
	Name, Kind string
	URL        string // what stands after the kind; may hold a password, so it is never printed: see Spec.String
}

// ParseSpec reads NAME=KIND:URL. The kinds are those that are known.
func ParseSpec(text string, kinds []string) (Spec, error) {
	name, rest, found := strings.Cut(text, "=")
	if !found || name == "" {
		return Spec{}, errors.New("server: write NAME=KIND:URL, such as web=apache:http://10.0.0.5/server-status")
	}
	if CleanName(name) != name {
		return Spec{}, fmt.Errorf("server %s: a name has letters, digits, - and _ only, since thresholds use it", printable(name))
	}
	if strings.Contains(name, ".") {
		return Spec{}, fmt.Errorf("server %s: a name has no point, since thresholds write db.connections", printable(name))
	}
	kind, where, _ := strings.Cut(rest, ":")
	for _, k := range kinds {
		if k == kind {
			return Spec{Name: name, Kind: kind, URL: where}, nil
		}
	}
	return Spec{}, fmt.Errorf("server %s: there is no kind %q; there are %s", name, printable(kind), strings.Join(kinds, ", "))
}

// String is the spec without what is secret.
func (s Spec) String() string { return s.Name + "=" + s.Kind + ":" + Redact(s.URL) }

// Redact is a URL without user, password and query, which is where secrets stand.
func Redact(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(not shown)"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// TornAdvice is what to do about an address that is [Torn].
const TornAdvice = "the password in the address has a character such as # / ? that ends it: write it as %23 %2F %3F, or put the password into a variable of the environment and write ${NAME}"

// Torn reports that the host of a URL is a piece of a password: an @ comes after what ends the host.
func Torn(raw string) bool {
	_, rest, found := strings.Cut(raw, "://")
	if !found {
		rest = raw
	}
	at := strings.IndexAny(rest, "/?#")
	return at >= 0 && strings.Contains(rest[at:], "@")
}

// Fill puts variables of the environment into an address where ${NAME} stands. In a URL, what stands before the @ of the host is written as URLs have
// it, if the value is not: passwords have characters that would end the host. A $ by itself stays.
func Fill(address string, isURL bool, lookup func(string) (string, bool)) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(address, "${")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			b.WriteString(address)
			return b.String(), nil
		}
		value, known := lookup(name)
		if !known {
			return "", fmt.Errorf("the environment has no %s", printable(name))
		}
		b.WriteString(before)
		if host := after[:len(after)-len(strings.TrimLeftFunc(after, func(r rune) bool { return !strings.ContainsRune("/?#", r) }))]; isURL && strings.Contains(host, "@") {
			value = escaped(value)
		}
		b.WriteString(value)
		address = after
	}
}

// escaped is a user or password as it stands in a URL. One that is written so already stays.
func escaped(value string) string {
	u, err := url.Parse("x://a:" + value + "@h/")
	if err == nil && u.Host == "h" && u.Path == "/" && u.RawQuery == "" && u.Fragment == "" && u.User.Username() == "a" {
		return value
	}
	return strings.TrimPrefix(url.UserPassword("", value).String(), ":")
}

// CleanName makes a name of a series of any text: letters, digits, - . and _ stay, runs of all others become one _. An empty one is "_".
func CleanName(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range text {
		if r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) || r == '-' || r == '.' || r == '_' {
			if gap {
				b.WriteByte('_')
			}
			gap = false
			b.WriteRune(r)
			continue
		}
		gap = true
	}
	if gap {
		b.WriteByte('_')
	}
	if b.Len() == 0 {
		return "_"
	}
	return b.String()
}

func printable(s string) string {
	if len(s) > 40 {
		s = s[:40] + "..."
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
}
