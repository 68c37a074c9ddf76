package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Note is what a person adds to a run. The zero value adds nothing.
type Note struct {
	Changes, Focus, Notes, Results string // appended, on a line of their own
	Links, Tags                    []string
	Untag                          []string // taken away
	Replace                        bool     // the texts replace those that are there; an empty one clears
}

// Write adds to what people say of a run, and gives the run as it is then.
func (b *Book) Write(ctx context.Context, run *Run, n Note) (*Run, error) {
	var after *Run
	err := b.change(ctx, func(tx *sql.Tx) error {
		runs, err := view{b, tx}.runs(ctx, "WHERE number = ?", run.Number)
		if err != nil {
			return err
		}
		if len(runs) == 0 {
			return errors.New("it is gone")
		}
		after = &runs[0]
		n.apply(after)
		cleanRun(after)
		return b.updateRun(ctx, tx, after, "changes", "focus", "notes", "added", "links", "tags")
	})
	if err != nil {
		return nil, b.explain("note on run "+run.ID+" in", err)
	}
	return after, nil
}

func (n *Note) apply(r *Run) {
	for _, t := range []struct {
		to  *string
		add string
	}{{&r.Changes, n.Changes}, {&r.Focus, n.Focus}, {&r.Notes, n.Notes}, {&r.Added, n.Results}} {
		switch {
		case n.Replace:
			*t.to = t.add
		case t.add != "":
			*t.to = strings.TrimPrefix(*t.to+"\n"+t.add, "\n")
		}
	}
	r.Links, r.Tags = addNew(r.Links, n.Links), addNew(r.Tags, n.Tags)
	r.Tags = slices.DeleteFunc(r.Tags, func(t string) bool { return slices.Contains(n.Untag, t) })
}

// addNew appends what is not there.
func addNew(have, more []string) []string {
	for _, m := range more {
		if m != "" && !slices.Contains(have, m) {
			have = append(have, m)
		}
	}
	return have
}

// Delete takes runs out of the book, with all they have. A run that is being recorded stays, and is an error.
func (b *Book) Delete(ctx context.Context, runs ...Run) error {
	err := b.change(ctx, func(tx *sql.Tx) error {
		for i := range runs {
			now, err := view{b, tx}.runs(ctx, "WHERE number = ?", runs[i].Number)
			if err != nil {
				return err
			}
			if len(now) == 1 && now[0].State == Running {
				return fmt.Errorf("run %s is being recorded: stop it first", now[0].ID)
			}
			if err := b.exec(ctx, tx, "DELETE FROM run WHERE number = ?", runs[i].Number); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = b.shrink(ctx)
	}
	return b.explain("delete from", err)
}
