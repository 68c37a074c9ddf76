package ledger

import (
	"errors"
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
	Notes     string // with all that has no column of its own: "Tester: Ann"
	Links     []string
}

// Reading says how a sheet is to be read.
type Reading struct {
	Zone  *time.Location // of dates that name none, unless a heading says UTC; nil means UTC
	Dates string         // DayFirst or MonthFirst; "" means as the column itself shows
}

// Sheet is a spreadsheet as it was understood.
type Sheet struct {
	Name    string   // of the sheet in its workbook; "" in a file of text
	Columns []string // what each column was taken for, in its order: "Date", "" for one that is not known
	Heads   []string // what each column is called
	Kept    []string // what the columns are called that are not known, and whose cells are kept in the notes
	Dates   string   // how dates of numbers alone were read: DayFirst or MonthFirst; "" when there are none
	Guessed bool     // and nothing in the sheet says which of the two is right
	Entries []Entry
	Doubts  []string // what a person should look at: "line 7: no date, that of line 6 is used"
}

// sheetRow is a row below the headings.
type sheetRow struct {
	line  int
	cells map[string]string // by column
	other []string          // cells without a known column: "Tester: Ann"
	links []string          // where its cells lead to
}

// Understand reads a table of cells as the ledger of a team. Every row that says anything is kept, and every cell of it; what was unclear is
// among the doubts. A table whose columns are not named gives an error.
func Understand(t Table, how Reading) (*Sheet, error) {
	h, err := findHeads(t.Cells)
	if err != nil {
		return nil, err
	}
	if how.Zone == nil || h.utc() {
		how.Zone = time.UTC
	}
	s := &Sheet{Name: t.Name, Columns: h.columns, Heads: h.texts}
	var rows []sheetRow
	for i := h.row + h.rows; i < len(t.Cells); i++ {
		if row := s.row(&t, i); !row.isBlank() && !h.repeated(t.Cells[i]) {
			rows = append(rows, row)
		}
	}
	dates := newDateReader(rows, how, t.From1904)
	s.Dates, s.Guessed = dates.order(), dates.guessed
	for i := range rows {
		s.entry(&rows[i], dates)
	}
	if len(rows) > 0 && len(s.Entries) == 0 {
		return nil, errors.New("no date in it can be read: write it like 2026-11-02")
	}
	return s, nil
}

// row is the row at an index, its cells by their columns.
func (s *Sheet) row(t *Table, at int) sheetRow {
	row := sheetRow{line: at + 1, cells: map[string]string{}}
	for j, cell := range t.Cells[at] {
		cell = strings.TrimSpace(cell)
		switch {
		case cell == "":
		case j < len(s.Columns) && s.Columns[j] != "":
			row.cells[s.Columns[j]] = cell
		case j < len(s.Heads) && s.Heads[j] != "":
			row.other = append(row.other, s.Heads[j]+": "+cell)
			s.keep(s.Heads[j])
		default:
			row.other = append(row.other, cell)
			s.keep("a column without a name")
		}
		if target := t.Targets[[2]int{at, j}]; target != "" {
			row.links = append(row.links, target)
		}
	}
	return row
}

func (s *Sheet) keep(heading string) {
	for _, k := range s.Kept {
		if k == heading {
			return
		}
	}
	s.Kept = append(s.Kept, heading)
}

func (r *sheetRow) isBlank() bool { return len(r.cells) == 0 && len(r.other) == 0 }

// text is all that a row says, for a person who has to find it.
func (r *sheetRow) text() string {
	var all []string
	for _, c := range []string{colDate, colTime, colChanges, colFocus, colUsers, colRate, colResults, colNotes, colLinks} {
		if cell := r.cells[c]; cell != "" {
			all = append(all, cell)
		}
	}
	return strings.Join(append(all, r.other...), ", ")
}

func (s *Sheet) doubt(line int, format string, args ...any) {
	s.Doubts = append(s.Doubts, fmt.Sprintf("line %d: ", line)+fmt.Sprintf(format, args...))
}

// note adds a line to the notes of an entry: what has no place of its own must not be lost.
func (e *Entry) note(text string) { e.Notes = strings.TrimPrefix(e.Notes+"\n"+text, "\n") }

// entry understands one row.
func (s *Sheet) entry(row *sheetRow, dates *dateReader) {
	cells := row.cells
	e := Entry{
		Line: row.line, Changes: cells[colChanges], Focus: cells[colFocus], UsersText: cells[colUsers], Results: cells[colResults], Notes: cells[colNotes],
		Links: linksOf(cells[colLinks], row.links),
	}
	for _, text := range row.other {
		e.note(text)
	}
	if !s.moment(&e, row, dates) {
		return
	}
	s.amounts(&e, cells)
	s.Entries = append(s.Entries, e)
}

// moment understands when a run was. It reports false when there is nothing to go by.
func (s *Sheet) moment(e *Entry, row *sheetRow, dates *dateReader) bool {
	written, clock := row.cells[colDate], row.cells[colTime]
	date, known := dates.read(written)
	switch {
	case known && date.swapped:
		s.doubt(row.line, "the date %q is no %s, and is read the other way round", written, dates.order())
	case known:
	case len(s.Entries) == 0:
		s.doubt(row.line, "left out, for want of a date in it or above it: %s", row.text())
		return false
	default:
		above := s.Entries[len(s.Entries)-1]
		date.day = above.Started
		if written == "" {
			s.doubt(row.line, "no date: that of line %d is used", above.Line)
		} else {
			s.doubt(row.line, "the date %q cannot be read: that of line %d is used, and the text is kept in the notes", written, above.Line)
			e.note("Date: " + written)
		}
	}
	if clock == "" {
		clock = date.rest
	}
	var exact bool
	if e.Started, exact = at(date.day, clock); !exact {
		s.doubt(row.line, "the time %q is read as %s, and kept in the notes", clock, e.Started.Format("15:04"))
		e.note("Time: " + clock)
	}
	return true
}

// linksOf is the links of a cell: each address is one; a line with other words in it stays as it is. targets is where cells of the row lead
// to when they are clicked.
func linksOf(cell string, targets []string) []string {
	var links []string
	apart := strings.NewReplacer(",http", " http", ";http", " http")
	for line := range strings.Lines(cell) {
		words := strings.FieldsFunc(apart.Replace(line), unicode.IsSpace)
		for i := range words {
			words[i] = strings.TrimRight(words[i], ",;")
		}
		addresses := 0
		for _, w := range words {
			if strings.Contains(w, "://") || strings.HasPrefix(w, "www.") {
				addresses++
			}
		}
		if addresses == len(words) {
			links = append(links, words...)
		} else {
			links = append(links, strings.TrimSpace(line))
		}
	}
	for _, t := range targets {
		if !strings.Contains(strings.Join(links, "\n"), strings.TrimSuffix(t, "/")) {
			links = append(links, t)
		}
	}
	return links
}

// unknown is how an export writes what it does not know.
const unknown = "-"

// amounts understands the number of users and how fast they came. What is no plain number is kept as text too.
func (s *Sheet) amounts(e *Entry, cells map[string]string) {
	if e.UsersText == unknown {
		e.UsersText = ""
	}
	var exact bool
	if e.Users, exact = firstNumber(e.UsersText); !exact && e.UsersText != "" {
		s.doubt(e.Line, "users %q is kept as %d, and as it is in the notes", e.UsersText, e.Users)
		e.note("Users: " + e.UsersText)
	}
	rate := cells[colRate]
	switch n, exact := plainNumber(rate); {
	case exact:
		e.SpawnRate = n
	case rate == unknown:
	default:
		e.RateText = rate
	}
}
