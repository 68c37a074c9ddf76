//go:build unix

package wire

import (
	"fmt"
	"net"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/fault"
)

// proxyMakes are proxies by others: of SOCKS with and without a log-in, and one for HTTP that TLS is spoken with.
func proxyMakes(at func(m make2) *made) map[string]string {
	split := func(p place) (host, port string) { host, port, _ = net.SplitHostPort(p.addr); return host, port }
	none := func(place) string { return "" }
	micro := func(more ...string) make2 {
		return make2{"microsocks", "microsocks", "microsocks", none, func(p place) []string {
			host, port := split(p)
			return append([]string{"-i", host, "-p", port}, more...)
		}, nil}
	}
	tiny := at(make2{"tinyproxy", "tinyproxy", "tinyproxy", func(p place) string {
		host, port := split(p)
		return fmt.Sprintf("Listen %s\nPort %s\nTimeout 60\nMaxClients 100\nLogLevel Error\nBasicAuth ann pw\nLogFile \"%s/log\"\n", host, port, p.dir)
	}, func(p place) []string { return []string{"-d", "-c", p.conf} }, nil})
	locked := at(make2{"haproxy", "haproxy", "haproxy", func(p place) string {
		return fmt.Sprintf("defaults\n\tmode tcp\n\ttimeout client 60s\n\ttimeout server 60s\n\ttimeout connect 5s\nfrontend f\n\tbind %s ssl crt %s/both.pem\n\tdefault_backend b\nbackend b\n\tserver s %s\n", p.addr, p.dir, tiny.at.addr)
	}, func(p place) []string { return []string{"-db", "-f", p.conf} }, nil})
	return map[string]string{
		"socks5://": at(micro()).at.addr, "socks5h://ann:pw@": at(micro("-u", "ann", "-P", "pw")).at.addr, "https://ann:pw@": locked.at.addr, "http://ann:pw@": tiny.at.addr,
	}
}

// Through proxies by others a site gives what curl gets there, and a wrong log-in is refused with a text that says so.
func TestProxyMakes(t *testing.T) {
	curl := installed(t, "curl", "curl")
	ca := newAuthority(t)
	plain, _ := site(t, false, parts())
	locked, cfg := site2(t, true, parts())
	proxies := proxyMakes(func(m make2) *made { return m.start(t, ca, "") })
	for kind, addr := range proxies {
		u := must(url.Parse(kind + addr))
		for _, base := range []string{plain.URL, locked} {
			e := newEngine(t, Config{Proxy: u, RootCAs: both(ca, cfg.RootCAs)})
			r := do(t, e.Client(0), Request{URL: base + "/size/100000"})
			want, err := exec.Command(curl, "-sS", "--fail", "--noproxy", "", "-k", "--proxy-insecure", "-x", u.String(), base+"/size/100000").Output()
			if err != nil || body(t, r) != string(want) || len(want) != 100_000 {
				t.Errorf("%s to %s: %d bytes and %v, curl %d bytes and %v", kind, base, r.BodySize, r.Proto, len(want), err)
			}
			if secure := strings.HasPrefix(base, "https"); secure != (r.Proto == "HTTP/2.0") {
				t.Errorf("%s to %s: %s", kind, base, r.Proto)
			}
			for i, r := range atOnce(t, e.Client(1), 40, func(i int) Request { return Request{URL: fmt.Sprint(base, "/size/", i*100)} }) {
				if body(t, r) != string(bytesOf(i*100)) {
					t.Errorf("%s to %s, the %dth at once: %+v", kind, base, i, r)
				}
				r.Release()
			}
			gone := freePort(t)
			scheme, _, _ := strings.Cut(base, "://")
			if err := e.Client(0).Do(t.Context(), &Request{URL: scheme + "://" + gone}, new(Response)); u.Scheme != "http" && u.Scheme != "https" && (fault.Of(err) != fault.Refused || !strings.Contains(err.Error(), "the proxy "+addr+" did not connect to "+gone)) {
				t.Errorf("%s to nobody: %v", kind, err)
			}
		}
		if u.User == nil {
			continue
		}
		u.User = url.UserPassword("ann", "wrong")
		e := newEngine(t, Config{Proxy: u, RootCAs: both(ca, cfg.RootCAs)})
		_, f := doFail(t, e.Client(0), Request{URL: locked}, fault.Refused)
		if !strings.Contains(f.Text, "the proxy "+addr) || !strings.Contains(f.Hint, "does not take the user and password") || strings.Contains(f.Error(), "wrong") {
			t.Errorf("%s: %v", kind, f)
		}
	}
}
