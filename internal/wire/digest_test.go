package wire

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stampede-load/stampede/internal/fault"
)

// The examples of RFC 7616, 3.9.1, and RFC 2617, 3.5.
func TestDigestOfTheStandard(t *testing.T) {
	for _, tt := range []struct{ field, password, cnonce, want string }{
		{
			`Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`,
			"Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "8ca523f5e9506fed4657c9700eebdbec",
		},
		{
			`Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`,
			"Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
		},
		{
			`Digest realm="testrealm@host.com",qop="auth,auth-int",nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",opaque="5ccc069c403ebaf9f0171e9517f40e41"`,
			"Circle Of Life", "0a4f113b", "6629fae49393a05397450978507c4ef1",
		},
	} {
		ch := newChallenge(func(yield func(name, value []byte) bool) { yield([]byte("WWW-Authenticate"), []byte(tt.field)) })
		if ch == nil {
			t.Fatalf("%s is not understood", tt.field)
		}
		if got := ch.answer(&Login{"Mufasa", tt.password}, "GET", "/dir/index.html", nil, tt.cnonce); !strings.Contains(got, `response="`+tt.want+`"`) {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
}

func TestChallenges(t *testing.T) {
	for field, want := range map[string]string{
		`Basic realm="a, b=\"c\"", Digest realm=x, nonce="n", qop="auth"`: `[{basic map[realm:a, b="c"]} {digest map[nonce:n qop:auth realm:x]}]`,
		"NTLM": "[{ntlm map[]}]", "Negotiate, NTLM": "[{negotiate map[]} {ntlm map[]}]", "": "[]", ", ,": "[]", "@@": "[]",
		"NTLM TlRMTVNTUAAC, Basic realm=x": "[{ntlm map[]} {basic map[realm:x]}]",
		`Digest realm="never closed`:       "[{digest map[realm:never closed]}]",
	} {
		if got := fmt.Sprint(parseChallenges(field)); got != want {
			t.Errorf("%s: %s, want %s", field, got, want)
		}
	}
	for _, field := range []string{"Basic realm=x", `Digest realm=x, nonce=y, algorithm=SHA-512-256`, `Digest realm=x, nonce=y, qop="other"`} {
		if ch := newChallenge(func(yield func(name, value []byte) bool) { yield([]byte("www-authenticate"), []byte(field)) }); ch != nil {
			t.Errorf("%s is answered", field)
		}
	}
}

// A server of another make is logged into, with one request the first time asked twice, and then with the answer at once.
func TestDigestLogin(t *testing.T) {
	eachHTTPBin(t, func(t *testing.T, e *Engine, base *Target) {
		for _, path := range []string{"/digest-auth/auth/ann/secret", "/digest-auth/auth/ann/secret/SHA-256"} {
			r := do(t, e.Client(0), Request{Base: base, URL: path, Query: []Field{{"a", "b"}}, Digest: &Login{"ann", "secret"}})
			if r.Status != 200 {
				t.Errorf("%s: %d", path, r.Status)
			}
			r.Release()
			r = do(t, e.Client(0), Request{Base: base, URL: path, Digest: &Login{"ann", "wrong"}})
			if r.Status != 401 && r.Status != 403 || strings.Join(r.Schemes(), " ") != "digest" {
				t.Errorf("%s with a wrong password: %d, %v", path, r.Status, r.Schemes())
			}
			r.Release()
		}
	})
	var asked atomic.Int64
	s, _ := site(t, false, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := asked.Add(1)
		switch auth := r.Header.Get("Authorization"); {
		case auth == "" || n == 4: // the nonce is too old
			w.Header().Set("WWW-Authenticate", `Digest realm="r", nonce="n`+fmt.Sprint(n)+`", qop="auth", stale=true`)
			w.WriteHeader(401)
		default:
			b, _ := io.ReadAll(r.Body)
			fmt.Fprint(w, string(b), " ", auth)
		}
	}))
	e := newEngine(t, Config{})
	c := e.Client(0)
	for i, want := range []string{"nc=00000001", "nc=00000002", `nonce="n4"`} {
		r := do(t, c, Request{Method: "POST", URL: s.URL, Body: []byte("x"), Digest: &Login{"ann", `p"w`}})
		if got := body(t, r); !strings.HasPrefix(got, "x Digest ") || !strings.Contains(got, want) {
			t.Errorf("request %d: %d %s, want %s", i, r.Status, got, want)
		}
		r.Release()
	}
	if n := asked.Load(); n != 5 {
		t.Errorf("asked %d times, want 5", n)
	}
	doFail(t, c, Request{URL: "http://elsewhere.example", Digest: &Login{"ann", "pw"}}, fault.Guard)
}
