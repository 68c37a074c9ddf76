package ledger

import (
	"context"
	"database/sql"
	"errors"

	"github.com/stampede-load/stampede/internal/stats"
)

// errDeleted says that there is nothing left to write to.
var errDeleted = errors.New("somebody deleted the run while it was recorded")

// resume takes back what a repair did to a run that is still being recorded. A server that was restarted, or to which the connection broke,
// has forgotten who records: whoever opened the ledger then took the run for one that was cut off. Its row goes on, its seconds are seconds
// again, and its result comes when it ends.
func (b *Ledger) resume(ctx context.Context, tx *sql.Tx, on *written) error {
	run := on.run.Number
	if run == 0 || on.over {
		return nil
	}
	var state string
	err := tx.QueryRowContext(ctx, b.d.bind("SELECT state FROM run WHERE number = ?"), run).Scan(&state)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return errDeleted
	case err != nil || State(state) != Interrupted:
		return err
	}
	if on.names, err = (view{b, tx}).numbers(ctx, run); err != nil { // a repair gives numbers too
		return err
	}
	var failures any // NULL when there are none
	if on.errors != nil {
		failures = on.errors
	}
	if err := b.exec(ctx, tx, "UPDATE run SET state = ?, stopped = '', results = '', verdict = '', errors = ? WHERE number = ?",
		string(Running), failures, run); err != nil {
		return err
	}
	if err := b.exec(ctx, tx, "DELETE FROM result WHERE run = ?", run); err != nil {
		return err
	}
	return b.freshAgain(ctx, tx, run, on.fresh)
}

// freshAgain writes seconds that a repair made blocks of as seconds.
func (b *Ledger) freshAgain(ctx context.Context, tx *sql.Tx, run int64, fresh []*stats.Snapshot) error {
	if len(fresh) == 0 {
		return nil
	}
	if err := b.exec(ctx, tx, "DELETE FROM block WHERE run = ? AND minute >= ?", run, fresh[0].Second/minute); err != nil {
		return err
	}
	for _, s := range fresh {
		if err := b.writeSecond(ctx, tx, run, s.Second, s.AppendBinary(nil)); err != nil {
			return err
		}
	}
	return nil
}

// writeSecond writes a second that is no block yet.
func (b *Ledger) writeSecond(ctx context.Context, tx *sql.Tx, run int64, second int, raw []byte) error {
	return b.exec(ctx, tx, "INSERT INTO second (run, second, data) VALUES (?, ?, ?) ON CONFLICT (run, second) DO UPDATE SET data = excluded.data",
		run, second, b.pack.pack(raw))
}
