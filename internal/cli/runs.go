package cli

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/report"
)

// runsCommand has the commands that read and write the ledger.
func (a *app) runsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "runs",
		Short: "The ledger: every run that was recorded",
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

// ledgerOptions say which ledger.
type ledgerOptions struct {
	ledger   string
	noRecord bool
	look     bool // the command only reads
	cost     runCost
}

// runCost is what the machines of runs cost.
type runCost struct {
	hour  float64 // USD; zero: nobody said
	basis string  // how that comes about
}

// read reads "0.80", and "0.80 10 x c7g.large".
func (c *runCost) read(text string) error {
	number, basis, _ := strings.Cut(strings.TrimSpace(text), " ")
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !(v >= 0 && v <= 1e6) || len(basis) > 500 {
		return errors.New("write dollars an hour, and behind it how that comes about: 0.80, or '0.80 10 x c7g.large'")
	}
	c.hour, c.basis = v, strings.TrimSpace(basis)
	return nil
}

// ledgerSettings are settings of run and hit too; the commands of runs have the first alone.
func (a *app) ledgerSettings(o *ledgerOptions) []setting.Setting {
	return []setting.Setting{
		{
			Name: "ledger", Arg: "PATH|URL", Group: groupNotes, Default: "runs.db in your folder for data", Mask: setting.MaskURL,
			Help: "the ledger: an SQLite file, or postgres://user@host/database", Read: text(&o.ledger),
		},
		{
			Name: "no-record", Group: groupNotes, Default: "false", Read: onOff(&o.noRecord),
			Help: "leave no trace of this run in the ledger",
		},
		{
			Name: "cost", Arg: "USD", Group: groupNotes, Read: o.cost.read,
			Help: "what the machines of the run cost an hour, so that the ledger has what it came to: 0.80, or '0.80 10 x c7g.large' to say how that comes about",
		},
	}
}

// where is the place of the ledger.
func (a *app) where(o *ledgerOptions) (string, error) {
	if o.ledger == "" {
		return ledger.DefaultPath(a.lookup)
	}
	if ledger.IsServer(o.ledger) {
		return o.ledger, nil
	}
	return a.path(o.ledger), nil
}

// open opens the ledger. What it has to say goes to standard error.
func (a *app) open(ctx context.Context, o *ledgerOptions) (*ledger.Ledger, error) {
	where, err := a.where(o)
	if err != nil {
		return nil, err
	}
	return ledger.Open(ctx, where, ledger.Options{
		Results: results,
		Judge:   func(r *stampede.Report) string { return report.OutcomeOf(r, false).String() },
		Look:    o.look,
		Warn:    func(text string) { put(a.Err, fmt.Sprintf("%s: %s\n", a.name(), text)) },
	})
}

// results is what stampede writes into the Results column of a run.
func results(r *stampede.Report) string {
	if r.Run.Interrupted {
		return report.Results(r) + ", interrupted after " + format.Span(r.Run.Duration)
	}
	return report.Results(r)
}

// present gives an error when there is no ledger yet: a command that only looks must not make one where the name was mistyped.
func (a *app) present(o *ledgerOptions) error {
	where, err := a.where(o)
	if err != nil || ledger.IsServer(where) {
		return err
	}
	if _, err := os.Stat(where); errors.Is(err, fs.ErrNotExist) {
		return &noLedger{where}
	}
	return nil
}

// noLedger says that there is none where it should be; it is fs.ErrNotExist.
type noLedger struct{ where string }

func (n *noLedger) Error() string {
	return fmt.Sprintf("there is no ledger at %s: record a run first, or name the ledger with --ledger", n.where)
}

func (n *noLedger) Unwrap() error { return fs.ErrNotExist }

// ledgerCommand makes a command of runs: f gets the ledger open, which must be there. args says how many arguments it takes.
func (a *app) ledgerCommand(c *cobra.Command, args cobra.PositionalArgs, f func(ctx context.Context, b *ledger.Ledger, args []string) error) *cobra.Command {
	return a.withLedger(c, args, a.present, f)
}

