package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/report"
)

// runsExportCommand makes any report of any past run, and the spreadsheet of all.
func (a *app) runsExportCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "export [RUN] --FORMAT [FILE]", Short: "Make a report of a past run, or the spreadsheet of all",
		Long: "Make a report of a past run, in a file that is named after the run unless FILE says otherwise; - is standard output. With a FILE and no RUN --xlsx, --csv " +
			"and --json write the whole ledger. --html, --json, --md and --junit can hold the run against an earlier one: what changed, by how " +
			"much, and in the page the curves of both. " + refs,
		Example: "  " + a.name() + " runs export last --html report.html\n  " + a.name() + " runs export last --html report.html --baseline last~1\n" +
			"  " + a.name() + " runs export --xlsx ledger.xlsx",
	}
	all := formats()
	for _, f := range all {
		c.Flags().Bool(f.name, false, cmp.Or(f.ledger, f.help))
	}
	against := c.Flags().String("baseline", "", "a `RUN` to hold it against; \"baseline\" is the one that was marked for its plan")
	return a.ledgerCommand(c, cobra.RangeArgs(1, 2), func(ctx context.Context, b *ledger.Ledger, args []string) error {
		chosen, err := one(all, c.Flags())
		if err != nil {
			return err
		}
		if *against != "" && !chosen.compared {
			return fmt.Errorf("--baseline: --%s has no place for a comparison; give --html, --json, --md or --junit", chosen.name)
		}
		if len(args) == 1 && wholeLedger(chosen, args[0]) {
			if *against != "" {
				return errors.New("--baseline is what one run is held against, and this is the whole ledger: name a RUN, or leave it out")
			}
			return a.exportLedger(ctx, b, chosen.name, a.path(args[0]))
		}
		run, err := b.Find(ctx, args[0])
		if err != nil {
			if len(args) == 1 && wholeLedger(chosen, "."+chosen.name) {
				err = fmt.Errorf("%w; for the whole ledger name a file that ends in .%s", err, chosen.name)
			}
			return err
		}
		if run.State == ledger.Running {
			return fmt.Errorf("run %s is still going on: wait for its end; runs show tells how it goes", run.ID)
		}
		r, err := b.Report(ctx, run)
		if err != nil {
			return err
		}
		base, err := heldAgainst(ctx, b, r, *against)
		if err != nil {
			return err
		}
		path := run.ID + chosen.extension
		if len(args) == 2 {
			path = args[1]
		}
		switch {
		case path == "-" && chosen.write == nil:
			return errors.New("--csv is four files, which standard output has no room for: give the beginning of their names")
		case path == "-":
			return chosen.write(a.Out, r, base, true)
		}
		return a.exportRun(r, base, chosen, a.path(path))
	})
}

// heldAgainst compares a run of the ledger with another; an empty reference is none.
func heldAgainst(ctx context.Context, b *ledger.Ledger, r *stampede.Report, ref string) (baselined, error) {
	if ref == "" {
		return baselined{}, nil
	}
	if ref == marked && r.Run.PlanHash != "" {
		ref += ":" + r.Run.PlanHash
	}
	row, err := b.Find(ctx, ref)
	switch {
	case err != nil:
	case row.ID == r.Run.ID:
		err = fmt.Errorf("run %s is the one to be exported, and is no different from itself: name an earlier one", row.ID)
	default:
		err = finished(row)
	}
	if err != nil {
		return baselined{}, fmt.Errorf("--baseline: %w", err)
	}
	old, err := b.Report(ctx, row)
	if err != nil {
		return baselined{}, err
	}
	found, err := compare.Compare([]compare.Run{compare.Of(old)}, []compare.Run{compare.Of(r)}, compare.Options{})
	return baselined{old, found}, err
}

