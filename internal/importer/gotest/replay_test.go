package gotest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
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
}

const alice, bob, carol = "alice@example.org", "bob@example.org", "carol@example.org"

// written is a test of one flow, in a package of its own.
type written struct {
	name  string
	site  *site
	url   string
	files map[string][]byte
}

func makeTest(t *testing.T, name string, hars ...[]byte) map[string][]byte {
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
		t.Skip("compiles twenty tests")
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
	out := tryAll(t, all)
	for _, w := range all {
		if got := w.site.done[carol]; got != 2 {
			t.Errorf("%s: carol went through it %d times in both tests together\n%s", w.name, got, out[w.name])
		}
		if !strings.Contains(out[w.name], " 0 failed") {
			t.Errorf("%s:\n%s\n%s", w.name, out[w.name], w.files["main.go"])
		}
	}
}

// tryAll compiles all tests into one program, in which check is run for each, and gives what it printed.
func tryAll(t *testing.T, all []written) map[string]string {
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
	var imports, list strings.Builder
	for _, w := range all {
		// As a package of the same program: the test is returned, and not run as a program.
		main := strings.NewReplacer("package main\n", "package "+w.name+"\n", "func main() {\n\tlaunch.Main(stampede.Test{", "func Test() stampede.Test {\n\treturn (stampede.Test{",
			"\t\"github.com/stampede-load/stampede/launch\"\n", "").Replace(string(w.files["main.go"]))
		for name, text := range w.files {
			files[filepath.Join(w.name, name)] = text
		}
		files[filepath.Join(w.name, "main.go")] = []byte(main)
		if rows := w.files["accounts.csv"]; rows != nil {
			lines := strings.SplitN(string(rows), "\n", 3) // the columns and alice
			files[filepath.Join(w.name, "accounts.csv")] = []byte(lines[0] + "\n" + strings.NewReplacer(alice, carol, accounts[alice], accounts[carol]).Replace(lines[1]) + "\n")
		}
		fmt.Fprintf(&imports, "\t%q\n", "flows/"+w.name)
		fmt.Fprintf(&list, "\t\t{%q, %q, %s.Test()},\n", w.name, w.url, w.name)
	}
	files["main.go"] = []byte("package main\n\nimport (\n\t\"bytes\"\n\t\"context\"\n\t\"encoding/json\"\n\t\"os\"\n\n\t\"github.com/stampede-load/stampede\"\n" + imports.String() + ")\n\nfunc main() {\n\tout := map[string]string{}\n" +
		"\tfor _, f := range []struct {\n\t\tname, url string\n\t\ttest stampede.Test\n\t}{\n" + list.String() + "\t} {\n\t\tvar b bytes.Buffer\n\t\tif err := stampede.Try(context.Background(), stampede.Plan{Test: f.test, Host: f.url}, &b); err != nil {\n" +
		"\t\t\tb.WriteString(err.Error())\n\t\t}\n\t\tout[f.name] = b.String()\n\t}\n\t_ = json.NewEncoder(os.Stdout).Encode(out)\n}\n")
	keep(t, dir, files)
	run := exec.CommandContext(t.Context(), "go", "run", "-ldflags=-s -w", ".")
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
