package ledger

import (
	"context"
	"database/sql"
	"slices"
	"time"
)

// Ages says how old runs must be before their seconds are rolled up. The zero value is good.
type Ages struct {
	Fine   time.Duration // after that, stretches of 10 s are kept; zero means 30 days
	Medium time.Duration // after that, stretches of 60 s are kept; zero means 180 days
}

// Tidy rolls up the course of old runs, minute by minute, until ctx ends or nothing is left to do; what is left is done the next time.
// Baselines are spared: comparisons need them second by second. Rows are added up exactly: totals, and quantiles of whole windows, stay
// what they were. It says how many minutes it did.
func (b *Ledger) Tidy(ctx context.Context, now time.Time, a Ages) (minutes int, err error) {
	if a.Fine <= 0 {
		a.Fine = 30 * 24 * time.Hour
	}
	if a.Medium <= 0 {
		a.Medium = 180 * 24 * time.Hour
	}
	for _, step := range []struct {
		width int
		age   time.Duration
	}{{60, a.Medium}, {10, a.Fine}} {
		n, err := b.tidyTo(ctx, step.width, now.Add(-step.age))
		minutes += n
		if ctx.Err() != nil {
			return minutes, nil // its time is over, which is no mistake
		}
		if err != nil {
			return minutes, b.explain("roll up old runs in", err)
		}
	}
	if minutes > 0 {
		return minutes, b.shrink(ctx)
	}
	return 0, nil
}

// tidyTo rolls up the runs that started before a moment to a width.
func (b *Ledger) tidyTo(ctx context.Context, width int, before time.Time) (minutes int, err error) {
	runs, err := b.finerThan(ctx, width, before)
	if err != nil || len(runs) == 0 {
		return 0, err
	}
	// Those that have nothing as fine (rows of spreadsheets, short runs) are marked at once, and not one by one.
	if err := b.change(ctx, func(tx *sql.Tx) error {
		return b.exec(ctx, tx, "UPDATE run SET finest = ? WHERE "+finer+" AND NOT EXISTS (SELECT 1 FROM block WHERE block.run = run.number AND "+
			"block.name = 0 AND block.width < ?)", width, width, before.UnixNano(), string(Running), width)
	}); err != nil {
		return 0, err
	}
	if runs, err = b.finerThan(ctx, width, before); err != nil {
		return 0, err
	}
	for _, run := range runs {
		n, err := b.tidyRun(ctx, run, width)
		minutes += n
		if err != nil {
			return minutes, err
		}
	}
	return minutes, nil
}

// finer chooses runs to roll up: by a width, a start in ns, and the state in which they must not be.
const finer = "finest < ? AND started < ? AND state <> ? AND number NOT IN (SELECT run FROM baseline)"

// finerThan is the runs that started before a moment and may have finer stretches than a width.
func (b *Ledger) finerThan(ctx context.Context, width int, before time.Time) (runs []int64, err error) {
	err = b.look(ctx, func(v view) error {
		return v.each(ctx, func(rows *sql.Rows) error {
			var run int64
			err := rows.Scan(&run)
			runs = append(runs, run)
			return err
		}, "SELECT number FROM run WHERE "+finer+" ORDER BY started", width, before.UnixNano(), string(Running))
	})
	return runs, err
}

// tidyRun rolls one run up, each minute in a transaction of its own: others want to write too.
func (b *Ledger) tidyRun(ctx context.Context, run int64, width int) (done int, err error) {
	var minutes []int
	err = b.look(ctx, func(v view) error {
		return v.each(ctx, func(rows *sql.Rows) error {
			var at int
			err := rows.Scan(&at)
			minutes = append(minutes, at)
			return err
		}, "SELECT minute FROM block WHERE run = ? AND name = 0 AND width < ? ORDER BY minute", run, width)
	})
	if err != nil {
		return 0, err
	}
	for _, at := range minutes {
		err := b.change(ctx, func(tx *sql.Tx) error {
			_, err := b.rollUp(ctx, tx, run, at, width)
			return err
		})
		if err != nil {
			return done, err
		}
		done++
	}
	return done, b.change(ctx, func(tx *sql.Tx) error {
		return b.exec(ctx, tx, "UPDATE run SET finest = ? WHERE number = ?", width, run)
	})
}

// shrink gives room that nobody needs any more back to the disk. A server does that by itself.
func (b *Ledger) shrink(ctx context.Context) error {
	if b.path == "" {
		return nil
	}
	_, err := b.write.ExecContext(ctx, "PRAGMA incremental_vacuum")
	return err
}

// Keep says which runs stay in the ledger. The zero value keeps all.
type Keep struct {
	Age  time.Duration // those that started since; zero means no limit
	Runs int           // the latest so many; zero means no limit
}

// Beyond is the runs that a rule does not keep, by start. Baselines and runs in progress are always kept.
func (b *Ledger) Beyond(ctx context.Context, k Keep, now time.Time) ([]Run, error) {
	runs, err := b.Runs(ctx, Filter{})
	if err != nil {
		return nil, err
	}
	baselines, err := b.Baselines(ctx)
	if err != nil {
		return nil, err
	}
	var old []Run
	for i := range runs {
		tooOld := k.Age > 0 && runs[i].Started.Before(now.Add(-k.Age))
		tooMany := k.Runs > 0 && i < len(runs)-k.Runs
		if tooOld || tooMany {
			old = append(old, runs[i])
		}
	}
	return slices.DeleteFunc(old, func(r Run) bool {
		for _, n := range baselines {
			if n == r.Number {
				return true
			}
		}
		return r.State == Running
	}), nil
}
