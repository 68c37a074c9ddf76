package flow

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/page"
)

// Source is where in an answer a value stands.
type Source struct {
	Kind SourceKind
	A, B string

	Heard     bool   // it is in a message that came over a socket: the first one that is meant
	Field, Is string // that has this text in a field; for events Field is "" and Is the type
	Has       bool   // and something at A
	Last      bool   // the last one that is meant, not the first
}

// SourceKind is a way to find a value.
type SourceKind uint8

// The ways, the most lasting first.
const (
	FromForm   SourceKind = iota // A is the name of a form's field
	FromPath                     // A is a path into JSON, as Response.Path takes it
	FromFind                     // A is a CSS selector, B an attribute
	FromHeader                   // A is the name of a field
	FromQuery                    // A is a field of the query of the address where redirects ended; with B it is in the header field B
	FromURL                      // A is a regular expression for that address, or for the header field B
	FromMatch                    // A is a regular expression for the body
)

// answer is what a request got, to look for values in.
type answer struct {
	res  *importer.Response
	url  string // where redirects ended; "" when there were none
	hops []*importer.Response
	own  *[]string // the hosts of the test

	heard  []importer.Message // over a socket
	stream bool               // they are events
	told   []kind             // what each of them says it is; nil until it is asked for

	controls []page.Control
	parsed   bool // controls are those of the page
}

// fields are the fields of the forms of a page.
func (n *answer) fields() []page.Control {
	if !n.parsed && importer.IsHTML(n.res.Type) {
		n.controls = page.Controls(n.res.Body.Bytes(), n.res.Type)
	}
	n.parsed = true
	return n.controls
}

func answerOf(a *ask) *answer {
	n := &answer{res: &a.last().Response, own: a.own}
	if len(a.hops) > 0 || a.landing {
		n.url = a.last().URL
	}
	n.hops = append(n.hops, &a.Response)
	for _, h := range a.hops {
		n.hops = append(n.hops, &h.Response)
	}
	n.stream = a.Stream
	for _, m := range a.Messages {
		if !m.Sent {
			n.heard = append(n.heard, m)
		}
	}
	return n
}

// sources are the ways to a value in an answer, the most lasting first.
func (n *answer) sources(value string) []Source {
	var all []Source
	body := n.res.Body.Bytes()
	switch {
	case importer.IsHTML(n.res.Type):
		all = append(all, n.inPage(body, value)...)
	case importer.IsJSON(n.res.Type):
		if path, ok := pathTo(body, value); ok {
			all = append(all, Source{Kind: FromPath, A: path})
		}
	}
	for _, h := range n.res.Header {
		if h.Value == value && !browsers(strings.ToLower(h.Name), "") {
			all = append(all, Source{Kind: FromHeader, A: canonical(h.Name)})
		}
	}
	if u, err := url.Parse(n.url); err == nil && n.url != "" {
		query := u.Query()
		for _, name := range slices.Sorted(maps.Keys(query)) {
			if query.Get(name) == value {
				all = append(all, Source{Kind: FromQuery, A: name})
			}
		}
		if re, ok := pattern([]byte(u.RequestURI()), value, nil); ok && len(all) == 0 {
			all = append(all, Source{Kind: FromURL, A: re})
		}
	}
	if re, ok := pattern(body, value, n.hosts()); ok {
		all = append(all, Source{Kind: FromMatch, A: re})
	}
	return append(all, n.inMessages(value)...)
}

// inPage are the ways to a value in a document.
func (n *answer) inPage(body []byte, value string) []Source {
	var all []Source
	seen := map[string]bool{}
	for _, c := range n.fields() {
		if c.Value == value && !seen[c.Name] {
			all = append(all, Source{Kind: FromForm, A: c.Name})
			break
		}
		seen[c.Name] = true
	}
	if len(all) == 0 {
		if selector, attribute, ok := page.Locate(body, n.res.Type, value); ok {
			all = append(all, Source{Kind: FromFind, A: selector, B: attribute})
		}
	}
	return all
}

// value is what a source gives in an answer.
func (n *answer) value(s Source) (string, bool) {
	if s.Heard {
		v, at := n.listen(s)
		return v, at >= 0
	}
	body := n.res.Body.Bytes()
	switch s.Kind {
	case FromForm:
		for _, c := range n.fields() {
			if c.Name == s.A {
				return c.Value, true
			}
		}
	case FromFind:
		v, found := page.FindIn(body, n.res.Type, s.A, s.B)
		return v, found == page.FoundElement
	case FromPath:
		return atPath(body, s.A)
	case FromHeader:
		v := importer.Get(n.res.Header, s.A)
		return v, v != ""
	case FromQuery:
		u, err := url.Parse(n.url)
		return value(u, s.A), err == nil && u.Query().Has(s.A)
	case FromURL:
		return matched(s.A, []byte(n.url))
	case FromMatch:
		return matched(s.A, body)
	}
	return "", false
}

func value(u *url.URL, name string) string {
	if u == nil {
		return ""
	}
	return u.Query().Get(name)
}

