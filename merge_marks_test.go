package stampede_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// No text of the project keeps the marks that git writes around two sides of a conflict.
func TestNoMergeMarks(t *testing.T) {
	mark := regexp.MustCompile(`(?m)^(<{7}|>{7}) `)
	read := 0
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", "node_modules", "testdata"}, d.Name()):
			return filepath.SkipDir
		case d.IsDir() || !slices.Contains([]string{".md", ".go", ".ts", ".svelte", ".sh", ".sql", ".yaml", ".json", ".mod"}, filepath.Ext(name)):
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		read++
		if at := mark.FindIndex(text); at != nil {
			t.Errorf("%s has a mark of a conflict: %.60q", name, text[at[0]:])
		}
		return nil
	})
	if err != nil || read < 100 {
		t.Fatalf("%d files read: %v", read, err)
	}
}
