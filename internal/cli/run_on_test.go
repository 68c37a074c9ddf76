package cli

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// runToEnd runs a command line to its end.
func runToEnd(dir string, program Program, env []string, args ...string) (status int, out string) {
	var b lockedBuffer
	status = Main(context.Background(), program, System{
		Args: append([]string{"fans"}, args...), Environ: append([]string{"HOME=" + dir, "PATH=" + os.Getenv("PATH")}, env...), Dir: dir,
		In: strings.NewReader(""), Out: &b, Err: &b,
	})
	return status, b.String()
}

// A run is carried out by a controller, and looks from here as if it had been here: lines, files, the exit status.
func TestRunOn(t *testing.T) {
	t.Parallel()
	site := newSite()
	defer site.Close()
	dir := t.TempDir()
	s := serveBeside(t, dir, programs()["fans"], "serve", "--web", "127.0.0.1:0", "--web-token", "a-long-token")
	env := []string{"STAMPEDE_TOKEN=a-long-token"}
	status, out := runToEnd(dir, programs()["fans"], env, "run", "--on", s.url, "-u", "3", "-t", "2s", "-H", site.URL, "--threshold", "p95 < 1ns", "--json", "got.json", "--changes", "from afar")
	if status != 3 || !strings.Contains(out, "FAILED") || !strings.Contains(out, "at "+s.url) {
		t.Errorf("status %d: %s", status, out)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "got.json")); err != nil || !strings.Contains(string(text), "from afar") {
		t.Errorf("the result: %v", err)
	}
	for _, c := range []struct {
		program string
		env     []string
		args    []string
		want    string
	}{
		{"fans", nil, nil, "STAMPEDE_TOKEN"},
		{"fans", []string{"STAMPEDE_TOKEN=wrong-token"}, nil, "a token is needed"},
		{"broken", env, nil, "another test stands there"},
		{"fans", env, []string{"-u", "3", "--host", "nowhere at all"}, "host"},
		{"fans", env, []string{"--csv", "x"}, "--csv goes along with a run on this machine"},
		{"fans", env, []string{"--cacert", "/dev/null"}, "--cacert"},
		{"fans", env, []string{"--web"}, "--web does not go with --on"},
	} {
		status, out := runToEnd(dir, programs()[c.program], c.env, append([]string{"run", "--on", s.url}, c.args...)...)
		if status != statusUsage || !strings.Contains(out, c.want) {
			t.Errorf("%v: %d %s", c.args, status, out)
		}
	}
	if status, out := runToEnd(dir, programs()["fans"], env, "run", "--on", "http://127.0.0.1:1"); status != statusUsage || !strings.Contains(out, "it does not answer") {
		t.Errorf("nobody there: %d %s", status, out)
	}
	s.end()
}

// Every block of docs/api.md does what it says.
func TestAPIDoc(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed: scripts/test.sh installs it")
	}
	site := newSite()
	defer site.Close()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "stampede.yaml"), []byte("host: "+site.URL+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serveBeside(t, dir, programs()["fans"], "serve", "--web", "127.0.0.1:0")
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 8 {
		t.Fatalf("only %d blocks", len(blocks))
	}
	for _, b := range blocks {
		if strings.Contains(b[1], "runs/last/report") {
			s.untilState("done")
		}
		c := exec.Command("sh", "-ec", b[1])
		c.Env, c.Dir = append(os.Environ(), "URL="+s.url), dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s%v: %s", b[1], err, out)
		}
	}
	s.end()
}
