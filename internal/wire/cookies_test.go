package wire

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/publicsuffix"
)

// everywhere lets a test speak of any host.
var everywhere = []string{"*.com", "*.uk", "*.org", "*.example", "example.org", "localhost", "127.0.0.1", "192.0.2.1", "com", "github.io", "*.github.io"}

// sends is the Cookie header a client would send, without its name.
func sends(t testing.TB, c *Client, raw string) string {
	t.Helper()
	at, err := c.e.locate(nil, raw)
	if err != nil {
		t.Fatal(err)
	}
	line := string(c.appendCookies(nil, &at, c.e.Now(), AllCookies))
	return strings.TrimSuffix(strings.TrimPrefix(line, "Cookie: "), "\r\n")
}

func sets(t testing.TB, c *Client, raw, line string) {
	t.Helper()
	at, err := c.e.locate(nil, raw)
	if err != nil {
		t.Fatal(err)
	}
	c.storeCookie(&at, []byte(line), c.e.Now())
}

func TestCookieRules(t *testing.T) {
	e := newEngine(t, Config{Allow: everywhere})
	for _, tt := range []struct{ name, from, set, to, want string }{
		{"same host", "http://www.shop.com/", "a=1", "http://www.shop.com/x", "a=1"},
		{"not to another host", "http://www.shop.com/", "a=1", "http://shop.com/", ""},
		{"not to a name below", "http://shop.com/", "a=1", "http://www.shop.com/", ""},
		{"domain", "http://www.shop.com/", "a=1; Domain=shop.com", "http://api.shop.com/", "a=1"},
		{"domain with dot", "http://www.shop.com/", "a=1; domain=.SHOP.com", "http://shop.com/", "a=1"},
		{"foreign domain", "http://www.shop.com/", "a=1; Domain=other.com", "http://other.com/", ""},
		{"domain below", "http://shop.com/", "a=1; Domain=www.shop.com", "http://www.shop.com/", ""},
		{"look-alike domain", "http://evilshop.com/", "a=1; Domain=shop.com", "http://shop.com/", ""},
		{"public suffix", "http://www.shop.com/", "a=1; Domain=com", "http://other.com/", ""},
		{"public suffix of two parts", "http://www.shop.co.uk/", "a=1; Domain=co.uk", "http://other.co.uk/", ""},
		{"private suffix", "http://me.github.io/", "a=1; Domain=github.io", "http://you.github.io/", ""},
		{"host that is a suffix", "http://github.io/", "a=1; Domain=github.io", "http://github.io/", "a=1"},
		{"host that is a suffix, below", "http://github.io/", "a=1; Domain=github.io", "http://me.github.io/", ""},
		{"address", "http://127.0.0.1/", "a=1", "http://127.0.0.1/", "a=1"},
		{"address as domain", "http://127.0.0.1/", "a=1; Domain=127.0.0.1", "http://127.0.0.1/", "a=1"},
		{"part of an address", "http://127.0.0.1/", "a=1; Domain=0.0.1", "http://127.0.0.1/", ""},
		{"any port", "http://www.shop.com:8080/", "a=1", "http://www.shop.com/", "a=1"},
		{"default path", "http://www.shop.com/a/b", "a=1", "http://www.shop.com/a/c", "a=1"},
		{"default path elsewhere", "http://www.shop.com/a/b", "a=1", "http://www.shop.com/ab", ""},
		{"default path ignores the query", "http://www.shop.com/a?x=/y/z", "a=1", "http://www.shop.com/b", "a=1"},
		{"path", "http://www.shop.com/", "a=1; Path=/cart", "http://www.shop.com/cart/2", "a=1"},
		{"path with slash", "http://www.shop.com/", "a=1; Path=/cart/", "http://www.shop.com/cart/2", "a=1"},
		{"path with slash, without", "http://www.shop.com/", "a=1; Path=/cart/", "http://www.shop.com/cart", ""},
		{"path is not a prefix of letters", "http://www.shop.com/", "a=1; Path=/cart", "http://www.shop.com/cartoon", ""},
		{"path and query", "http://www.shop.com/", "a=1; Path=/cart", "http://www.shop.com/cart?x", "a=1"},
		{"relative path", "http://www.shop.com/a/b", "a=1; Path=c", "http://www.shop.com/a/", "a=1"},
		{"empty path", "http://www.shop.com/", "a=1", "http://www.shop.com", "a=1"},
		{"secure", "https://www.shop.com/", "a=1; Secure", "https://www.shop.com/", "a=1"},
		{"secure in clear", "https://www.shop.com/", "a=1; secure", "http://www.shop.com/", ""},
		{"secure on this machine", "http://localhost/", "a=1; Secure", "http://localhost/", "a=1"},
		{"httponly and samesite", "http://www.shop.com/", "a=1; HttpOnly; SameSite=Strict; Priority=High", "http://www.shop.com/", "a=1"},
		{"age", "http://www.shop.com/", "a=1; Max-Age=60", "http://www.shop.com/", "a=1"},
		{"no age", "http://www.shop.com/", "a=1; Max-Age=0", "http://www.shop.com/", ""},
		{"negative age", "http://www.shop.com/", "a=1; Max-Age=-5", "http://www.shop.com/", ""},
		{"absurd age", "http://www.shop.com/", "a=1; Max-Age=99999999999999", "http://www.shop.com/", "a=1"},
		{"age is no number", "http://www.shop.com/", "a=1; Max-Age=soon", "http://www.shop.com/", "a=1"},
		{"past date", "http://www.shop.com/", "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://www.shop.com/", ""},
		{"future date", "http://www.shop.com/", "a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT", "http://www.shop.com/", "a=1"},
		{"old form of date", "http://www.shop.com/", "a=1; Expires=Fri, 31-Dec-2049 23:59:59 GMT", "http://www.shop.com/", "a=1"},
		{"not a date", "http://www.shop.com/", "a=1; Expires=tomorrow", "http://www.shop.com/", "a=1"},
		{"age wins over date", "http://www.shop.com/", "a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://www.shop.com/", "a=1"},
		{"empty value", "http://www.shop.com/", "a=", "http://www.shop.com/", "a="},
		{"value with equals signs", "http://www.shop.com/", "a=b=c==", "http://www.shop.com/", "a=b=c=="},
		{"JSON", "http://www.shop.com/", `a={"b": [1,2]}`, "http://www.shop.com/", `a={"b": [1,2]}`},
		{"quotes stay", "http://www.shop.com/", `a="b c"`, "http://www.shop.com/", `a="b c"`},
		{"blanks around", "http://www.shop.com/", " a =  b  ; Path = / ", "http://www.shop.com/x", "a=b"},
		// As Chromium 156 has them.
		{"no name", "http://www.shop.com/", "=b", "http://www.shop.com/", "b"},
		{"no equals sign", "http://www.shop.com/a/b", "a; Path=/", "http://www.shop.com/", "a"},
		{"no name, and an equals sign", "http://www.shop.com/", "=a=b", "http://www.shop.com/", ""},
		{"nothing", "http://www.shop.com/", "; Path=/", "http://www.shop.com/", ""},
		{"no name, and a promise", "http://www.shop.com/", "__Host-a", "http://www.shop.com/", ""},
		{"control character", "http://www.shop.com/", "a=b\x01c", "http://www.shop.com/", ""},
		{"control character in an attribute", "http://www.shop.com/", "a=b; Foo=\x7f", "http://www.shop.com/", ""},
		{"tab in a value", "http://www.shop.com/", "a=b\tc", "http://www.shop.com/", ""},
		{"tab around a value", "http://www.shop.com/", "a=\tb\t; Path=/", "http://www.shop.com/", "a=b"},
		{"attribute without end", "http://www.shop.com/a/b", "a=1; Path=/" + strings.Repeat("p", 1100), "http://www.shop.com/a/c", "a=1"},
		{"age with a plus", "http://www.shop.com/", "a=1; Max-Age=+60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://www.shop.com/", "a=1"},
		{"age with two signs", "http://www.shop.com/", "a=1; Max-Age=+-60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://www.shop.com/", ""},
		{"domain that is a dot", "http://www.shop.com/", "a=1; Domain=.", "http://www.shop.com/", ""},
		{"empty domain", "http://www.shop.com/", "a=1; Domain=shop.com; Domain=", "http://shop.com/", ""},
		{"international domain", "http://xn--bcher-kva.example/", "a=1; Domain=bücher.example", "http://www.xn--bcher-kva.example/", "a=1"},
		{"partitioned in clear", "http://localhost/", "a=1; Partitioned", "http://localhost/", ""},
		{"partitioned", "https://www.shop.com/", "a=1; Partitioned; Secure", "https://www.shop.com/", "a=1"},
		{"__Http-", "https://www.shop.com/", "__Http-a=1; Secure; HttpOnly", "https://www.shop.com/", "__Http-a=1"},
		{"__Http- for scripts", "https://www.shop.com/", "__Http-a=1; Secure", "https://www.shop.com/", ""},
		{"__Host-Http-", "https://www.shop.com/", "__Host-Http-a=1; Secure; HttpOnly; Path=/", "https://www.shop.com/", "__Host-Http-a=1"},
		{"__Host-Http- for scripts", "https://www.shop.com/", "__Host-Http-a=1; Secure; Path=/", "https://www.shop.com/", ""},
		{"too long", "http://www.shop.com/", "a=" + strings.Repeat("b", 4096), "http://www.shop.com/", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := e.Client(0)
			sets(t, c, tt.from, tt.set)
			if got := sends(t, c, tt.to); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestCookieOrder(t *testing.T) {
	e := newEngine(t, Config{Allow: everywhere})
	c := e.Client(0)
	const here = "http://www.shop.com/a/b/c"
	for _, line := range []string{"one=1; Path=/", "two=2; Path=/a", "three=3; Path=/", "four=4; Path=/a/b", "one=x; Path=/", "five=5; Path=/a"} {
		sets(t, c, here, line)
	}
	if got, want := sends(t, c, here), "four=4; two=2; five=5; one=x; three=3"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	sets(t, c, here, "two=gone; Path=/a; Max-Age=0")
	if got, want := sends(t, c, here), "four=4; five=5; one=x; three=3"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for i := range 2 * jarLimit {
		sets(t, c, here, fmt.Sprintf("many%d=1; Path=/", i))
	}
	if got := sends(t, c, here); strings.Count(got, "=") != jarLimit || !strings.HasSuffix(got, fmt.Sprintf("many%d=1", 2*jarLimit-1)) {
		t.Errorf("%d cookies are kept", strings.Count(got, "="))
	}
	c.ClearCookies()
	if got := sends(t, c, here); got != "" {
		t.Errorf("after clearing: %q", got)
	}
}

// A cookie of the host alone and one of its domain with the same name are two: Chromium 156 and curl 7.88 send both, and neither deletes the other.
func TestCookieOfHostAndDomain(t *testing.T) {
	c := newEngine(t, Config{Allow: everywhere}).Client(0)
	const here = "http://shop.com/"
	for _, tt := range []struct{ line, want, below string }{
		{"a=host; Path=/", "a=host", ""},
		{"a=domain; Path=/; Domain=shop.com", "a=host; a=domain", "a=domain"},
		{"a=other; Path=/; Domain=.SHOP.com", "a=host; a=other", "a=other"},
		{"a=; Path=/; Max-Age=0", "a=other", "a=other"},
		{"a=again; Path=/", "a=other; a=again", "a=other"},
		{"a=; Path=/; Domain=shop.com; Max-Age=0", "a=again", ""},
	} {
		sets(t, c, here, tt.line)
		if got, below := sends(t, c, here), sends(t, c, "http://www.shop.com/"); got != tt.want || below != tt.below {
			t.Errorf("after %q: %q and below %q, want %q and %q", tt.line, got, below, tt.want, tt.below)
		}
	}
	const addr = "http://192.0.2.1/"
	sets(t, c, addr, "a=1; Path=/")
	sets(t, c, addr, "a=2; Path=/; Domain=192.0.2.1")
	if got := sends(t, c, addr); got != "a=2" {
		t.Errorf("an address has no domain: %q", got)
	}
}

// A server that sets the same cookie with every answer keeps it alive, and costs nothing.
func TestCookieRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := New(Config{Allow: everywhere, IO: "net"})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		c := e.Client(0)
		const here = "http://www.shop.com/a"
		at, _ := e.locate(nil, here)
		line := []byte("session=abcdef; Path=/; Max-Age=60; HttpOnly")
		for range 5 {
			c.storeCookie(&at, line, e.Now())
			time.Sleep(59 * time.Second)
			if got := sends(t, c, here); got != "session=abcdef" {
				t.Fatalf("%q", got)
			}
		}
		if n := testing.AllocsPerRun(100, func() { c.storeCookie(&at, line, e.Now()) }); n != 0 {
			t.Errorf("%v allocations for a cookie that is there", n)
		}
		time.Sleep(time.Minute)
		if got := sends(t, c, here); got != "" {
			t.Errorf("expired, and still sent: %q", got)
		}
		c.storeCookie(&at, line, e.Now()) // a visitor who was away for long is greeted anew
		if got := sends(t, c, here); got != "session=abcdef" {
			t.Errorf("set once more after it had expired: %q", got)
		}
	})
}