// withLedger makes a command of runs that has something to ask before the ledger is opened, and made where there is none.
func (a *app) withLedger(
	c *cobra.Command, args cobra.PositionalArgs, before func(*ledgerOptions) error, f func(ctx context.Context, b *ledger.Ledger, args []string) error,
) *cobra.Command {
	return a.placed(c, args, func(ctx context.Context, o *ledgerOptions, args []string) error {
		if err := before(o); err != nil {
			return err
		}
		o.look = slices.Contains([]string{"list", "show", "export", "compare", "trend", "selftest"}, c.Name())
		b, err := a.open(ctx, o)
		if err != nil {
			return err
		}
		var wrong mistakes
		if err = f(ctx, b, args); !b.ReadOnly() {
			a.rollUp(ctx, b)
		}
		wrong.add(err, b.Close())
		return wrong.err()
	})
}

// placed makes a command of runs: f is told which ledger.
func (a *app) placed(c *cobra.Command, args cobra.PositionalArgs, f func(ctx context.Context, o *ledgerOptions, args []string) error) *cobra.Command {
	var o ledgerOptions
	c.Args = words(args)
	l := a.settings(c, pick(a.ledgerSettings(&o), "ledger"), false)
	if c.ValidArgsFunction == nil {
		c.ValidArgsFunction = a.completeRuns(l, &o)
	}
	l.optional, l.only = true, []string{"ledger"} // what else is mistaken in stampede.yaml does not hide the ledger
	c.RunE = func(c *cobra.Command, args []string) error {
		if wrong, _ := a.resolve(l); len(wrong) > 0 {
			return wrong.err()
		}
		return f(c.Context(), &o, args)
	}
	return c
}

// rollUp rolls old runs up, for a moment that nobody notices.
func (a *app) rollUp(ctx context.Context, b *ledger.Ledger) {
	ctx, stop := context.WithTimeout(ctx, 200*time.Millisecond)
	defer stop()
	if _, err := b.Tidy(ctx, time.Now(), ledger.Ages{}); err != nil {
		put(a.Err, fmt.Sprintf("%s: %s\n", a.name(), err))
	}
}

// runsPathCommand says where the ledger is, also when it cannot be opened.
func (a *app) runsPathCommand() *cobra.Command {
	return a.placed(&cobra.Command{Use: "path", Short: "Say where the ledger is"}, cobra.NoArgs,
		func(_ context.Context, o *ledgerOptions, _ []string) error {
			where, err := a.where(o)
			if err != nil {
				return err
			}
			put(a.Out, ledger.Shown(where)+"\n")
			return nil
		})
}

// runsBaselineCommand chooses what other runs are compared with.
func (a *app) runsBaselineCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "baseline", Short: "What the runs of a plan are compared with", Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.unknownCommand(c, args[0])
			}
			return c.Help()
		},
	}
	set := &cobra.Command{
		Use: "set RUN", Short: "Make a run the baseline of its plan",
		Long: "Make a run the baseline of its plan, or of the plan that --for gives. " + refs,
	}
	plan := set.Flags().String("for", "", "another `PLAN`: one of its runs, its hash or the beginning of that")
	c.AddCommand(a.ledgerCommand(set, cobra.ExactArgs(1), func(ctx context.Context, b *ledger.Ledger, args []string) error {
		run, err := b.Find(ctx, args[0])
		if err != nil {
			return err
		}
		if err := finished(run); err != nil {
			return err
		}
		hash, err := planToMark(ctx, b, run, *plan)
		if err != nil {
			return err
		}
		if err := b.SetBaseline(ctx, run, hash); err != nil {
			return err
		}
		put(a.Out, fmt.Sprintf("run %s is the baseline of plan %s now\n", run.ID, hash))
		return nil
	}))
	return c
}

// planToMark is the hash of the plan that gets a baseline: of the run itself, or another that a person names. A hash in full may be of a plan
// that has no run yet.
func planToMark(ctx context.Context, b *ledger.Ledger, run *ledger.Run, ref string) (string, error) {
	if ref == "" {
		return run.PlanHash, nil
	}
	if _, err := hex.DecodeString(ref); err == nil && len(ref) == len(run.PlanHash) {
		return ref, nil
	}
	hash, err := planOf(ctx, b, ref)
	if err != nil {
		return "", fmt.Errorf("--for: no plan is known by that; give one of its runs, its hash or the beginning of that (runs show prints it): %w", err)
	}
	return hash, nil
}
