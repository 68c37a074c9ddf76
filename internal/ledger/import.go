package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/stampede-load/stampede"
)

// Match is what a ledger says of the rows of a spreadsheet, before they are put into it.
type Match struct {
	New   []Entry  // those that it does not have
	Known int      // how many it has, word for word: imported before, or exported from it
	Near  []string // new rows that began with a run of the ledger and say something else: "line 7: run 2026... says something else"
}

// Match looks which rows of a spreadsheet are in the ledger already.
func (b *Ledger) Match(ctx context.Context, entries []Entry) (*Match, error) {
	var m *Match
	err := b.look(ctx, func(v view) (err error) {
		m, err = v.match(ctx, entries)
		return err
	})
	return m, b.explain("look for the rows in", err)
}

// Import puts rows of a spreadsheet into the ledger, as runs of state Imported, and gives those that are new: a row that is there is left
// alone, whether it was imported before or exported from this ledger.
func (b *Ledger) Import(ctx context.Context, entries []Entry) ([]Run, error) {
	var added []Run
	err := b.change(ctx, func(tx *sql.Tx) error {
		m, err := view{b, tx}.match(ctx, entries)
		if err != nil {
			return err
		}
		for i := range m.New {
			r := m.New[i].run()
			if r.ID, err = (view{b, tx}).freeID(ctx, r.ID); err != nil {
				return err
			}
			if err := b.insertRun(ctx, tx, r, []byte("{}")); err != nil {
				return fmt.Errorf("line %d: %w", m.New[i].Line, err)
			}
			added = append(added, *r)
		}
		return nil
	})
	return added, b.explain("import into", err)
}

// match tells rows that the ledger has from others. A sheet knows no zones, and its ids are made of what it says: a row is a run when it was
// imported as that, or when both say the same and began at the same time of the clock on the wall.
func (v view) match(ctx context.Context, entries []Entry) (*Match, error) {
	runs, err := v.runs(ctx, "ORDER BY number")
	if err != nil {
		return nil, err
	}
	byID, byStart := map[string][]*Run{}, map[string][]*Run{}
	for i := range runs {
		r := &runs[i]
		if r.State == Imported {
			id := origin(r.ID)
			byID[id] = append(byID[id], r)
		}
		at := r.Started.Format(wall)
		byStart[at] = append(byStart[at], r)
	}
	m := &Match{}
	taken := map[int64]bool{} // each run is one row
	for i := range entries {
		e := &entries[i]
		row := e.run()
		free := func(r *Run) bool { return !taken[r.Number] }
		there := byStart[e.Started.Format(wall)]
		at := slices.IndexFunc(there, func(r *Run) bool { return free(r) && sameWords(r, row) })
		found := at >= 0
		if found {
			taken[there[at].Number] = true
		} else if at = slices.IndexFunc(byID[row.ID], free); at >= 0 { // somebody has added to it since
			found = true
			taken[byID[row.ID][at].Number] = true
		}
		if found {
			m.Known++
			continue
		}
		if at := slices.IndexFunc(there, func(r *Run) bool { return free(r) && r.State != Imported }); at >= 0 {
			m.Near = append(m.Near, fmt.Sprintf("line %d: run %s of the ledger began at the same time and says something else; the row becomes a run beside it",
				e.Line, there[at].ID))
		}
		m.New = append(m.New, *e)
	}
	return m, nil
}

// Missing is the rows of a spreadsheet that say something which no run of the ledger says that began at the same time: what would be lost
// with the sheet.
func (b *Ledger) Missing(ctx context.Context, entries []Entry) (missing []Entry, err error) {
	err = b.look(ctx, func(v view) error {
		runs, err := v.runs(ctx, "ORDER BY number")
		byStart := map[string][]*Run{}
		for i := range runs {
			at := runs[i].Started.Format(wall)
			byStart[at] = append(byStart[at], &runs[i])
		}
		for i := range entries {
			row := entries[i].run()
			says := func(r *Run) bool { return saysAll(r, row) }
			if !slices.ContainsFunc(byStart[row.Started.Format(wall)], says) {
				missing = append(missing, entries[i])
			}
		}
		return err
	})
	return missing, b.explain("look for the rows in", err)
}

// InProgress is what a sheet of the ledger has for results of a run that goes on.
const InProgress = "in progress"

// saysAll reports whether each text of a row is a part of what a run says, as it is when somebody has added to the run since.
func saysAll(r, row *Run) bool {
	for _, text := range [][2]string{
		{r.Changes, row.Changes},
		{r.Focus, row.Focus},
		{r.Notes, row.Notes},
		{strings.Join(r.Links, " "), strings.Join(row.Links, " ")},
		{r.Outcome(), strings.TrimPrefix(row.Outcome(), InProgress)},
	} {
		if !strings.Contains(plain(text[0]), plain(strings.TrimSuffix(text[1], "…"))) { // what a cell had no room for
			return false
		}
	}
	return true
}

// plain is the words of a text.
func plain(text string) string { return strings.Join(strings.Fields(text), " ") }

// wall is the time on the clock on the wall, as sheets have it.
const wall = "2006-01-02 15:04:05"

// sameWords reports whether a run of the ledger, written into a sheet, makes the row that was read.
func sameWords(r, row *Run) bool {
	return plain(r.Changes) == plain(row.Changes) && plain(r.Focus) == plain(row.Focus) && plain(r.Notes) == plain(row.Notes) && r.Users == row.Users &&
		plain(r.Outcome()) == plain(row.Outcome()) && plain(strings.Join(r.Links, " ")) == plain(strings.Join(row.Links, " "))
}

// run is an entry as a run. Its id is made of what it says, so that a row is known again when somebody has added to its run.
func (e *Entry) run() *Run {
	r := &Run{State: Imported, Added: e.Results, RunInfo: stampede.RunInfo{
		Name: e.Focus, Started: e.Started, Changes: e.Changes, Focus: e.Focus, Users: e.Users, UsersText: e.UsersText, SpawnRate: e.SpawnRate,
		RateText: e.RateText, Notes: e.Notes, Links: e.Links,
	}}
	cleanRun(r)
	text := fmt.Sprintf("%q", []string{r.Changes, r.Focus, r.UsersText, fmt.Sprint(r.SpawnRate), r.RateText, r.Added, r.Notes, strings.Join(r.Links, " ")})
	begun := r.Started.UTC().Format("20060102-150405-")
	sum := sha256.Sum256([]byte(begun + text))
	r.ID = begun + hex.EncodeToString(sum[:4])
	return r
}

// origin is the id that an imported run was given, without the number that tells it from others that say the same.
func origin(id string) string {
	if parts := strings.Split(id, "-"); len(parts) == 4 {
		return strings.Join(parts[:3], "-")
	}
	return id
}
