package flow

import (
	"go/token"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// initials are words that Go writes in capitals.
var initials = []string{"api", "csrf", "html", "http", "id", "ip", "json", "jwt", "otp", "rss", "sql", "ui", "uid", "uri", "url", "uuid", "wp", "xml", "xsrf"}

// words are those of a name or a sentence, in lower case: "_wpnonce", "postId" and "Log In" are "wpnonce", "post id" and "log in".
func words(s string) []string {
	var all []string
	var b strings.Builder
	end := func() {
		if b.Len() > 0 {
			all = append(all, strings.ToLower(b.String()))
			b.Reset()
		}
	}
	runes := []rune(s)
	for i, r := range runes {
		switch {
		case r > 127 || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end()
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]) && unicode.IsUpper(runes[i-1])):
			end()
		}
		b.WriteRune(r)
	}
	end()
	return all
}

// exported is a name that others see; "" when there is no letter to begin it with.
func exported(s string) string { return camel(words(s), 0) }

// unexported is a name that begins with a small letter, and is no word of Go.
func unexported(s string) string {
	n := camel(words(s), 1)
	if token.IsKeyword(n) || slices.Contains([]string{"account", "socket", "events", "ctx", "err", "resp", "v", "r", "string", "len", "stampede", "errors", "time", "regexp", "nil", "true", "false"}, n) {
		return n + "Value"
	}
	return n
}

// camel joins words; the first lower ones stay in lower case.
func camel(all []string, lower int) string {
	var b strings.Builder
	for _, w := range all {
		if b.Len() == 0 {
			if w = strings.TrimLeft(w, "0123456789"); w == "" {
				continue
			}
		}
		switch {
		case lower > 0:
			b.WriteString(w)
			lower = 0
		case slices.Contains(initials, w):
			b.WriteString(strings.ToUpper(w))
		default:
			b.WriteString(strings.ToUpper(w[:1]) + w[1:])
		}
		if b.Len() > 40 {
			break
		}
	}
	return b.String()
}

// spoken are words as a name in tables has them: "Log In".
func spoken(all []string) string {
	var out []string
	n := 0
	for _, w := range all {
		if slices.Contains(initials, w) {
			w = strings.ToUpper(w)
		} else {
			w = strings.ToUpper(w[:1]) + w[1:]
		}
		if n += len(w) + 1; n > 50 {
			break
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}

func singular(s string) string {
	switch {
	case strings.HasSuffix(s, "ies") && len(s) > 4:
		return s[:len(s)-3] + "y"
	case strings.HasSuffix(s, "s") && !strings.HasSuffix(s, "ss") && len(s) > 3:
		return s[:len(s)-1]
	}
	return s
}

func numbered(base string, n int) string { return base + strconv.Itoa(n) }

// name gives variables their names. One name serves several that are never needed at the same time, as a token of each page is.
func (c *correlator) name() {
	type use struct {
		name string
		last int
	}
	var uses []*use
	slices.SortStableFunc(c.vars, func(a, b *Var) int { return c.facts[a].made - c.facts[b].made })
	for _, v := range c.vars {
		f := c.facts[v]
	search:
		for n := 1; ; n++ {
			name := f.base
			if n > 1 {
				name = numbered(f.base, n)
			}
			for _, u := range uses {
				if u.name != name {
					continue
				}
				if u.last > f.made {
					continue search
				}
				u.last, v.Name = f.last, name
				break search
			}
			uses = append(uses, &use{name, f.last})
			v.Name = name
			break
		}
	}
}