// one is the format that was asked for.
func one(all []exportFormat, flags *pflag.FlagSet) (*exportFormat, error) {
	var chosen []*exportFormat
	var names []string
	for i := range all {
		names = append(names, "--"+all[i].name)
		if on, err := flags.GetBool(all[i].name); err == nil && on {
			chosen = append(chosen, &all[i])
		}
	}
	if len(chosen) != 1 {
		return nil, fmt.Errorf("give one format: %s", strings.Join(names, ", "))
	}
	return chosen[0], nil
}

// wholeLedger reports whether the only argument is a file for the whole ledger, and no run.
func wholeLedger(f *exportFormat, arg string) bool {
	return f.whole && strings.EqualFold(filepath.Ext(arg), "."+f.name)
}

func (a *app) exportRun(r *stampede.Report, base baselined, f *exportFormat, path string) error {
	files := []report.File{}
	written := path
	if f.write != nil {
		files = append(files, report.File{Path: path, Write: func(w io.Writer) error { return f.write(w, r, base, true) }})
	} else {
		files = append(report.CSVFiles(path, r), report.CSVHistoryFile(path, r, report.CSVOptions{FullHistory: true}))
		written += "_*.csv"
	}
	if err := report.WriteAll(files...); err != nil {
		return err
	}
	put(a.Err, "written: "+written+"\n")
	return nil
}

// tooLong names the runs of which a workbook cannot hold all that people wrote.
func tooLong(runs []ledger.Run) string {
	var b strings.Builder
	for i := range runs {
		row := ledgerRow(&runs[i])
		for j, text := range cells(&row) {
			if !report.FitsCell(text) {
				fmt.Fprintf(&b, "the %s of run %s are cut there: a cell has room for %s characters (--csv and --json have all)\n",
					report.LedgerColumns()[j], runs[i].ID, format.Count(report.CellLimit))
			}
		}
	}
	return b.String()
}

// onlyCopies gives an error when there is a sheet at a place that is more than a copy of the ledger: one that people keep by hand, or an
// export that they have written into. It must not be lost under the next export.
func onlyCopies(ctx context.Context, b *ledger.Ledger, path string) error {
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return nil // nothing is there, or what writing will complain about
	}
	sheets, left, err := readSheets(path, ledger.Reading{Zone: time.Local})
	if err != nil || left != "" || len(sheets) != 1 || !slices.Equal(sheets[0].Heads, report.LedgerColumns()) {
		return fmt.Errorf("%s is there and was not written by an export of the ledger: name another file (runs import takes in a sheet of runs)", path)
	}
	missing, err := b.Missing(ctx, sheets[0].Entries)
	if err == nil && len(missing) > 0 {
		err = fmt.Errorf("line %d of %s says what the ledger does not: name another file, or take it in first with runs import", missing[0].Line, path)
	}
	return err
}

// exportLedger writes the sheet that a team would keep by hand.
func (a *app) exportLedger(ctx context.Context, b *ledger.Ledger, kind, path string) error {
	runs, err := b.Runs(ctx, ledger.Filter{})
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		return errors.New("the ledger has no runs yet")
	}
	if kind != formatJSON {
		if err := onlyCopies(ctx, b, path); err != nil {
			return err
		}
	}
	write := func(w io.Writer) error { return writeRunsJSON(w, runs) }
	switch kind {
	case formatCSV:
		write = func(w io.Writer) error { return writeRunsCSV(w, runs) }
	case formatXLSX:
		write = func(w io.Writer) error {
			return report.WriteLedger(w, func(yield func(report.LedgerRow) bool) {
				for i := range runs {
					if !yield(ledgerRow(&runs[i])) {
						return
					}
				}
			})
		}
	}
	if err := report.WriteFile(path, write); err != nil {
		return err
	}
	put(a.Err, fmt.Sprintf("written: %s (%s)\n", path, format.Plural(int64(len(runs)), "run", "runs")))
	if kind == formatXLSX {
		put(a.Err, tooLong(runs))
	}
	return nil
}
