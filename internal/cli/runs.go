package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/report"
)

// runsCommand has the commands that read and write the book of runs.
func (a *app) runsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "runs",
		Short: "The book of runs",
		Args:  cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.unknownCommand(c, args[0])
			}
			return c.Help()
		},
	}
	c.AddCommand(a.runsListCommand(), a.runsShowCommand(), a.runsNoteCommand(), a.runsTagCommand(), a.runsExportCommand(),
		a.runsCompareCommand(), a.runsTrendCommand(), a.runsSelftestCommand(), a.runsImportCommand(), a.runsDeleteCommand(), a.runsBaselineCommand(), a.runsPathCommand())
	return c
}

// refs is how a run is named, for the help of every command that takes one.
const refs = "RUN is an id, the beginning of one, last, last~2, baseline, or the name of a test."

// bookOptions say which book.
type bookOptions struct {
	ledger   string
	noRecord bool
}

// bookSettings are settings of run and hit too; the commands of runs have the first alone.
func (a *app) bookSettings(o *bookOptions) []setting.Setting {
	return []setting.Setting{
		{
			Name: "ledger", Arg: "PATH|URL", Group: groupNotes, Default: "runs.db in your folder for data", Mask: setting.MaskURL,
			Help: "the book of runs: an SQLite file, or postgres://user@host/database", Read: text(&o.ledger),
		},
		{
			Name: "no-record", Group: groupNotes, Default: "false", Read: onOff(&o.noRecord),
			Help: "leave no trace of this run in the book",
		},
	}
}

// where is the place of the book.
func (a *app) where(o *bookOptions) (string, error) {
	if o.ledger == "" {
		return ledger.DefaultPath(a.lookup)
	}
	if len(o.ledger) > 11 && (o.ledger[:11] == "postgres://" || len(o.ledger) > 13 && o.ledger[:13] == "postgresql://") {
		return o.ledger, nil
	}
	return a.path(o.ledger), nil
}

// open opens the book. What it has to say goes to standard error.
func (a *app) open(ctx context.Context, o *bookOptions) (*ledger.Book, error) {
	where, err := a.where(o)
	if err != nil {
		return nil, err
	}
	return ledger.Open(ctx, where, ledger.Options{
		Results: report.Results,
		Warn:    func(text string) { put(a.Err, fmt.Sprintf("%s: %s\n", a.name(), text)) },
	})
}

// booked makes a command of runs: f gets the book open. args says how many arguments it takes.
func (a *app) booked(c *cobra.Command, args cobra.PositionalArgs, f func(ctx context.Context, b *ledger.Book, args []string) error) *cobra.Command {
	var o bookOptions
	c.Args = args
	l := a.settings(c, pick(a.bookSettings(&o), "ledger"), false)
	l.optional = true // stampede.yaml may say where the book is
	c.RunE = func(c *cobra.Command, args []string) error {
		wrong, _ := a.resolve(l)
		if len(wrong) > 0 {
			return wrong.err()
		}
		b, err := a.open(c.Context(), &o)
		if err != nil {
			return err
		}
		err = f(c.Context(), b, args)
		a.rollUp(c.Context(), b)
		wrong.add(err, b.Close())
		return wrong.err()
	}
	return c
}

// rollUp rolls old runs up, for a moment that nobody notices.
func (a *app) rollUp(ctx context.Context, b *ledger.Book) {
	ctx, stop := context.WithTimeout(ctx, 200*time.Millisecond)
	defer stop()
	if _, err := b.Tidy(ctx, time.Now(), ledger.Ages{}); err != nil {
		put(a.Err, fmt.Sprintf("%s: %s\n", a.name(), err))
	}
}

// runsPathCommand says where the book is.
func (a *app) runsPathCommand() *cobra.Command {
	return a.booked(&cobra.Command{Use: "path", Short: "Say where the book is"}, cobra.NoArgs,
		func(_ context.Context, b *ledger.Book, _ []string) error {
			put(a.Out, b.Where()+"\n")
			return nil
		})
}

// runsBaselineCommand chooses what other runs are compared with.
func (a *app) runsBaselineCommand() *cobra.Command {
	c := &cobra.Command{Use: "baseline", Short: "What the runs of a plan are compared with"}
	set := &cobra.Command{
		Use: "set RUN", Short: "Make a run the baseline of its plan",
		Long: "Make a run the baseline of its plan, or of the plan whose hash --for gives. " + refs,
	}
	plan := set.Flags().String("for", "", "the hash of another `PLAN`")
	c.AddCommand(a.booked(set, cobra.ExactArgs(1), func(ctx context.Context, b *ledger.Book, args []string) error {
		run, err := b.Find(ctx, args[0])
		if err != nil {
			return err
		}
		if *plan == "" && run.PlanHash == "" {
			return fmt.Errorf("run %s has no plan, since it came from a spreadsheet: say with --for which plan it is the baseline of", run.ID)
		}
		if err := b.SetBaseline(ctx, run, *plan); err != nil {
			return err
		}
		put(a.Out, fmt.Sprintf("run %s is the baseline now\n", run.ID))
		return nil
	}))
	return c
}
