package wire

import (
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestConfigErrors(t *testing.T) {
	for want, cfg := range map[string]Config{
		`I/O "uring": this platform has net`:       {IO: "uring"},
		`HTTP version "4": choose`:                 {HTTP: "4"},
		"connect timeout -1s":                      {ConnectTimeout: -time.Second},
		"first byte timeout -1s":                   {FirstByteTimeout: -time.Second},
		"timeout -1ns":                             {Timeout: -1},
		"DNS time to live":                         {DNSTTL: -1},
		"user agent":                               {UserAgent: "a\nb"},
		"proxy ftp://proxy.example":                {Proxy: &url.URL{Scheme: "ftp", Host: "proxy.example"}},
		"proxy socks4://ann:xxxxx@proxy.example":   {Proxy: &url.URL{Scheme: "socks4", Host: "proxy.example", User: url.UserPassword("ann", "s3cret")}},
		"proxy https://proxy.example:0":            {Proxy: &url.URL{Scheme: "https", Host: "proxy.example:0"}},
		"a proxy and a Unix socket":                {Proxy: &url.URL{Scheme: "http", Host: "p:1"}, UnixSocket: "/s"},
		`allowed host "http://x"`:                  {Allow: []string{"http://x"}},
		`resolve "shop.example": write`:            {Resolve: map[string]string{"shop.example": "127.0.0.1"}},
		`resolve "shop.example:80" to "elsewhere"`: {Resolve: map[string]string{"shop.example:80": "elsewhere"}},
	} {
		e, err := New(cfg)
		if err == nil {
			e.Close()
			t.Errorf("taken; want %q", want)
			continue
		}
		if !strings.HasPrefix(err.Error(), "wire: ") || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestBackends(t *testing.T) {
	leaks(t)
	all := Backends()
	if all[0] != "net" || runtime.GOOS == "linux" && strings.Join(all, " ") != "net raw epoll" {
		t.Errorf("%v", all)
	}
	for _, io := range []string{"", "auto"} {
		if e := newEngine(t, Config{IO: io}); e.Backend() != all[len(all)-1] {
			t.Errorf("%q is %s", io, e.Backend())
		}
	}
}

func TestEngineClock(t *testing.T) {
	start := time.Now().Add(-time.Hour)
	e := newEngine(t, Config{Start: start, SourceIPs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}})
	if now := time.Duration(e.Now()); now < time.Hour || now > 2*time.Hour {
		t.Errorf("the clock says %v", now)
	}
	if err := e.Close(); err != nil || e.Close() != nil {
		t.Error("closing twice fails")
	}
}
