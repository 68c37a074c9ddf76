package gotest_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/importer/flow"
	"github.com/stampede-load/stampede/internal/importer/gotest"
)

// Names and values of a recording are whatever somebody has sent: none of them becomes code.
func TestHostileNames(t *testing.T) {
	const hostile = "x\nfunc init() { panic(1) }\n//`\"\\"
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	quoted := fmt.Sprintf("%q", hostile)
	for _, name := range []string{hostile, "token" + hostile, "password" + hostile, "type", "`", "\x00"} {
		q := &importer.Request{
			Method: "POST", URL: "https://shop.example/" + "a%0Afunc", Type: "application/json", Kind: importer.Data, Start: at,
			Header: []importer.Field{{Name: "X-" + name, Value: hostile}},
			Body:   []byte(`{` + fmt.Sprintf("%q", "k"+strings.ReplaceAll(name, "\x00", "")) + `:"Zk3mQ8vT2xWp7LrB5yNd9",` + quoted + `:` + quoted + `}`),
		}
		before := &importer.Request{Method: "POST", URL: "https://shop.example/first", Kind: importer.Data, Start: at, Name: hostile}
		before.Response = importer.Response{Status: 200, Type: "application/json", Body: importer.TextOf([]byte(`{` + quoted + `:"Zk3mQ8vT2xWp7LrB5yNd9"}`))}
		test, err := flow.Make([]*importer.Recording{{Name: hostile, Requests: []*importer.Request{before, q}}}, flow.Options{Name: hostile})
		if err != nil {
			t.Fatal(err)
		}
		files, err := gotest.Files(test, "hostile")
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), "main.go", files["main.go"], 0)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "init" {
				t.Errorf("%q became code:\n%s", name, files["main.go"])
			}
		}
	}
}