func TestCookieAPI(t *testing.T) {
	e := newEngine(t, Config{Allow: everywhere})
	c := e.Client(0)
	if c.Cookies("http://www.shop.com/") != nil || c.Cookies("nonsense") != nil {
		t.Error("cookies from nowhere")
	}
	c.SetCookies("http://www.shop.com/a/b", []*http.Cookie{{Name: "a", Value: "1", Path: "/"}, {Name: "b", Value: "2", Domain: "shop.com"}, {Name: "c", Value: "3", Domain: "evil.com"}})
	got := c.Cookies("http://www.shop.com/a/x")
	if len(got) != 2 || got[0].Name != "b" || got[1].Name != "a" || got[1].Value != "1" {
		t.Errorf("%v", got)
	}
	if got := c.Cookies("http://api.shop.com/a/x"); len(got) != 1 || got[0].Value != "2" {
		t.Errorf("%v", got)
	}
	c.SetCookies("nonsense", got)
}

// oracleLine makes a Set-Cookie value of fuzzed choices, such as net/http can read too.
func oracleLine(b []byte) string {
	pick := func(i int, from ...string) string {
		if i >= len(b) {
			return from[0]
		}
		return from[int(b[i])%len(from)]
	}
	domain := pick(2, "", "; Domain=shop.com", "; Domain=.shop.com", "; Domain=www.shop.com", "; Domain=com", "; Domain=co.uk", "; Domain=github.io", "; domain=SHOP.co.uk", "; Domain=")
	name := pick(0, "a", "b", "c")
	if len(domain) > len("; Domain=") {
		name += "d" // to net/http's jar a cookie of the host and one of its domain are the same, to browsers they are not
	}
	return name + "=" + pick(1, "1", "2", "", "x=y") +
		domain + pick(3, "", "; Path=/", "; Path=/a", "; Path=/a/", "; Path=/a/b", "; Path=x") +
		pick(4, "", "; Max-Age=0", "; Max-Age=100", "; Max-Age=-1", "; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "; Expires=Thu, 01 Jan 2099 00:00:00 GMT") +
		pick(5, "", "; Secure", "; HttpOnly; Secure")
}

func oracleURL(b byte, path byte) string {
	hosts := []string{"http://www.shop.com", "https://www.shop.com", "http://shop.com", "http://a.www.shop.com", "https://shop.co.uk", "http://me.github.io", "http://192.0.2.1"}
	paths := []string{"/", "/a", "/a/", "/a/b", "/a/b/c", "/ab", ""}
	return hosts[int(b)%len(hosts)] + paths[int(path)%len(paths)]
}

// FuzzCookies sets cookies in both jars, and asks both what they would send.
func FuzzCookies(f *testing.F) {
	f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz"))
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2})
	e := newEngine(f, Config{Allow: everywhere})
	f.Fuzz(func(t *testing.T, in []byte) {
		theirs, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
		if err != nil {
			t.Fatal(err)
		}
		c := e.Client(0)
		in = in[:min(len(in), 8*12)]
		for len(in) >= 8 {
			// Over TLS: what a bare connection may not do to secure cookies is newer than net/http's jar.
			raw, line := strings.Replace(oracleURL(in[0], in[1]), "http://", "https://", 1), oracleLine(in[2:8])
			in = in[8:]
			sets(t, c, raw, line)
			u, _ := url.Parse(raw)
			theirs.SetCookies(u, (&http.Response{Header: http.Header{"Set-Cookie": {line}}}).Cookies())
			for h := range byte(7) {
				for p := range byte(7) {
					compareJars(t, c, theirs, oracleURL(h, p), line)
				}
			}
		}
	})
}

