package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	demosite "github.com/stampede-load/stampede/examples/fanclub/site"
)

// source is the folder of stampede's own go.mod.
func source(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// stock runs the stock binary's command line in a folder.
func stock(t *testing.T, dir string, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	status = Main(context.Background(), Program{}, System{
		Args: append([]string{"stampede"}, args...), Environ: append(os.Environ(), "STAMPEDE_NO_RECORD=true"), Dir: dir, In: strings.NewReader(""), Out: &o, Err: &e,
	})
	return status, o.String(), e.String()
}

// A new project builds as it is, and runs: what new writes is what run builds.
func TestNewProjectRuns(t *testing.T) {
	dir := t.TempDir()
	status, out, errs := stock(t, dir, "new", "Ticket Rush", "--source", source(t))
	if status != 0 {
		t.Fatalf("new ended with %d\n%s%s", status, out, errs)
	}
	if !strings.Contains(out, "Ticket Rush is ready") {
		t.Errorf("new says\n%s", out)
	}
	for name, want := range map[string]string{"main.go": "launch.Main", "go.mod": "module ticket-rush\n", "README.md": "# ticket-rush", "stampede.yaml": "# users: 50", "accounts.csv": demosite.FirstAccount().Email} {
		b, err := os.ReadFile(filepath.Join(dir, "Ticket Rush", name))
		if err != nil || !strings.Contains(string(b), want) {
			t.Errorf("%s: %v\n%s", name, err, b)
		}
	}
	if status, _, errs = stock(t, dir, "new", "Ticket Rush", "--source", source(t)); status != 2 || !strings.Contains(errs, "already") {
		t.Errorf("a second new ended with %d: %s", status, errs)
	}

	demo, err := demosite.New(demosite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := demo.Start("")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(context.WithoutCancel(t.Context()))
	// From any folder: it is built in the module that it belongs to.
	status, out, errs = stock(t, dir, "run", "./Ticket Rush", "-H", s.URL(), "-u", "4", "--iterations", "8", "--allow-invalid", "--threshold", "count >= 1", "--threshold", "failures = 0")
	if status != 0 || !strings.Contains(out, "PASSED") || !strings.Contains(out, "ticket-rush on "+s.URL()) && !strings.Contains(out, "ticket-rush  "+s.URL()) {
		t.Errorf("run ended with %d\n%s%s", status, out, errs)
	}
	if !strings.Contains(errs, "add --config") || !strings.Contains(out, "Log In") {
		t.Errorf("run says\n%s%s", out, errs)
	}
	if out := checked(t, filepath.Join(dir, "Ticket Rush"), s.URL()); !strings.Contains(out, " 0 failed") {
		t.Errorf("check says\n%s", out)
	}
	folder := filepath.Join(dir, "Ticket Rush")
	if status, _, errs = stock(t, folder, "run", ".", "-u", "0"); status != 2 || !strings.Contains(errs, "--users 0: at least") {
		t.Errorf("a mistake ended with %d: %s", status, errs)
	}
}

// checked is what "go run . check" prints.
func checked(t *testing.T, folder, host string) string {
	t.Helper()
	check := exec.Command("go", "run", ".", "check", "-H", host)
	check.Dir = folder
	out, err := check.CombinedOutput()
	if err != nil {
		t.Errorf("check: %v", err)
	}
	return string(out)
}

func TestPackagesThatDoNotRun(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("x.go", "package main\n\nfunc main() {}\n")
	if status, _, errs := stock(t, dir, "run", "."); status != 2 || !strings.Contains(errs, "belongs to no Go module") {
		t.Errorf("status %d: %s", status, errs)
	}
	write("go.mod", "module x\n\ngo 1.26\n")
	write("x.go", "package main\n\nfunc main() { nothing() }\n")
	if status, _, errs := stock(t, dir, "run", "."); status != 2 || !strings.Contains(errs, "undefined: nothing") || !strings.Contains(errs, "it does not build (see above)") {
		t.Errorf("status %d: %s", status, errs)
	}
	write("x.go", "package x\n")
	if status, _, errs := stock(t, dir, "run", "."); status != 2 || !strings.Contains(errs, "give the folder of a package main that calls launch.Main") {
		t.Errorf("status %d: %s", status, errs)
	}
	write("x.go", "package main\n\nimport \"os\"\n\nfunc main() { os.Exit(7) }\n")
	if status, _, errs := stock(t, dir, "run", ".", "--whatever"); status != 7 {
		t.Errorf("status %d: %s", status, errs)
	}
}

func TestModuleNames(t *testing.T) {
	for folder, want := range map[string]string{"Ticket Rush": "ticket-rush", "a.b_c-1": "a.b_c-1", "..": "loadtest", "Ünï": "n", "": "loadtest"} {
		if got := moduleName(folder); got != want {
			t.Errorf("moduleName(%q) = %q, want %q", folder, got, want)
		}
	}
}
