package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede"
)

// checkCommand tries the program's test.
func (a *app) checkCommand() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:   "check [flags] [USER TYPE...]",
		Short: "Run each task of each user type once and print every request and answer",
		Long: "Run each task of each user type once, as one user, and print every request and answer: for writing tests. With names of user types or " +
			"--task only those. " +
			"The status is 0 when nothing failed, 1 when something did, 2 when the configuration is mistaken.",
	}
	table := append(a.whatSettings(&o), pick(a.loadSettings(&o), "seed")...)
	l := a.settings(c, append(table, a.httpSettings(&o)...), true)
	var try stampede.TryOptions
	c.Flags().StringSliceVar(&try.Tasks, "task", nil, "only the task of this `NAME`; may be repeated")
	c.Flags().BoolVarP(&try.Verbose, "verbose", "v", false, "print bodies whole")
	c.Flags().BoolVarP(&try.Quiet, "quiet", "q", false, "print only what failed, and the count at the end")
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx := c.Context()
		wrong, notes := a.resolve(l)
		a.warn(notes)
		o.plan.Test, o.plan.UserTypes = *a.Test, args
		wrong.add(o.aim(l.set))
		o.plan.Baseline = new(stampede.Report) // thresholds are read and not judged: none needs one
		wrong.add(o.plan.Validate())
		stop, err := a.ready(ctx, &o.plan, wrong)
		if err != nil {
			return err
		}
		defer stop()
		try.Columns, _ = terminal(a.Out)
		err = stampede.TryWith(ctx, o.plan, a.Out, try)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, context.Canceled) || ctx.Err() != nil:
			a.status = statusInterrupted
			return nil
		case errors.Is(err, stampede.ErrTryFailed):
			a.status = statusFailures
			return nil
		}
		return err
	}
	return c
}
