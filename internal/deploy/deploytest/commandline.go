package deploytest

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
)

// CommandLine is AWS's own client. Without it the test is skipped, and fails in CI.
func CommandLine(t *testing.T) (program string) {
	t.Helper()
	program = "/usr/bin/aws"
	if _, err := os.Stat(program); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("awscli is not installed; scripts/test.sh should have installed it")
		}
		t.Skip("awscli is not installed")
	}
	return program
}

// OtherClient asks an account by AWS's own client, and gives its answers.
func OtherClient(t *testing.T, c *Cloud) (ask func(args ...string) map[string]any) {
	t.Helper()
	program := CommandLine(t)
	s := httptest.NewServer(c)
	t.Cleanup(s.Close)
	home := t.TempDir()
	return func(args ...string) map[string]any {
		t.Helper()
		cmd := exec.Command(program, append(args, "--endpoint-url", s.URL, "--region", "us-east-1", "--output", "json")...)
		cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_EC2_METADATA_DISABLED=true", "HOME="+home)
		out, err := cmd.Output()
		if err != nil {
			if e, ok := errors.AsType[*exec.ExitError](err); ok {
				t.Fatalf("%q: %s", args, e.Stderr)
			}
			t.Fatal(err)
		}
		got := map[string]any{}
		if len(out) > 0 {
			if err := json.Unmarshal(out, &got); err != nil {
				t.Fatalf("%q: %v: %s", args, err, out)
			}
		}
		return got
	}
}
