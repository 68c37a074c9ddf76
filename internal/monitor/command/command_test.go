//go:build unix

package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
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

// TestRough: programs that hang, leave children, print too much or what is no text. Nothing of theirs goes on when the reading is over.
func TestRough(t *testing.T) {
	read := func(text string, within time.Duration) (monitor.Reading, error) {
		s, err := New(program(t, text+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), within)
		defer cancel()
		return s.Read(ctx)
	}
	gone := func(file string) {
		t.Helper()
		pid, err := strconv.Atoi(strings.TrimSpace(read1(t, file)))
		if err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(20 * time.Second); syscall.Kill(pid, 0) == nil; time.Sleep(10 * time.Millisecond) {
			if state := read1(t, fmt.Sprintf("/proc/%d/stat", pid)); strings.Contains(state, ") Z ") || state == "" {
				break // nobody has taken its status yet
			}
			if time.Now().After(end) {
				t.Fatalf("what the program started still runs: %d", pid)
			}
		}
	}
	file := filepath.Join(t.TempDir(), "pid")
	for within := 2 * time.Second; read1(t, file) == "" && within < time.Minute; within *= 2 { // a busy machine may take that long to begin
		if _, err := read("sleep 600 & echo $! >"+file+"; wait", within); err == nil || !strings.Contains(err.Error(), "did not end in time") {
			t.Errorf("one that hangs: %v", err)
		}
	}
	gone(file)
	r, err := read("sleep 600 >/dev/null 2>&1 & echo $! >"+file+"; echo a 1", time.Minute)
	if err != nil || len(r.Values) != 1 || len(r.Notes) != 0 {
		t.Errorf("one that leaves a child: %+v, %v", r, err)
	}
	gone(file)
	r, err = read("sleep 600 & echo $! >"+file+"; echo a 1", time.Minute)
	if err != nil || len(r.Values) != 1 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "/dev/null") {
		t.Errorf("one whose child holds its output: %+v, %v", r, err)
	}
	gone(file)
	for text, want := range map[string]string{
		"yes 'figure 123456' | head -c 2000000":                          "more than 1 MB",
		"head -c 300000 /dev/zero | tr '\\0' x; echo; echo a 1":          "print a name and a number",
		"echo a 1; head -c 100000 /dev/zero | tr '\\0' x; echo ' 3 4 5'": "",
		"printf '\\377\\376\\033[31m \\007\\n'":                          "no number",
	} {
		if _, err := read(text, time.Minute); (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\x1b") || len(err.Error()) > 300) {
			t.Errorf("%s: %.300v, want %q", text, err, want)
		}
	}
}

func read1(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) && !errors.Is(err, syscall.ESRCH) {
		t.Fatal(err)
	}
	return string(b)
}
