package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
)

// far is a run as the API of another stampede tells of it.
type far struct {
	ID, State string
	Started   time.Time
}

// farRuns are the runs that a controller has, oldest first: those that are over, and those that go on.
func (r *remote) farRuns(ctx context.Context) (over, going []far, err error) {
	var all struct{ Runs []far }
	if err := r.ask(ctx, http.MethodGet, "/api/v1/runs?limit=20000&order=asc", nil, &all); err != nil {
		return nil, nil, err
	}
	for _, f := range all.Runs {
		if f.State == string(ledger.Running) {
			going = append(going, f)
		} else {
			over = append(over, f)
		}
	}
	return over, going, nil
}

// fetch takes a run into a ledger, with all that the other one has of it; added is false when it was there.
func (r *remote) fetch(ctx context.Context, b *ledger.Ledger, id string) (added bool, err error) {
	ctx, stop := context.WithTimeout(ctx, longestResult)
	defer stop()
	resp, err := r.send(ctx, http.MethodGet, runPath(id, "/whole"), nil)
	if err != nil {
		return false, fmt.Errorf("run %s cannot be fetched: %w", format.Text(id, 60), err)
	}
	defer resp.Body.Close()
	_, added, err = b.TakeIn(ctx, resp.Body)
	if err != nil {
		return false, fmt.Errorf("run %s cannot be fetched: %w", format.Text(id, 60), err)
	}
	return added, nil
}

// missingHere are those of the runs elsewhere that a ledger does not have.
func missingHere(ctx context.Context, b *ledger.Ledger, all []far) ([]far, error) {
	mine, err := b.Runs(ctx, ledger.Filter{})
	if err != nil {
		return nil, err
	}
	known := map[string]time.Time{}
	for i := range mine {
		known[mine[i].ID] = mine[i].Started
	}
	return slices.DeleteFunc(slices.Clone(all), func(f far) bool {
		at, there := known[f.ID]
		return there && at.Equal(f.Started)
	}), nil
}

// importFrom takes in the runs of another stampede's ledger, with their results and their whole course.
func (a *app) importFrom(ctx context.Context, b *ledger.Ledger, from string, yes bool) error {
	token, _ := a.lookup("STAMPEDE_TOKEN")
	r, err := remoteAt("--from", from, token)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	all, going, err := r.farRuns(ctx)
	if err != nil {
		return err
	}
	for _, f := range going {
		put(a.Out, "run "+format.Text(f.ID, 60)+" still goes on and is left out\n")
	}
	if len(all) == 0 {
		return errors.New("--from: there are no runs that are over")
	}
	put(a.Out, fmt.Sprintf("%s there, from %s to %s\n", format.Plural(int64(len(all)), "run is", "runs are"),
		all[0].Started.Local().Format("2006-01-02 15:04"), all[len(all)-1].Started.Local().Format("2006-01-02 15:04")))
	missing, err := missingHere(ctx, b, all)
	if err != nil {
		return err
	}
	if known := len(all) - len(missing); known > 0 {
		put(a.Out, fmt.Sprintf("%s in the ledger already\n", format.Plural(int64(known), "run is", "runs are")))
	}
	if !yes && len(missing) > 0 {
		ask := fmt.Sprintf("Write %s into %s?", format.Plural(int64(len(missing)), "run", "runs"), b.Where())
		if err := a.agree(ctx, ask, "nothing was written"); err != nil {
			return err
		}
	}
	added, err := r.fetchAll(ctx, b, missing)
	put(a.Out, fmt.Sprintf("%s written, %d were there already\n", format.Plural(int64(added), "run", "runs"), len(all)-len(missing)))
	return err
}

// fetchAll takes runs into a ledger; added counts those that were not there.
func (r *remote) fetchAll(ctx context.Context, b *ledger.Ledger, all []far) (added int, err error) {
	for i := range all {
		is, err := r.fetch(ctx, b, all[i].ID)
		if err != nil {
			return added, err
		}
		if is {
			added++
		}
	}
	return added, nil
}
