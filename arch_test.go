package stampede_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/stampede-load/stampede"

// arrows says which rooms a room may import. A room that is not named here may import nothing of ours; a new room gets a line here and one
// in docs/architecture.md. Tests may import more.
var arrows = map[string][]string{
	"internal/suggest": {},
	"internal/pace":    {"internal/suggest"},
	"internal/mix":     {},
	"internal/hist":    {},
	"internal/fault":   {},
	"internal/format":  {},
	"internal/page":    {},
	"internal/hpack":   {},
	"internal/sse":     {},
	"internal/wire":    {"internal/fault", "internal/hpack"},
	"internal/stats":   {"internal/hist", "internal/fault"},
	"internal/vitals":  {"internal/stats", "internal/hist"},
	"internal/verdict": {"internal/stats", "internal/hist", "internal/fault", "internal/format", "internal/suggest"},
	"internal/engine":  {"internal/pace", "internal/mix", "internal/stats", "internal/fault"},
	"": {
		"internal/engine", "internal/pace", "internal/mix", "internal/stats", "internal/hist", "internal/wire", "internal/fault", "internal/page",
		"internal/verdict", "internal/vitals", "internal/format", "internal/pagetext", "internal/monitor", "internal/suspect", "internal/limit", "internal/sse",
	},
	"websocket": {"", "internal/wire", "internal/fault"},
	"grpc":      {"", "internal/fault", "internal/wire"},

	"internal/pagetext": {},
	"internal/importer": {"internal/page", "internal/sse"},
	"internal/schedule": {"internal/verdict", "internal/format"},
	"internal/deploy":   {"internal/format"},
	"internal/notify":   {},

	"internal/testsite/peer":      {"internal/testsite"},
	"internal/monitor/servertest": {"internal/testsite/peer"},

	"internal/monitor": {},
	"internal/suspect": {"internal/monitor", "internal/stats", "internal/format"},
	"internal/limit":   {"internal/stats", "internal/verdict", "internal/format"},
	"internal/compare": {"", "internal/monitor", "internal/suspect", "internal/limit", "internal/stats", "internal/hist", "internal/verdict", "internal/fault", "internal/format"},
	"internal/report":  {"", "internal/monitor", "internal/suspect", "internal/limit", "internal/compare", "internal/stats", "internal/hist", "internal/verdict", "internal/fault", "internal/format"},
	"internal/ledger":  {"", "internal/monitor", "internal/suspect", "internal/limit", "internal/stats", "internal/hist", "internal/verdict", "internal/fault", "internal/format"},
	"internal/console": {"", "internal/stats", "internal/verdict", "internal/compare", "internal/fault", "internal/format"},
	"internal/fleet":   {"", "internal/pace", "internal/stats", "internal/verdict", "internal/compare", "internal/fault", "internal/format"},
	"internal/cli":     {"", "websocket", "internal/importer", "internal/monitor", "internal/suspect", "internal/limit", "internal/fleet", "internal/report", "internal/ledger", "internal/console", "internal/compare", "internal/stats", "internal/hist", "internal/verdict", "internal/fault", "internal/format", "internal/pace", "internal/wire", "internal/vitals", "internal/schedule", "internal/deploy", "internal/notify", "internal/suggest"},
	"launch":           {"", "internal/cli"},
	"stampedetest":     {""},
	"cmd/stampede":     {"", "launch", "internal/cli", "examples"},
	"examples":         {"", "launch", "stampedetest", "websocket", "grpc"},
	"scripts":          {},
	"web":              {"", "launch", "internal/console", "internal/report", "internal/compare", "internal/stats", "internal/verdict", "internal/fault"},
	"bench":            {"", "internal/engine", "internal/hist", "internal/stats", "internal/pace", "internal/mix", "internal/wire", "internal/testsite", "internal/testsite/lamp", "internal/verdict", "internal/ledger", "internal/compare", "internal/limit", "internal/monitor", "internal/suspect", "internal/fleet", "internal/schedule", "internal/console", "internal/report", "launch", "websocket", "grpc"},
}

// readers are small pure rooms that read or mask texts, import nothing of ours, and may be used everywhere.
var readers = []string{"internal/weburl", "internal/mask", "internal/table", "internal/jsonpath"}

// owners are the only rooms that may use a library of a certain kind.
var owners = map[string][]string{
	"database/sql":              {"internal/ledger", "internal/monitor"},
	"modernc.org/sqlite":        {"internal/ledger"},
	"github.com/jackc/":         {"internal/ledger", "internal/monitor"},
	"github.com/redis/":         {"internal/monitor"},
	"github.com/aws/":           {"internal/monitor", "internal/deploy"},
	"github.com/quic-go/":       {"internal/wire"},
	"google.golang.org/":        {"grpc", "examples", "bench"},
	"github.com/nats-io/":       {"internal/fleet"},
	"html/template":             {"internal/console", "examples"},
	"github.com/spf13/":         {"internal/cli", "launch", "examples", "web", "cmd/stampede", "bench"},
	"charm.land/":               {"internal/cli"},
	"github.com/danielgtaylor/": {"internal/console"},
}

// room is the room that a folder belongs to: the longest key of arrows that is it or lies above it, or the folder itself.
func room(dir string) string {
	if dir == "." {
		dir = ""
	}
	for d := dir; d != "" && d != "."; d = path.Dir(d) {
		if _, ok := arrows[d]; ok {
			return d
		}
	}
	return dir
}

func TestArrows(t *testing.T) {
	seen := map[string]bool{}
	files := 0
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); base == "testdata" || base == "node_modules" || base == "tools" || strings.HasPrefix(base, ".") && base != "." {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		files++
		dir := filepath.ToSlash(filepath.Dir(name))
		here := room(dir)
		seen[here] = true
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imp := range f.Imports {
			checkImport(t, name, here, strings.Trim(imp.Path.Value, `"`))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Errorf("only %d files were looked at: the test looks in the wrong place", files)
	}
	for _, must := range []string{"", "internal/engine", "internal/wire"} {
		if !seen[must] {
			t.Errorf("room %q was not seen", must)
		}
	}
}

func checkImport(t *testing.T, file, here, imported string) {
	for lib, rooms := range owners {
		if strings.HasPrefix(imported, lib) && !slices.Contains(rooms, here) {
			t.Errorf("%s imports %s: only %s may", file, imported, strings.Join(rooms, ", "))
		}
	}
	if imported != module && !strings.HasPrefix(imported, module+"/") {
		return
	}
	there := room(strings.TrimPrefix(strings.TrimPrefix(imported, module), "/"))
	if there == here || slices.Contains(arrows[here], there) || slices.Contains(readers, there) && !slices.Contains(readers, here) {
		return
	}
	t.Errorf("%s imports %q: the room %q may import only %q", file, there, here, arrows[here])
}

// TestPackagesAreDocumented wants a package comment in each folder with code.
func TestPackagesAreDocumented(t *testing.T) {
	documented := map[string]bool{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && d.Name() != ".") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		dir := filepath.Dir(name)
		documented[dir] = documented[dir] || f.Doc != nil
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("package in %s has no package comment", dir)
		}
	}
}

// TestArchitectureNamesEveryRoom keeps docs/architecture.md true.
func TestArchitectureNamesEveryRoom(t *testing.T) {
	doc, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range arrows {
		if name != "" && !strings.Contains(string(doc), path.Base(name)+"/") {
			t.Errorf("docs/architecture.md does not name the room %s/", name)
		}
	}
}
