package cli

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// neverRules are those of the folder of these tests.
const neverRules = `host: https://www.example.org
hosts:
  elsewhere: https://www.never.example
  both: {a.example: https://b.example, www.example.org: https://x.shop.never.example}
  never: [www.never.example, "*.shop.never.example", "bücher.example", 203.0.113.0/24, 2001:db8::/32, "api.never.example:8443", 127.0.0.9, "0x7f00000a", "198.51.100.7:80", "198.51.100.8:8080"]
`

// spelled are hosts that are never to be asked there, in the ways in which people, sites and those who try write them.
var spelled = []string{
	"http://www.never.example", "https://www.never.example", "http://www.never.example:81", "http://WWW.NEVER.EXAMPLE", "http://Www.Never.Example.", "http://www.never.example/path/below",
	"http://ｗｗｗ.never.example", "http://www。never。example", "HTTP://www.never.example", "http://www.never.example:0080",
	"http://x.shop.never.example", "https://a.b.shop.never.example:8443", "http://X.SHOP.never.example.",
	"http://bücher.example", "http://BÜCHER.example", "http://xn--bcher-kva.example", "http://b%C3%BCcher.example", "http://bu\u0308cher.example",
	"http://203.0.113.5", "http://203.0.113.5:8080", "http://0xcb007105", "http://3405803781", "http://0313.0.0161.05", "http://203.0.28933", "http://203.0.113.5.",
	"http://[::ffff:203.0.113.5]", "http://[::ffff:cb00:7105]", "http://[64:ff9b::203.0.113.5]", "http://[2002:cb00:7105::1]", "http://[::203.0.113.5]",
	"http://[2001:db8::1]", "http://[2001:DB8:0:0::1]:8080", "https://api.never.example:8443", "https://API.never.example.:08443",
	"http://127.0.0.9", "http://127.9", "http://0x7f.9", "http://2130706441", "http://[::ffff:127.0.0.9]", "http://127.0.0.10", "http://198.51.100.7", "http://198.51.100.8:8080",
}

// What is never to be asked is refused with its reason before anything is sent: however it is spelled, by whatever command and flag.
func TestNeverByAnyWay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"stampede.yaml": neverRules, "other.yaml": "users: 1\n", "urls.txt": "http://www.never.example/x\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	site := newSite()
	defer site.Close()
	trap, asked := trapped(t)
	run := func(program string, args ...string) (int, string) {
		t.Helper()
		return says(t, dir, program, args...)
	}
	n := 0
	refused := func(program string, args ...string) {
		t.Helper()
		n++
		if status, said := run(program, args...); status != statusUsage || !strings.Contains(said, "never to be asked (the rule: never ") {
			t.Errorf("%s %q ends with %d: %s", program, args, status, said)
		}
	}
	few := []string{"-u", "1", "--iterations", "1", "--plain", "--no-record", "--allow-invalid"}
	for _, host := range spelled {
		refused("fans", append([]string{"run", "-H", host}, few...)...)
	}
	for _, host := range []string{"http://www.never.example", "http://0x7f.9" + trap, "http://[::ffff:203.0.113.5]", "http://bücher.example"} {
		refused("fans", "check", "-H", host)
		refused("fans", append([]string{"run", "-H", site.URL, "--allow-host", strings.TrimPrefix(host, "http://")}, few...)...)
		refused("fans", append([]string{"run", "-H", site.URL, "--proxy", host}, few...)...)
		refused("fans", "limit", "p95 < 1s", "--from", "1", "--to", "2", "-H", host)
		refused("fans", append([]string{"run", "--repeat", "2", "-H", host}, few...)...)
		refused("fans", append([]string{"run", "--workers", "2", "-H", host}, few...)...)
		refused("fans", append([]string{"run", "--config", "other.yaml", "-H", host}, few...)...)
		refused("fans", "schedule", "add", "nightly", "--cron", "@daily", "--ledger", "ledger.db", "--", "-H", host)
		refused("stampede", append([]string{"hit", host + "/x"}, few...)...)
		refused("stampede", "limit", "p95 < 1s", host+"/x", "--from", "1", "--to", "2")
	}
	for _, to := range []string{"127.0.0.9", "203.0.113.7", "[2001:db8::7]", "127.0.0.1,127.0.0.9", "[::ffff:127.0.0.9]", "198.51.100.7"} { // names that say nothing of it
		refused("fans", append([]string{"run", "-H", "http://harmless.example", "--resolve", "harmless.example:80:" + to}, few...)...)
	}
	refused("fans", append([]string{"run", "--target", "both"}, few...)...)
	refused("fans", append([]string{"run", "--target", "elsewhere"}, few...)...)
	refused("fans", append([]string{"run", "-H", site.URL, "--hosts", "never=127.0.0.1"}, few...)...)
	refused("stampede", append([]string{"hit", site.URL, "http://www.never.example/x"}, few...)...)
	if n < 60 {
		t.Errorf("only %d ways were tried", n)
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("what is never to be asked was asked %d times", n)
	}
}

// trapped listens where nobody may ask. port is ":PORT", and empty where a machine has one loopback address.
func trapped(t *testing.T) (port string, asked *atomic.Int32) {
	asked = &atomic.Int32{}
	l, err := net.Listen("tcp", "127.0.0.9:0")
	if err != nil {
		return "", asked
	}
	t.Cleanup(func() { ignore(l.Close()) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			asked.Add(1)
			ignore(c.Close())
		}
	}()
	_, number, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return ":" + number, asked
}

// says runs a program of the tests in a folder.
func says(t *testing.T, dir, program string, args ...string) (status int, said string) {
	t.Helper()
	var out bytes.Buffer
	status = Main(t.Context(), programs()[program], System{
		Args: append([]string{program}, args...), Dir: dir, Environ: []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH")}, In: strings.NewReader(""), Out: &out, Err: &out,
	})
	return status, out.String()
}
