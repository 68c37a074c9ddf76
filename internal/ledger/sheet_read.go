package ledger

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/stampede-load/stampede/internal/table"
)

// Table is the cells of one sheet.
type Table struct {
	Name     string            // of the sheet; "" in a file of text
	Cells    [][]string        // by row and column, as many in each row as it has
	Targets  map[[2]int]string // where the cell of a row and a column leads to when it is clicked
	From1904 bool              // days are counted from 1904 and not from 1900
}

// ReadTables reads the cells of a spreadsheet: every sheet of an .xlsx file, or a .csv file with commas, semicolons or tabs.
func ReadTables(r io.Reader, name string) ([]Table, error) {
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".xlsx", ".xlsm":
		return readWorkbook(r)
	case ".csv", ".tsv", ".txt":
		cells, err := readText(r)
		return []Table{{Cells: cells}}, err
	default:
		return nil, fmt.Errorf("%s is neither .xlsx nor .csv: save it as one of those", filepath.Base(name))
	}
}

func readWorkbook(r io.Reader) (tables []Table, err error) {
	const most = 256 << 20 // of a sheet: a packed one can claim any size
	workbook, err := excelize.OpenReader(r, excelize.Options{RawCellValue: true, UnzipSizeLimit: most, UnzipXMLSizeLimit: most})
	if err != nil {
		return nil, fmt.Errorf("it is no workbook: %w", err)
	}
	defer func() { err = errors.Join(err, workbook.Close()) }()
	props, err := workbook.GetWorkbookProps()
	if err != nil {
		return nil, err
	}
	for _, name := range workbook.GetSheetList() {
		t := Table{Name: name, From1904: props.Date1904 != nil && *props.Date1904}
		if t.Cells, err = workbook.GetRows(name); err != nil {
			return nil, fmt.Errorf("sheet %s: %w", name, err)
		}
		if t.Targets, err = targets(workbook, name); err != nil {
			return nil, fmt.Errorf("sheet %s: %w", name, err)
		}
		tables = append(tables, t)
	}
	if len(tables) == 0 {
		return nil, errors.New("the workbook has no sheets")
	}
	return tables, nil
}

// targets is where the cells of a sheet lead to that people can click: "Dashboard" says little without its address.
func targets(workbook *excelize.File, sheet string) (map[[2]int]string, error) {
	cells, err := workbook.GetHyperLinkCells(sheet, "External")
	if err != nil {
		return nil, err
	}
	out := map[[2]int]string{}
	for _, ref := range cells {
		first, _, _ := strings.Cut(ref, ":") // of cells that were joined
		ok, target, err := workbook.GetCellHyperLink(sheet, first)
		if err != nil {
			return nil, err
		}
		column, row, err := excelize.CellNameToCoordinates(first)
		if err != nil {
			return nil, err
		}
		if ok {
			out[[2]int{row - 1, column - 1}] = target
		}
	}
	return out, nil
}

// readText reads a file of text with whatever separates its cells: what makes headings that are known.
func readText(r io.Reader) ([][]string, error) {
	const most = 256 << 20
	all, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if len(all) > most {
		return nil, fmt.Errorf("it is larger than %d MB", most>>20)
	}
	text, err := table.Text(all)
	if err != nil {
		return nil, err
	}
	var first [][]string
	var wrong error
	for i, sep := range []rune{',', ';', '\t', '|'} {
		cells, err := splitText(text, sep)
		if err == nil {
			if _, err := findHeads(cells); err == nil {
				return cells, nil
			}
		}
		if i == 0 {
			first, wrong = cells, err
		}
	}
	return first, wrong
}

// splitText gives each row the place that it has in a spreadsheet, where empty lines are rows too.
func splitText(text string, sep rune) (table [][]string, err error) {
	c := csv.NewReader(strings.NewReader(text))
	c.Comma, c.FieldsPerRecord, c.LazyQuotes = sep, -1, true
	for next := 1; ; {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return table, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := c.FieldPos(0)
		for ; next < line; next++ {
			table = append(table, nil)
		}
		next++
		for i, cell := range row {
			next += strings.Count(cell, "\n")
			row[i] = withoutMark(cell)
		}
		table = append(table, row)
	}
}

// withoutMark takes the mark away that keeps spreadsheets from calculating.
func withoutMark(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.ContainsRune("=+-@\t\r'", rune(cell[1])) {
		return cell[1:]
	}
	return cell
}
