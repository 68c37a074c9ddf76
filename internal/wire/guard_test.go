package wire

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/fault"
)

func TestAllow(t *testing.T) {
	g, err := parseAllow([]string{"Example.org", "api.example.com:8443", "*.stage.example.net", "*.cdn.example.net:443", "::1", "[2001:DB8::1]:80", "bücher.example", "10.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	for where, want := range map[string]bool{
		"example.org 80": true, "example.org 4430": true, "www.example.org 80": false, "notexample.org 80": false, "example.org.evil.net 80": false,
		"api.example.com 8443": true, "api.example.com 443": false,
		"a.stage.example.net 80": true, "a.b.stage.example.net 80": true, "stage.example.net 80": false, "xstage.example.net 80": false, ".stage.example.net 80": false,
		"x.cdn.example.net 443": true, "x.cdn.example.net 80": false,
		"::1 80": true, "2001:db8::1 80": true, "2001:db8::1 81": false, "xn--bcher-kva.example 80": true, "10.0.0.1 9": true, "10.0.0.10 9": false,
	} {
		host, port, _ := strings.Cut(where, " ")
		if got := g.allows(host, port); got != want {
			t.Errorf("%s: %v", where, got)
		}
	}
	for _, bad := range []string{"", "http://example.org", "example.org/path", "user@example.org", "*", "*.", "a.*.org", "*example.org", "exa mple.org", ":80"} {
		if _, err := parseAllow([]string{bad}); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestForbiddenAddresses(t *testing.T) {
	for addr, want := range map[string]bool{
		"169.254.169.254": true, "169.254.0.1": true, "::ffff:169.254.169.254": true, "64:ff9b::a9fe:a9fe": true, "fe80::1": true, "fe80::1%eth0": true,
		"fd00:ec2::254": true, "100.100.100.200": true, "168.63.129.16": true, "192.0.0.192": true, "192.0.0.193": false, "100.100.100.201": false, "10.0.0.1": false, "127.0.0.1": false, "fd00:ec2::23": true, "fd20:ce::254": true, "fd20:ce::253": false, "fd00:c1::a9fe:a9fe": true, "fd00:42::42": true, "2002:a9fe:a9fe::1": true, "2002:7f00:1::": false,
		"64:ff9b:1::a9fe:a9fe": true, "::169.254.169.254": true, "::ffff:0:169.254.169.254": true, "fd12:3456::1": false, "::1": false, "::": false, "2001:db8::a9fe:a9fe": false, "64:ff9b::808:808": false,
	} {
		if got := forbiddenAddr(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
}

// Whatever leads elsewhere is refused before a byte is sent, and the error names the host.
func TestGuard(t *testing.T) {
	eachBackend(t, func(t *testing.T, io string) {
		evil, _ := site(t, false, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the other host was asked") }))
		elsewhere := strings.Replace(evil.URL, "127.0.0.1", "localhost", 1)
		s, _ := site(t, false, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere+"/x", http.StatusFound)
		}))
		e := newEngine(t, Config{IO: io, Allow: []string{strings.TrimPrefix(s.URL, "http://"), "*.trick.example", "169.254.7.7"}})
		e.names.ask = func(context.Context, string, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("169.254.169.254")}, nil
		}
		base, c := target(t, e, s.URL), e.Client(0)
		host := strings.TrimPrefix(elsewhere, "http://")
		for _, url := range []string{"/go", elsewhere, "//" + host + "/x", evil.URL, "http://127.0.0.1.nip.example/", "https://127.0.0.1:1/"} {
			_, f := doFail(t, c, Request{Base: base, URL: url}, fault.Guard)
			named := host
			if !strings.Contains(url, "localhost") && url != "/go" {
				named = strings.Trim(strings.TrimPrefix(strings.TrimPrefix(url, "http://"), "https://"), "/")
			}
			if !strings.HasPrefix(f.Text, named+" is not one of the run's hosts") || !strings.Contains(f.Hint, "--allow-host "+named) {
				t.Errorf("%s: %q; %q", url, f.Text, f.Hint)
			}
		}
		if _, f := doFail(t, c, Request{URL: "http://meta.trick.example/latest"}, fault.Guard); !strings.Contains(f.Text, "meta.trick.example resolves to 169.254.169.254") {
			t.Errorf("%v", f)
		}
		if n := e.Counters(); n.Open > 1 {
			t.Errorf("connections were opened: %+v", n)
		}
		e.cfg.Resolve = nil
		// Who writes the address itself means it.
		if _, err := e.newOrigin(false, "169.254.7.7"); err != nil || !e.guard.allows("169.254.7.7", "80") {
			t.Error("an address that is allowed by itself is refused")
		}
	})
}
