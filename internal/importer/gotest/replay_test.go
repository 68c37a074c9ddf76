package gotest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/importer/flow"
	"github.com/stampede-load/stampede/internal/importer/gotest"
	"github.com/stampede-load/stampede/internal/importer/har"
)

// flows are what people do on sites of the usual makes.
var flows = []struct {
	name string
	site func() *site
	flow func(b *browser, user, password string)
}{
	{"wordpress", wordpress, wordpressFlow},
	{"django", django, djangoFlow},
	{"rails", rails, railsFlow},
	{"viewstate", viewstate, viewstateFlow},
	{"oauth", oauth, oauthFlow},
	{"refresh", refresh, refreshFlow},
	{"orders", orders, ordersFlow},
	{"nonces", nonces, noncesFlow},
	{"laravel", laravel, laravelFlow},
	{"client", client, clientFlow},
	{"live", live, liveFlow},
}

const alice, bob, carol = "alice@example.org", "bob@example.org", "carol@example.org"

// written is a test of one flow, in a package of its own.
type written struct {
	name  string
	site  *site
	url   string
	files map[string][]byte
}

func makeTest(t testing.TB, name string, hars ...[]byte) map[string][]byte {
	t.Helper()
	var store importer.Store
	defer store.Close()
	var all []*importer.Recording
	for i, h := range hars {
		r, err := har.Read(bytes.NewReader(h), name, &store)
		if err != nil {
			t.Fatal(err)
		}
		r.Name = fmt.Sprintf("%s-%d.har", name, i+1)
		all = append(all, r)
	}
	test, err := flow.Make(all, flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	files, err := gotest.Files(test, name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return files
}

// Each flow is recorded with two accounts, and with one; what is written of it compiles, holds no secret, is the same each time, and a third
// account goes through it to the end on a site that refuses every value that it has not just given.
func TestFlowsReplayWithAnotherAccount(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles more than fifty tests")
	}
	var all []written
	for _, f := range flows {
		s := f.site()
		server := httptest.NewServer(s)
		defer server.Close()
		var hars [][]byte
		for i, who := range []string{alice, bob} {
			b := newBrowser(t, server.URL, 20+i)
			f.flow(b, who, accounts[who])
			if s.done[who] != 1 {
				t.Fatalf("%s: the recording is not whole: %v", f.name, s.done)
			}
			hars = append(hars, b.har())
		}
		for _, w := range []written{
			{"two_" + f.name, s, server.URL, makeTest(t, f.name, hars...)},
			{"one_" + f.name, s, server.URL, makeTest(t, f.name, hars[0])},
		} {
			all = append(all, w)
			if again := makeTest(t, f.name, hars[:2-strings.Count(w.name, "one_")]...); !bytes.Equal(again["main.go"], w.files["main.go"]) {
				t.Errorf("%s is not the same each time", w.name)
			}
			if bytes.Contains(w.files["main.go"], []byte(accounts[alice])) || bytes.Contains(w.files["main.go"], []byte(alice)) {
				t.Errorf("%s holds a secret:\n%s", w.name, w.files["main.go"])
			}
			if dir := os.Getenv("STAMPEDE_KEEP_FLOWS"); dir != "" {
				keep(t, filepath.Join(dir, w.name), w.files)
			}
		}
	}
	room, through := writeWaitingRoom(t)
	out := tryAll(t, all, slices.Concat(room, writeOddities(t), writePlaywright(t), writeWordPress(t)))
	through(out)
	for _, w := range all {
		if got := w.site.done[carol]; got != 2 {
			t.Errorf("%s: carol went through it %d times in both tests together\n%s", w.name, got, out[w.name])
		}
		if !strings.Contains(out[w.name], " 0 failed") {
			t.Errorf("%s:\n%s\n%s", w.name, out[w.name], w.files["main.go"])
		}
	}
}

// tryAll compiles all tests into one program, in which check is run for each but those that are only to compile, and gives what it printed.
func tryAll(t *testing.T, all, others []written) map[string]string {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	const own = "module github.com/stampede-load/stampede\n"
	files := map[string][]byte{
		"go.sum": sum,
		"go.mod": []byte("module flows\n" + strings.TrimPrefix(string(mod), own) + "\nrequire github.com/stampede-load/stampede v0.0.0\nreplace github.com/stampede-load/stampede => " + root + "\n"),
	}
	var list strings.Builder
	for _, w := range append(others, all...) {
		files[w.name+".go"] = besideOthers(t, w)
		for name, text := range w.files {
			files[filepath.Join("data", w.name, name)] = text
		}
		if w.site == nil {
			continue
		}
		if rows := w.files["accounts.csv"]; rows != nil {
			lines := strings.SplitN(string(rows), "\n", 3) // the columns and alice
			files[filepath.Join("data", w.name, "accounts.csv")] = []byte(lines[0] + "\n" + strings.NewReplacer(alice, carol, accounts[alice], accounts[carol]).Replace(lines[1]) + "\n")
		}
		fmt.Fprintf(&list, "\t\t{%[1]q, %[2]q, Test_%[1]s()},\n", w.name, w.url)
	}
	files["main.go"] = []byte(strings.Replace(allOfThem, "LIST", list.String(), 1))
	keep(t, dir, files)
	// Nothing of it is to be quick but the compiler.
	run := exec.CommandContext(t.Context(), "go", "run", "-gcflags=-N -l", "-ldflags=-s -w", ".")
	run.Dir = dir
	var errs bytes.Buffer
	run.Stderr = &errs
	b, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	out := map[string]string{}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return out
}

// allOfThem is the program around the tests.
const allOfThem = `package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"io/fs"
	"os"

	"github.com/stampede-load/stampede"
)

//go:embed all:data
var data embed.FS

// folder is what a test has embedded.
type folder struct{ fs.FS }

func (f folder) ReadFile(name string) ([]byte, error) { return fs.ReadFile(f.FS, name) }

func of(test string) folder { return folder{stampede.Must(fs.Sub(data, "data/"+test))} }

func main() {
	out := map[string]string{}
	for _, f := range []struct {
		name, url string
		test      stampede.Test
	}{
LIST	} {
		var b bytes.Buffer
		if err := stampede.Try(context.Background(), stampede.Plan{Test: f.test, Host: f.url}, &b); err != nil {
			b.WriteString(err.Error())
		}
		out[f.name] = b.String()
	}
	_ = json.NewEncoder(os.Stdout).Encode(out)
}
`

// besideOthers is the program of a test as one file of a package with others: a package for each would take most of the time that all this takes.
// What it declares has the test's name behind its own, main returns the test, and what it embeds is of its folder. Nothing else is changed.
func besideOthers(t *testing.T, w written) []byte {
	t.Helper()
	text := strings.NewReplacer("func main() {\n\tlaunch.Main(stampede.Test{", "func Test() stampede.Test {\n\treturn (stampede.Test{",
		"\t\"github.com/stampede-load/stampede/launch\"\n", "", "\t\"embed\"\n", "").Replace(string(w.files["main.go"]))
	if before, rest, ok := strings.Cut(text, "//go:embed "); ok {
		_, after, _ := strings.Cut(rest, "var files embed.FS\n")
		text = before + "var files = of(\"" + w.name + "\")\n" + after
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, w.name, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%s: %v\n%s", w.name, err, text)
	}
	declared := map[string]bool{}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			declared[d.Name.Name] = declared[d.Name.Name] || d.Recv == nil
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					declared[s.Name.Name] = true
				case *ast.ValueSpec:
					for _, n := range s.Names {
						declared[n.Name] = true
					}
				}
			}
		}
	}
	var ends []int // of the names that are to be longer
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv != nil { // the name of a method is its type's
				ast.Inspect(n.Recv, func(n ast.Node) bool { return atNames(n, declared, set, &ends) })
				ast.Inspect(n.Type, func(n ast.Node) bool { return atNames(n, declared, set, &ends) })
				ast.Inspect(n.Body, func(n ast.Node) bool { return atNames(n, declared, set, &ends) })
				return false
			}
		}
		return atNames(n, declared, set, &ends)
	})
	slices.Sort(ends)
	for _, at := range slices.Backward(slices.Compact(ends)) {
		text = text[:at] + "_" + w.name + text[at:]
	}
	return []byte(text)
}

// atNames notes where a name ends that is declared for the package, and passes over those of fields and of what other packages have.
func atNames(n ast.Node, declared map[string]bool, set *token.FileSet, ends *[]int) bool {
	look := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool { return atNames(n, declared, set, ends) })
	}
	switch n := n.(type) {
	case *ast.SelectorExpr:
		look(n.X)
		return false
	case *ast.KeyValueExpr:
		if _, field := n.Key.(*ast.Ident); !field {
			look(n.Key)
		}
		look(n.Value)
		return false
	case *ast.Field:
		look(n.Type)
		return false
	case *ast.Ident:
		if declared[n.Name] {
			*ends = append(*ends, set.Position(n.End()).Offset)
		}
	}
	return true
}

func keep(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
