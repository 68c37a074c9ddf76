package ledger

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed migrations
var migrations embed.FS

// NewerError says that a ledger was written by a newer program, which this one must not touch.
type NewerError struct {
	Schema, Known int
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("it was written by a newer stampede (schema %d, this one knows %d): use that one, or pass --ledger for another ledger", e.Schema, e.Known)
}

// errStrange says that a database is somebody else's.
var errStrange = errors.New("it is a database of some other program, and no ledger: pass --ledger for another place")

// errDamaged says that what should tell the form of a ledger cannot.
var errDamaged = errors.New("its version cannot be read: the file is damaged or no ledger (move it away, or pass --ledger for another)")

// steps is the schema, one text for each version, from 1.
func steps(dialect string) ([]string, error) {
	dir := "migrations/" + dialect
	entries, err := fs.ReadDir(migrations, dir) // sorted by name
	if err != nil {
		return nil, err
	}
	var all []string
	for _, e := range entries {
		text, err := fs.ReadFile(migrations, dir+"/"+e.Name())
		if err != nil {
			return nil, err
		}
		all = append(all, string(text))
	}
	return all, nil
}

// migrate brings a ledger forward to a version of the schema, 0 means the last one. It never goes back.
func (b *Ledger) migrate(ctx context.Context, to int) error {
	all, err := steps(b.d.name)
	if err != nil {
		return err
	}
	if to == 0 {
		to = len(all)
	}
	// Most of the time there is nothing to do, and a look needs no lock.
	if have, err := b.schema(ctx, b.read); err == nil && have >= to {
		return newer(have, len(all))
	}
	return b.change(ctx, func(tx *sql.Tx) error {
		if b.d.lockSchema != "" { // two programs at once would both find an empty ledger
			if _, err := tx.ExecContext(ctx, b.d.lockSchema); err != nil {
				return err
			}
		}
		var others int
		if err := tx.QueryRowContext(ctx, b.d.strange).Scan(&others); err != nil {
			return err
		}
		if others > 0 {
			return errStrange
		}
		if _, err := tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS book_schema (version INTEGER NOT NULL)"); err != nil {
			return err
		}
		have, err := b.schema(ctx, tx)
		if err != nil {
			return err
		}
		if err := newer(have, len(all)); err != nil {
			return err
		}
		for version := have + 1; version <= to; version++ {
			if err := step(ctx, tx, all[version-1]); err != nil {
				return fmt.Errorf("bring the schema to version %d: %w", version, err)
			}
		}
		return b.setSchema(ctx, tx, have, to)
	})
}

func newer(have, known int) error {
	if have > known {
		return &NewerError{Schema: have, Known: known}
	}
	return nil
}

// schema is the version that a ledger has, 0 when it is new.
func (b *Ledger) schema(ctx context.Context, q querier) (int, error) {
	var version any
	if err := q.QueryRowContext(ctx, "SELECT max(version) FROM book_schema").Scan(&version); err != nil {
		return 0, err
	}
	switch v := version.(type) {
	case nil:
		return 0, nil
	case int64:
		if v >= 0 {
			return int(v), nil
		}
	}
	return 0, errDamaged
}

func (b *Ledger) setSchema(ctx context.Context, tx *sql.Tx, have, to int) error {
	if have == to {
		return nil
	}
	_, err := tx.ExecContext(ctx, b.d.bind("INSERT INTO book_schema (version) VALUES (?)"), to)
	return err
}

// step runs the statements of one version.
func step(ctx context.Context, tx *sql.Tx, text string) error {
	for _, statement := range strings.Split(withoutComments(text), ";") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// withoutComments takes SQL's comments away, in which a semicolon ends nothing. The schema has no strings with two dashes.
func withoutComments(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		code, _, commented := strings.Cut(line, "--")
		b.WriteString(code)
		if commented {
			b.WriteByte('\n')
		}
	}
	return b.String()
}
