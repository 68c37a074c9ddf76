package ledger_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/ledger/ledgertest"
)

// TestQueriesOfTheDocumentation runs every query of docs/ledger.md against a book and wants rows.
func TestQueriesOfTheDocumentation(t *testing.T) {
	where := filepath.Join(t.TempDir(), "runs.db")
	recorded(t, where, ledgertest.Load{Seconds: 70})
	doc, err := os.ReadFile("../../docs/ledger.md")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", where)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	blocks := strings.Split(string(doc), "```sql\n")[1:]
	if len(blocks) < 4 {
		t.Errorf("%d queries were found", len(blocks))
	}
	for _, block := range blocks {
		query, _, _ := strings.Cut(block, "```")
		rows, err := db.Query(query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if !rows.Next() {
			t.Errorf("%s: no rows", query)
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, table := range []string{"run", "result", "name", "block", "second", "event", "baseline", "book_schema"} {
		if !strings.Contains(string(doc), "| `"+table+"` |") {
			t.Errorf("docs/ledger.md does not name the table %s", table)
		}
	}
	var tables int
	if err := db.QueryRow("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").Scan(&tables); err != nil || tables != 8 {
		t.Errorf("%d tables, %v: docs/ledger.md names 8", tables, err)
	}
}
