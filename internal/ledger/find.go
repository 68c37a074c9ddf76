package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Find gives the run that a person names: its id or a prefix of it that no other id has, "last", "last~2" (the second before the last),
// "baseline" (of the plan of the last run) or "baseline:HASH", or the name of a test, which means its last run. Runs of spreadsheets
// are never the last one.
func (b *Ledger) Find(ctx context.Context, ref string) (*Run, error) {
	var found *Run
	err := b.look(ctx, func(v view) (err error) {
		found, err = v.find(ctx, strings.TrimSpace(ref))
		return err
	})
	if err != nil {
		return nil, b.explain("find run "+strconv.Quote(ref)+" in", err)
	}
	return found, nil
}

func (v view) find(ctx context.Context, ref string) (*Run, error) {
	word, back, counted := strings.Cut(ref, "~")
	switch {
	case word == "last":
		n := 0
		if counted {
			var err error
			if n, err = strconv.Atoi(back); err != nil || n < 0 {
				return nil, fmt.Errorf("%q is not a number of runs to go back: write last~1", back)
			}
		}
		return v.nth(ctx, n)
	case ref == "baseline" || strings.HasPrefix(ref, "baseline:"):
		return v.baseline(ctx, strings.TrimPrefix(strings.TrimPrefix(ref, "baseline"), ":"))
	case ref == "":
		return nil, errors.New("name it by its id, a prefix of that, last, last~1, baseline, or the name of its test")
	}
	runs, err := v.runs(ctx, "WHERE id LIKE ? ESCAPE '!' ORDER BY id", likePrefix(ref))
	switch {
	case err != nil:
		return nil, err
	case len(runs) == 1 || len(runs) > 1 && runs[0].ID == ref:
		return &runs[0], nil
	case len(runs) > 1:
		return nil, fmt.Errorf("%d runs begin with it, such as %s and %s: give more of the id", len(runs), runs[0].ID, runs[1].ID)
	}
	if runs, err = v.runs(ctx, "WHERE name = ? ORDER BY started DESC, number DESC LIMIT 1", ref); err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		return nil, errors.New("there is none with this id or name (runs list shows all)")
	}
	return &runs[0], nil
}

// likePrefix is a pattern for texts that begin with a prefix.
func likePrefix(prefix string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(prefix) + "%"
}

// nth is the run that came into the ledger so many before the last.
func (v view) nth(ctx context.Context, back int) (*Run, error) {
	runs, err := v.runs(ctx, "WHERE state <> ? ORDER BY number DESC LIMIT 1 OFFSET ?", string(Imported), back)
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		if back == 0 {
			return nil, errors.New("the ledger has no runs yet that stampede recorded (a row of a spreadsheet is named by its id)")
		}
		return nil, fmt.Errorf("the ledger has fewer than %d recorded runs", back+1)
	}
	return &runs[0], nil
}

// ErrNoBaseline means that no run was marked for a plan.
var ErrNoBaseline = errors.New("has no baseline")

// baseline is what the runs of a plan are compared with. plan is a hash, "" means that of the last run.
func (v view) baseline(ctx context.Context, plan string) (*Run, error) {
	if plan == "" {
		last, err := v.nth(ctx, 0)
		if err != nil {
			return nil, err
		}
		plan = last.PlanHash
	}
	var number int64
	err := v.q.QueryRowContext(ctx, v.d.bind("SELECT run FROM baseline WHERE plan = ?"), plan).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("the plan %s %w: runs baseline set RUN chooses one", plan, ErrNoBaseline)
	}
	if err != nil {
		return nil, err
	}
	runs, err := v.runs(ctx, "WHERE number = ?", number)
	if err != nil || len(runs) == 0 {
		return nil, errors.Join(err, errors.New("its run is gone"))
	}
	return &runs[0], nil
}

// SetBaseline makes a run what the runs of a plan are compared with. plan is a hash, "" means the run's own.
func (b *Ledger) SetBaseline(ctx context.Context, run *Run, plan string) error {
	if plan == "" {
		plan = run.PlanHash
	}
	return b.explain("set the baseline in", b.change(ctx, func(tx *sql.Tx) error {
		return b.exec(ctx, tx, "INSERT INTO baseline (plan, run) VALUES (?, ?) ON CONFLICT (plan) DO UPDATE SET run = excluded.run", plan, run.Number)
	}))
}

// Baselines is the runs that are baselines, by the hash of the plan.
func (b *Ledger) Baselines(ctx context.Context) (map[string]int64, error) {
	known := map[string]int64{}
	err := b.look(ctx, func(v view) error {
		return v.each(ctx, func(rows *sql.Rows) error {
			var plan string
			var run int64
			err := rows.Scan(&plan, &run)
			known[plan] = run
			return err
		}, "SELECT plan, run FROM baseline")
	})
	return known, b.explain("read the baselines in", err)
}
