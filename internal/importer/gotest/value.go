package gotest

import (
	"fmt"
	"strings"

	"github.com/stampede-load/stampede/internal/importer/flow"
)

// value writes a value. In an address what is put in is escaped.
func (x *scribe) value(v flow.Value, address bool) string {
	if text, same := v.Constant(); same {
		return quoted(text)
	}
	var all []string
	for _, p := range v {
		switch {
		case p.Made != flow.NotMade:
			all = append(all, x.made(p.Made, p.Length, p.Var))
		case p.Var != nil:
			all = append(all, x.escaped("v."+p.Var.Name, address))
		case p.Column != nil:
			all = append(all, x.escaped("v."+x.feedOf(x.task).member+"."+p.Column.Name, address))
		case p.Origin == 1:
			all = append(all, "v.Host()")
		case p.Origin > 1:
			all = append(all, otherHost(p.Origin-2))
		case p.Cookie != "":
			x.needs["cookie"] = true
			all = append(all, fmt.Sprintf("v.cookie(%q)", p.Cookie))
		case p.Text != "":
			all = append(all, quoted(p.Text))
		}
	}
	return strings.Join(all, "+")
}

func (x *scribe) escaped(expr string, address bool) string {
	if !address {
		return expr
	}
	x.imports["net/url"] = true
	return "url.PathEscape(" + expr + ")"
}

// made is the expression for what a client makes.
func (w *writer) made(m flow.Made, n int, of *flow.Var) string {
	switch m {
	case flow.UUID:
		w.needs["uuid"] = true
		return "uuid()"
	case flow.Seconds:
		w.imports["strconv"], w.imports["time"] = true, true
		return "strconv.FormatInt(time.Now().Unix(), 10)"
	case flow.Millis:
		w.imports["strconv"], w.imports["time"] = true, true
		return "strconv.FormatInt(time.Now().UnixMilli(), 10)"
	case flow.ISOTime:
		w.imports["time"] = true
		return `time.Now().UTC().Format("2006-01-02T15:04:05.000Z")`
	case flow.Challenge:
		w.needs["challenge"] = true
		return "challenge(v." + of.Name + ")"
	}
	w.needs["random"] = true
	chars := map[flow.Made]string{flow.RandomHex: "0123456789abcdef", flow.RandomDigit: "0123456789"}[m]
	if chars == "" {
		chars = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	}
	return fmt.Sprintf("random(%d, %q)", n, chars)
}

// function is one that the test may need.
type function struct {
	name    string
	imports []string
	text    string
}

