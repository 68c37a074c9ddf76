// Package servertest starts real servers for tests: each in a folder of the test's own, on a port of its own, and ended with the test.
package servertest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/testsite/peer"
)

// Find is a program, looked for on the path and in the given patterns. Without it the test is skipped; under CI it fails, since there everything is
// installed.
func Find(t *testing.T, name string, patterns ...string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, p := range append(patterns, "/usr/sbin/"+name) {
		if found, _ := filepath.Glob(p); len(found) > 0 {
			return found[len(found)-1]
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed; scripts/test.sh should have installed it", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// Port is a port for one server of the test.
func Port(t *testing.T) int {
	t.Helper()
	return peer.FreePort(t)
}

// Dir is a folder that any account may enter: servers that give up root must reach their files.
func Dir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "server")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// Write writes a file of a server.
func Write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// output is what a server said, for the report of a failure.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.buf.Len() < 64<<10 {
		o.buf.Write(b)
	}
	return len(b), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// Start runs a server in a group of its own and waits until something listens at address. It ends with the test.
func Start(t *testing.T, address string, name string, args ...string) *exec.Cmd {
	t.Helper()
	return StartEnv(t, nil, address, name, args...)
}

// StartEnv is Start with further variables of the environment.
func StartEnv(t *testing.T, env []string, address string, name string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(name, args...)
	said := &output{}
	c.Stdout, c.Stderr, c.Env = said, said, append(os.Environ(), env...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { c.Wait(); close(ended) }()
	t.Cleanup(func() {
		syscall.Kill(-c.Process.Pid, syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
		}
		syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
		<-ended
		if t.Failed() {
			t.Logf("%s said:\n%s", name, said)
		}
	})
	await(t, address, ended, said)
	return c
}

func await(t *testing.T, address string, ended <-chan struct{}, said *output) {
	t.Helper()
	network := "tcp"
	if filepath.IsAbs(address) {
		network = "unix"
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		c, err := net.DialTimeout(network, address, time.Second)
		if err == nil {
			c.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("the server ended before it listened at %s:\n%s", address, said)
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("nothing listens at %s:\n%s", address, said)
}

// Addr is a loopback address with a port.
func Addr(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }
