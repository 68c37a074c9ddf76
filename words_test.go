package stampede_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// oldWords are words that the project once had for things that the field has words for; docs/glossary.md says which. They may not come back.
var oldWords = regexp.MustCompile(`(?i)\b(desks?|crews?|newcomers?|sits?|sitting|the book|a book|our book|in the book)\b`)

// oldNames are identifiers that said nothing to whoever did not write them.
var oldNames = []string{"book", "crew", "desk", "hand", "newcomer", "newcomers", "sit", "wind"}

// pageNames are how the example's pages may be called, or were once.
var pageNames = regexp.MustCompile(`Logged In (Events?|Store|Fanclub|Fan)\b( Page\b)?( Club\b)?`)

// pagesNow are the names of the case that the project began with.
var pagesNow = []string{"Logged In Event Page", "Logged In Store Page", "Logged In Fan Club"}

// TestOldWords holds names, texts and pages to the words of the glossary.
func TestOldWords(t *testing.T) {
	read := 0
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", "node_modules", "dist", "build"}, d.Name()):
			return filepath.SkipDir
		case d.IsDir() || name == "words_test.go":
			return nil
		case strings.Contains(name, "testdata") && filepath.Ext(name) != ".txtar": // recorded sites and files of others
			return nil
		case !slices.Contains([]string{".md", ".go", ".ts", ".svelte", ".txtar", ".sh", ".sql", ".js"}, filepath.Ext(name)):
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		read++
		checkWords(t, name, string(text))
		if filepath.Ext(name) == ".go" {
			return checkNames(t, name)
		}
		return nil
	})
	if err != nil || read < 500 {
		t.Fatalf("%d files read: %v", read, err)
	}
}

func checkWords(t *testing.T, name, text string) {
	t.Helper()
	for n, line := range strings.Split(text, "\n") {
		if name == filepath.Join("docs", "glossary.md") || strings.Contains(line, "dolor sit amet") {
			continue
		}
		if w := oldWords.FindString(line); w != "" {
			t.Errorf("%s:%d: %q: docs/glossary.md has another word", name, n+1, w)
		}
		for _, w := range pageNames.FindAllString(line, -1) {
			if !slices.Contains(pagesNow, w) && !strings.Contains(line, "…") { // a terminal cuts names
				t.Errorf("%s:%d: %q: the example's pages are %s", name, n+1, w, strings.Join(pagesNow, ", "))
			}
		}
	}
}

// checkNames looks at what a file declares: old names of things, and old words as parts of names.
func checkNames(t *testing.T, name string) error {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	check := func(id *ast.Ident) {
		for _, w := range words(id.Name) {
			if w == strings.ToLower(id.Name) && slices.Contains(oldNames, w) || slices.Contains([]string{"desk", "crew", "newcomer", "newcomers", "sit"}, w) {
				t.Errorf("%s declares %s: name it by a word of docs/glossary.md", name, id.Name)
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			check(n.Name)
		case *ast.TypeSpec:
			check(n.Name)
		case *ast.Field:
			for _, id := range n.Names {
				check(id)
			}
		}
		return true
	})
	if slices.Contains([]string{"show", "book", "crew", "desk"}, f.Name.Name) {
		t.Errorf("%s is in package %s: name it by a word of docs/glossary.md", name, f.Name.Name)
	}
	return nil
}

// words are those of a name, in lower case: waitTime is wait and time.
func words(name string) []string {
	var out []string
	begin := 0
	runes := []rune(name)
	for i := range runes {
		if i > 0 && (runes[i] == '_' || unicode.IsUpper(runes[i]) && !unicode.IsUpper(runes[i-1])) {
			out = append(out, strings.ToLower(strings.Trim(string(runes[begin:i]), "_")))
			begin = i
		}
	}
	return append(out, strings.ToLower(strings.Trim(string(runes[begin:]), "_")))
}
