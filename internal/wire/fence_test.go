package wire

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stampede-load/stampede/internal/fault"
)

func TestFence(t *testing.T) {
	f, err := NewFence([]string{"www.example.org", "*.shop.example", "api.example.org:8443", "https://copied.example/", "192.0.2.0/24", "2001:db8::1"},
		map[string]string{"www.example.com": "https://staging.example.com:8443/x", "*.example.com": "http://other.example", "old.example": "https://www.example.org"})
	if err != nil {
		t.Fatal(err)
	}
	for raw, forbidden := range map[string]bool{
		"https://www.example.org/": true, "http://WWW.example.org.:81": true, "www.example.org": true, "example.org": false, "https://a.shop.example": true, "shop.example": false,
		"https://api.example.org": false, "https://api.example.org:8443/x": true, "http://copied.example": true, "http://192.0.2.77": true, "http://192.0.3.1": false,
		"http://[2001:db8::1]:80/": true, "2001:db8::1": true, "http://old.example/": true, "http://www.example.com": false, "": false, "*.shop.example": true,
	} {
		if err := f.Check(raw); (err != nil) != forbidden {
			t.Errorf("%q: %v", raw, err)
		}
	}
	for raw, want := range map[string]string{
		"https://www.example.com/shop/": "https://staging.example.com:8443/shop", "http://www.example.com": "https://staging.example.com:8443",
		"http://b.example.com:99/": "http://other.example", "http://elsewhere.example/a/": "http://elsewhere.example/a/", "": "",
	} {
		if got := f.Instead(raw); got != want {
			t.Errorf("%q: %s, want %s", raw, got, want)
		}
	}
	for _, bad := range []string{"", "a b", "*", "http://", "www.example.org:http", "www.example.org:0", "192.0.2.1:70000"} {
		if _, err := NewFence([]string{bad}, nil); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	for from, to := range map[string]string{"": "http://a", "a.example": "b.example", "b.example": "ftp://x"} {
		if _, err := NewFence(nil, map[string]string{from: to}); err == nil {
			t.Errorf("%q to %q is taken", from, to)
		}
	}
}

// What is never to be asked is not, whatever leads there: its name, a redirect, a name at its address, --resolve, a swap.
func TestNeverAsked(t *testing.T) {
	eachBackend(t, func(t *testing.T, io string) {
		s, _ := site(t, false, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/away" {
				t.Errorf("%s was asked", r.URL)
			}
			http.Redirect(w, r, "http://www.example.org/x", http.StatusFound)
		}))
		e := newEngine(t, Config{
			IO: io, Allow: []string{"127.0.0.1", "www.example.org", "*.trick.example", "198.51.100.9"}, Never: []string{"www.example.org", "198.51.100.0/24"},
			Resolve: map[string]string{"b.trick.example:80": "198.51.100.7"}, Swap: map[string]string{"c.trick.example": "http://www.example.org"},
		})
		e.names.ask = func(context.Context, string, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("198.51.100.1")}, nil
		}
		for _, url := range []string{
			"http://www.example.org/", "https://WWW.Example.org./", s.URL + "/away", "http://a.trick.example/", "http://b.trick.example/", "http://c.trick.example/", "http://198.51.100.9/",
		} {
			_, err := doFail(t, e.Client(0), Request{URL: url}, fault.Guard)
			if !strings.Contains(err.Text, "never to be asked") || !strings.Contains(err.Text, "nothing was sent") {
				t.Errorf("%s: %v", url, err)
			}
		}
		for _, host := range []string{"www.example.org", "WWW.example.org.:80", "198.51.100.9", "http://www.example.org"} { // what a server in front would hand on
			_, err := doFail(t, e.Client(0), Request{URL: s.URL + "/named", Header: []Field{{Name: "hOst", Value: host}}}, fault.Guard)
			if !strings.Contains(err.Text, "never to be asked") {
				t.Errorf("Host: %s: %v", host, err)
			}
		}
	})
}

// A host that another one stands for is not asked, by base, absolute URL or redirect.
func TestSwap(t *testing.T) {
	eachBackend(t, func(t *testing.T, io string) {
		var asked atomic.Int32
		s, _ := site(t, false, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			if strings.Contains(r.Host, "example") {
				t.Errorf("the host is %s", r.Host)
			}
			if r.URL.Path == "/away" {
				http.Redirect(w, r, "https://www.example.org/end?x=1", http.StatusFound)
			}
		}))
		e := newEngine(t, Config{IO: io, Allow: []string{"127.0.0.1"}, Swap: map[string]string{"www.example.org": s.URL + "/ignored"}})
		base := target(t, e, "https://www.example.org/shop")
		if got := do(t, e.Client(0), Request{Base: base, URL: "/a"}); got.Status != 200 {
			t.Error(got.Status)
		}
		do(t, e.Client(0), Request{URL: "https://www.example.org:8443/b"})
		do(t, e.Client(0), Request{Base: base, URL: "https://www.example.org/away"})
		if n := asked.Load(); n != 4 {
			t.Errorf("it was asked %d times", n)
		}
	})
}

