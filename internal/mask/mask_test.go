package mask

import (
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	const secret = "correct horse"
	for _, text := range []string{
		`password=` + secret[:7], `{"password":"` + secret + `"}`, `{"password" : "` + secret + `", "user": "me"}`, `body "{\"password\":\"` + secret + `\"}"`,
		`{"passphrase":"a\"` + secret + `"}`, `PASSWORD='` + secret + `'`, `Cookie: session=` + secret, `{'api_key': '` + secret + `'}`, `token: ` + secret[:7],
		`cookie: a=1; b=` + secret, `https://me:` + secret[:7] + `@shop/`, `Authorization: ` + secret, "X-Api-Key: " + secret,
		"-H 'Authorization: Bearer TOKEN" + secret[:7] + "'", "-H 'Authorization: Basic $(printf 'me:" + secret[:7] + "' | base64)", "Authorization: ... " + secret,
		"/login?user=me&pass=" + secret[:7], "https://shop.example/?jwt=" + secret[:7] + "#top",
	} {
		got := Text(text)
		for _, word := range strings.Fields(secret) {
			if strings.Contains(got, word) {
				t.Errorf("%s became %s", text, got)
			}
		}
		if again := Text(got); again != got {
			t.Errorf("%s became %s, and then %s", text, got, again)
		}
	}
	for _, text := range []string{
		"-H 'Authorization: ...'", "-H 'Authorization: Bearer TOKEN'", `-H "Authorization: Basic $(printf 'USER:PASSWORD' | base64)", or`,
		"cookie: stricter", "fix(token): expiry", "the password page, p95 = 3 s", "passed 3 of 3", "monkey: 3", "passes=3, pass = 2", `{"user":"me"}`, "https://shop.example/a@b",
	} {
		if got := Text(text); got != text {
			t.Errorf("%s became %s, and has no secret", text, got)
		}
	}
	if got := Text(`{"password":"x y","user":"me"}`); got != `{"password":"***","user":"me"}` {
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
		"/cart;PHPSESSID=ab12?x=1":       "/cart;PHPSESSID=***",
		"/a?connect.sid=s%3Aab&x=1":      "/a?connect.sid=***&x=1",
		`{"passcode": 1234}`:             `{"passcode": ***}`,
		"Ocp-Apim-Subscription-Key: ab1": "Ocp-Apim-Subscription-Key: ***",
		"authKey=ab12":                   "authKey=***",
		"PRIVATE_KEY=ab12":               "PRIVATE_KEY=***",
		// Addresses in addresses, and elements.
		"/login?next=%2Fcb%3Faccess_token%3Dabc%26x%3D1":  "/login?next=%2Fcb%3Faccess_token%3D***",
		"/login?next=%252Fcb%253Ftoken%253Dabc&lang=de":   "/login?next=%252Fcb%253Ftoken%253D***&lang=de",
		"/go?u=https%3A%2F%2Fa%2F%3Fcode%3Dabc&n=1":       "/go?u=https%3A%2F%2Fa%2F%3Fcode%3D***&n=1",
		"/go?u=%2F%3Fzipcode%3D04109":                     "/go?u=%2F%3Fzipcode%3D04109",
		"/cas?ticket=ST-1-abc#x":                          "/cas?ticket=***#x",
		"/acs?SAMLResponse=PHNhbWw+&RelayState=1":         "/acs?SAMLResponse=***&RelayState=1",
		"/token?code_verifier=abc":                        "/token?code_verifier=***",
		"<login><password>abc</password></login>":         "<login><password>***</password></login>",
		`<wsse:Password Type="#Text">abc</wsse:Password>`: `<wsse:Password Type="#Text">***</wsse:Password>`,
		"<p>no password here</p>":                         "<p>no password here</p>",
		"<password/> is empty":                            "<password/> is empty",
		"session ideas: three":                            "session ideas: three",
		"obsession ids = 2":                               "obsession ids = 2",
		"basic training":                                  "basic training",
		"a basic idea":                                    "a basic idea",
		"tokens per second":                               "tokens per second",
		"the key is small":                                "the key is small",
	} {
		if got := Text(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	if testing.AllocsPerRun(100, func() { Text("GET /products/[id] and a plain name") }) > 0 {
		t.Error("a plain name costs memory")
	}
	if long := strings.Repeat("x", 1000); Text(long) != long {
		t.Error("a long text changed")
	}
}

// What stands in addresses and short names, and what only looks like it.
func TestLogins(t *testing.T) {
	for text, want := range map[string]string{
		"http://ann:hunter2@shop.example/x":             "http://***@shop.example/x",
		"http://ann@shop.example/x":                     "http://***@shop.example/x",
		"http://ann:hun@ter2@shop.example/":             "http://***@shop.example/",
		"http://ann:hun/ter2@shop.example/":             "http://***@shop.example/",
		"http://ann:hun#ter?2@shop.example":             "http://***@shop.example",
		"//ann:hunter2@shop.example":                    "//***@shop.example",
		`URL "http://ann:hunter2@shop.example": no`:     `URL "http://***@shop.example": no`,
		"two: http://a:b@c/ and https://d:e@f/":         "two: http://***@c/ and https://***@f/",
		"postgres://ann:hunter2@db/x?sslmode=off":       "postgres://***@db/x?sslmode=off",
		"stampede://t0ken@1.2.3.4:8090?pin=sha256:ab":   "stampede://***@1.2.3.4:8090?pin=sha256:ab",
		"ann:hunter2@shop.example":                      "ann:***@shop.example",
		`--allow-host "ann:hunter2@shop.example:81": x`: `--allow-host "ann:***@shop.example:81": x`,
		"ann:hunter2@shop.example:80:127.0.0.1":         "ann:***@shop.example:80:127.0.0.1",
		"ann:hunter2@[::1]:80":                          "ann:***@[::1]:80",
		"https://shop.example:8443/users/@ann":          "https://shop.example:8443/users/@ann",
		"https://shop.example/a:b@c":                    "https://shop.example/a:b@c",
		"http://[::1]:80/x@y":                           "http://[::1]:80/x@y",
		"ask ann@shop.example: she knows":               "ask ann@shop.example: she knows",
		"at 10:30 @home":                                "at 10:30 @home",
		"pw: hunter2":                                   "pw: ***",
		"pw=hunter2 tried":                              "pw=*** tried",
		"PW:hunter2":                                    "PW:***",
		`{"pw":"hunter2"}`:                              `{"pw":"***"}`,
		"key=hunter2":                                   "key=***",
		"/x?key=hunter2&y=1":                            "/x?key=***&y=1",
		"/x?a=1;sid=hunter2":                            "/x?a=1;sid=***",
		"pass=hunter2":                                  "pass=***",
		"monkey=3, turnkey=4":                           "monkey=3, turnkey=4",
		"the key: a cache":                              "the key: a cache",
		"upw: 3":                                        "upw: 3",
		"p95(/cb?access_token=hunter2) < 500ms":         "p95(/cb?access_token=***) < 500ms",
		"/reset/code=1":                                 "/reset/code=1",
	} {
		got := Text(text)
		if got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
		if again := Text(got); again != got {
			t.Errorf("%q became %q, and then %q", text, got, again)
		}
	}
}

func TestHeader(t *testing.T) {
	for _, c := range [][3]string{
		{"Authorization", "Bearer hunter2", "Bearer ***"},
		{"authorization", "hunter2", "***"},
		{"Cookie", "a=hunter2; b=c", "a=***"},
		{"Set-Cookie", "hunter2", "***"},
		{"X-Api-Key", "hunter2 x", "***"},
		{"Accept", "*/*", "*/*"},
		{"Referer", "http://a:hunter2@b/", "http://***@b/"},
		{"Location", "/cb?token=hunter2", "/cb?token=***"},
	} {
		if got := Header(c[0], c[1]); got != c[2] {
			t.Errorf("%s: %s became %s", c[0], c[1], got)
		}
	}
}

// Strict hides what only looks like a secret, and all that Text does.
func TestStrict(t *testing.T) {
	for text, want := range map[string]string{
		"key=7, pw: x and auth=abc":                   "key=***, pw: *** and auth=***",
		"id 0123456789abcdef0123456789abcdef01234567": "id ***",
		"see http://ann:hunter2@shop.example/x":       "see http://***@shop.example/x",
		"Cookie: sid=abc":                             "Cookie: ***",
		"the page is closed":                          "the page is closed",
	} {
		if got := Strict(text); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if again := Strict(Strict(text)); again != Strict(text) {
			t.Errorf("a second time: %q", again)
		}
	}
}
