package wire

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/testsite/peer"
)

// nginx finds Debian's nginx, a server by others. Continuous integration must have it; elsewhere the test says how to get it.
func nginx(t *testing.T) string {
	t.Helper()
	for _, path := range []string{"/usr/sbin/nginx", "nginx"} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	const what = "nginx is not installed: apt-get install nginx-light"
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
	return ""
}

// freePort is a port that nobody listened on a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("127.0.0.1:%d", peer.FreePort(t))
}

// startNginx serves files in clear, with TLS and with HTTP/2, and gives the addresses.
func startNginx(t *testing.T, ca *authority) (clear, secure string) {
	t.Helper()
	binary, dir := nginx(t), t.TempDir()
	clear, secure = freePort(t), freePort(t)
	cert := ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour))
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{
		"cert.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}),
		"key.pem":  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		"page.txt": []byte(strings.Repeat("a page\n", 1000)),
		"big.bin":  bytesOf(2_000_000),
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	os.Chmod(dir, 0o755)
	os.Chmod(filepath.Dir(dir), 0o755) // its workers are another user when it is started by root
	conf := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log; worker_processes 1;
events { worker_connections 512; }
http {
	access_log off; default_type text/plain; keepalive_timeout 1s; keepalive_requests 20;
	client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi; uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
	server {
		listen %[2]s; listen %[3]s ssl http2; root %[1]s;
		ssl_certificate %[1]s/cert.pem; ssl_certificate_key %[1]s/key.pem;
		location = /zip { gzip on; gzip_types text/plain; alias %[1]s/page.txt; }
		location = /cookie { add_header Set-Cookie "seen=1; Path=/; Max-Age=60"; return 204; }
		location = /tell { return 200 "$server_protocol $http_cookie"; }
		location = /moved { return 301 /tell; }
	}
}`, dir, clear, secure)
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-p", dir, "-e", filepath.Join(dir, "error.log"), "-c", path)
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	if !eventually(func() bool {
		c, err := net.Dial("tcp", secure)
		if err == nil {
			c.Close()
		}
		return err == nil
	}) {
		t.Fatalf("nginx does not start: %s", said.String())
	}
	return clear, secure
}

func TestNginx(t *testing.T) {
	ca := newAuthority(t)
	clear, secure := startNginx(t, ca)
	for _, tt := range []struct{ name, http, url, proto string }{
		{"clear", "auto", "http://" + clear, "HTTP/1.1"},
		{"TLS", "1.1", "https://" + secure, "HTTP/1.1"},
		{"HTTP2", "auto", "https://" + secure, "HTTP/2.0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			eachBackend(t, func(t *testing.T, io string) {
				e := newEngine(t, Config{IO: io, HTTP: tt.http, RootCAs: ca.pool})
				c := e.Client(0)
				// More requests than nginx serves on one connection: it closes, and nothing is lost.
				for i := range 50 {
					r := do(t, c, Request{URL: tt.url + "/page.txt"})
					if r.Status != 200 || r.Proto != tt.proto || r.BodySize != 7000 || body(t, r) != strings.Repeat("a page\n", 1000) {
						t.Fatalf("request %d: %+v", i, r)
					}
					r.Release()
				}
				if n := e.Counters(); n.Dials < 3 || n.Dials > 4 {
					t.Errorf("%+v", n)
				}
				if r := do(t, c, Request{URL: tt.url + "/big.bin"}); body(t, r) != string(bytesOf(2_000_000)) {
					t.Errorf("%+v", r)
				}
				r := do(t, c, Request{URL: tt.url + "/zip"})
				if r.Header("Content-Encoding") != "gzip" || r.BodySize > 1000 || len(body(t, r)) != 7000 {
					t.Errorf("%+v", r)
				}
				do(t, c, Request{URL: tt.url + "/cookie"})
				if r := do(t, c, Request{URL: tt.url + "/moved"}); body(t, r) != tt.proto+" seen=1" || r.Hops != 1 {
					t.Errorf("%s, %+v", body(t, r), r)
				}
				if r := do(t, c, Request{URL: tt.url + "/none"}); r.Status != 404 {
					t.Errorf("%+v", r)
				}
				if r := do(t, c, Request{Method: "POST", URL: tt.url + "/page.txt", Body: make([]byte, 3<<20)}); r.Status != 405 && r.Status != 413 {
					t.Errorf("%+v", r)
				}
			})
		})
	}
}