func compareJars(t *testing.T, c *Client, theirs *cookiejar.Jar, raw, last string) {
	u, _ := url.Parse(raw)
	var want []string
	for _, k := range theirs.Cookies(u) {
		want = append(want, k.Name+"="+k.Value)
	}
	if got := sends(t, c, raw); got != strings.Join(want, "; ") {
		t.Fatalf("%s after %q: %q, net/http %q", raw, last, got, want)
	}
}

// An answer shows the cookies that the jar takes, also those whose values the standard forbids to servers.
func TestSetCookiesAreThoseOfTheJar(t *testing.T) {
	lines := []string{`prefs={"a":1, "b":2}; Path=/; Domain=127.0.0.1; Max-Age=60; Secure; HttpOnly`, `gone={"a"}; Max-Age=0`, "plain=1; Max-Age=5", "=; Max-Age=5"}
	s, _ := site(t, false, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header()["Set-Cookie"] = lines }))
	e := newEngine(t, Config{})
	c := e.Client(0)
	got := do(t, c, Request{URL: s.URL}).SetCookies()
	if len(got) != 3 || got[0].Name != "prefs" || got[0].Value != `{"a":1, "b":2}` || got[0].Path != "/" || got[0].MaxAge != 60 || !got[0].Secure ||
		!got[0].HttpOnly || got[1].MaxAge != -1 || got[2].Value != "1" || got[2].MaxAge != 5 {
		t.Errorf("%v", got)
	}
	kept := c.Cookies(s.URL)
	if len(kept) != 2 || kept[0].Value != `{"a":1, "b":2}` || kept[1].Name != "plain" {
		t.Errorf("the jar has %v", kept)
	}
}

