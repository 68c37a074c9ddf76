package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
)

// runsImportCommand takes in the spreadsheet that a team kept until now.
func (a *app) runsImportCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "import FILE.xlsx|FILE.csv", Short: "Take in the spreadsheet that a team kept until now; with --from the runs of another stampede",
		Long: "Take in the spreadsheet that a team kept until now: a row with Date, Time, Changes, Focus, Users, Users / Second, Results, Notes, " +
			"Links in any order, and one row for each run. What other columns say is kept in the notes. It shows what it understood and asks " +
			"before it writes. Rows that are in the ledger already are left alone.",
	}
	yes := c.Flags().BoolP("yes", "y", false, "do not ask")
	dates := c.Flags().String("dates", "", "how dates such as 2/11/2026 are meant, when the sheet does not show it: `day/month/year` or month/day/year")
	from := c.Flags().String("from", "", "take in the rows of the ledger of the stampede serve at `URL`, whose token is read from STAMPEDE_TOKEN")
	anywhere := func(*ledgerOptions) error { return nil }
	args := func(c *cobra.Command, args []string) error {
		if *from != "" {
			return cobra.NoArgs(c, args)
		}
		return cobra.ExactArgs(1)(c, args)
	}
	return a.withLedger(c, args, anywhere, func(ctx context.Context, b *ledger.Ledger, args []string) error {
		if *from != "" {
			return a.importFrom(ctx, b, *from, *yes)
		}
		if *dates != "" && *dates != ledger.DayFirst && *dates != ledger.MonthFirst {
			return fmt.Errorf("--dates %q: write %s or %s", *dates, ledger.DayFirst, ledger.MonthFirst)
		}
		sheets, left, err := readSheets(a.path(args[0]), ledger.Reading{Zone: time.Local, Dates: *dates})
		if err != nil {
			return fmt.Errorf("import %s: %w", args[0], err)
		}
		var entries []ledger.Entry
		for _, s := range sheets {
			put(a.Out, understood(s))
			entries = append(entries, s.Entries...)
		}
		put(a.Out, left)
		if len(entries) == 0 {
			return fmt.Errorf("import %s: it has no runs", args[0])
		}
		return a.importEntries(ctx, b, entries, *yes)
	})
}

// importEntries says what of a sheet is new, asks, and writes that.
func (a *app) importEntries(ctx context.Context, b *ledger.Ledger, entries []ledger.Entry, yes bool) error {
	m, err := b.Match(ctx, entries)
	if err != nil {
		return err
	}
	for _, near := range m.Near {
		put(a.Out, "  look at "+near+"\n")
	}
	if m.Known > 0 {
		put(a.Out, fmt.Sprintf("%s in the ledger already\n", format.Plural(int64(m.Known), "row is", "rows are")))
	}
	if !yes && len(m.New) > 0 {
		ask := fmt.Sprintf("Write %s into %s?", format.Plural(int64(len(m.New)), "run", "runs"), b.Where())
		if err := a.agree(ctx, ask, "nothing was written"); err != nil {
			return err
		}
	}
	added, err := b.Import(ctx, entries)
	if err != nil {
		return err
	}
	put(a.Out, fmt.Sprintf("%s written, %d were there already\n", format.Plural(int64(len(added)), "run", "runs"), len(entries)-len(added)))
	return nil
}

// readSheets reads every sheet of a file that is a ledger; left says which others there are, one a line.
func readSheets(path string, how ledger.Reading) (sheets []*ledger.Sheet, left string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	tables, err := ledger.ReadTables(f, path)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, "", err
	}
	var first error
	for _, t := range tables {
		s, err := ledger.Understand(t, how)
		if err == nil {
			sheets = append(sheets, s)
			continue
		}
		if first == nil {
			first = err
		}
		if errors.Is(err, ledger.ErrNoHeads) {
			err = errors.New("no row names the columns")
		}
		left += fmt.Sprintf("sheet %s is left out: %s\n", strconv.Quote(t.Name), err)
	}
	if len(sheets) == 0 {
		return nil, "", first
	}
	return sheets, left, nil
}

// understood shows a sheet as it was understood: the columns, the first and the last row, the doubts.
func understood(s *ledger.Sheet) string {
	var b strings.Builder
	if s.Name != "" {
		fmt.Fprintf(&b, "sheet %s: ", strconv.Quote(s.Name))
	}
	b.WriteString(format.Plural(int64(len(s.Entries)), "run", "runs"))
	if s.Dates != "" {
		fmt.Fprintf(&b, ", dates read as %s", s.Dates)
	}
	fmt.Fprintf(&b, "\n  columns: %s\n", strings.Join(taken(s), ", "))
	if len(s.Kept) > 0 {
		fmt.Fprintf(&b, "  kept in the notes: %s\n", format.Text(strings.Join(s.Kept, ", "), 0))
	}
	for i, e := range s.Entries {
		if i > 0 && i < len(s.Entries)-1 {
			continue
		}
		parts := []string{e.Started.Format("2006-01-02 15:04")}
		if e.UsersText != "" {
			parts = append(parts, format.Plural(int64(e.Users), "user", "users"))
		}
		for _, text := range []string{e.Changes, e.Focus, e.Results} {
			if text != "" {
				parts = append(parts, format.Text(text, 60))
			}
		}
		fmt.Fprintf(&b, "  line %d: %s\n", e.Line, strings.Join(parts, ", "))
	}
	if s.Guessed {
		fmt.Fprintf(&b, "  look at the dates: nothing shows whether the day or the month comes first (--dates %s or --dates %s says it)\n",
			ledger.DayFirst, ledger.MonthFirst)
	}
	for _, d := range s.Doubts {
		fmt.Fprintf(&b, "  look at %s\n", format.Text(d, 0))
	}
	return b.String()
}

// taken is the columns that are known, each with its heading where that is another word.
func taken(s *ledger.Sheet) []string {
	var all []string
	for i, c := range s.Columns {
		switch {
		case c == "":
		case strings.EqualFold(c, s.Heads[i]):
			all = append(all, c)
		default:
			all = append(all, fmt.Sprintf("%s (%s)", c, format.Text(strconv.Quote(s.Heads[i]), 0)))
		}
	}
	return all
}

// agree asks a person, and gives an error that says what did not happen when they do not want it. Nobody there means no, and so does Ctrl-C.
func (a *app) agree(ctx context.Context, question, otherwise string) error {
	put(a.Out, question+" [y/N] ")
	answered := make(chan string, 1)
	go func() { // reading cannot be stopped: after Ctrl-C the end of the process ends it
		answer, err := bufio.NewReader(a.In).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			answer = ""
		}
		answered <- answer
	}()
	select {
	case answer := <-answered:
		if !strings.HasSuffix(answer, "\n") {
			put(a.Out, "\n")
		}
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
			return nil
		case "":
			return errors.New(otherwise + ": answer y, or give --yes")
		}
		return errors.New(otherwise)
	case <-ctx.Done():
		put(a.Out, "\n")
		return ctx.Err()
	}
}
