package stampede_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The sizes that CONTRIBUTING.md asks for, in lines. Tables of test cases may be long, so functions are only measured outside tests.
const (
	longestFile     = 400
	longestFunction = 60
)

// TestHabits holds those habits of CONTRIBUTING.md that can be counted: small files and functions, no init, no package whose name says
// nothing.
func TestHabits(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			base := d.Name()
			if slices.Contains([]string{"util", "utils", "common", "helpers", "base", "manager", "misc"}, base) {
				t.Errorf("%s: the name of the package says nothing", name)
			}
			if base == "testdata" || base == "node_modules" || strings.HasPrefix(base, ".") && base != "." {
				return fs.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(name, ".go") {
			files++
			return checkSizes(t, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 200 {
		t.Errorf("only %d files were looked at: the test looks in the wrong place", files)
	}
}

func checkSizes(t *testing.T, name string) error {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	if n := set.File(f.FileStart).LineCount(); n > longestFile+1 { // the last line end begins one more
		t.Errorf("%s has %d lines, more than %d: split it by ideas", name, n-1, longestFile)
	}
	if strings.HasSuffix(name, "_test.go") {
		return nil
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := set.Position(fn.End()).Line - set.Position(fn.Pos()).Line + 1; n > longestFunction {
			t.Errorf("%s: %s has %d lines, more than %d", name, fn.Name.Name, n, longestFunction)
		}
		if fn.Name.Name == "init" && fn.Recv == nil {
			t.Errorf("%s has an init function: nothing happens behind the back of whoever imports a package", name)
		}
	}
	return nil
}
