package monitor_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/monitor/apache"
	"github.com/stampede-load/stampede/internal/monitor/haproxy"
	"github.com/stampede-load/stampede/internal/monitor/host"
	"github.com/stampede-load/stampede/internal/monitor/memcached"
	"github.com/stampede-load/stampede/internal/monitor/nginx"
	"github.com/stampede-load/stampede/internal/monitor/phpfpm"
	"github.com/stampede-load/stampede/internal/monitor/redis"
	"github.com/stampede-load/stampede/internal/monitor/servertest"
)

// read is one reading by name.
func read(t *testing.T, s monitor.Source) map[string]monitor.Value {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := s.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, v := range r.Values {
		if twice := seen[v.Name]; twice {
			t.Errorf("%s is there twice", v.Name)
		}
		if v.Help == "" && v.Unit == "" {
			t.Errorf("%s has no meaning", v.Name)
		}
		if monitor.CleanName(v.Name) != v.Name {
			t.Errorf("%q is no name for a threshold", v.Name)
		}
		seen[v.Name] = true
	}
	return byName(r)
}

func byName(r monitor.Reading) map[string]monitor.Value {
	out := map[string]monitor.Value{}
	for _, v := range r.Values {
		out[v.Name] = v
	}
	return out
}

// source is a source, or the end of the test.
func source(t *testing.T) func(monitor.Source, error) monitor.Source {
	return func(s monitor.Source, err error) monitor.Source {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
}

// grew checks that a counter grew by n between two readings, and by the readings' own part.
func grew(t *testing.T, before, after map[string]monitor.Value, name string, n, own float64) {
	t.Helper()
	b, a := before[name], after[name]
	if !a.Counter {
		t.Errorf("%s is no counter", name)
	}
	if d := a.Value - b.Value; d < n || d > n+own {
		t.Errorf("%s grew by %v, want %v, or up to %v more by the readings", name, d, n, own)
	}
}

// readGrown reads until a counter has grown by n: many servers count an answer after they have sent it.
func readGrown(t *testing.T, s monitor.Source, before map[string]monitor.Value, name string, n float64) map[string]monitor.Value {
	t.Helper()
	after := read(t, s)
	for end := time.Now().Add(time.Minute); after[name].Value < before[name].Value+n && time.Now().Before(end); after = read(t, s) {
		time.Sleep(20 * time.Millisecond)
	}
	return after
}

func get(t *testing.T, url string, n int) {
	t.Helper()
	for range n {
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}

func TestRedis(t *testing.T) {
	t.Parallel()
	program, port := servertest.Find(t, "redis-server"), servertest.Port(t)
	servertest.Start(t, servertest.Addr(port), program, "--port", fmt.Sprint(port), "--bind", "127.0.0.1", "--save", "", "--dir", servertest.Dir(t),
		"--maxmemory", "50mb", "--maxclients", "77", "--requirepass", "geheim")
	if _, err := source(t)(redis.New(servertest.Addr(port))).Read(t.Context()); err == nil || !strings.Contains(err.Error(), "NOAUTH") {
		t.Errorf("without the password: %v", err)
	}
	s := source(t)(redis.New(fmt.Sprintf("redis://:geheim@127.0.0.1:%d", port)))
	before := read(t, s)
	conn, err := net.Dial("tcp", servertest.Addr(port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "AUTH geheim\r\nSET a 1\r\n%s%s", strings.Repeat("GET a\r\n", 30), strings.Repeat("GET b\r\n", 12))
	for got := 0; got < 2*5+30*7+12*5; {
		n, err := conn.Read(make([]byte, 1024))
		if err != nil {
			t.Fatal(err)
		}
		got += n
	}
	after := read(t, s)
	grew(t, before, after, "commands", 44, 2)
	grew(t, before, after, "hits", 30, 0)
	grew(t, before, after, "misses", 12, 0)
	// Three: the one without a password, this source's and the one that asked.
	if c := after["clients"]; c.Value != 3 || c.Limit != 77 || !c.Ceiling {
		t.Errorf("clients %+v", c)
	}
	if m := after["memory"]; m.Limit != 50<<20 || m.Value < 1<<18 {
		t.Errorf("memory %+v", m)
	}
}

func TestMemcached(t *testing.T) {
	t.Parallel()
	program, port := servertest.Find(t, "memcached"), servertest.Port(t)
	servertest.Start(t, servertest.Addr(port), program, "-u", "nobody", "-l", "127.0.0.1", "-p", fmt.Sprint(port), "-c", "64", "-m", "16")
	s := source(t)(memcached.New(servertest.Addr(port)))
	before := read(t, s)
	conn, err := net.Dial("tcp", servertest.Addr(port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "set a 0 0 1\r\n1\r\n%s%squit\r\n", strings.Repeat("get a\r\n", 20), strings.Repeat("get b\r\n", 5))
	io.Copy(io.Discard, conn)
	after := read(t, s)
	grew(t, before, after, "gets", 25, 0)
	grew(t, before, after, "hits", 20, 0)
	grew(t, before, after, "misses", 5, 0)
	grew(t, before, after, "sets", 1, 0)
	if c := after["connections"]; c.Limit != 64 || c.Value < 1 {
		t.Errorf("connections %+v", c)
	}
}

func TestNginx(t *testing.T) {
	t.Parallel()
	program, port, dir := servertest.Find(t, "nginx"), servertest.Port(t), servertest.Dir(t)
	conf := servertest.Write(t, dir+"/nginx.conf", fmt.Sprintf(`
daemon off; pid %[2]s/pid; error_log stderr; worker_processes 1;
events { worker_connections 64; }
http { access_log off; client_body_temp_path %[2]s/b; proxy_temp_path %[2]s/p; fastcgi_temp_path %[2]s/f; uwsgi_temp_path %[2]s/u; scgi_temp_path %[2]s/s;
 server { listen 127.0.0.1:%[1]d; location /status { stub_status; } location / { return 200 "ok"; } } }`, port, dir))
	servertest.Start(t, servertest.Addr(port), program, "-p", dir, "-c", conf)
	base := "http://" + servertest.Addr(port)
	s := source(t)(nginx.New(base + "/status"))
	before := read(t, s)
	get(t, base+"/", 40)
	after := read(t, s)
	grew(t, before, after, "requests", 41, 0) // the second reading counts itself
	if after["connections"].Value < 1 || after["refused"].Value != 0 {
		t.Errorf("%+v", after)
	}
	if _, err := source(t)(nginx.New(base + "/")).Read(t.Context()); err == nil || !strings.Contains(err.Error(), "not that of stub_status") {
		t.Errorf("another page: %v", err)
	}
}

func TestApache(t *testing.T) {
	t.Parallel()
	program, port, dir := servertest.Find(t, "apache2"), servertest.Port(t), servertest.Dir(t)
	modules := "/usr/lib/apache2/modules/"
	conf := servertest.Write(t, dir+"/apache.conf", fmt.Sprintf(`
ServerRoot %[2]s
ServerName localhost
Listen 127.0.0.1:%[1]d
PidFile %[2]s/pid
ErrorLog /dev/stderr
User nobody
Group nogroup
LoadModule mpm_event_module %[3]smod_mpm_event.so
LoadModule authz_core_module %[3]smod_authz_core.so
LoadModule status_module %[3]smod_status.so
LoadModule dir_module %[3]smod_dir.so
StartServers 1
ThreadsPerChild 8
ServerLimit 3
MaxRequestWorkers 24
ExtendedStatus On
DocumentRoot %[2]s
<Location /server-status>
SetHandler server-status
</Location>
`, port, dir, modules))
	servertest.Write(t, dir+"/index.html", "ok")
	servertest.Start(t, servertest.Addr(port), program, "-X", "-f", conf)
	base := "http://" + servertest.Addr(port)
	s := source(t)(apache.New(base + "/server-status"))
	before := read(t, s)
	get(t, base+"/", 25)
	after := readGrown(t, s, before, "requests", 25)
	grew(t, before, after, "requests", 25, 50) // and those that ask for its figures
	if b := after["busy_workers"]; b.Limit < 8 || b.Value < 1 || !b.Follows || !b.Ceiling {
		t.Errorf("busy_workers %+v", b)
	}
	if _, err := source(t)(apache.New(base + "/index.html")).Read(t.Context()); err == nil || !strings.Contains(err.Error(), "server-status") {
		t.Errorf("another page: %v", err)
	}
	if _, err := source(t)(apache.New(base + "/none")).Read(t.Context()); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("no page: %v", err)
	}
}

func TestHAProxy(t *testing.T) {
	t.Parallel()
	program, port, stats, behind := servertest.Find(t, "haproxy"), servertest.Port(t), servertest.Port(t), servertest.Port(t)
	l, err := net.Listen("tcp", servertest.Addr(behind))
	if err != nil {
		t.Fatal(err)
	}
	site := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bad" {
			w.WriteHeader(500)
		}
	})}
	go site.Serve(l)
	t.Cleanup(func() { site.Close() })
	conf := servertest.Write(t, servertest.Dir(t)+"/haproxy.cfg", fmt.Sprintf(`
defaults
 mode http
 timeout connect 3s
 timeout client 10s
 timeout server 10s
frontend shop
 bind 127.0.0.1:%d
 maxconn 33
 default_backend app
backend app
 server one 127.0.0.1:%d maxconn 7
frontend stats
 bind 127.0.0.1:%d
 stats enable
 stats uri /stats
`, port, behind, stats))
	servertest.Start(t, servertest.Addr(stats), program, "-db", "-f", conf)
	s := source(t)(haproxy.New("http://" + servertest.Addr(stats) + "/stats"))
	before := read(t, s)
	get(t, "http://"+servertest.Addr(port)+"/", 30)
	get(t, "http://"+servertest.Addr(port)+"/bad", 4)
	after := readGrown(t, s, before, "app.backend.errors", 4)
	grew(t, before, after, "shop.frontend.requests", 34, 0)
	grew(t, before, after, "app.one.requests", 34, 0)
	grew(t, before, after, "app.backend.errors", 4, 0)
	if b := after["app.backend.sessions"]; b.Limit != 0 || b.Ceiling {
		t.Errorf("fullconn, which stops nothing, is a limit: %+v", b)
	}
	if after["shop.frontend.sessions"].Limit != 33 || after["app.one.sessions"].Limit != 7 {
		t.Errorf("limits %v and %v", after["shop.frontend.sessions"].Limit, after["app.one.sessions"].Limit)
	}
}

