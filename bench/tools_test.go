package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestAssignments checks that each tool is told of the site, of the connections and of the cookie, by a flag or in its script.
func TestAssignments(t *testing.T) {
	do := assignment{site: "http://127.0.0.1:1", conns: 321, dir: t.TempDir(), length: 7 * time.Second}
	if err := writeScripts(do); err != nil {
		t.Fatal(err)
	}
	for _, tool := range tools() {
		var told strings.Builder
		for _, arg := range tool.args(do) {
			told.WriteString(arg + "\n")
			path := arg[strings.IndexByte(arg, '=')+1:]
			if filepath.Dir(path) != do.dir {
				continue
			}
			script, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			told.Write(script)
		}
		for _, want := range []string{do.site, "/page", "321", cookie} {
			if !strings.Contains(told.String(), want) {
				t.Errorf("%s is not told of %q:\n%s", tool.name, want, told.String())
			}
		}
		if !regexp.MustCompile(`(\b|-d)7s?\b`).MatchString(told.String()) {
			t.Errorf("%s is not told how long to run:\n%s", tool.name, told.String())
		}
	}
}

// TestComparisonLine: a tool that is missing or fails says so, and never shows a figure.
func TestComparisonLine(t *testing.T) {
	c := comparison{
		ours:   []float64{5, 10, 5},
		known:  []float64{2.5, 5, 2.5},
		theirs: map[string][]float64{"k6": {50, 110, 60}, "wrk": {6, 10, 5}, "hey": {10}},
		user:   map[string][]float64{"k6": {30, 90, 40}, "wrk": {1, 3, 2}, "hey": {4}},
		failed: map[string]error{"hey": errors.New("exit status 1")},
	}
	for _, tc := range []struct {
		tool     string
		promised float64
		want     string
	}{
		{"k6", 10, "60.00 (50.00 to 110.00)        40.00 in user space, costs 11.00 (10.00 to 12.00)x, 22.00 (20.00 to 24.00)x a known one   promised: 10x"},
		{"wrk", 0, "6.00 (5.00 to 10.00)           2.00 in user space, costs 1.00 (1.00 to 1.20)x, 2.00 (2.00 to 2.40)x a known one"},
		{"hey", 0, "failed: exit status 1"},
		{"vegeta", 4.5, "not installed"},
	} {
		if got := c.line(tool{name: tc.tool}, tc.promised); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.tool, got, tc.want)
		}
	}
}
