//go:build unix

package wire

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// make is a server of HTTP/2 by others. All of them stand before the same site (parts) as proxies.
type make2 struct {
	name    string
	program string
	debian  string                      // the package
	config  func(at place) string       // its configuration
	args    func(at place) []string     // how it is started
	reload  func(t *testing.T, m *made) // a graceful restart; nil where there is none
}

// place is where a server is to listen, what to proxy, and its files.
type place struct{ dir, addr, site, conf string }

// made is a server that runs.
type made struct {
	make2
	at   place
	cmd  *exec.Cmd
	said *strings.Builder
}

func hup(sig syscall.Signal) func(*testing.T, *made) {
	return func(t *testing.T, m *made) {
		if err := m.cmd.Process.Signal(sig); err != nil {
			t.Error(err)
		}
	}
}

func makes() []make2 {
	return []make2{
		{"nginx", "nginx", "nginx-light", func(at place) string {
			return fmt.Sprintf(`daemon off; pid %[1]s/pid; error_log %[1]s/error.log; worker_processes 1; user root;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 300; client_max_body_size 0;
client_body_temp_path %[1]s/t; proxy_temp_path %[1]s/t; fastcgi_temp_path %[1]s/t; uwsgi_temp_path %[1]s/t; scgi_temp_path %[1]s/t;
upstream site { server %[3]s; keepalive 64; }
server { listen %[2]s ssl http2; ssl_certificate %[1]s/cert.pem; ssl_certificate_key %[1]s/key.pem;
location / { proxy_pass http://site; proxy_http_version 1.1; proxy_set_header Connection ""; } } }`, at.dir, at.addr, at.site)
		}, func(at place) []string { return []string{"-p", at.dir, "-e", at.dir + "/error.log", "-c", at.conf} }, hup(syscall.SIGHUP)},
		{"haproxy", "haproxy", "haproxy", func(at place) string {
			return fmt.Sprintf(`global
	maxconn 2000
defaults
	mode http
	timeout client 20s
	timeout server 20s
	timeout connect 5s
frontend f
	bind %[2]s ssl crt %[1]s/both.pem alpn h2,http/1.1
	default_backend b
backend b
	server s %[3]s
`, at.dir, at.addr, at.site)
		}, func(at place) []string { return []string{"-W", "-q", "-f", at.conf} }, hup(syscall.SIGUSR2)},
		{"caddy", "caddy", "caddy", func(at place) string {
			return fmt.Sprintf(`{"admin":{"listen":"unix/%[1]s/admin.sock"},"apps":{"tls":{"certificates":{"load_files":[{"certificate":"%[1]s/cert.pem","key":"%[1]s/key.pem"}]}},
"http":{"servers":{"s":{"listen":["%[2]s"],"automatic_https":{"disable":true},"tls_connection_policies":[{}],
"routes":[{"handle":[{"handler":"reverse_proxy","upstreams":[{"dial":"%[3]s"}]}]}]}}}}}`, at.dir, at.addr, at.site)
		}, func(at place) []string { return []string{"run", "--config", at.conf} }, func(t *testing.T, m *made) {
			// Forced, as the configuration is the same as before.
			if out, err := exec.Command(m.cmd.Path, "reload", "--force", "--config", m.at.conf, "--address", "unix/"+m.at.dir+"/admin.sock").CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		}},
		{"h2o", "h2o", "h2o", func(at place) string {
			_, port, _ := net.SplitHostPort(at.addr)
			return fmt.Sprintf(`user: root
listen: {host: 127.0.0.1, port: %[4]s, ssl: {certificate-file: %[1]s/cert.pem, key-file: %[1]s/key.pem}}
hosts: {"default": {paths: {"/": {proxy.reverse.url: "http://%[3]s"}}}}
error-log: %[1]s/error.log
pid-file: %[1]s/pid
`, at.dir, at.addr, at.site, port)
		}, func(at place) []string { return []string{"-m", "master", "-c", at.conf} }, hup(syscall.SIGHUP)},
		{"apache", "apache2", "apache2", func(at place) string {
			const modules = "/usr/lib/apache2/modules"
			var load strings.Builder
			for _, m := range []string{"mpm_event", "ssl", "http2", "proxy", "proxy_http", "authz_core", "socache_shmcb"} {
				fmt.Fprintf(&load, "LoadModule %s_module %s/mod_%s.so\n", m, modules, m)
			}
			return fmt.Sprintf(`%[4]sServerRoot %[1]s
ServerName localhost
PidFile %[1]s/pid
ErrorLog %[1]s/error.log
Listen %[2]s
Mutex pthread
MaxRequestWorkers 150
Protocols h2 http/1.1
SSLEngine on
SSLCertificateFile %[1]s/cert.pem
SSLCertificateKeyFile %[1]s/key.pem
ProxyPass / http://%[3]s/
`, at.dir, at.addr, at.site, load.String())
		}, func(at place) []string { return []string{"-DFOREGROUND", "-f", at.conf} }, hup(syscall.SIGUSR1)},
		{"nghttpx", "nghttpx", "nghttp2-proxy", func(place) string { return "" }, func(at place) []string {
			return []string{
				"--conf=/dev/null", "--frontend=" + strings.Replace(at.addr, ":", ",", 1), "--backend=" + strings.Replace(at.site, ":", ",", 1), "--workers=1",
				"--errorlog-file=" + at.dir + "/error.log", "--accesslog-file=/dev/null", at.dir + "/key.pem", at.dir + "/cert.pem",
			}
		}, hup(syscall.SIGHUP)},
	}
}

