package cli

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
)

// TestChangesFromGit records runs in a folder that git knows: where nobody says what changed, the subject of the last commit does.
func TestChangesFromGit(t *testing.T) {
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		c := exec.Command("git", append([]string{"-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false"}, args...)...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	source := filepath.Join(dir, "main.go")
	if err := os.WriteFile(source, []byte("package main\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-q", "-m", "cache off\n\nand a body")
	a := &app{Program: Program{Test: &stampede.Test{}}, System: System{
		Args: []string{"fans", "run"}, Environ: os.Environ(), Dir: dir, Out: io.Discard, Err: io.Discard,
	}}
	recorded := func(changes string) string {
		o := &options{ledger: ledgerOptions{ledger: filepath.Join(t.TempDir(), "runs.db")}}
		o.plan.Changes = changes
		end, err := a.record(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		end()
		return o.plan.Changes
	}
	found := ""
	for begun := time.Now(); found == "" && time.Since(begun) < time.Minute; { // git is given a moment only, and machines are busy
		found = recorded("")
	}
	if found != "cache off" {
		t.Errorf("the changes are %q", found)
	}
	if got := recorded("mine"); got != "mine" {
		t.Errorf("what a person said became %q", got)
	}
	if err := os.WriteFile(source, []byte("package changed\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	dirty := false
	for begun := time.Now(); !dirty && time.Since(begun) < time.Minute; {
		dirty = a.sources(t.Context()).Dirty
	}
	if !dirty {
		t.Error("a file that was changed is not seen")
	}
}
