package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/stampede-load/stampede/internal/stats"
)

// Plan gives the hash of a plan by its beginning; "" means that no run has such a plan. Several plans that begin alike give an error.
func (b *Ledger) Plan(ctx context.Context, ref string) (hash string, err error) {
	if ref == "" {
		return "", nil
	}
	var found []string
	err = b.look(ctx, func(v view) error {
		return v.each(ctx, func(rows *sql.Rows) error {
			var hash string
			err := rows.Scan(&hash)
			found = append(found, hash)
			return err
		}, "SELECT DISTINCT plan_hash FROM run WHERE plan_hash LIKE ? ESCAPE '!' ORDER BY plan_hash LIMIT 2", likePrefix(ref))
	})
	switch {
	case err != nil:
	case len(found) == 0:
		return "", nil
	case len(found) == 1 || found[0] == ref:
		return found[0], nil
	default:
		err = fmt.Errorf("several plans begin with %s, such as %s and %s: give more of the hash", ref, found[0], found[1])
	}
	return "", b.explain("find a plan in", err)
}

// PlanNames is the request names of all runs of a plan, sorted.
func (b *Ledger) PlanNames(ctx context.Context, hash string) (keys []stats.Key, err error) {
	err = b.look(ctx, func(v view) error {
		return v.each(ctx, func(rows *sql.Rows) error {
			var k stats.Key
			err := rows.Scan(&k.Type, &k.Name)
			keys = append(keys, k)
			return err
		}, "SELECT DISTINCT type, name FROM name WHERE run IN (SELECT number FROM run WHERE plan_hash = ?)", hash)
	})
	slices.SortFunc(keys, stats.Key.Compare)
	return keys, b.explain("read the names of the plan "+hash+" in", err)
}
