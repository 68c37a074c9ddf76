package wire

import (
	"fmt"
	"net/http"
	"testing"
)

// Cookies go by SameSite: browsers take one without the attribute for Lax, and refuse None without Secure.
func TestSameSite(t *testing.T) {
	s, _ := site(t, false, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/set" {
			for _, c := range []string{"plain=1", "lax=1; SameSite=Lax", "strict=1; samesite=STRICT", "none=1; SameSite=None; Secure", "bad=1; SameSite=None"} {
				w.Header().Add("Set-Cookie", c+"; Path=/")
			}
		}
		fmt.Fprint(w, r.Header.Get("Cookie"))
	}))
	e := newEngine(t, Config{})
	base, c := target(t, e, s.URL), e.Client(0)
	do(t, c, Request{Base: base, URL: "/set", Cookies: ThirdCookies})
	if r := do(t, c, Request{Base: base, URL: "/"}); body(t, r) != "none=1" {
		t.Errorf("an answer to a part of another site's page set %q", body(t, r))
	}
	do(t, c, Request{Base: base, URL: "/set"})
	for scope, want := range map[CookieScope]string{
		AllCookies: "none=1; plain=1; lax=1; strict=1", LaxCookies: "none=1; plain=1; lax=1", ThirdCookies: "none=1",
	} {
		for range 2 {
			if r := do(t, c, Request{Base: base, URL: "/", Cookies: scope}); body(t, r) != want {
				t.Errorf("scope %d: %q, want %q", scope, body(t, r), want)
			}
		}
	}
}

// Connections of another pool are not shared, and what is behind the cookies stays there.
func TestPools(t *testing.T) {
	eachBackend(t, func(t *testing.T, io string) {
		s, _ := site(t, false, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, r.RemoteAddr, r.Header.Get("If-None-Match"))
		}))
		e := newEngine(t, Config{IO: io})
		base, c := target(t, e, s.URL), e.Client(0)
		a := body(t, do(t, c, Request{Base: base, URL: "/"}))
		b := body(t, do(t, c, Request{Base: base, URL: "/", Pool: 1}))
		if a == b {
			t.Errorf("two pools share the connection %s", a)
		}
		if again := body(t, do(t, c, Request{Base: base, URL: "/"})); again != a {
			t.Errorf("%s, then %s", a, again)
		}
		if again := body(t, do(t, c, Request{Base: base, URL: "/", Pool: 1, After: []Field{{"If-None-Match", `"x"`}}})); again != b+`"x"` {
			t.Errorf("%s, then %s", b, again)
		}
	})
}
