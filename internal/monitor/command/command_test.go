package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func program(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "figures.sh")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCommand(t *testing.T) {
	s, err := New(program(t, "echo '# now'; echo \"queue $1 jobs 50\"; echo 'odd/name 2.5'"+"\n") + " 17")
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Read(t.Context())
	if err != nil || len(r.Values) != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	if v := r.Values[0]; v.Name != "queue" || v.Value != 17 || v.Unit != "jobs" || v.Limit != 50 || !v.Ceiling {
		t.Errorf("%+v", v)
	}
	if v := r.Values[1]; v.Name != "odd_name" || v.Value != 2.5 {
		t.Errorf("%+v", v)
	}
	for text, want := range map[string]string{
		"echo broken >&2; exit 3": "exit status 3: broken",
		"true":                    "printed nothing",
		"echo one":                "print a name and a number",
		"echo one two":            "no number",
	} {
		s, err := New(program(t, text+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Read(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	for _, line := range []string{"", "./no-such-program"} {
		if _, err := New(line); err == nil {
			t.Errorf("%q is accepted", line)
		}
	}
}
