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
	numbered   bool   // parameters are $1, $2 and not ?
}

func sqliteDialect() dialect { return dialect{name: "sqlite"} }

func postgresDialect() dialect {
	return dialect{name: "postgres", numbered: true, lockSchema: "SELECT pg_advisory_xact_lock(7310868735487763)"}
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

// reading is how a transaction that only reads sees the book: as it was at its beginning. SQLite's always do.
func (d *dialect) reading() *sql.TxOptions {
	if !d.numbered {
		return nil
	}
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}
