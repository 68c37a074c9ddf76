package report

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// alone fails when there is anything in the folder but these files.
func alone(t *testing.T, folder string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, e := range entries {
		found = append(found, e.Name())
	}
	if strings.Join(found, " ") != strings.Join(names, " ") {
		t.Errorf("in the folder: %q, want %q", found, names)
	}
}

func TestWriteFileWholeOrNotAtAll(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a.txt")
	if err := WriteFile(path, text("one")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("half way")
	err := WriteFile(path, func(w io.Writer) error {
		if _, err := io.WriteString(w, strings.Repeat("two", 100_000)); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
	if got := read(t, path); got != "one" {
		t.Errorf("after a failure the file holds %.20q", got)
	}
	alone(t, folder, "a.txt")

	if err := WriteFile(path, text("three")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, path); got != "three" {
		t.Errorf("the file holds %q", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	alone(t, folder, "a.txt")
}

func TestWriteFileFollowsLinks(t *testing.T) {
	folder := t.TempDir()
	target, link := filepath.Join(folder, "target"), filepath.Join(folder, "link")
	if err := WriteFile(target, text("old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(link, text("new")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, target); got != "new" {
		t.Errorf("the target holds %q", got)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is no link any more: %v", err)
	}
}

func TestWriteAllLosesOnlyWhatFailed(t *testing.T) {
	folder := t.TempDir()
	file := func(name string, write func(io.Writer) error) File { return File{filepath.Join(folder, name), write} }
	err := WriteAll(
		file("a", text("a")),
		file("missing/b", text("b")),
		file("c", func(io.Writer) error { return errors.New("no") }),
		file("d", text("d")),
	)
	if err == nil || !strings.Contains(err.Error(), "missing/b") || !strings.Contains(err.Error(), "c: no") {
		t.Errorf("error %v", err)
	}
	alone(t, folder, "a", "d")
	if err := WriteAll(); err != nil {
		t.Error(err)
	}
}

func TestPreflight(t *testing.T) {
	folder := t.TempDir()
	there := filepath.Join(folder, "there")
	if err := WriteFile(there, text("kept")); err != nil {
		t.Fatal(err)
	}
	if err := Preflight([]string{there, filepath.Join(folder, "new")}); err != nil {
		t.Error(err)
	}
	if got := read(t, there); got != "kept" {
		t.Errorf("the file holds %q", got)
	}
	for _, c := range []struct {
		paths []string
		want  string
	}{
		{[]string{filepath.Join(folder, "no", "x")}, "make the folder " + filepath.Join(folder, "no")},
		{[]string{folder}, "give the name of a file in it"},
		{[]string{filepath.Join(there, "x")}, "a file is where a folder should be"},
		{[]string{""}, "the path is empty"},
		{[]string{there, filepath.Join(folder, ".", "there")}, "two exports want this path"},
	} {
		err := Preflight(c.paths)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v; want %q", c.paths, err, c.want)
		}
	}
	alone(t, folder, "there")
}

func TestWriteFileToFullDevice(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		return // only Linux has a device that is always full
	}
	err := WriteFile("/dev/full", text("x"))
	if err == nil || !strings.Contains(err.Error(), "make room there") {
		t.Errorf("error %v", err)
	}
	if err := Preflight([]string{"/dev/full"}); err != nil {
		t.Errorf("a device is not probed: %v", err)
	}
}
