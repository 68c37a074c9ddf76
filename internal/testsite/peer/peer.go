// Package peer starts servers that are not written in Go, as Debian has them, for tests of how stampede speaks with them.
package peer

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/testsite"
)

// Python is Debian's, whose packages apt-get installs.
const Python = "/usr/bin/python3"

// Need looks for a program by running it with arguments that must succeed. Continuous integration must have it; elsewhere the test is skipped
// and says how to get it.
func Need(t testing.TB, packages, program string, args ...string) {
	t.Helper()
	if exec.Command(program, args...).Run() == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: apt-get install %s", program, packages)
	}
	t.Skipf("%s is missing: apt-get install %s", program, packages)
}

// Start runs a server until the end of the test, and waits until it has written a line that is word; "" does not wait.
func Start(t testing.TB, word, program string, args ...string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.WaitDelay = 5 * time.Second
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	if word == "" {
		return
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); strings.TrimSpace(line) != word {
		cmd.Process.Kill()
		cmd.Wait()
		t.Fatalf("%s said %q, %v: %s", program, line, err, said.String())
	}
}

// Nginx starts nginx before a loopback port, as sites have it, with directives of the caller's in its location, and gives its URL. A first line
// of location that begins with "grpc_pass" takes the place of the usual proxy_pass.
func Nginx(t testing.TB, port int, location ...string) string {
	t.Helper()
	pass, listen := fmt.Sprintf("proxy_pass http://127.0.0.1:%d; proxy_http_version 1.1;", port), ""
	if len(location) > 0 && strings.HasPrefix(location[0], "grpc_pass") {
		pass, listen = "", " http2"
	}
	return "http://" + nginx(t, listen, "", pass+" "+strings.Join(location, " "))
}

// NginxTLS is Nginx that speaks TLS, and HTTP/2 to whoever takes it by ALPN. Nobody trusts its certificate.
func NginxTLS(t testing.TB, port int, location ...string) string {
	t.Helper()
	dir := t.TempDir()
	cert, key, err := testsite.CertificatePEM()
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, text := range map[string][]byte{certFile: cert, keyFile: key} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pass := fmt.Sprintf("proxy_pass http://127.0.0.1:%d; proxy_http_version 1.1; ", port)
	return "https://" + nginx(t, " ssl http2", fmt.Sprintf("ssl_certificate %s; ssl_certificate_key %s;", certFile, keyFile), pass+strings.Join(location, " "))
}

// nginx starts one server and gives its address.
func nginx(t testing.TB, listen, server, location string) string {
	t.Helper()
	Need(t, "nginx-light", "/usr/sbin/nginx", "-v")
	dir, own := t.TempDir(), FreePort(t)
	user := ""
	if os.Getuid() == 0 {
		user = "user root;"
	}
	conf := fmt.Sprintf(`master_process off; daemon off; error_log stderr; pid %[1]s/pid; %[2]s
events { worker_connections 256; }
http {
	access_log off;
	client_body_temp_path %[1]s/a; proxy_temp_path %[1]s/b; fastcgi_temp_path %[1]s/c; uwsgi_temp_path %[1]s/d; scgi_temp_path %[1]s/e;
	server {
		listen 127.0.0.1:%[3]d%[4]s;
		%[5]s
		location / { %[6]s }
	}
}
`, dir, user, own, listen, server, location)
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	Start(t, "", "/usr/sbin/nginx", "-c", path, "-p", dir)
	return awaited(t, "nginx", own)
}

// Nghttpx starts nghttpx before a loopback port, which speaks HTTP/2 without TLS in front and HTTP/1.1 behind, and gives its URL.
func Nghttpx(t testing.TB, port int) string {
	t.Helper()
	Need(t, "nghttp2-proxy", "nghttpx", "-v")
	own := FreePort(t)
	Start(t, "", "nghttpx", "--conf=/dev/null", "--single-process", fmt.Sprintf("--frontend=127.0.0.1,%d;no-tls", own), fmt.Sprintf("--backend=127.0.0.1,%d", port), "--errorlog-file=/dev/stderr", "--accesslog-file=/dev/null")
	return "http://" + awaited(t, "nghttpx", own)
}

// awaited waits until a server listens, and gives its address.
func awaited(t testing.TB, name string, port int) string {
	t.Helper()
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	for due := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if nc, err := net.Dial("tcp", addr); err == nil {
			nc.Close()
			return addr
		} else if time.Now().After(due) {
			t.Fatalf("%s does not listen: %v", name, err)
		}
	}
}