// installed finds a program, or says what to install.
func installed(t *testing.T, program, debian string) string {
	t.Helper()
	for _, path := range []string{"/usr/sbin/" + program, program} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	what := program + " is not installed: apt-get install " + debian
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
	return ""
}

// certificateFiles writes a certificate for 127.0.0.1 into a folder, as one file or two.
func certificateFiles(t *testing.T, ca *authority, dir string) {
	t.Helper()
	cert := ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour))
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	c := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})
	k := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	for name, b := range map[string][]byte{"cert.pem": c, "key.pem": k, "both.pem": append(append([]byte{}, c...), k...)} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// start runs a server before a site.
func (m make2) start(t *testing.T, ca *authority, site string) *made {
	t.Helper()
	program := installed(t, m.program, m.debian)
	dir := t.TempDir()
	os.Chmod(dir, 0o755)
	certificateFiles(t, ca, dir)
	at := place{dir, freePort(t), site, filepath.Join(dir, "conf")}
	if err := os.WriteFile(at.conf, []byte(m.config(at)), 0o644); err != nil {
		t.Fatal(err)
	}
	run := &made{make2: m, at: at, said: new(strings.Builder)}
	run.cmd = exec.Command(program, m.args(at)...)
	run.cmd.Stderr, run.cmd.Dir = run.said, dir
	run.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // some of them have children
	run.cmd.WaitDelay = 5 * time.Second
	if err := run.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- run.cmd.Wait() }()
	t.Cleanup(func() {
		syscall.Kill(-run.cmd.Process.Pid, syscall.SIGKILL)
		<-ended
	})
	if !eventually(func() bool {
		c, err := net.Dial("tcp", at.addr)
		if err == nil {
			c.Close()
		}
		return err == nil
	}) {
		t.Fatalf("%s does not start: %s", m.name, run.said.String())
	}
	return run
}

// Servers by others: the protocol is negotiated, ten thousand requests are answered over few connections, large bodies go both ways, more
// requests at once than a connection takes wait, and a graceful reload under load makes nobody fail.
func TestMakes(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds for each server")
	}
	ca := newAuthority(t)
	site, _ := site(t, false, parts())
	for _, m := range makes() {
		t.Run(m.name, func(t *testing.T) {
			run := m.start(t, ca, strings.TrimPrefix(site.URL, "http://"))
			e := newEngine(t, Config{RootCAs: ca.pool})
			base := target(t, e, "https://"+run.at.addr)
			c := e.Client(0)
			if r := do(t, c, Request{Base: base, URL: "/size/10"}); r.Proto != "HTTP/2.0" || body(t, r) != string(bytesOf(10)) {
				t.Fatalf("%+v: %s", r, run.said)
			}
			if r := do(t, c, Request{Base: base, URL: "/size/5000000"}); body(t, r) != string(bytesOf(5_000_000)) {
				t.Errorf("%+v", r)
			}
			up := bytesOf(3_000_000)
			if r := do(t, c, Request{Method: "POST", Base: base, URL: "/sum", Body: up}); !strings.Contains(body(t, r), fmt.Sprintf("%x", sha256.Sum256(up))) {
				t.Errorf("%+v: %s", r, body(t, r))
			}
			before := e.Counters()
			for _, r := range atOnce(t, c, 300, func(i int) Request { return Request{Base: base, URL: fmt.Sprint("/size/", i)} }) {
				if r.Status != 200 {
					t.Errorf("%+v", r)
				}
				r.Release()
			}
			// That some of them wait for a place is not asked for: a quick server may have answered the first before the last is sent. TestStreamLimit
			// has a server that holds its answers back.
			if n := e.Counters(); n.Dials-before.Dials > 3 {
				t.Errorf("300 requests at once: %+v", n)
			}
			requests, reloading := 500, 200
			if racing { // without it all of them are made too
				requests, reloading = 50, 100
			}
			run.load(t, e, base, requests, nil)
			if m.reload != nil {
				run.load(t, e, base, reloading, m.reload)
			}
		})
	}
}

// load has twenty clients make so many requests each, with a reload in between, and wants every one answered.
func (m *made) load(t *testing.T, e *Engine, base *Target, requests int, reload func(*testing.T, *made)) {
	t.Helper()
	const clients = 20
	begun := e.Counters()
	var sent, retried atomic.Int64
	var all sync.WaitGroup
	for i := range clients {
		c := e.Client(100 + i)
		all.Go(func() {
			defer c.Close()
			var r Response
			for range requests {
				if err := c.Do(t.Context(), &Request{Base: base, URL: "/size/100"}, &r); err != nil || r.Status != 200 || r.Proto != "HTTP/2.0" {
					t.Errorf("after %d requests: %v, %+v", sent.Load(), err, r.Status)
					return
				}
				if sent.Add(1) == clients*int64(requests)/3 && reload != nil {
					reload(t, m)
				}
				if r.Retried {
					retried.Add(1)
				}
				r.Release()
			}
		})
	}
	all.Wait()
	n := e.Counters()
	t.Logf("%s: %d requests over %d connections, %d sent again", m.name, sent.Load(), n.Dials-begun.Dials, retried.Load())
}
