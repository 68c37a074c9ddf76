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
