package deploy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/deploy"
)

func TestName(t *testing.T) {
	for text, want := range map[string]string{
		"Tour announcement": "tour-announcement", "/home/me/My Test": "my-test", "": "load", "99 Luftballons": "luftballons", "--": "load",
		"ein sehr sehr langer Name": "ein-sehr-sehr-langer", "a very long name of it": "a-very-long-name-of",
	} {
		got := deploy.Name(text)
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if err := deploy.CheckName(got); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, bad := range []string{"", "A", "a--b", "-a", "a-", "a_b", strings.Repeat("a", 21)} {
		if deploy.CheckName(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestWriteAndPrint(t *testing.T) {
	dir := t.TempDir()
	files := []deploy.File{
		deploy.Text("sub/a.yaml", "a: 1"),
		{Name: "run.sh", Mode: 0o755, Data: []byte("#!/bin/sh\n")},
		{Name: "bin", Data: []byte{0, 1, 2}},
		{Name: "join.url", Data: []byte("stampede://token@h"), Secret: true},
	}
	want := "# sub/a.yaml\na: 1\n---\n# run.sh\n#!/bin/sh\n---\n# bin (3 bytes)\n---\n# join.url (a secret of 18 bytes)\n"
	if got := deploy.Print(files); got != want {
		t.Errorf("it prints\n%s", got)
	}
	for range 2 { // again changes nothing
		if err := deploy.Write(dir, files); err != nil {
			t.Fatal(err)
		}
	}
	for name, mode := range map[string]os.FileMode{"sub/a.yaml": 0o644, "run.sh": 0o755, "join.url": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm()&^0o022 != mode&^0o022 {
			t.Errorf("%s: %v %v", name, err, info)
		}
	}
	files[0].Data = []byte("a: 2")
	files[1].Data = []byte("#!/bin/bash\n")
	err := deploy.Write(dir, files)
	if err == nil || !strings.Contains(err.Error(), "a.yaml is there already") || !strings.Contains(err.Error(), "run.sh") {
		t.Errorf("what is there is written over: %v", err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "sub/a.yaml")); err != nil || string(b) != "a: 1" {
		t.Errorf("%s %v", b, err)
	}
}
