package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestProgramsForInstances(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("this test's own program is none for an instance")
	}
	a := newTestApp(t)
	a.Dir = t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	other := map[string]string{"amd64": "arm64", "arm64": "amd64"}[runtime.GOARCH]
	if _, err := a.programFor(t.Context(), other, self, ""); err == nil || !strings.Contains(err.Error(), "GOARCH="+other) {
		t.Errorf("another processor's: %v", err)
	}
	script := filepath.Join(a.Dir, "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := a.programFor(t.Context(), "amd64", "script", ""); err == nil || !strings.Contains(err.Error(), "no program for Linux") {
		t.Errorf("a script: %v", err)
	}
	if _, err := a.programFor(t.Context(), "amd64", "missing", ""); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("a missing one: %v", err)
	}
}

// An address that workers cannot dial is refused; one that only their network reaches is not.
func TestControllersThatWorkersReach(t *testing.T) {
	a := newTestApp(t)
	url := func(address string) string {
		return "stampede://0123456789abcdef@" + address + "?pin=sha256:" + strings.Repeat("ab", 32)
	}
	for at, want := range map[string]string{
		url("10.0.0.2:7422"): "--vpc and --subnets", url("100.64.1.2:7422"): "--vpc and --subnets", url("[fd00::1]:7422"): "--vpc and --subnets",
		url("127.0.0.1:7422"): "this machine alone", url("0.0.0.0:7422"): "this machine alone", url("169.254.1.1:7422"): "this machine alone",
		url("localhost:7422"): "this machine alone", "stampede://nope": "pin",
	} {
		if err := a.reachable(at, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", at, err)
		}
	}
	for host, want := range map[string]bool{"10.0.0.2": true, "::ffff:10.0.0.2": true, "fd00::1": true, "203.0.113.7": false} {
		if private, err := dialable(host, true); private != want || err != nil {
			t.Errorf("%s from a network of one's own: %v, %v", host, private, err)
		}
	}
	if _, err := dialable("127.0.0.1", true); err == nil {
		t.Error("the loopback is taken, in a network of one's own")
	}
}
