package ledger

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// The columns of the ledger.
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

// aside is what stands beside a heading: "(UTC)", "[max]".
var aside = regexp.MustCompile(`[(\[][^)\]]*[)\]]`)

// columnOf is what a heading means, "" when that is not known. Case, spaces, signs and what is in brackets do not count.
func columnOf(heading string) string {
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, strings.ReplaceAll(aside.ReplaceAllString(heading, ""), "/", "per"))
	switch letters {
	case "date", "day", "when", "datetime", "datepertime", "dateandtime", "started", "startedat", "start", "startdate", "testdate", "rundate",
		"dateoftest", "dateofrun":
		return colDate
	case "time", "at", "clock", "starttime", "timeofday", "timestarted", "testtime", "hour":
		return colTime
	case "changes", "change", "whatchanged", "changed", "changesmade", "changeset", "changessince", "changessincelast", "changessincelastrun",
		"changessincelasttest", "difference", "differences":
		return colChanges
	case "focus", "goal", "purpose", "objective", "aim", "scenario", "test", "testname", "testfocus", "focusoftest":
		return colFocus
	case "users", "user", "vu", "vus", "ofusers", "noofusers", "numberofusers", "usercount", "totalusers", "maxusers", "usersmax", "peakusers",
		"concurrentusers", "virtualusers", "simulatedusers":
		return colUsers
	case "userspersecond", "userspersec", "userspers", "userpersecond", "userpersec", "userpers", "userssecond", "userssec", "userss",
		"newuserspersecond", "spawnrate", "hatchrate", "arrivalrate", "userrate", "ramp", "rampup", "ramprate", "rampuprate", "rate",
		"userspersecondspawnrate":
		return colRate
	case "results", "result", "testresults", "keyresults", "outcome", "findings", "conclusion", "conclusions":
		return colResults
	case "notes", "note", "comments", "comment", "remarks", "remark":
		return colNotes
	case "links", "link", "hyperlink", "hyperlinks", "url", "urls", "dashboard", "dashboards", "report", "reports":
		return colLinks
	}
	return ""
}

// heads is the row, or the two, that name the columns.
type heads struct {
	row, rows int      // the first, from 0, and how many there are
	columns   []string // what each was taken for, "" for one that is not known
	texts     []string // as they are written
}

// ErrNoHeads says that a sheet is no ledger: nothing in it names the columns of one.
var ErrNoHeads = fmt.Errorf("no row names the columns: one of the first %d must have Date and others of Time, Changes, Focus, Users, Users / Second, "+
	"Results, Notes, Links, in any order", headsWithin)

// headsWithin is how many rows may come before that of the headings.
const headsWithin = 30

// findHeads finds the row with the names of the columns: the first, of the first ones, that names two that are known, one of them the date.
// When the one below it is headings too (under cells that were joined, such as "Load" over Users and Users / Second), it belongs to it.
func findHeads(table [][]string) (*heads, error) {
	for i, row := range table[:min(len(table), headsWithin)] {
		h := &heads{row: i, rows: 1}
		if n := h.read(row); n < 2 || !h.has(colDate) {
			continue
		}
		if i+1 < len(table) && allHeadings(table[i+1]) && h.read(table[i+1]) > 0 {
			h.rows = 2
		}
		return h, nil
	}
	return nil, ErrNoHeads
}

// read takes the headings of a row in, and gives how many columns they name that none did before.
func (h *heads) read(row []string) (named int) {
	for len(h.columns) < len(row) {
		h.columns, h.texts = append(h.columns, ""), append(h.texts, "")
	}
	for j, cell := range row {
		cell = strings.Join(strings.Fields(cell), " ")
		c := columnOf(cell)
		if c != "" && !h.has(c) {
			h.columns[j], h.texts[j] = c, cell
			named++
		} else if h.texts[j] == "" {
			h.texts[j] = cell
		}
	}
	return named
}

func (h *heads) has(column string) bool {
	for _, c := range h.columns {
		if c == column {
			return true
		}
	}
	return false
}

// allHeadings reports whether a row has nothing but names of columns, and no date.
func allHeadings(row []string) bool {
	some := false
	for _, cell := range row {
		if strings.TrimSpace(cell) == "" {
			continue
		}
		if columnOf(cell) == "" {
			return false
		}
		some = true
	}
	return some
}

// utc reports whether a heading says that times are UTC.
func (h *heads) utc() bool {
	for j, c := range h.columns {
		in := aside.FindString(strings.ToUpper(h.texts[j]))
		if (c == colDate || c == colTime) && (strings.Contains(in, "UTC") || strings.Contains(in, "GMT")) {
			return true
		}
	}
	return false
}

// repeated reports whether a row is the headings once more, as on each page of a long sheet.
func (h *heads) repeated(row []string) bool {
	if h.rows == 2 && allHeadings(row) {
		return true
	}
	same, date := 0, false
	for j, cell := range row {
		if c := columnOf(cell); j < len(h.columns) && c != "" && c == h.columns[j] {
			same++
			date = date || c == colDate
		}
	}
	return date && same >= 2
}
