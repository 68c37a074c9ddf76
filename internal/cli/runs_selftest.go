package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
)

// selftestOptions is what runs selftest was asked.
type selftestOptions struct {
	plan  string
	limit string
	most  int
	json  bool
}

// runsSelftestCommand compares runs of one thing with each other.
func (a *app) runsSelftestCommand() *cobra.Command {
	var o selftestOptions
	c := &cobra.Command{
		Use: "selftest [RUN...] [flags]", Short: "How often comparing runs here would cry wolf, and what it can see",
		Long: "Compare runs between which nothing changed: how often would runs compare call them changed without cause, and what is the smallest " +
			"change that it could see? Without RUN it takes the latest runs of the last plan that have the same Changes and the same commit. " + refs,
		Example: "  " + a.name() + " runs selftest\n  " + a.name() + " runs selftest last~5 last~4 last~3 last~2 last~1 last",
	}
	flags := c.Flags()
	flags.StringVar(&o.plan, "plan", "", "the plan of this run, or the beginning of a plan's hash: `RUN|HASH`")
	flags.StringVar(&o.limit, "limit", "5%", "a change of so much matters, a `SHARE`")
	flags.IntVar(&o.most, "most", 12, "take the latest `N` runs of those at most: every one is compared with every other")
	flags.BoolVar(&o.json, "json", false, "as JSON")
	return a.ledgerCommand(c, cobra.ArbitraryArgs, func(ctx context.Context, b *ledger.Ledger, args []string) error {
		limit, err := parseShare("limit", o.limit)
		if err != nil {
			return err
		}
		rows, err := a.alikeRuns(ctx, b, &o, args)
		if err != nil {
			return err
		}
		runs := make([]compare.Run, len(rows))
		for i := range rows {
			if runs[i], err = recordedRun(ctx, b, &rows[i]); err != nil {
				return err
			}
		}
		options := compare.Options{}
		options.Limit = limit
		found, err := compare.Likeness(runs, options, a.pairsDone())
		if err != nil {
			return err
		}
		if o.json {
			return writeSelftestJSON(a.Out, found)
		}
		columns, _ := terminal(a.Out)
		put(a.Out, selftestText(found, &rows[len(rows)-1], options, columns))
		return nil
	})
}

// pairsDone tells how far the comparing is, on a terminal.
func (a *app) pairsDone() func(done, all int) {
	if _, ok := terminal(a.Err); !ok {
		return nil
	}
	return func(done, all int) {
		if done == all {
			put(a.Err, "\r\x1b[K")
			return
		}
		put(a.Err, fmt.Sprintf("\rcomparing pair %d of %d", done+1, all))
	}
}

// alikeRuns is the runs to compare: those that are named, or the latest between which nothing changed.
func (a *app) alikeRuns(ctx context.Context, b *ledger.Ledger, o *selftestOptions, refs []string) ([]ledger.Run, error) {
	if len(refs) > 0 {
		return a.namedRuns(ctx, b, refs)
	}
	if o.most < compare.LeastAlike {
		return nil, fmt.Errorf("--most %d: at least %d runs are needed", o.most, compare.LeastAlike)
	}
	plan, err := planOf(ctx, b, o.plan)
	if err != nil {
		return nil, err
	}
	all, err := b.Runs(ctx, ledger.Filter{Plan: plan})
	if err != nil {
		return nil, err
	}
	var rows []ledger.Run
	for i := len(all) - 1; i >= 0 && len(rows) < o.most; i-- {
		r := &all[i]
		if r.State != ledger.Done || r.Interrupted || r.Verdict == "INVALID" || r.Requests == 0 {
			continue
		}
		if len(rows) > 0 && (r.Changes != rows[0].Changes || r.Git != rows[0].Git) {
			break
		}
		rows = append(rows, *r)
	}
	if len(rows) >= compare.LeastAlike {
		return rows, nil
	}
	return nil, a.tooFewAlike(plan, rows)
}

// tooFewAlike says what to do.
func (a *app) tooFewAlike(plan string, rows []ledger.Run) error {
	command := "hit URL"
	if a.Test != nil {
		command = "run"
	}
	return fmt.Errorf("plan %s has %s since the last change that can be trusted, and a self test takes at least %d, better 6 to 12: repeat it with "+
		"%s %s --repeat 6 -t 2m and the users as before, or name runs between which nothing changed",
		plan, format.Plural(int64(len(rows)), "run", "runs"), compare.LeastAlike, a.name(), command)
}

// namedRuns is the runs that a person names.
func (a *app) namedRuns(ctx context.Context, b *ledger.Ledger, refs []string) ([]ledger.Run, error) {
	var rows []ledger.Run
	var wrong mistakes
	seen := map[int64]bool{}
	for _, ref := range refs {
		run, err := b.Find(ctx, ref)
		switch {
		case err != nil:
			wrong.add(err)
		case seen[run.Number]:
			wrong.add(fmt.Errorf("run %s is named twice: name each run once", run.ID))
		default:
			seen[run.Number] = true
			rows = append(rows, *run)
		}
	}
	if len(wrong) == 0 && len(rows) < compare.LeastAlike {
		wrong.add(fmt.Errorf("%s: a self test takes at least %d, better 6 to 12", format.Plural(int64(len(rows)), "run", "runs"), compare.LeastAlike))
	}
	return rows, wrong.err()
}
