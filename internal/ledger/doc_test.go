package ledger_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/ledger/ledgertest"
)

// runQueries runs every query of docs/ledger.md against a ledger and wants rows. It gives the text of the page.
func runQueries(t *testing.T, db *sql.DB) (doc string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/ledger.md")
	if err != nil {
		t.Fatal(err)
	}
	doc = string(text)
	blocks := strings.Split(doc, "```sql\n")[1:]
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
			t.Errorf("%s: no rows: %v", query, rows.Err())
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
	return doc
}

// TestQueriesOfTheDocumentation runs the queries, and wants the page to name every table.
func TestQueriesOfTheDocumentation(t *testing.T) {
	where := filepath.Join(t.TempDir(), "runs.db")
	recorded(t, where, ledgertest.Load{Seconds: 70})
	db, err := sql.Open("sqlite", where)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	doc := runQueries(t, db)
	for _, table := range []string{"run", "result", "name", "block", "second", "event", "baseline", "schedule", "turn", "book_schema"} {
		if !strings.Contains(doc, "| `"+table+"` |") {
			t.Errorf("docs/ledger.md does not name the table %s", table)
		}
	}
	var tables int
	if err := db.QueryRow("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").Scan(&tables); err != nil || tables != 10 {
		t.Errorf("%d tables, %v: docs/ledger.md names 10", tables, err)
	}
}
