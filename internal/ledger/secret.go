package ledger

import (
	"regexp"
	"slices"
	"strings"

	"github.com/stampede-load/stampede/internal/stats"
)

// hidden stands where a secret was.
const hidden = "***"

// field is a name that says that what follows is secret.
const field = `(?i)\b([a-z0-9_.-]*(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|credential|sessionid|session_id|signature)[a-z0-9_-]*)`

var (
	userInfo = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)[^/?#@\s"']*@`)
	headers  = regexp.MustCompile(`(?i)\b((?:proxy-)?authorization|x-api-key|x-auth-token)("?\s*[:=]\s*)[^\r\n"]+`)
	// A cookie has a name and a value: "cookie: stricter" is what somebody changed.
	cookies = regexp.MustCompile(`(?i)\b((?:set-)?cookie)("?\s*[:=]\s*)[^\r\n"=]+=[^\r\n"]*`)
	bearers = regexp.MustCompile(`(?i)\b(bearer|basic|digest)\s+[A-Za-z0-9+/=._~-]{16,}`)
	// In quotes a secret may have spaces; the quotes may themselves be in a quoted text.
	quoted  = regexp.MustCompile(field + `("?\s*[=:]\s*")(?:[^"\\]|\\.)*`)
	escaped = regexp.MustCompile(field + `((?:\\+")?\s*[=:]\s*\\+")[^"\\]*`)
	single  = regexp.MustCompile(field + `('?\s*[=:]\s*')[^']*`)
	// In an address shorter words are names too, which in a sentence may be anything.
	queries = regexp.MustCompile(`(?i)([?&](?:pass|pw|auth|jwt|otp)=)[^&\s"'#]+`)
	fields  = regexp.MustCompile(field + `((?:\\*")?\s*[=:]\s*)[^&\s"',;\\]+`)
)

// clean takes out of a text what no database should hold: passwords in addresses, headers that log in, fields whose names say that they
// are secret; bytes that are no text.
func clean(text string) string {
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", "\uFFFD")
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	for i := range patterns {
		if p := &patterns[i]; p.possible(text) {
			text = p.secret.ReplaceAllString(text, p.with)
		}
	}
	return text
}

// pattern is a kind of secret, and words of which a text with one has at least one: to look for those takes a hundredth of the time.
type pattern struct {
	secret *regexp.Regexp
	with   string
	words  []string
}

var (
	fieldWords = []string{"pass", "pwd", "secret", "token", "key", "credential", "session", "signature"}
	patterns   = [...]pattern{
		{userInfo, "$1" + hidden + "@", []string{"://"}},
		{headers, "$1$2" + hidden, []string{"authorization", "x-api-key", "x-auth-token"}},
		{cookies, "$1$2" + hidden, []string{"cookie"}},
		{bearers, "$1 " + hidden, []string{"bearer", "basic", "digest"}},
		{quoted, "$1$2" + hidden, fieldWords},
		{escaped, "$1$2" + hidden, fieldWords},
		{single, "$1$2" + hidden, fieldWords},
		{queries, "$1" + hidden, []string{"pass=", "pw=", "auth=", "jwt=", "otp="}},
		{fields, "$1$2" + hidden, fieldWords},
	}
)

func (p *pattern) possible(text string) bool {
	for _, w := range p.words {
		if indexFold(text, w) {
			return true
		}
	}
	return false
}

// indexFold reports whether a text has a word of ASCII letters in any case.
func indexFold(text, word string) bool {
	for i := 0; i+len(word) <= len(text); i++ {
		if text[i]|0x20 == word[0]|0x20 && strings.EqualFold(text[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

func cleanAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = clean(t)
	}
	return out
}

// cleaner cleans the rows of a run, and remembers the names it has seen: there are few, and they come again every second. It is not
// safe for concurrent use.
type cleaner struct {
	known map[stats.Key]stats.Key
}

func (c *cleaner) key(k stats.Key) stats.Key {
	if to, ok := c.known[k]; ok {
		return to
	}
	to := stats.Key{Type: clean(k.Type), Name: clean(k.Name)}
	if c.known == nil {
		c.known = map[stats.Key]stats.Key{}
	}
	c.known[k] = to
	return to
}

// rows is rows under their clean names, which may be fewer. It copies what it changes.
func (c *cleaner) rows(rows []stats.Row) []stats.Row {
	dirty := slices.ContainsFunc(rows, func(r stats.Row) bool { return c.key(r.Key) != r.Key })
	if !dirty {
		return rows
	}
	at := map[stats.Key]int{}
	var out []stats.Row
	for i := range rows {
		k := c.key(rows[i].Key)
		j, known := at[k]
		if !known {
			j = len(out)
			at[k] = j
			out = append(out, stats.Row{Key: k})
		}
		out[j].Add(&rows[i])
	}
	sortRows(out)
	return out
}

// errors is failures under clean names and with clean texts. It copies them.
func (c *cleaner) errors(errors []stats.ErrorRow) []stats.ErrorRow {
	if len(errors) == 0 {
		return nil
	}
	out := slices.Clone(errors)
	dirty := false
	for i := range out {
		e, was := &out[i], &errors[i]
		e.Key, e.Text, e.Detail, e.Stack = c.key(e.Key), clean(e.Text), clean(e.Detail), clean(e.Stack)
		dirty = dirty || e.Key != was.Key || e.Text != was.Text
	}
	if !dirty {
		return out
	}
	return addErrors(nil, out) // two may be the same now
}
