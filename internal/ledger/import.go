package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/stampede-load/stampede"
)

// ReadTable reads the cells of a spreadsheet: the first sheet of an .xlsx file, or a .csv file with commas, semicolons or tabs.
func ReadTable(r io.Reader, name string) ([][]string, error) {
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".xlsx":
		return readWorkbook(r)
	case ".csv", ".tsv", ".txt":
		return readText(r)
	default:
		return nil, fmt.Errorf("%s is neither .xlsx nor .csv: save it as one of those", name)
	}
}

func readWorkbook(r io.Reader) (table [][]string, err error) {
	const most = 256 << 20 // of a sheet: a packed one can claim any size
	book, err := excelize.OpenReader(r, excelize.Options{RawCellValue: true, UnzipSizeLimit: most, UnzipXMLSizeLimit: most})
	if err != nil {
		return nil, fmt.Errorf("it is no workbook: %w", err)
	}
	defer func() {
		if closed := book.Close(); err == nil {
			err = closed
		}
	}()
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		return nil, fmt.Errorf("the workbook has no sheets")
	}
	return book.GetRows(sheets[0])
}

func readText(r io.Reader) ([][]string, error) {
	all, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	text := strings.TrimPrefix(string(all), "\ufeff")
	first, _, _ := strings.Cut(text, "\n")
	c := csv.NewReader(strings.NewReader(text))
	c.FieldsPerRecord, c.LazyQuotes = -1, true
	for _, sep := range []rune{';', '\t'} {
		if strings.Count(first, string(sep)) > strings.Count(first, string(c.Comma)) {
			c.Comma = sep
		}
	}
	table, err := c.ReadAll()
	for _, row := range table {
		for i, cell := range row {
			if len(cell) > 1 && cell[0] == '\'' && strings.ContainsRune("=+-@\t\r'", rune(cell[1])) {
				row[i] = cell[1:] // the mark that keeps spreadsheets from calculating
			}
		}
	}
	return table, err
}

// Import puts rows of a spreadsheet into the book, as runs of state Imported, and gives those that are new: a row that was imported
// before is left alone.
func (b *Book) Import(ctx context.Context, entries []Entry) ([]Run, error) {
	var added []Run
	err := b.change(ctx, func(tx *sql.Tx) error {
		twice := map[string]int{}
		for i := range entries {
			r := entries[i].run(twice)
			have, err := view{b, tx}.runs(ctx, "WHERE id = ?", r.ID)
			if err != nil {
				return err
			}
			if len(have) > 0 {
				continue
			}
			if err := b.insertRun(ctx, tx, r, []byte("{}")); err != nil {
				return fmt.Errorf("line %d: %w", entries[i].Line, err)
			}
			added = append(added, *r)
		}
		return nil
	})
	return added, b.explain("import into", err)
}

// run is an entry as a run. Its id is made of what it says, so that importing a sheet twice adds nothing; rows that say the same (which
// twice counts) are told apart.
func (e *Entry) run(twice map[string]int) *Run {
	r := &Run{State: Imported, Added: e.Results, RunInfo: stampede.RunInfo{
		Name: e.Focus, Started: e.Started, Changes: e.Changes, Focus: e.Focus, Users: e.Users, UsersText: e.UsersText, SpawnRate: e.SpawnRate,
		RateText: e.RateText, Notes: e.Notes, Links: e.Links,
	}}
	cleanRun(r)
	text := fmt.Sprintf("%q", []string{r.Changes, r.Focus, r.UsersText, fmt.Sprint(r.SpawnRate), r.RateText, r.Added, r.Notes, strings.Join(r.Links, " ")})
	id := r.Started.UTC().Format("20060102-150405-") + text
	twice[id]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", id, twice[id]))
	r.ID = r.Started.UTC().Format("20060102-150405-") + hex.EncodeToString(sum[:4])
	return r
}
