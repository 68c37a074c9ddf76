package ledger

import (
	"strings"
	"testing"
)

func TestClean(t *testing.T) {
	const secret = "correct horse"
	for _, text := range []string{
		`password=` + secret[:7], `{"password":"` + secret + `"}`, `{"password" : "` + secret + `", "user": "me"}`, `body "{\"password\":\"` + secret + `\"}"`,
		`{"passphrase":"a\"` + secret + `"}`, `PASSWORD='` + secret + `'`, `Cookie: session=` + secret, `{'api_key': '` + secret + `'}`, `token: ` + secret[:7],
		`cookie: a=1; b=` + secret, `https://me:` + secret[:7] + `@shop/`, `Authorization: ` + secret, "X-Api-Key: " + secret,
		"/login?user=me&pass=" + secret[:7], "https://shop.example/?jwt=" + secret[:7] + "#top",
	} {
		got := clean(text)
		for _, word := range strings.Fields(secret) {
			if strings.Contains(got, word) {
				t.Errorf("%s became %s", text, got)
			}
		}
		if again := clean(got); again != got {
			t.Errorf("%s became %s, and then %s", text, got, again)
		}
	}
	for _, text := range []string{
		"cookie: stricter", "fix(token): expiry", "the password page, p95 = 3 s", "passed 3 of 3", "monkey: 3", "passes=3, pass = 2", `{"user":"me"}`, "https://shop.example/a@b",
	} {
		if got := clean(text); got != text {
			t.Errorf("%s became %s, and has no secret", text, got)
		}
	}
	if got := clean(`{"password":"x y","user":"me"}`); got != `{"password":"***","user":"me"}` {
		t.Errorf("what is beside a secret became %s", got)
	}
}

func TestSecrets(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "",
		"plain words: 12 users":          "plain words: 12 users",
		"https://example.org/a?b=c":      "https://example.org/a?b=c",
		"https://u:p@example.org/a@b":    "https://***@example.org/a@b",
		"https://example.org/me@x":       "https://example.org/me@x",
		"mail me@example.org":            "mail me@example.org",
		"/login?user=me&password=x&y=1":  "/login?user=me&password=***&y=1",
		"/cb?access_token=abc#top":       "/cb?access_token=***",
		`{"clientSecret": "abc", "n":1}`: `{"clientSecret": "***", "n":1}`,
		"X-Api-Key: abc":                 "X-Api-Key: ***",
		"cookie: a=b; c=d\nnext":         "cookie: ***\nnext",
		"sent Bearer abcdefghijklmnop.":  "sent Bearer ***",
		"basic training":                 "basic training",
		"a basic idea":                   "a basic idea",
		"tokens per second":              "tokens per second",
		"the key is small":               "the key is small",
	} {
		if got := clean(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	if got := clean("\x00\xff"); got != "\uFFFD\uFFFD" {
		t.Errorf("bytes became %q", got)
	}
	if testing.AllocsPerRun(100, func() { clean("GET /products/[id] and a plain name") }) > 0 {
		t.Error("a plain name costs memory")
	}
	if long := strings.Repeat("x", 1000); clean(long) != long {
		t.Error("a long text changed")
	}
}
