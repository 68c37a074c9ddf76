package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/cli/screen"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// runsCompareCommand holds runs against each other.
func (a *app) runsCompareCommand() *cobra.Command {
	var f compareFlags
	c := &cobra.Command{
		Use: "compare BEFORE NOW [flags]", Short: "Say whether runs are worse than others, in which names, and how sure that is",
		Long: "Say whether a run is worse than another: all requests together and each name, by rate, failures, p50, p95 and p99, each change with the " +
			"interval in which it lies with 95 % confidence. A side may be several runs with commas between them; then the run is the unit, " +
			"and it takes four a side, or one against four. The status is 4 when something REGRESSED. " + refs,
		Example: "  " + a.name() + " runs compare last~1 last\n  " + a.name() + " runs compare baseline last --limit 10% -n 'Log In'\n" +
			"  " + a.name() + " runs compare last~7,last~6,last~5,last~4 last~3,last~2,last~1,last",
	}
	flags := c.Flags()
	flags.StringVar(&f.limit, "limit", "5%", "a change of so much matters, a `SHARE`")
	flags.StringVar(&f.points, "points", "0.5%", "so many percentage points more failures matter, a `SHARE`")
	flags.StringArrayVarP(&f.names, "name", "n", nil, "only names like this, besides all together, a `GLOB`: 'Log In', 'GET /shop/*'; may be repeated")
	flags.BoolVar(&f.anyway, "anyway", false, "compare runs that differ in what makes them comparable")
	flags.BoolVar(&f.all, "all", false, "show every figure of every name")
	flags.BoolVar(&f.json, "json", false, "as JSON")
	return a.ledgerCommand(c, cobra.ExactArgs(2), func(ctx context.Context, b *ledger.Ledger, args []string) error {
		var wrong mistakes
		o, err := f.options()
		before, old := a.side(ctx, b, args[0], &wrong)
		after, fresh := a.side(ctx, b, args[1], &wrong)
		wrong.add(err, bothSides(old, fresh))
		if len(wrong) == 0 {
			wrong.add(f.unmatched(slices.Concat(before, after)))
		}
		if len(wrong) > 0 {
			return wrong.err()
		}
		found, err := compare.Compare(before, after, o)
		if err != nil {
			return err
		}
		if found.Outcome == verdict.Regressed {
			a.status = int(report.Regression)
		}
		if f.json {
			return report.WriteComparison(a.Out, found)
		}
		columns, _ := terminal(a.Out)
		text, err := a.comparedText(found, [2][]ledger.Run{old, fresh}, [2][]compare.Run{before, after}, screen.ComparisonOptions{
			Columns: columns, Colour: a.colourful(a.Out), All: f.all,
		})
		put(a.Out, text)
		put(a.Out, screen.ServersBeside(before, after, columns))
		return err
	})
}

// side is the runs that a reference names, several with commas between them.
func (a *app) side(ctx context.Context, b *ledger.Ledger, refs string, wrong *mistakes) (runs []compare.Run, rows []ledger.Run) {
	seen := map[int64]bool{}
	for _, ref := range strings.Split(refs, ",") {
		row, err := b.Find(ctx, ref)
		if err == nil && seen[row.Number] {
			err = fmt.Errorf("%s: run %s is named twice on one side: name each run once", refs, row.ID)
		}
		if err != nil {
			wrong.add(err)
			continue
		}
		seen[row.Number] = true
		run, err := recordedRun(ctx, b, row)
		if err != nil {
			wrong.add(err)
			continue
		}
		runs, rows = append(runs, run), append(rows, *row)
	}
	return runs, rows
}

// bothSides complains of a run that would be compared with itself, as the baseline is that is also the last run.
func bothSides(old, fresh []ledger.Run) error {
	for i := range old {
		if slices.ContainsFunc(fresh, func(r ledger.Run) bool { return r.Number == old[i].Number }) {
			return fmt.Errorf("run %s is on both sides, and no different from itself: name another", old[i].ID)
		}
	}
	return nil
}

// recordedRun is a run of the ledger, read name by name.
func recordedRun(ctx context.Context, b *ledger.Ledger, row *ledger.Run) (compare.Run, error) {
	if err := finished(row); err != nil {
		return compare.Run{}, err
	}
	r, err := b.Totals(ctx, row)
	if err != nil {
		return compare.Run{}, err
	}
	names, err := b.Names(ctx, row)
	return compare.Run{Report: r, Names: names, Course: func(k stats.Key) ([]stats.Point, error) { return b.Headlines(ctx, row, k) }}, err
}

// finished says why a run of the ledger cannot be compared; nil when it can.
func finished(row *ledger.Run) error {
	switch row.State {
	case ledger.Running:
		return fmt.Errorf("run %s is still going on: wait for its end", row.ID)
	case ledger.Imported:
		return fmt.Errorf("run %s came from a spreadsheet and has no figures of its own: compare recorded runs", row.ID)
	}
	return nil
}

// comparedText is a comparison for the terminal.
func (a *app) comparedText(found *compare.Result, rows [2][]ledger.Run, runs [2][]compare.Run, o screen.ComparisonOptions) (string, error) {
	var b strings.Builder
	for i, name := range []string{"before", "now"} {
		for _, row := range rows[i] {
			b.WriteString(cut(fmt.Sprintf("%-8s%s  %s  %s", name, row.ID, row.Started.Format("2006-01-02 15:04"), format.Text(row.Results, 0)), o.Columns))
			if row.Changes != "" {
				b.WriteString("\n" + cut("        changes: "+format.Text(row.Changes, 0), o.Columns))
			}
			b.WriteString("\n")
			name = ""
		}
	}
	b.WriteString(cut(comparedSpans(found), o.Columns) + "\n\n")
	if text := screen.Comparison(found, o); text != "" {
		b.WriteString(text + "\n")
	}
	curves, err := curvesOf(found, runs)
	if text := screen.Curves(curves, o.Columns, o.Colour); text != "" {
		b.WriteString(text + "\n")
	}
	b.WriteString(screen.Verdict(found, o.Colour))
	return b.String(), err
}

// comparedSpans says which seconds were compared.
func comparedSpans(found *compare.Result) string {
	old, fresh := found.Spans[0], found.Spans[1]
	text := func(s compare.Span) string { return fmt.Sprintf("seconds %d to %d", s.From, s.To) }
	if old == fresh {
		return "        compared: " + text(old) + " of each"
	}
	return "        compared: " + text(old) + " of the first, " + text(fresh) + " of the second"
}

// curvesOf is the last run of each side over time.
func curvesOf(found *compare.Result, runs [2][]compare.Run) ([]screen.Curve, error) {
	if found.Refused() {
		return nil, nil
	}
	var curves []screen.Curve
	var wrong []error
	for i, name := range []string{"before", "now"} {
		last := runs[i][len(runs[i])-1]
		points, err := last.Course(stats.Key{})
		curves = append(curves, screen.Curve{Name: name, Points: points, Paced: last.Report.Run.Paced})
		wrong = append(wrong, err)
	}
	return curves, errors.Join(wrong...)
}

// cut is a line no wider than the terminal; 0 columns means as wide as it needs.
func cut(line string, columns int) string {
	if columns <= 0 {
		return line
	}
	return ansi.Truncate(line, columns, "…")
}
