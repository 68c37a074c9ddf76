package ledger

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Entry is one row of a spreadsheet that a team kept by hand, as it was understood.
type Entry struct {
	Line      int // in the sheet, from 1
	Started   time.Time
	Changes   string
	Focus     string
	Users     int
	UsersText string
	SpawnRate float64
	RateText  string // when it is no number
	Results   string
	Notes     string
	Links     []string
}

// Sheet is a spreadsheet as it was understood.
type Sheet struct {
	Columns []string // what each column was taken for, in its order: "Date", "" for one that is not known
	Dates   string   // how dates were read: "day/month/year"
	Entries []Entry
	Doubts  []string // what a person should look at: "line 7: no date, that of line 6 is used"
}

// The columns of the book.
const (
	colDate    = "Date"
	colTime    = "Time"
	colChanges = "Changes"
	colFocus   = "Focus"
	colUsers   = "Users"
	colRate    = "Users / Second"
	colResults = "Results"
	colNotes   = "Notes"
	colLinks   = "Links"
)

// columnOf is what a heading means, "" when that is not known. Case, spaces and signs do not count.
func columnOf(heading string) string {
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
	switch letters {
	case "date", "day", "when", "datetime", "dateandtime", "started", "start":
		return colDate
	case "time", "at", "clock", "starttime", "timeofday":
		return colTime
	case "changes", "change", "whatchanged", "changed", "changessincelastrun":
		return colChanges
	case "focus", "goal", "purpose", "scenario", "test":
		return colFocus
	case "users", "user", "numberofusers", "peakusers", "concurrentusers", "vus":
		return colUsers
	case "userssecond", "userspersecond", "userssec", "spawnrate", "hatchrate", "userss", "rampup", "rate", "userssecondspawnrate":
		return colRate
	case "results", "result", "outcome", "findings":
		return colResults
	case "notes", "note", "comments", "comment", "remarks":
		return colNotes
	case "links", "link", "url", "urls", "dashboard", "report":
		return colLinks
	}
	return ""
}

// headings finds the row with the names of the columns: the first, of the first ones, that names two that are known.
func headings(table [][]string) (line int, columns []string, err error) {
	const look = 30
	for i, row := range table[:min(len(table), look)] {
		columns = make([]string, len(row))
		taken := map[string]bool{}
		for j, cell := range row {
			if c := columnOf(cell); c != "" && !taken[c] {
				columns[j], taken[c] = c, true
			}
		}
		if len(taken) >= 2 && taken[colDate] {
			return i, columns, nil
		}
	}
	return 0, nil, fmt.Errorf("no row names the columns: one of the first %d must have Date and others of Time, Changes, Focus, Users, Users / Second, "+
		"Results, Notes, Links, in any order", look)
}

// Understand reads a table of cells as the book of a team. Dates without a zone are in zone. Every row that says anything is kept; what
// was unclear is among the doubts.
func Understand(table [][]string, zone *time.Location) (*Sheet, error) {
	top, columns, err := headings(table)
	if err != nil {
		return nil, err
	}
	s := &Sheet{Columns: columns}
	rows := make([]map[string]string, 0, len(table)-top-1)
	for _, row := range table[top+1:] {
		cells := map[string]string{}
		for j, cell := range row {
			if j < len(columns) && columns[j] != "" {
				cells[columns[j]] = strings.TrimSpace(cell)
			}
		}
		rows = append(rows, cells)
	}
	dates := newDateReader(rows, zone)
	s.Dates = dates.order()
	for i, cells := range rows {
		if blank(cells) {
			continue
		}
		s.entry(top+2+i, cells, dates)
	}
	return s, nil
}

func blank(cells map[string]string) bool {
	for _, c := range cells {
		if c != "" {
			return false
		}
	}
	return true
}

func (s *Sheet) doubt(line int, format string, args ...any) {
	s.Doubts = append(s.Doubts, fmt.Sprintf("line %d: ", line)+fmt.Sprintf(format, args...))
}

// entry understands one row.
func (s *Sheet) entry(line int, cells map[string]string, dates *dateReader) {
	e := Entry{
		Line: line, Changes: cells[colChanges], Focus: cells[colFocus], UsersText: cells[colUsers], Results: cells[colResults], Notes: cells[colNotes],
		Links: strings.FieldsFunc(cells[colLinks], func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' }),
	}
	var known bool
	if e.Started, known = dates.read(cells[colDate], cells[colTime]); !known {
		if len(s.Entries) == 0 {
			s.doubt(line, "the date %q cannot be read, and no row above has one: left out", cells[colDate])
			return
		}
		above := s.Entries[len(s.Entries)-1]
		s.doubt(line, "the date %q cannot be read: that of line %d is used", cells[colDate], above.Line)
		e.Started, _ = dates.at(above.Started, cells[colTime])
	}
	s.amounts(&e, cells)
	s.Entries = append(s.Entries, e)
}

// amounts understands the number of users and how fast they came. What is no plain number is kept as text too.
func (s *Sheet) amounts(e *Entry, cells map[string]string) {
	var exact bool
	if e.Users, exact = firstNumber(e.UsersText); !exact && e.UsersText != "" {
		s.doubt(e.Line, "users %q is kept as %d, and as it is in the notes", e.UsersText, e.Users)
		e.Notes = strings.TrimPrefix(e.Notes+"\nUsers: "+e.UsersText, "\n")
	}
	rate := cells[colRate]
	switch n, exact := plainNumber(rate); {
	case exact:
		e.SpawnRate = n
	case rate == "-": // as an export writes what it does not know
	default:
		e.RateText = rate
	}
}
