package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/screen"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/table"
)

// reportCommand makes any export from a saved result.
func (a *app) reportCommand() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:   "report RUN.json [flags]",
		Short: "Make reports from a result that --json saved",
		Long: "Make reports from a result that --json saved. Without a flag it prints the tables. Charts over time, and the history in CSV, " +
			"need a result that was saved with --json-series.",
		Example: "  " + a.name() + " report run.json --html run.html --xlsx run.xlsx",
		Args:    cobra.ArbitraryArgs,
	}
	l := a.settings(c, a.resultSettings(&o.out), false)
	c.RunE = func(_ *cobra.Command, args []string) error {
		wrong, notes := a.resolve(l)
		a.warn(notes)
		if len(args) != 1 {
			wrong.add(fmt.Errorf("give one result: %s report RUN.json", a.name()))
			return wrong.err()
		}
		r, found, err := readReport(a.path(args[0]))
		wrong.add(err, o.out.preflight())
		if len(wrong) > 0 {
			return wrong.err()
		}
		return a.exportReport(r, found, &o.out)
	}
	return c
}

// readReport reads a result and, where it has one, the comparison with the baseline that its run was given.
func readReport(path string) (r *stampede.Report, found *compare.Result, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("result %s: it cannot be opened; correct the name (%w)", path, err)
	}
	defer f.Close()
	if r, found, err = report.ReadResult(table.Plain(f)); err != nil {
		return nil, nil, fmt.Errorf("result %s: %w", path, err)
	}
	return r, found, nil
}

// exportReport writes what was asked for, or prints the tables. found is nil where nothing was compared.
func (a *app) exportReport(r *stampede.Report, found *compare.Result, e *exports) error {
	names := e.written()
	if names == "" && !e.toStdout() {
		columns, _ := terminal(a.Out)
		colour := a.colourful(a.Out)
		put(a.Out, screen.Summary(r, columns, colour)+baselined{found: found}.text(columns, colour)+"\n"+report.LineAgainst(r, found)+"\n")
		return nil
	}
	var wrong mistakes
	wrong.add(e.write(r, baselined{found: found}, nil, a.Out))
	if prefix := e.paths[formatCSV]; prefix != "" {
		files := append(report.CSVFiles(prefix, r), report.CSVHistoryFile(prefix, r, report.CSVOptions{FullHistory: e.csvFull}))
		wrong.add(report.WriteAll(files...))
	}
	if len(wrong) == 0 && names != "" {
		put(a.Err, "written: "+names+"\n")
	}
	if found != nil && e.wants(formatHTML) {
		put(a.Err, fmt.Sprintf("%s: the page shows no comparison: a result does not keep the curves of its baseline; for a run of the ledger, "+
			"runs export RUN --html --baseline RUN shows both\n", a.name()))
	}
	return wrong.err()
}
