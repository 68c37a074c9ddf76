package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
)

// runsDeleteCommand takes runs out of the ledger.
func (a *app) runsDeleteCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "delete [RUN...] [flags]", Short: "Take runs out of the ledger",
		Long: "Take runs out of the ledger, with all their curves: those that are named, or all that --keep does not keep. It says what goes and asks " +
			"first. Baselines are only deleted by name. " + refs,
		Example: "  " + a.name() + " runs delete last\n  " + a.name() + " runs delete --keep 365d",
	}
	keep := c.Flags().String("keep", "", "delete all but these, by `NUMBER|AGE`: the latest 1000, or those of the last 365d")
	yes := c.Flags().BoolP("yes", "y", false, "do not ask")
	return a.ledgerCommand(c, cobra.ArbitraryArgs, func(ctx context.Context, b *ledger.Ledger, args []string) error {
		runs, err := a.doomed(ctx, b, args, *keep)
		if err != nil {
			return err
		}
		if len(runs) == 0 {
			put(a.Out, "nothing to delete\n")
			return nil
		}
		columns, _ := terminal(a.Out)
		marked, err := b.Baselines(ctx)
		if err != nil {
			return err
		}
		put(a.Out, runsTable(runs, columns)+bereft(runs, marked))
		if !*yes {
			ask := fmt.Sprintf("Delete %s with all curves? This cannot be undone.", format.Plural(int64(len(runs)), "run", "runs"))
			if err := a.agree(ctx, ask, "nothing was deleted"); err != nil {
				return err
			}
		}
		if err := b.Delete(ctx, runs...); err != nil {
			return err
		}
		put(a.Out, fmt.Sprintf("%s deleted\n", format.Plural(int64(len(runs)), "run", "runs")))
		return nil
	})
}

// bereft names the plans that lose their baseline with some runs.
func bereft(runs []ledger.Run, baselines map[string]int64) string {
	var b strings.Builder
	for i := range runs {
		for _, plan := range slices.Sorted(maps.Keys(baselines)) {
			if baselines[plan] == runs[i].Number {
				fmt.Fprintf(&b, "run %s is the baseline of plan %s, which then has none\n", runs[i].ID, plan)
			}
		}
	}
	return b.String()
}

// doomed is the runs to delete.
func (a *app) doomed(ctx context.Context, b *ledger.Ledger, args []string, keep string) ([]ledger.Run, error) {
	if (len(args) == 0) == (keep == "") {
		return nil, errors.New("give either the runs to delete, or --keep with what to keep")
	}
	if keep != "" {
		k, err := parseKeep(keep)
		if err != nil {
			return nil, err
		}
		return b.Beyond(ctx, k, time.Now())
	}
	var runs []ledger.Run
	seen := map[int64]bool{}
	for _, ref := range args {
		run, err := b.Find(ctx, ref)
		if err != nil {
			return nil, err
		}
		if !seen[run.Number] {
			runs = append(runs, *run)
		}
		seen[run.Number] = true
	}
	return runs, nil
}

// parseKeep reads a number of runs or an age.
func parseKeep(text string) (ledger.Keep, error) {
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return ledger.Keep{Runs: n}, nil
	}
	if age, err := parseAge(text); err == nil && age > 0 {
		return ledger.Keep{Age: age}, nil
	}
	return ledger.Keep{}, fmt.Errorf("--keep %q: write a number of runs (1000) or an age (365d)", text)
}
