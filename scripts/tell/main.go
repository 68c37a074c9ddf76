// Command tell reads what go test -json writes and prints what a person wants of it: a line for each package, everything that a failed test
// said, and nothing of the others. Tests that were skipped are kept in a file, with the reason, for the last lines of scripts/test.sh:
//
//	go test -json ./... | tell -skipped FILE
//
// It ends with 1 when something failed or when what it read makes no sense.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	path := flag.String("skipped", "", "add the tests that were skipped to this `FILE`")
	flag.Parse()
	skipped, err := tell(os.Stdin, os.Stdout)
	if *path != "" && len(skipped) > 0 {
		if e := add(*path, skipped); e != nil && err == nil {
			err = e
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tell:", err)
		os.Exit(1)
	}
}

// add appends lines to a file.
func add(path string, lines []string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(strings.Join(lines, "\n") + "\n")
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// event is a line of go test -json: see go doc test2json.
type event struct {
	Action, Package, Test, ImportPath, Output string
	Elapsed                                   float64
}

// tell prints what matters and gives the tests that were skipped: "internal/ledger TestPostgreSQL: postgresql is not here".
func tell(in io.Reader, out io.Writer) (skipped []string, err error) {
	said := map[[2]string]*strings.Builder{} // by package and test, until its end
	failed := 0
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil || e.Action == "" {
			fmt.Fprintln(out, lines.Text()) // go itself, of a flag or a pattern
			continue
		}
		key := [2]string{e.Package, e.Test}
		switch e.Action {
		case "build-output":
			fmt.Fprint(out, e.Output)
		case "build-fail":
			failed++
		case "output":
			if said[key] == nil {
				said[key] = &strings.Builder{}
			}
			said[key].WriteString(e.Output)
		case "pass", "skip", "fail":
			text := ""
			if said[key] != nil {
				text = said[key].String()
			}
			delete(said, key)
			switch {
			case e.Action == "fail":
				failed++
				fmt.Fprint(out, text)
			case e.Action == "skip" && e.Test != "":
				skipped = append(skipped, fmt.Sprintf("%s %s: %s", short(e.Package), e.Test, reason(text)))
			case e.Action == "pass" && e.Test == "":
				fmt.Fprintf(out, "ok  %-40s %6.1fs\n", short(e.Package), e.Elapsed)
			}
		}
	}
	if err := lines.Err(); err != nil {
		return skipped, err
	}
	for key, text := range said { // of a program that was killed
		failed++
		fmt.Fprintf(out, "%s %s did not end:\n%s", short(key[0]), key[1], text)
	}
	if failed > 0 {
		return skipped, fmt.Errorf("%d failed", failed)
	}
	return skipped, nil
}

// short is a package without the module.
func short(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, "github.com/stampede-load/stampede"), "/")
}

// reason is why a test was skipped: what it said, without the frame that go test puts around it.
func reason(text string) string {
	var parts []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "===") || strings.HasPrefix(line, "---") {
			continue
		}
		if _, rest, found := strings.Cut(line, ".go:"); found { // "file_test.go:68: reason"
			if _, rest, found = strings.Cut(rest, ": "); found {
				line = rest
			}
		}
		parts = append(parts, line)
	}
	return strings.Join(parts, " ")
}
