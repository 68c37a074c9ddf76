package verdict_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestTruthNamesEveryReason holds docs/truth.md against the sources: whatever a verdict or a notice can say stands there in the same words,
// so that whoever searches for a line of the terminal finds what to do about it.
func TestTruthNamesEveryReason(t *testing.T) {
	page, err := os.ReadFile("../../docs/truth.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(page)), " ")
	seen := 0
	for _, file := range []string{"health_load.go", "health_vitals.go", "health_flow.go", "health_arrivals.go", "health_stall.go", "health_shift.go", "listen.go", "steady.go"} {
		for _, words := range sentences(t, file) {
			seen++
			if !strings.Contains(text, words) {
				t.Errorf("docs/truth.md lacks the words %q of %s", words, file)
			}
		}
	}
	if seen < 30 {
		t.Errorf("found only %d pieces of sentences: this test looks in the wrong places", seen)
	}
}

// sentences are the fixed parts of the longer texts in a source file: what stands between the figures.
func sentences(t *testing.T, file string) []string {
	t.Helper()
	source, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	figure := regexp.MustCompile(`%[0-9.+-]*[a-z%]`)
	var out []string
	add := func(s string) {
		for _, part := range figure.Split(s, -1) {
			part = strings.Trim(part, " ;:()")
			if strings.Count(part, " ") >= 2 {
				out = append(out, part)
			}
		}
	}
	ast.Inspect(source, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr: // a text over several lines
			if s, ok := joined(n); ok {
				add(s)
				return false
			}
		case *ast.BasicLit:
			if s, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
				add(s)
			}
		}
		return true
	})
	return out
}

// joined is the value of string literals that are added up; false when anything else is among them.
func joined(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		left, ok1 := joined(e.X)
		right, ok2 := joined(e.Y)
		return left + right, ok1 && ok2 && e.Op == token.ADD
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil && e.Kind == token.STRING
	}
	return "", false
}
