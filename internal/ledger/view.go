package ledger

import (
	"context"
	"database/sql"
	"errors"
)

// querier is what both a database and a transaction can do.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// view is a ledger at one moment: what is read through it fits together, also while a recorder turns seconds into blocks.
type view struct {
	*Ledger
	q querier
}

// look runs f with a view of now.
func (b *Ledger) look(ctx context.Context, f func(view) error) error {
	tx, err := b.read.BeginTx(ctx, b.d.reading())
	if err != nil {
		return err
	}
	err = f(view{b, tx})
	if back := tx.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) {
		return errors.Join(err, back)
	}
	return err
}

// each calls f for each row of a query.
func (v view) each(ctx context.Context, f func(*sql.Rows) error, query string, args ...any) (err error) {
	rows, err := v.q.QueryContext(ctx, v.d.bind(query), args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
