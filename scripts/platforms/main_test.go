package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A fault that only one platform has is found there, in a function's body too, and nowhere else.
func TestFaultOfOnePlatform(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":          "module example.org/a\n\ngo 1.26\n",
		"main.go":         "package main\n\nimport \"example.org/a/b\"\n\nfunc main() { println(b.Name()) }\n",
		"b/b.go":          "package b\n\nfunc Name() string { return name }\n",
		"b/b_linux.go":    "package b\n\nconst name = \"linux\"\n",
		"b/b_windows.go":  "package b\n\nimport \"strings\"\n\nvar name = strings.ToUpper(\"windows\")\n\nfunc far() int32 { return 1 << 40 }\n",
		"b/other_test.go": "package b\n\nnot looked at\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for system, want := range map[string]string{"linux": "", "windows": "b_windows.go:7:", "darwin": "undefined: name"} {
		err := check(dir, system, "arm64", "./...")
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", system, err, want)
		}
	}
	if err := check(dir, "linux", "amd64", "./nothing"); err == nil {
		t.Error("a package that is not there is no error")
	}
}
