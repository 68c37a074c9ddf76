package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/testsite/peer"
)

// TestSite starts the site as its README says, looks at every task of every visitor, and asks each server for its figures.
func TestSite(t *testing.T) {
	missing(t)
	base := peer.FreePorts(t, 4)
	startSite(t, base)
	program := filepath.Join(t.TempDir(), "lamp")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	settings := shifted(t, base)
	checked := command(t, program, "check", "--host", fmt.Sprintf("http://127.0.0.1:%d", base))
	for _, name := range []string{"Log In", "Events", "Store", "Order", "News"} {
		if !strings.Contains(checked, name) {
			t.Errorf("check does not show %s:\n%s", name, checked)
		}
	}
	figures := command(t, program, "servers", "check", "--config", settings)
	for _, want := range []string{"5 servers answer", "busy_workers", "of 150", "of 20 ", "of 151"} {
		if !strings.Contains(figures, want) {
			t.Errorf("servers check does not show %q:\n%s", want, figures)
		}
	}
}

// missing skips the test where a part of the site is not installed; under CI all of them are.
func missing(t *testing.T) {
	t.Helper()
	for _, pattern := range []string{"/usr/sbin/apache2", "/usr/sbin/php-fpm*", "/usr/lib/php/*/pdo_mysql.so", "/usr/lib/php/*/redis.so", "/usr/sbin/mariadbd", "/usr/bin/redis-server"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			continue
		}
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed; scripts/test.sh should have installed it", pattern)
		}
		t.Skipf("%s is not installed", pattern)
	}
}

// startSite runs site.sh until it says where the site is. It ends with the test, as by Ctrl-C.
func startSite(t *testing.T, base int) {
	t.Helper()
	c := exec.Command("./site.sh")
	c.Env = append(os.Environ(), fmt.Sprintf("SITE_PORT=%d", base))
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = c.Stdout
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Signal(syscall.SIGTERM)
		ended := make(chan struct{})
		go func() { c.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Error("the site did not end")
		}
		syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
	})
	said := make(chan string, 1)
	go func() {
		var all strings.Builder
		for lines := bufio.NewScanner(out); lines.Scan(); {
			all.WriteString(lines.Text() + "\n")
			if strings.HasPrefix(lines.Text(), "the site is at") {
				break
			}
		}
		said <- all.String()
	}()
	select {
	case text := <-said:
		if !strings.Contains(text, "the site is at") {
			t.Fatalf("the site did not start:\n%s", text)
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("the site did not start in two minutes")
	}
}

// shifted is the example's settings with other ports.
func shifted(t *testing.T, base int) string {
	t.Helper()
	text, err := os.ReadFile("stampede.yaml")
	if err != nil {
		t.Fatal(err)
	}
	moved := string(text)
	for i := range 4 {
		moved = strings.ReplaceAll(moved, fmt.Sprint(8100+i), fmt.Sprint(base+i))
	}
	path := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(path, []byte(moved), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}