func matched(re string, b []byte) (string, bool) {
	r, err := regexp.Compile(re)
	if err != nil {
		return "", false
	}
	m := r.FindSubmatch(b)
	if m == nil {
		return "", false
	}
	return string(m[1]), true
}

// anyHost is a host as it is written somewhere: a test may be made against another one than the recorded.
type anyHost struct{ text, re string }

// hosts are those of the test in all the ways in which answers write them.
func (n *answer) hosts() (all []anyHost) {
	if n.own == nil {
		return nil
	}
	for _, o := range *n.own {
		all = append(all, anyHost{o, `https?://[^/"'<>\s]+`}, anyHost{strings.ReplaceAll(o, "/", `\/`), `https?:\\/\\/[^/\\"'<>\s]+`}, anyHost{url.QueryEscape(o), `https?%3A%2F%2F[^/%"'<>\s]+(?:%3A[0-9]+)?`})
	}
	return all
}

// pattern is a regular expression whose first match in a text has the value for its group.
func pattern(text []byte, value string, hosts []anyHost) (string, bool) {
	from := 0
	for range 20 {
		i := bytes.Index(text[from:], []byte(value))
		if i < 0 {
			return "", false
		}
		at := from + i
		from = at + 1
		group := groupFor(text[at+len(value):], value)
		line := text[:at]
		if k := bytes.LastIndexByte(line, '\n'); k >= 0 {
			line = line[k+1:]
		}
		for _, h := range hosts {
			if before, ok := bytes.CutSuffix(line, []byte(h.text)); ok {
				line, group = before, h.re+group
				break
			}
		}
		for _, n := range []int{6, 12, 20, 40} {
			if len(line) == 0 {
				break
			}
			re := regexp.QuoteMeta(string(wholeWord(line, n))) + group
			if got, ok := matched(re, text); ok && got == value {
				return re, true
			}
		}
	}
	return "", false
}

// wholeWord is the end of a line of at least n bytes, from the beginning of a word on.
func wholeWord(line []byte, n int) []byte {
	i := max(0, len(line)-n)
	for i > 0 && (isWord(line[i]) && isWord(line[i-1]) || line[i]&0xc0 == 0x80) && len(line)-i < 64 {
		i--
	}
	return line[i:]
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// groupFor is a group that takes a value and ends where it does.
func groupFor(behind []byte, value string) string {
	if len(behind) > 0 && !isWord(behind[0]) && behind[0] < 0x80 && behind[0] >= ' ' && strings.IndexByte(value, behind[0]) < 0 {
		c := string(behind[0])
		if strings.ContainsAny(c, `]\^-`) {
			c = `\` + c
		}
		return "([^" + c + "]+)"
	}
	class := ""
	for _, kind := range []struct{ chars, class string }{{"0123456789", "0-9"}, {"abcdefghijklmnopqrstuvwxyz", "a-z"}, {"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "A-Z"}, {"_", "_"}} {
		if strings.ContainsAny(value, kind.chars) {
			class += kind.class
		}
	}
	for i, c := range []byte(value) {
		if !isWord(c) && strings.IndexByte(value[:i], c) < 0 && c < 0x80 {
			class += `\` + string(c)
		}
	}
	return "([" + class + "]+)"
}

// pathTo is the way to a text or number in JSON.
func pathTo(b []byte, value string) (string, bool) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	return walk(dec, nil, func(_ []string, leaf string) bool { return leaf == value })
}

// atPath is what stands there.
func atPath(b []byte, path string) (string, bool) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	got := ""
	_, ok := walk(dec, nil, func(at []string, leaf string) bool {
		if joined(at) == path {
			got = leaf
			return true
		}
		return false
	})
	return got, ok
}

// walk calls f for each text and number until it says yes.
func walk(dec *json.Decoder, at []string, f func(at []string, leaf string) bool) (string, bool) {
	t, err := dec.Token()
	if err != nil || len(at) > 100 {
		return "", false
	}
	switch t := t.(type) {
	case string:
		return joined(at), f(at, t)
	case json.Number:
		return joined(at), f(at, t.String())
	case json.Delim:
		for i := 0; dec.More(); i++ {
			name := strconv.Itoa(i)
			if t == '{' {
				k, err := dec.Token()
				if err != nil {
					return "", false
				}
				name = k.(string)
			}
			if path, ok := walk(dec, append(at, name), f); ok {
				return path, true
			}
		}
		if _, err := dec.Token(); err != nil {
			return "", false
		}
	}
	return "", false
}

var pathEscaper = strings.NewReplacer(`\`, `\\`, `.`, `\.`)

func joined(at []string) string {
	var b strings.Builder
	for i, a := range at {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(pathEscaper.Replace(a))
	}
	return b.String()
}

// cookies are those that an answer and the redirects before it have set.
func (n *answer) cookies() []*http.Cookie {
	var all []*http.Cookie
	for _, r := range n.hops {
		for _, f := range r.Header {
			if strings.EqualFold(f.Name, "Set-Cookie") {
				if c, err := http.ParseSetCookie(f.Value); err == nil {
					all = append(all, c)
				}
			}
		}
	}
	return all
}