// What people copy out of a browser is sent as it came.
func TestSetCookiesChangesNothing(t *testing.T) {
	e := newEngine(t, Config{Allow: everywhere})
	for _, k := range []http.Cookie{
		{Name: "prefs", Value: `{"lang":"de","n":[1,2]}`},
		{Name: "a[0]", Value: "1"},
		{Name: "q", Value: `"x y"`},
		{Name: "b", Value: `x,y\z w`},
		{Name: "e", Value: "a=b=="},
		{Name: "u", Value: "K\u00f6ln"},
		{Name: "empty"},
		{Name: "(x)", Value: "{}"},
		{Name: "quoted", Value: "x", Quoted: true},
	} {
		c := e.Client(0)
		k.Path = "/"
		c.SetCookies("https://www.shop.com/", []*http.Cookie{&k})
		want := k.Name + "=" + k.Value
		if k.Quoted {
			want = k.Name + `="` + k.Value + `"`
		}
		if got := sends(t, c, "https://www.shop.com/"); got != want {
			t.Errorf("sends %q, want %q", got, want)
		}
	}
	c := e.Client(0)
	c.SetCookies("https://www.shop.com/", []*http.Cookie{
		{Name: "a", Value: "1\r\nX: y"},
		{Name: "b", Value: "1; Path=/x"},
		{Name: "c=d", Value: "1"},
		{Value: "1"},
		{Name: "old", Value: "1", Expires: time.Now().Add(-time.Hour)},
		{Name: "gone", Value: "1", MaxAge: -1},
	})
	if got := sends(t, c, "https://www.shop.com/"); got != "" {
		t.Errorf("sends %q", got)
	}
}