func TestPHPFPM(t *testing.T) {
	t.Parallel()
	program, web := servertest.Find(t, "php-fpm", "/usr/sbin/php-fpm*"), servertest.Find(t, "nginx")
	port, dir := servertest.Port(t), servertest.Dir(t)
	conf := servertest.Write(t, dir+"/fpm.conf", fmt.Sprintf(`
[global]
error_log = /dev/stderr
daemonize = no
[www]
user = nobody
group = nogroup
listen = %[1]s/fpm.sock
listen.mode = 0666
pm = static
pm.max_children = 3
pm.status_path = /fpm-status
`, dir))
	servertest.Write(t, dir+"/index.php", "<?php echo 'ok';")
	servertest.Start(t, dir+"/fpm.sock", program, "-F", "-y", conf, "-p", dir)
	nginxConf := servertest.Write(t, dir+"/nginx.conf", fmt.Sprintf(`
daemon off; pid %[2]s/pid; error_log stderr; worker_processes 1;
events { worker_connections 64; }
http { access_log off; client_body_temp_path %[2]s/b; proxy_temp_path %[2]s/p; fastcgi_temp_path %[2]s/f; uwsgi_temp_path %[2]s/u; scgi_temp_path %[2]s/s;
 server { listen 127.0.0.1:%[1]d; location / { fastcgi_pass unix:%[2]s/fpm.sock; include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME %[2]s/index.php; }
 location = /fpm-status { fastcgi_pass unix:%[2]s/fpm.sock; include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME /fpm-status; } } }`, port, dir))
	servertest.Start(t, servertest.Addr(port), web, "-p", dir, "-c", nginxConf)
	base := "http://" + servertest.Addr(port)
	s := source(t)(phpfpm.New(base + "/fpm-status"))
	before := read(t, s)
	for begun := time.Now(); before["active"].Limit != 3 && time.Since(begun) < time.Minute; before = read(t, s) { // it answers before it has begun all three
		time.Sleep(20 * time.Millisecond)
	}
	get(t, base+"/", 15)
	after := readGrown(t, s, before, "requests", 15)
	grew(t, before, after, "requests", 15, 50) // and those that ask for its figures
	if a := after["active"]; a.Limit != 3 || a.Value < 1 || !a.Ceiling {
		t.Errorf("active %+v", a)
	}
}

