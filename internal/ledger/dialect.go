package ledger

import (
	"database/sql"
	"strconv"
	"strings"
)

// dialect is where the two databases differ.
type dialect struct {
	name       string // the folder of its schema
	lockSchema string // keeps others from changing the schema until the transaction ends; "" when every writer is alone anyway
	strange    string // counts what a ledger cannot be beside, in a database without the schema of one
	forUpdate  string // behind a query: its rows stay as they are until the transaction ends; "" when every writer is alone anyway
	numbered   bool   // parameters are $1, $2 and not ?
}

func sqliteDialect() dialect {
	return dialect{
		name:    "sqlite",
		strange: "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'book_schema')",
	}
}

func postgresDialect() dialect {
	return dialect{
		name: "postgres", numbered: true, forUpdate: " FOR UPDATE", lockSchema: "SELECT pg_advisory_xact_lock(7310868735487763)",
		// Other tables may well be there, but not under the names of a ledger's.
		strange: "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND " +
			"table_name IN ('run', 'result', 'name', 'block', 'second', 'event', 'baseline') AND NOT EXISTS (SELECT 1 FROM " +
			"information_schema.tables WHERE table_schema = current_schema() AND table_name = 'book_schema')",
	}
}

// bind writes the parameters of a query, given as ?, in the way of the database. No query of the ledger has a ? in a string.
func (d *dialect) bind(query string) string {
	if !d.numbered {
		return query
	}
	var b strings.Builder
	n := 0
	for {
		before, after, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		n++
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		query = after
	}
}

// reading is how a transaction that only reads sees the ledger: as it was at its beginning. SQLite's always do.
func (d *dialect) reading() *sql.TxOptions {
	if !d.numbered {
		return nil
	}
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}
