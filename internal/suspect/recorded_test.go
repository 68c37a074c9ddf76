package suspect

import (
	"compress/gzip"
	"encoding/gob"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// recorded is a real run of a site of Apache, PHP, MariaDB and Redis with something planted, as "go run ./bench -keep FOLDER suspects" keeps it.
type recorded struct {
	Plant  string
	Run    Run
	Series []Series
}

// TestRecordedRuns judges real runs, with the server that was planted and without it.
func TestRecordedRuns(t *testing.T) {
	right := map[string][]string{
		"cpu": {"php-host.cpu"}, "workers": {"web.busy_workers"}, "connections": {"db.connections", "db.refused"}, "script": {"cache.cpu"},
		"query": {"db.full_scans", "db.rows_read"}, "lock": {"db.waiting"}, "blocked": {"cache.answer_time"}, "full": {"cache.memory", "cache.errors"},
		"outside": {"api.api_last_seconds"}, "backlog": {"kernel.listen_overflows"}, "healthy": nil,
	}
	paths, err := filepath.Glob("testdata/*.gob.gz")
	if err != nil || len(paths) != len(right) {
		t.Fatalf("%d runs, %v", len(paths), err)
	}
	for _, path := range paths {
		r := readRecorded(t, path)
		names, known := right[r.Plant]
		if !known {
			t.Fatalf("%s: nothing is known of %q", path, r.Plant)
		}
		f := Find(r.Run, r.Series)
		if names == nil {
			if len(f.Suspects) > 0 {
				t.Errorf("%s: %s", r.Plant, f.Text)
			}
			continue
		}
		if len(f.Suspects) == 0 || !slices.Contains(names, f.Suspects[0].Server+"."+f.Suspects[0].Series) {
			t.Errorf("%s: %s", r.Plant, f.Text)
		}
		server, _, _ := strings.Cut(strings.TrimSuffix(names[0], "-host.cpu"), ".")
		blind := slices.DeleteFunc(r.Series, func(s Series) bool { return s.Server == server || s.Server == server+"-host" })
		if f := Find(r.Run, blind); len(f.Suspects) > 0 {
			t.Errorf("%s, with %s not watched: %s", r.Plant, server, f.Text)
		}
	}
}

func readRecorded(t *testing.T, path string) (r recorded) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := gob.NewDecoder(z).Decode(&r); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return r
}
