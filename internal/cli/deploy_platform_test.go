package cli

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stampede-load/stampede/internal/deploy/deploytest"
	"github.com/stampede-load/stampede/internal/deploy/eb"
	"github.com/stampede-load/stampede/internal/testsite/peer"
)

// unpacked puts a bundle into a folder, as the platform does.
func unpacked(t *testing.T, bundle []byte) string {
	t.Helper()
	dir := t.TempDir()
	z, err := zip.NewReader(bytes.NewReader(bundle), int64(len(bundle)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		at := filepath.Join(dir, filepath.FromSlash(f.Name))
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(at), 0o755)
		}
		if err == nil {
			err = os.WriteFile(at, data, f.Mode())
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f.Name, ".sh") {
			if out, err := exec.Command("sh", "-n", at).CombinedOutput(); err != nil {
				t.Errorf("%s: %s", f.Name, out)
			}
		}
	}
	return dir
}

// platform starts a process of a bundle's Procfile, with an environment, until it is ended or the test is over.
func platform(t *testing.T, dir, process string, environ ...string) (said *lockedBuffer, end func()) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "Procfile"))
	if err != nil {
		t.Fatal(err)
	}
	line := ""
	for one := range strings.Lines(string(text)) {
		if command, mine := strings.CutPrefix(one, process+": "); mine {
			line = strings.TrimSpace(command)
		}
	}
	if line == "" {
		t.Fatalf("the Procfile has no %s: %q", process, text)
	}
	var out lockedBuffer
	c := exec.Command("sh", "-c", "exec "+line)
	c.Dir, c.Stdout, c.Stderr = dir, &out, &out
	c.Env = append([]string{"PATH=" + os.Getenv("PATH"), asProgram + "=1", "STAMPEDE_HOME=" + t.TempDir()}, environ...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	end = sync.OnceFunc(func() {
		ignore(c.Process.Kill())
		ignore(c.Wait()) // it was killed
	})
	t.Cleanup(end)
	return &out, end
}

// front starts the platform's nginx with what a bundle adds to it.
func front(t *testing.T, dir, pki, listen string, port int) {
	t.Helper()
	at := t.TempDir()
	conf := filepath.Join(dir, ".platform", "nginx", "conf.d", "stampede.conf")
	text, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	moved := strings.NewReplacer("listen 443 ssl", "listen "+listen+" ssl", "/etc/pki/stampede", pki, "127.0.0.1:5000", fmt.Sprintf("127.0.0.1:%d", port)).Replace(string(text))
	main := fmt.Sprintf("daemon off;\npid %[1]s/pid;\nerror_log stderr warn;\nevents {}\nhttp {\n  access_log off;\n  client_body_temp_path %[1]s/a;\n  proxy_temp_path %[1]s/b;\n"+
		"  fastcgi_temp_path %[1]s/c;\n  uwsgi_temp_path %[1]s/d;\n  scgi_temp_path %[1]s/e;\n%[2]s\n}\n", at, moved)
	file := filepath.Join(at, "nginx.conf")
	if err := os.WriteFile(file, []byte(main), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("nginx", "-e", "stderr", "-c", file)
	var said bytes.Buffer
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ignore(c.Process.Signal(os.Interrupt))
		ignore(c.Wait())
		if t.Failed() {
			t.Log(said.String())
		}
	})
}

// launcher is the program of a test's folder: what is built and bundled of it becomes the program of these tests where it is started.
const launcher = `package main

import (
	"os"
	"syscall"
)

func main() {
	err := syscall.Exec(os.Getenv("FANS_PROGRAM"), append([]string{"fans"}, os.Args[1:]...), os.Environ())
	println(err.Error())
	os.Exit(127)
}
`

// machines are the instances of a model of AWS, started on this machine as Elastic Beanstalk's Go platform does it: the bundle unpacked, the hook, the Procfile with
// PORT and the secrets in the environment, nginx in front of the page.
type machines struct {
	*testing.T
	cloud *deploytest.Cloud
	self  string

	pagePort, fleetPort int
	health              []int // ports of workers

	mu    sync.Mutex
	said  map[string][]*lockedBuffer // by environment
	ended map[string][]func()
}

// page is where the controller is. What a launch has written is read after the cloud's lock, under which it ran.
func (m *machines) page() eb.Page {
	token, key := m.cloud.Secret("/stampede/tour/web-token"), m.cloud.Secret("/stampede/tour/fleet-key")
	return eb.Page{Address: m.cloud.Public, Token: token, Key: key}
}

// launch starts the instances of an environment.
func (m *machines) launch(name string, bundle []byte, settings map[string]string) {
	dir := unpacked(m.T, bundle)
	if strings.HasSuffix(name, "-controller") { // ports are chosen as late as can be: others must not take them
		m.pagePort, m.fleetPort, m.cloud.Public = peer.FreePort(m.T), peer.FreePort(m.T), fmt.Sprintf("127.0.0.1:%d", peer.FreePort(m.T))
	}
	environ := []string{"FANS_PROGRAM=" + m.self}
	for key, value := range settings {
		if space, variable, _ := strings.Cut(key, " "); strings.HasPrefix(space, "aws:elasticbeanstalk:application:environment") {
			value = strings.Replace(value, "@10.0.0.5:7422?", fmt.Sprintf("@127.0.0.1:%d?", m.fleetPort), 1) // the network of the account
			environ = append(environ, variable+"="+value)
		}
	}
	start := func(process string, more ...string) {
		said, end := platform(m.T, dir, process, append(environ, more...)...)
		m.mu.Lock()
		defer m.mu.Unlock()
		m.said[name], m.ended[name] = append(m.said[name], said), append(m.ended[name], end)
	}
	if strings.HasSuffix(name, "-controller") {
		pki := filepath.Join(m.TempDir(), "pki")
		hook := exec.Command(filepath.Join(dir, ".platform", "hooks", "prebuild", "20_certificate.sh"))
		hook.Env = append([]string{"PATH=" + os.Getenv("PATH"), "STAMPEDE_CERTIFICATES=" + pki}, environ...)
		if out, err := hook.CombinedOutput(); err != nil {
			m.Errorf("the hook: %v: %s", err, out)
		}
		start("web", fmt.Sprintf("PORT=%d", m.pagePort), fmt.Sprintf("STAMPEDE_FLEET_PORT=%d", m.fleetPort))
		start("idle", append(asAWSTools(), fmt.Sprintf("STAMPEDE_PAGE_PORT=%d", m.pagePort))...)
		front(m.T, dir, pki, m.cloud.Public, m.pagePort)
		return
	}
	n, err := strconv.Atoi(settings["aws:autoscaling:asg MinSize"])
	if err != nil {
		m.Error(err)
	}
	for range n {
		port := peer.FreePort(m.T)
		m.health = append(m.health, port)
		start("web", fmt.Sprintf("PORT=%d", port))
	}
}

// asAWSTools is what has other programs find the model of AWS too, as an instance's role does.
func asAWSTools() (environ []string) {
	for _, one := range os.Environ() {
		if strings.HasPrefix(one, "AWS_") {
			environ = append(environ, one)
		}
	}
	return environ
}

// gone ends them.
func (m *machines) gone(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, end := range m.ended[name] {
		end()
	}
	delete(m.ended, name)
}

// output is all that the programs on instances said.
func (m *machines) output() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all strings.Builder
	for name, some := range m.said {
		for _, said := range some {
			all.WriteString(name + ": " + said.String() + "\n")
		}
	}
	return all.String()
}
