package table

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Table is the cells of a file of text.
type Table struct {
	Rows      []Row
	Separator rune // what stood between the cells: ',', ';', a tab or '|'
}

// Row is one row that says something. Rows of empty cells are left out.
type Row struct {
	Line  int // in the file, from 1
	Cells []string
}

// Options say how a table is read. The zero value is fine for a table with headings.
type Options struct {
	Comment rune // a line that begins with it is left out; 0 for none
	Lazy    bool // quotes may stand anywhere
	// Suits reports whether these rows make sense to the reader; of several ways to separate cells the first that does is taken. nil takes
	// what gives most rows the same number of cells.
	Suits func(rows []Row) bool
}

const mostBytes = 256 << 20

var separators = []rune{',', ';', '\t', '|'}

// Read reads a table. The error says which line is wrong.
func Read(r io.Reader, o Options) (*Table, error) {
	all, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	if err != nil {
		return nil, err
	}
	if len(all) > mostBytes {
		return nil, fmt.Errorf("it is larger than %d MB", mostBytes>>20)
	}
	text, err := Text(all)
	if err != nil {
		return nil, err
	}
	if what := notTable(text); what != "" {
		return nil, fmt.Errorf("it is %s and no table", what)
	}
	// Excel's own way to say what separates the cells.
	if line, rest, _ := strings.Cut(text, "\n"); len(line) >= 5 && strings.EqualFold(line[:4], "sep=") {
		sep := []rune(strings.TrimRight(line[4:], "\r"))
		if len(sep) != 1 || sep[0] == '"' {
			return nil, fmt.Errorf("line 1: %q does not say what separates the cells: write sep=; or leave it out", strings.TrimSpace(line))
		}
		rows, err := o.split(rest, sep[0], 1)
		return &Table{Rows: rows, Separator: sep[0]}, err
	}
	var best *Table
	var wrong error
	most := -1
	for _, sep := range separators {
		rows, err := o.split(text, sep, 0)
		if err != nil {
			if wrong == nil {
				wrong = err
			}
			continue
		}
		if o.Suits != nil && o.Suits(rows) {
			return &Table{rows, sep}, nil
		}
		if n := alike(rows); n > most {
			best, most = &Table{rows, sep}, n
		}
	}
	if best == nil || wrong != nil && most <= 0 {
		return nil, wrong
	}
	return best, nil
}

// alike is how many of the first rows have as many cells as the headings, if those are several.
func alike(rows []Row) (n int) {
	if len(rows) == 0 || len(rows[0].Cells) < 2 {
		return 0
	}
	for _, r := range rows[:min(len(rows), 20)] {
		if len(r.Cells) == len(rows[0].Cells) {
			n++
		}
	}
	return n
}

// split reads the rows with one separator. The text begins behind so many lines of the file.
func (o *Options) split(text string, sep rune, before int) (rows []Row, err error) {
	c := csv.NewReader(strings.NewReader(text))
	c.Comma, c.Comment, c.FieldsPerRecord, c.LazyQuotes, c.TrimLeadingSpace = sep, o.Comment, -1, o.Lazy, sep != '\t' && !o.Lazy
	for {
		cells, err := c.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			var at *csv.ParseError
			if errors.As(err, &at) {
				return nil, fmt.Errorf("line %d: %w", at.Line+before, at.Err)
			}
			return nil, err
		}
		line, _ := c.FieldPos(0)
		if !blank(cells) {
			rows = append(rows, Row{line + before, cells})
		}
	}
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

// Headed is a table whose first row names its columns.
type Headed struct {
	Columns []string // without spaces around; a column without a name, or with nothing in it, is not there
	Rows    []Row    // as many cells in each as there are columns
	Decimal bool     // numbers have a comma where others have a point, as where semicolons separate the cells
}

// ReadHeaded reads a table whose first row names its columns. Columns of which nothing is filled in, as spreadsheets leave them at the right, are
// left out.
func ReadHeaded(r io.Reader) (*Headed, error) {
	t, err := Read(r, Options{})
	if err != nil {
		return nil, err
	}
	if len(t.Rows) == 0 {
		return nil, errors.New("the file is empty: its first line names the columns")
	}
	h := &Headed{Decimal: t.Separator == ';'}
	var kept []int
	known := map[string]bool{}
	for i, name := range t.Rows[0].Cells {
		name = heading(name)
		switch {
		case name == "" && !filled(t.Rows[1:], i):
			continue
		case name == "":
			return nil, fmt.Errorf("line %d: column %d has no name", t.Rows[0].Line, i+1)
		case known[name]:
			return nil, fmt.Errorf("line %d: two columns are called %s", t.Rows[0].Line, name)
		}
		known[name] = true
		kept = append(kept, i)
		h.Columns = append(h.Columns, name)
	}
	for _, row := range t.Rows[1:] {
		last := kept[len(kept)-1]
		if len(row.Cells) <= last || !blank(row.Cells[min(len(row.Cells), len(t.Rows[0].Cells)):]) {
			return nil, fmt.Errorf("line %d has %d cells, and line %d names %d columns", row.Line, len(row.Cells), t.Rows[0].Line, len(h.Columns))
		}
		cells := make([]string, len(kept))
		for i, at := range kept {
			cells[i] = plainCell(row.Cells[at])
		}
		h.Rows = append(h.Rows, Row{row.Line, cells})
	}
	if len(h.Rows) == 0 {
		return nil, errors.New("no rows below the line of column names")
	}
	return h, nil
}

// heading is the name of a column: without spaces around it, and without what cannot be seen, as what is copied from pages brings along.
func heading(name string) string {
	return strings.TrimFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}

// notTable says what a file is that was taken for a table, by how it begins; "" for what may be one. It is often the page that says that one has to
// log in to get the table.
func notTable(text string) string {
	text = strings.ToLower(strings.TrimSpace(text[:min(len(text), 200)]))
	inner := strings.TrimLeft(text, "[{ \t\r\n")
	switch {
	case strings.HasPrefix(text, "<!doctype html"), strings.HasPrefix(text, "<html"):
		return "a web page"
	case strings.HasPrefix(text, "<?xml"):
		return "XML"
	case text != inner && strings.HasPrefix(inner, `"`):
		return "JSON, which JSONLines reads,"
	case strings.HasPrefix(text, "version https://git-lfs"):
		return "a pointer of Git LFS (git lfs pull fetches the file)"
	}
	return ""
}

// plainCell is the text of a cell that is written as a formula so that a spreadsheet leaves it as it is: ="007".
func plainCell(text string) string {
	if inner, ok := strings.CutPrefix(text, `="`); ok && len(inner) > 0 && strings.Count(inner, `"`) == 1 && inner[len(inner)-1] == '"' {
		return inner[:len(inner)-1]
	}
	return text
}

func filled(rows []Row, column int) bool {
	for _, r := range rows {
		if column < len(r.Cells) && strings.TrimSpace(r.Cells[column]) != "" {
			return true
		}
	}
	return false
}
