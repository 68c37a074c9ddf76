package report

import (
	"io"
	"iter"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
)

// LedgerRow is one run in the sheet of runs that a team keeps.
type LedgerRow struct {
	Started        time.Time // shown as it stands, in its own time zone
	Changes, Focus string
	Users          int
	UsersText      string  // instead of a number that is not known; "" when it is
	SpawnRate      float64 // users per second; 0 means all at once
	RateText       string  // of an open model, instead of a spawn rate; "" in a closed one
	Results, Notes string
	Links          []string
}

// LedgerRowOf is the row of a run.
func LedgerRowOf(r *stampede.Report) LedgerRow {
	return LedgerRow{
		Started: r.Run.Started, Changes: r.Run.Changes, Focus: r.Run.Focus, Users: r.Run.Users, SpawnRate: r.Run.SpawnRate,
		RateText: r.Run.RateText, Results: Results(r), Notes: r.Run.Notes, Links: r.Run.Links,
	}
}

// LedgerColumns are the columns of the sheet of runs, in order.
func LedgerColumns() []string {
	return []string{"Date", "Time", "Changes", "Focus", "Users", "Users / Second", "Results", "Notes", "Links"}
}

// WriteLedger writes many runs as the one sheet of a workbook, one row at a time: the ledger that a team kept by hand.
func WriteLedger(w io.Writer, rows iter.Seq[LedgerRow]) error {
	b := newWorkbook()
	b.sheet("Runs", runsSheet(rows))
	return b.write(w)
}

func runsSheet(rows iter.Seq[LedgerRow]) func(*sheet) {
	return func(s *sheet) {
		s.head(LedgerColumns(), 12, 10, 40, 40, 10, 14, 60, 40, 40)
		for row := range rows {
			s.row(s.date(row.Started), s.clock(row.Started), s.cell(wrapStyle, row.Changes), s.cell(wrapStyle, row.Focus),
				row.howMany(s), row.perSecond(s), s.cell(wrapStyle, row.Results), s.cell(wrapStyle, row.Notes),
				s.cell(wrapStyle, strings.Join(row.Links, "\n")))
		}
	}
}

// howMany is the number of users, or words where it is not known.
func (b *LedgerRow) howMany(s *sheet) any {
	if b.UsersText != "" {
		return s.text(b.UsersText)
	}
	return s.count(int64(b.Users))
}

// perSecond is how fast users (or arrivals) came: a number, or words where none fits.
func (b *LedgerRow) perSecond(s *sheet) any {
	switch {
	case b.RateText != "":
		return s.text(b.RateText)
	case b.SpawnRate == 0:
		return s.text("all at once")
	default:
		return s.rate(b.SpawnRate)
	}
}
