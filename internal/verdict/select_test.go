package verdict

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/stats"
)

func TestSelectorPicks(t *testing.T) {
	for _, c := range []struct {
		selector   string
		kind, name string
		want       bool
	}{
		{`"Log In"`, "GET", "Log In", true},
		{`"Log In"`, "POST", "Log In", true},
		{`"Log In"`, "GET", "Log in", false},
		{`"Log In"`, "GET", "Log In 2", false},
		{`"Log*"`, "GET", "Log In", true},
		{`"*In"`, "GET", "Log In", true},
		{`"L*g*n"`, "GET", "Log In", true},
		{`"*og*og*"`, "GET", "Log In", false},
		{`"a*b*c"`, "GET", "abbbcbc", true},
		{`"a*b*c"`, "GET", "abbbcb", false},
		{`"2 \* 2"`, "GET", "2 * 2", true},
		{`"2 \* 2"`, "GET", "2 x 2", false},
		{`"a\\b"`, "GET", `a\b`, true},
		{`[GET]`, "GET", "anything", true},
		{`[GET]`, "POST", "anything", false},
		{`[P*T]`, "POST", "anything", true},
		{`[GET "Log*"]`, "GET", "Log In", true},
		{`[GET "Log*"]`, "POST", "Log In", false},
		{`["my type" "*"]`, "my type", "x", true},
		{`"Größe*"`, "GET", "Größe 1", true},
		// Steps: by type, or by full name, and in nothing else.
		{``, "STEP", "Buy", false},
		{`"Buy"`, "STEP", "Buy", true},
		{`"Bu*"`, "STEP", "Buy", false},
		{`[STEP]`, "STEP", "Buy", true},
		{`[STEP "B*"]`, "STEP", "Buy", true},
		{`[S* "B*"]`, "STEP", "Buy", true},
		{`[* "Buy"]`, "STEP", "Buy", true},
	} {
		r, err := Parse(strings.TrimSpace(c.selector + " count > 3"))
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if got := r.root.cond.selector.Match(stats.Key{Type: c.kind, Name: c.name}); got != c.want {
			t.Errorf("%s picks %s %q: %v, want %v", c.selector, c.kind, c.name, got, c.want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("a*b", "axxb")
	f.Add(`\**\\`, `*x\`)
	f.Add("**", "")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 50 || len(text) > 200 || badEscape(pattern) >= 0 {
			return
		}
		var b strings.Builder // the same, as a regular expression
		for i := 0; i < len(pattern); i++ {
			switch {
			case pattern[i] == '*':
				b.WriteString(`(?s:.*)`)
				continue
			case pattern[i] == '\\':
				i++
			}
			b.WriteString(regexp.QuoteMeta(string(rune(pattern[i]))))
		}
		latin := func(s string) string { // bytes as characters, so that both compare bytes
			r := make([]rune, len(s))
			for i := range len(s) {
				r[i] = rune(s[i])
			}
			return string(r)
		}
		want := regexp.MustCompile(`\A` + b.String() + `\z`).MatchString(latin(text))
		if got := match(pattern, text); got != want {
			t.Errorf("match(%q, %q) = %v", pattern, text, got)
		}
		if literal := Literal(text); !match(literal, text) || hasWildcard(literal) || badEscape(literal) >= 0 {
			t.Errorf("Literal(%q) = %q does not stand for it", text, literal)
		}
	})
}
