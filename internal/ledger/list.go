package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Filter chooses runs. The zero value chooses all.
type Filter struct {
	Focus   string    // a part of it, in any case
	Since   time.Time // started then or later
	Host    string    // a part of it, in any case
	Tag     string    // one of its tags, exactly
	Verdict string    // exactly, in any case
	Plan    string    // hash of the plan
	Name    string    // of the test, exactly
	Limit   int       // the latest so many; zero means all
}

// Runs is the runs of the ledger that a filter chooses, by start, the earliest first.
func (b *Ledger) Runs(ctx context.Context, f Filter) ([]Run, error) {
	var runs []Run
	err := b.look(ctx, func(v view) (err error) {
		where, args := f.where()
		runs, err = v.runs(ctx, where, args...)
		return err
	})
	if err != nil {
		return nil, b.explain("list the runs in", err)
	}
	runs = slices.DeleteFunc(runs, func(r Run) bool { return !f.matches(&r) })
	if f.Limit > 0 {
		runs = runs[:min(len(runs), f.Limit)]
		slices.Reverse(runs)
	}
	return runs, nil
}

// where is the part of the filter that both databases do in the same way. Upper and lower case are not: SQLite knows those of ASCII only.
func (f *Filter) where() (where string, args []any) {
	var conditions []string
	add := func(condition string, arg any) {
		conditions = append(conditions, condition)
		args = append(args, arg)
	}
	if !f.Since.IsZero() {
		add("started >= ?", f.Since.UnixNano())
	}
	if f.Plan != "" {
		add("plan_hash = ?", f.Plan)
	}
	if f.Name != "" {
		add("name = ?", f.Name)
	}
	if f.Verdict != "" {
		add("verdict = ?", strings.ToUpper(f.Verdict))
	}
	if len(conditions) > 0 {
		where = "WHERE " + strings.Join(conditions, " AND ") + " "
	}
	if f.Limit <= 0 {
		return where + "ORDER BY started, number", args
	}
	where += "ORDER BY started DESC, number DESC"
	if f.Focus == "" && f.Host == "" && f.Tag == "" { // nothing is left for matches to take away
		where += fmt.Sprintf(" LIMIT %d", f.Limit)
	}
	return where, args
}

func (f *Filter) matches(r *Run) bool {
	return contains(r.Focus, f.Focus) && contains(r.Host, f.Host) && (f.Tag == "" || slices.Contains(r.Tags, f.Tag))
}

func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// runs reads whole rows.
func (v view) runs(ctx context.Context, where string, args ...any) (runs []Run, err error) {
	all := runColumns()
	err = v.each(ctx, func(rows *sql.Rows) error {
		r, err := scanRun(rows, all)
		runs = append(runs, r)
		return err
	}, selectRuns(all)+where, args...)
	return runs, err
}
