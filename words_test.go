package stampede_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// exempt holds the few places in which an old word has to stay: names that other programs or databases know.
var exempt = strings.NewReplacer("book_schema", "", "has_book", "", "0001_book", "")

// TestOneWordForOneThing looks through names, comments, texts and pages for the words that docs/glossary.md gives up in favour of another.
func TestOneWordForOneThing(t *testing.T) {
	instead := glossary(t)
	if len(instead) < 4 {
		t.Fatalf("the glossary gives up %d words: the test reads it wrong", len(instead))
	}
	files := 0
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := d.Name(); d.IsDir() && (base == "node_modules" || base == "dist" || base == "migrations" || strings.HasPrefix(base, ".") && base != ".") {
			return fs.SkipDir
		}
		if ext := filepath.Ext(name); d.IsDir() || ext != ".go" && ext != ".md" && ext != ".txtar" || filepath.Base(name) == "glossary.md" {
			return nil
		}
		files++
		return checkWords(t, name, instead)
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 500 {
		t.Errorf("only %d files were looked at: the test looks in the wrong place", files)
	}
}

// words splits texts and names, also those in camelCase.
var words = regexp.MustCompile(`[A-Z]?[a-z]+|[A-Z]+`)

func checkWords(t *testing.T, name string, instead map[string]string) error {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		for _, w := range words.FindAllString(exempt.Replace(line), -1) {
			if better, ok := instead[strings.TrimSuffix(strings.ToLower(w), "s")]; ok {
				t.Errorf("%s:%d: %q: docs/glossary.md says %q for it", name, number, w, better)
			}
		}
	}
	return nil
}

// glossary is the last column of the tables of docs/glossary.md: the words that are given up, and what is said instead.
func glossary(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("docs", "glossary.md"))
	if err != nil {
		t.Fatal(err)
	}
	instead := map[string]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 {
			continue
		}
		word, not := strings.TrimSpace(cells[1]), strings.TrimSpace(cells[3])
		if not != "" && not != "not" && not != "---" {
			instead[not] = word
		}
	}
	return instead
}
