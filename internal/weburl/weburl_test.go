package weburl

import (
	"net/url"
	"strings"
	"testing"
)

// Addresses as Chromium 156 reads them (new URL(text).href).
func TestParse(t *testing.T) {
	for raw, want := range map[string]string{
		"http://a.example":                          "http://a.example/",
		"HTTP://A.Example:80/X":                     "http://a.example/X",
		"https://a.example:443?q":                   "https://a.example/?q",
		"https://a.example:80/":                     "https://a.example:80/",
		"http://a.example:0080/":                    "http://a.example/",
		"http://a.example:":                         "http://a.example/",
		"  http://a.example/x  \n":                  "http://a.example/x",
		"http://a.exa\nmple/x\ty":                   "http://a.example/xy",
		"http:a.example/x":                          "http://a.example/x",
		`http:\\a.example\x\y?a\b`:                  `http://a.example/x/y?a\b`,
		"http:///a.example/x":                       "http://a.example/x",
		"http://a.example/50%":                      "http://a.example/50%",
		"http://a.example/?q=100%&x=%zz":            "http://a.example/?q=100%&x=%zz",
		"http://a.example/a/./b/../c":               "http://a.example/a/c",
		"http://a.example/a/%2E%2e/b/.%2e":          "http://a.example/",
		"http://a.example/../../x/..":               "http://a.example/",
		"http://a.example/a//b/":                    "http://a.example/a//b/",
		"http://a.example/.well-known/x":            "http://a.example/.well-known/x",
		"http://a.example/?a/../b":                  "http://a.example/?a/../b",
		"http://a.example#frag?x":                   "http://a.example/",
		"http://ann:p%40ss@a.example/":              "http://a.example/",
		"http://a@b@a.example/":                     "http://a.example/",
		"http://@a.example/":                        "http://a.example/",
		"http://bücher.example/ü":                   "http://xn--bcher-kva.example/ü",
		"http://BÜCHER.example":                     "http://xn--bcher-kva.example/",
		"http://straße.example":                     "http://xn--strae-oqa.example/",
		"http://b%C3%BCcher.example":                "http://xn--bcher-kva.example/",
		"http://a。example":                          "http://a.example/",
		"http://site.test./x":                       "http://site.test/x",
		"http://app_1.localhost":                    "http://app_1.localhost/",
		"http://r3---sn.example":                    "http://r3---sn.example/",
		"http://127.1":                              "http://127.0.0.1/",
		"http://127.0.1":                            "http://127.0.0.1/",
		"http://2130706433":                         "http://127.0.0.1/",
		"http://0x7f.1":                             "http://127.0.0.1/",
		"http://0x7f000001":                         "http://127.0.0.1/",
		"http://0177.0.0.01":                        "http://127.0.0.1/",
		"http://0/":                                 "http://0.0.0.0/",
		"http://127.0.0.1.":                         "http://127.0.0.1/",
		"http://１２７.0.0.1":                          "http://127.0.0.1/",
		"http://169.254.43518":                      "http://169.254.169.254/",
		"http://[::1]:8080/":                        "http://[::1]:8080/",
		"http://[0:0::0:1]":                         "http://[::1]/",
		"http://[fe80::1%25eth0]:81/x":              "http://[fe80::1%25eth0]:81/x",
		"http://[fe80::1%eth0]/":                    "http://[fe80::1%25eth0]/",
		"http://1.example":                          "http://1.example/",
		"http://1.2.3.example":                      "http://1.2.3.example/",
		"":                                          "",
		"a.example":                                 "",
		"//a.example":                               "",
		"ftp://a.example":                           "",
		"http://":                                   "",
		"http://?x":                                 "",
		"http://a b.example":                        "",
		"http://a%00.example":                       "",
		"http://a<b.example":                        "",
		"http://a.example:x":                        "",
		"http://a.example:0":                        "",
		"http://a.example:65536":                    "",
		"http://[::1":                               "",
		"http://::1/":                               "",
		"http://[::1]x":                             "",
		"http://[127.0.0.1]":                        "",
		"http://1.2.3.4.5":                          "",
		"http://256.1.1.1":                          "",
		"http://1.2.3.08":                           "",
		"http://a.1":                                "",
		"http://4294967296":                         "",
		"http://99999999999999999999999":            "",
		"http://" + strings.Repeat("a", 300) + ".x": "",
	} {
		u, err := Parse(raw)
		got := ""
		if err == nil {
			got = u.String()
		}
		if got != want {
			t.Errorf("%q: %q, %v, want %q", raw, got, err, want)
		}
	}
	u, err := Parse("http://ann:p%40ss%@a.example/")
	if err != nil || u.User != "ann" || u.Password != "p@ss%" || !u.Login {
		t.Errorf("%+v, %v", u, err)
	}
}

func TestResolve(t *testing.T) {
	base, err := Parse("http://ann@a.example:81/b/c?d")
	if err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[string]string{
		"":                       "http://a.example:81/b/c?d",
		"#x":                     "http://a.example:81/b/c?d",
		"?":                      "http://a.example:81/b/c?",
		"?x\\y":                  "http://a.example:81/b/c?x\\y",
		"x":                      "http://a.example:81/b/x",
		"./x/":                   "http://a.example:81/b/x/",
		"../x":                   "http://a.example:81/x",
		"..":                     "http://a.example:81/",
		"/search?user=CORP\\bob": "http://a.example:81/search?user=CORP\\bob",
		`\x\y?a\b`:               `http://a.example:81/x/y?a\b`,
		`dir\x`:                  "http://a.example:81/b/dir/x",
		"//other.example/x":      "http://other.example/x",
		`\\other.example\x`:      "http://other.example/x",
		"/\\other.example":       "http://other.example/",
		"https://o.example":      "https://o.example/",
		"http:x":                 "http://a.example:81/b/x",
		"http:/o.example":        "http://a.example:81/o.example",
		"https:o.example":        "https://o.example/",
		"x:y/z":                  "",
		"javascript:void(0)":     "",
		"mailto:a@b":             "",
		"data:text/plain,x":      "",
		"1:2":                    "http://a.example:81/b/1:2",
		"/a:b":                   "http://a.example:81/a:b",
		"//":                     "",
		"50%":                    "http://a.example:81/b/50%",
		" x ":                    "http://a.example:81/b/x",
		"\u00a0x":                "http://a.example:81/b/\u00a0x",
	} {
		u, err := base.Resolve(ref)
		got := ""
		if err == nil {
			got = u.String()
		}
		if got != want {
			t.Errorf("%q: %q, %v, want %q", ref, got, err, want)
		}
	}
}

// What net/url reads without complaint means the same here.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"http://a.example/x/../y?z#f", "https://u:p@[::1]:8443/a%20b", "http://h", "http://1.2.3.4/."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := Parse(raw)
		if err != nil {
			return
		}
		if again, err := Parse(u.String()); err != nil || again.String() != u.String() {
			t.Fatalf("%q: %q, then %q, %v", raw, u.String(), again.String(), err)
		}
		theirs, err := url.Parse(raw)
		if err != nil || theirs.Host == "" || strings.ContainsAny(raw, "\\%") || theirs.Path == "" || theirs.User != nil {
			return
		}
		if host := theirs.Hostname(); strings.Trim(host, "abcdefghijklmnopqrstuvwxyz") == "" && host != u.Host {
			t.Fatalf("%q: host %q, net/url %q", raw, u.Host, host)
		}
	})
}