func TestThisMachine(t *testing.T) {
	t.Parallel()
	s := source(t)(host.New(""))
	before := read(t, s)
	end := time.Now().Add(300 * time.Millisecond)
	for time.Now().Before(end) { // the processor does something
		_ = fmt.Sprint(end)
	}
	after := read(t, s)
	if d := after["cpu"].Value - before["cpu"].Value; d < 0.05 {
		t.Errorf("a third of a second of work was %v s of processor time", d)
	}
	if m := after["memory"]; m.Limit < 1<<28 || m.Value <= 0 || m.Value >= m.Limit {
		t.Errorf("memory %+v", m)
	}
}

func TestNodeExporter(t *testing.T) {
	t.Parallel()
	program, port := servertest.Find(t, "prometheus-node-exporter"), servertest.Port(t)
	servertest.Start(t, servertest.Addr(port), program, "--web.listen-address="+servertest.Addr(port))
	there := source(t)(host.New("http://" + servertest.Addr(port) + "/metrics"))
	here := source(t)(host.New(""))
	early := read(t, here)["cpu"].Value
	a, b := read(t, there), read(t, here)
	for _, name := range []string{"cpu", "memory", "load1", "descriptors"} {
		x, known := a[name]
		y := b[name]
		if !known || x.Unit != y.Unit || x.Scale != y.Scale {
			t.Errorf("%s: the exporter says %+v, /proc %+v", name, x, y)
		}
	}
	if d := a["memory"].Limit - b["memory"].Limit; d != 0 {
		t.Errorf("memory: the exporter has %v, /proc %v", a["memory"].Limit, b["memory"].Limit)
	}
	if is := a["cpu"].Value; is < early-1 || is > b["cpu"].Value+1 {
		t.Errorf("processor seconds: the exporter has %v, /proc %v before and %v after", is, early, b["cpu"].Value)
	}
}

// mustRun runs a command to its end.
func mustRun(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// asRoot skips a test that must give up rights which it does not have.
func asRoot() bool { return os.Getuid() == 0 }
