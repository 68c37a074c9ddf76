package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/show"
)

// runsImportCommand takes in the spreadsheet that a team kept until now.
func (a *app) runsImportCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "import FILE.xlsx|FILE.csv", Short: "Take in the spreadsheet that a team kept until now",
		Long: "Take in the spreadsheet that a team kept until now: a row with Date, Time, Changes, Focus, Users, Users / Second, Results, Notes, " +
			"Links in any order, and one row for each run. It shows what it understood and asks before it writes. Rows that are in the book " +
			"already are left alone.",
	}
	yes := c.Flags().BoolP("yes", "y", false, "do not ask")
	return a.booked(c, cobra.ExactArgs(1), func(ctx context.Context, b *ledger.Book, args []string) error {
		sheet, err := readSheet(a.path(args[0]))
		if err != nil {
			return fmt.Errorf("import %s: %w", args[0], err)
		}
		put(a.Out, understood(sheet))
		if len(sheet.Entries) == 0 {
			return fmt.Errorf("import %s: it has no runs", args[0])
		}
		if !*yes && !a.agree(fmt.Sprintf("Write %s into %s?", show.Plural(int64(len(sheet.Entries)), "run", "runs"), b.Where())) {
			return errors.New("nothing was written: answer y, or give --yes")
		}
		added, err := b.Import(ctx, sheet.Entries)
		if err != nil {
			return err
		}
		put(a.Out, fmt.Sprintf("%s written, %d were there already\n", show.Plural(int64(len(added)), "run", "runs"), len(sheet.Entries)-len(added)))
		return nil
	})
}

func readSheet(path string) (sheet *ledger.Sheet, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	table, err := ledger.ReadTable(f, path)
	if err != nil {
		return nil, err
	}
	return ledger.Understand(table, time.Local)
}

// understood shows a sheet as it was understood: the columns, the first and the last row, the doubts.
func understood(s *ledger.Sheet) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", show.Plural(int64(len(s.Entries)), "run", "runs"))
	if s.Dates != "" {
		fmt.Fprintf(&b, ", dates read as %s", s.Dates)
	}
	b.WriteString("\n")
	for i, e := range s.Entries {
		if i > 0 && i < len(s.Entries)-1 {
			continue
		}
		users := show.Count(int64(e.Users)) + " users"
		fmt.Fprintf(&b, "  line %d: %s, %s, %s, %s\n", e.Line, e.Started.Format("2006-01-02 15:04"), users,
			show.Text(e.Focus+" / "+e.Changes, 60), show.Text(e.Results, 60))
	}
	for _, d := range s.Doubts {
		fmt.Fprintf(&b, "  look at %s\n", show.Text(d, 0))
	}
	return b.String()
}

// agree asks a person; nobody there means no.
func (a *app) agree(question string) bool {
	put(a.Out, question+" [y/N] ")
	answer, err := bufio.NewReader(a.In).ReadString('\n')
	if err != nil && answer == "" {
		put(a.Out, "\n")
		return false
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}