var functions = []function{
	{"leave", []string{"errors"}, `// leave ends the flow when something of it failed: what follows needs it. The failure is counted already.
func leave(err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(err, stampede.ErrLeave)
}
`},
	{"wait", []string{"time"}, `// wait is the pause between the steps of one flow.
func wait(low, high time.Duration) *stampede.Wait {
	w := stampede.Between(low, high)
	return &w
}
`},
	{"cookie", []string{"net/url"}, `// cookie is one that the visitor has; a site's scripts repeat some of them in a field of their own.
func (v *Visitor) cookie(name string) string {
	for _, c := range v.Cookies("/") {
		if c.Name == name {
			if plain, err := url.QueryUnescape(c.Value); err == nil {
				return plain
			}
			return c.Value
		}
	}
	return ""
}
`},
	{"body", nil, `// body is a file of the folder bodies.
func body(name string) []byte {
	return stampede.Must(files.ReadFile("bodies/" + name))
}
`},
	{"says", []string{"encoding/json", "strings"}, `// says accepts messages of JSON that have a field with that text or number: the answers to what was sent.
func says(field, text string) func(websocket.Message) bool {
	return func(m websocket.Message) bool {
		var all map[string]json.RawMessage
		return m.JSON(&all) == nil && strings.Trim(string(all[field]), "\"") == text
	}
}
`},
	{"has", nil, `// has accepts messages of JSON that have something there.
func has(path string) func(websocket.Message) bool {
	return func(m websocket.Message) bool {
		text, err := m.Path(path)
		return err == nil && text != ""
	}
}
`},
	{"matches", []string{"regexp"}, `// matches accepts messages that match.
func matches(re *regexp.Regexp) func(websocket.Message) bool {
	return func(m websocket.Message) bool { return re.Match(m.Data) }
}
`},
	{"allOf", nil, `// allOf accepts messages that each of them accepts.
func allOf(all ...func(websocket.Message) bool) func(websocket.Message) bool {
	return func(m websocket.Message) bool {
		for _, f := range all {
			if !f(m) {
				return false
			}
		}
		return true
	}
}
`},
	{"anyOf", nil, `// anyOf accepts messages that one of them accepts.
func anyOf(all ...func(websocket.Message) bool) func(websocket.Message) bool {
	return func(m websocket.Message) bool {
		for _, f := range all {
			if f(m) {
				return true
			}
		}
		return false
	}
}
`},
	{"hear", []string{"time"}, `// hear waits, for a minute at most, for an event of a type that take accepts, and passes over others.
func hear(ctx context.Context, events *stampede.EventStream, typ string, take func(stampede.StreamEvent) error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		e, err := events.Next(ctx)
		if err != nil {
			return err
		}
		if e.Type == typ && take(e) == nil {
			return nil
		}
	}
}
`},
	{"inQuery", []string{"net/url"}, `// inQuery is a field of an address; "" without.
func inQuery(address, name string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Query().Get(name)
}
`},
	{"inAddress", []string{"fmt", "regexp"}, `// inAddress is a piece of an address.
func inAddress(address string, re *regexp.Regexp) (string, error) {
	m := re.FindStringSubmatch(address)
	if m == nil {
		return "", fmt.Errorf("nothing matches %s in the address %s", re, address)
	}
	return m[1], nil
}
`},
	{"uuid", []string{"fmt", "math/rand/v2"}, `// uuid is a random UUID, as a browser makes it: another one in each run, whatever the seed.
func uuid() string {
	a, b := rand.Uint64(), rand.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&0xffffffffffff)
}
`},
	{"random", []string{"math/rand/v2"}, `// random is n characters drawn from chars: others in each run, whatever the seed.
func random(n int, chars string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = chars[rand.IntN(len(chars))]
	}
	return string(b)
}
`},
	{"challenge", []string{"crypto/sha256", "encoding/base64"}, `// challenge is what PKCE sends of a verifier at first (RFC 7636).
func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
`},
}

// functions writes those that are needed. They are asked for before the head is written.
func (w *writer) functions() {
	for _, f := range functions {
		if w.needs[f.name] {
			w.printf("\n%s", f.text)
		}
	}
}

// need notes the imports of the functions.
func (w *writer) need() {
	for _, f := range functions {
		if w.needs[f.name] {
			for _, i := range f.imports {
				w.imports[i] = true
			}
		}
	}
}

// readme says what is in the test and what is not.
func (w *writer) readme(name string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\nA load test of %s, written in Go for [stampede](https://github.com/stampede-load/stampede) from what was recorded. It is an ordinary program: change\nit as you like.\n\n", name, w.test.Site)
	b.WriteString("    go run . check                       # each step once, with every request and answer\n    go run . run -u 50 -r 5 -t 1m        # 50 visitors, 5 more each second, for a minute\n    go run . help run                    # every flag\n")
	if len(w.fed) > 0 {
		b.WriteString("\n## Data\n\n")
		for _, f := range w.fed {
			fmt.Fprintf(&b, "`%s` holds what differs from visitor to visitor, and the secrets of the recording: %s. Replace them by those of test\naccounts, one row for each. git ignores the file.\n\n", f.file, strings.Join(f.columns, ", "))
		}
	}
	if len(w.test.Notes) > 0 {
		b.WriteString("\n## What to know\n\n")
		for _, n := range w.test.Notes {
			fmt.Fprintf(&b, "- %s\n", n)
		}
	}
	return []byte(b.String())
}
