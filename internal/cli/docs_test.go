package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// commandLine is a line of the documentation that somebody is meant to type.
var commandLine = regexp.MustCompile(`^(?:\$ )?(?:go run \S+|stampede|fanclub|\./\S+) +(runs?|serve|check|hit|report|new|config explain|help|version)\b(.*)$`)

// inLine is a command line with flags within a sentence or a table, with or without the name of the program.
var inLine = regexp.MustCompile("`(?:go run \\S+ |stampede |fanclub )?(runs?|check|hit|report|new) ([^`]*-[^`]*)`")

// TestDocumentedCommandLines parses every command line of the documentation, in fenced blocks and within the text: the commands and flags are
// there. (What they do is for the scripts.)
func TestDocumentedCommandLines(t *testing.T) {
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, "../../README.md", "../../CONTRIBUTING.md")
	found := 0
	for _, name := range files {
		b, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		fenced := false
		for n, line := range strings.Split(strings.ReplaceAll(string(b), "\\\n", " "), "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				fenced = !fenced
			}
			var all [][]string
			if fenced || strings.HasPrefix(line, "    ") {
				all = commandLine.FindAllStringSubmatch(strings.TrimSpace(line), 1)
			} else {
				all = inLine.FindAllStringSubmatch(line, -1)
			}
			for _, m := range all {
				found++
				if err := typed(t, m[1], m[2]); err != nil {
					t.Errorf("%s, about line %d: %s: %v", name, n+1, m[0], err)
				}
			}
		}
	}
	if found < 40 {
		t.Errorf("only %d command lines were found: the test looks in the wrong place", found)
	}
}

// typed parses the words behind a command.
func typed(t *testing.T, command, rest string) error {
	t.Helper()
	a := newTestApp(t)
	a.own = ownFlags(programs()["own"])
	own := func(name string) {
		if a.own.Lookup(name) == nil {
			a.own.Int(name, 0, "a flag of the demo")
		}
	}
	own("site-queue")
	own("site-service-time")
	own("site-workers")
	own("site-addr")
	words := shellWords(rest)
	if command == "hit" || command == "report" || command == "new" || (command == "run" && len(words) > 0 && strings.HasPrefix(words[0], ".")) {
		a.Test = nil
	}
	c, args, err := a.root().Find(append(strings.Fields(command), words...))
	if err != nil || c.DisableFlagParsing {
		return err
	}
	if err := c.ParseFlags(args); err != nil {
		return a.flagError(c, err)
	}
	return nil
}

// shellWords parts a line as a shell does, as far as the documentation needs it: quotes, comments, redirection and pipes at the end.
func shellWords(line string) []string {
	var words []string
	var word strings.Builder
	quote, inside := rune(0), false
	for _, r := range line + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inside = r, true
		case r == ' ' || r == '\t':
			if inside {
				words = append(words, word.String())
			}
			word.Reset()
			inside = false
		case !inside && strings.ContainsRune("#|>&;", r):
			return words
		default:
			word.WriteRune(r)
			inside = true
		}
	}
	return words
}

// Whatever is typed is an answer and a status, never a crash.
func FuzzCommandLine(f *testing.F) {
	f.Add("run -u 5 --rate 3 x")
	f.Add("config explain --threshold 'p95 < 1s' -T a,b")
	f.Add("hit -d x -H a:b http://127.0.0.1:1/")
	f.Fuzz(func(t *testing.T, line string) {
		words := shellWords(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "-") || words[0] == "serve" { // would go on until Ctrl-C
			words = append([]string{"config", "explain"}, words...)
		}
		if len(words) > 0 && (words[0] == "new" || words[0] == "run" || words[0] == "hit" || words[0] == "check" || words[0] == "report") {
			words = append([]string{"config", "explain"}, words[1:]...) // reads the same, and starts nothing
		}
		var out strings.Builder
		a := newTestApp(t)
		status := Main(t.Context(), Program{Test: a.Test}, System{Args: append([]string{"fuzz"}, words...), Dir: t.TempDir(), Out: &out, Err: &out})
		if status != statusPassed && (status != statusUsage || out.Len() == 0) {
			t.Fatalf("%q ended with %d and %q", words, status, out.String())
		}
	})
}
