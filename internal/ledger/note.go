package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Part is a part of a run that people write.
type Part string

// The parts of a run that people write.
const (
	PartChanges Part = "changes"
	PartFocus   Part = "focus"
	PartNotes   Part = "notes"
	PartResults Part = "results" // after the words of stampede, which stay
	PartLinks   Part = "links"
)

// Note is what a person adds to a run. The zero value adds nothing.
type Note struct {
	Changes, Focus, Notes, Results string // appended, on a line of their own
	Links, Tags                    []string
	Untag                          []string // taken away
	Replace                        []Part   // these take the place of what is there; an empty one clears. All others stay as they are
	// Was is what the notes were when a person began to edit them. When they are something else by now, Write changes nothing and gives
	// ErrChanged: what others wrote meanwhile must not be lost. nil asks nothing.
	Was *string
}

// ErrChanged says that somebody else wrote into the notes of a run while they were edited.
var ErrChanged = errors.New("somebody else changed the notes meanwhile: edit them again")

// Write adds to what people say of a run, and gives the run as it is then.
func (b *Ledger) Write(ctx context.Context, run *Run, n Note) (*Run, error) {
	var after *Run
	err := b.change(ctx, func(tx *sql.Tx) error {
		runs, err := view{b, tx}.runs(ctx, "WHERE number = ?"+b.d.forUpdate, run.Number)
		if err != nil {
			return err
		}
		if len(runs) == 0 {
			return errors.New("it is gone")
		}
		after = &runs[0]
		if n.Was != nil && *n.Was != after.Notes {
			return ErrChanged
		}
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
		part Part
		to   *string
		add  string
	}{{PartChanges, &r.Changes, n.Changes}, {PartFocus, &r.Focus, n.Focus}, {PartNotes, &r.Notes, n.Notes}, {PartResults, &r.Added, n.Results}} {
		switch {
		case slices.Contains(n.Replace, t.part):
			*t.to = t.add
		case t.add != "":
			*t.to = strings.TrimPrefix(*t.to+"\n"+t.add, "\n")
		}
	}
	if slices.Contains(n.Replace, PartLinks) {
		r.Links = nil
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

// Delete takes runs out of the ledger, with all they have. A run that is being recorded stays, and is an error.
func (b *Ledger) Delete(ctx context.Context, runs ...Run) error {
	err := b.change(ctx, func(tx *sql.Tx) error {
		for i := range runs {
			if err := b.deleteRun(ctx, tx, runs[i].Number); err != nil {
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

// deleteRun deletes a run that nobody records. One that was cut off and could not be repaired still says that it is being recorded.
func (b *Ledger) deleteRun(ctx context.Context, tx *sql.Tx, number int64) error {
	now, err := view{b, tx}.runs(ctx, "WHERE number = ?", number)
	if err != nil {
		return err
	}
	if len(now) == 1 && now[0].State == Running {
		lock, err := b.claim(ctx, now[0].ID)
		if errors.Is(err, errHeld) {
			return fmt.Errorf("run %s is being recorded: stop it first", now[0].ID)
		}
		if err != nil {
			return err
		}
		defer lock.release()
	}
	return b.exec(ctx, tx, "DELETE FROM run WHERE number = ?", number)
}