// An address is one, however a rule or a request spells it, and whatever carries it.
func TestFenceAddresses(t *testing.T) {
	for _, c := range []struct{ rule, asked, passes string }{
		{
			"203.0.113.0/24", "http://203.0.113.5 http://0xcb.0.113.5 http://3405803781 http://0313.0.0161.05 http://203.0.28933 http://203.0.113.5. http://[::ffff:203.0.113.5] http://[::ffff:cb00:7105] " +
				"http://[64:ff9b::203.0.113.5] http://[64:ff9b:1::cb00:7105] http://[2002:cb00:7105::1] http://[::203.0.113.5] http://[::ffff:0:203.0.113.5] 203.0.113.5:81 ::ffff:203.0.113.5",
			"http://203.0.112.5 http://[64:ff9b::203.0.112.5] http://203.0.113.5.example.org",
		},
		{"::ffff:203.0.113.0/120", "http://203.0.113.5 http://[::ffff:203.0.113.5]", "http://203.0.114.1"},
		{"::ffff:203.0.113.5", "http://203.0.113.5", "http://203.0.113.6"},
		{"0xcb007105", "http://203.0.113.5 http://203.0.113.5:8080", "http://203.0.113.6"},
		{"http://203.0.113.5/", "http://203.0.113.5 https://203.0.113.5:8443", "http://203.0.113.6"},
		{"203.0.113.5:8443", "https://203.0.113.5:8443 https://[::ffff:203.0.113.5]:8443 https://0xcb007105:08443", "https://203.0.113.5 http://203.0.113.5:84"},
		{"[2001:db8::1]:80", "http://[2001:db8::1] http://[2001:DB8:0::1]:80", "http://[2001:db8::1]:81 https://[2001:db8::1]"},
		{"127.0.0.1", "http://127.1 http://0.0.0.0 http://0 http://[::] http://[::ffff:127.0.0.1] http://[::ffff:0.0.0.0]", "http://127.0.0.2 http://[::1]"},
		{"::1", "http://[::1] http://[::] http://0.0.0.0 http://[0:0:0::1]", "http://127.0.0.1"},
		{"www.example.org:0443", "https://www.example.org https://www.example.org:443 http://www.example.org:443", "http://www.example.org"},
		{"bücher.example", "http://bücher.example http://BÜCHER.example. http://b%C3%BCcher.example http://xn--bcher-kva.example http://bücher。example", "http://bucher.example"},
		{"WWW.Example.ORG.", "http://www.example.org http://ｗｗｗ.example.org http://w%77w.example.org http://user@www.example.org http://x:y@www.example.org:81/ http:\\\\www.example.org", "http://www.example.org.evil.example"},
	} {
		f, err := NewFence([]string{c.rule}, nil)
		if err != nil {
			t.Errorf("%s: %v", c.rule, err)
			continue
		}
		for raw := range strings.FieldsSeq(c.asked) {
			if err := f.Check(raw); err == nil || !strings.Contains(err.Error(), "never to be asked") {
				t.Errorf("never %s: %s: %v", c.rule, raw, err)
			}
		}
		for raw := range strings.FieldsSeq(c.passes) {
			if err := f.Check(raw); err != nil {
				t.Errorf("never %s: %s: %v", c.rule, raw, err)
			}
		}
	}
}

// A request's own Host field is what a server in front of several sites goes by. One that nobody can read is not sent where something is never to be asked.
func TestNeverNamed(t *testing.T) {
	f, err := NewFence([]string{"www.example.org:443", "*.shop.example", "203.0.113.0/24"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	secure, plain := &origin{secure: true, host: "127.0.0.1", port: "8443"}, &origin{host: "127.0.0.1", port: "80"}
	for value, forbidden := range map[string][2]bool{ // with TLS, and without
		"www.example.org": {true, false}, "www.example.org:443": {true, true}, " WWW.example.org.\t": {true, false}, "www.example.org:80": {false, false}, "a.shop.example": {true, true},
		"a.shop.example:": {true, true}, "203.0.113.9": {true, true}, "www.example.org/": {true, true}, "user@www.example.org": {true, true}, "a b": {true, true}, "www.example.org:x": {true, true},
		"www.example.org, other.example": {true, true}, "": {false, false}, "other.example": {false, false}, "[::1]:8080": {false, false},
	} {
		for i, at := range []*origin{secure, plain} {
			if err := f.named([]Field{{Name: "host", Value: value}}, at); (err != nil) != forbidden[i] {
				t.Errorf("%q to %+v: %v", value, at, err)
			}
		}
	}
	if err := new(Fence).named([]Field{{Name: "Host", Value: "a b"}}, plain); err != nil {
		t.Errorf("without a rule: %v", err)
	}
}
