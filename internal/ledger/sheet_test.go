package ledger_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/report"
)

// TestBookThroughAWorkbook writes rows as the sheet that an export makes, reads it again, and wants every cell back.
func TestBookThroughAWorkbook(t *testing.T) {
	texts := []string{"emoji 🎟️ 👩‍👩‍👧", "שלום עולם", "two\nlines", "=1+1", "+2", "-", "@x", "'quoted", "a,b;c\t\"d\"", "<b>&amp;", ""}
	var rows []report.BookRow
	for i, text := range texts {
		rows = append(rows, report.BookRow{
			Started: time.Date(2026, 2, 1+i, 13, 5, i, 0, time.UTC), Changes: text, Focus: text, Users: 1200 + i, SpawnRate: 2.5, Results: text, Notes: text,
			Links: []string{"https://a.example/" + fmt.Sprint(i), "https://b.example/"},
		})
	}
	var file bytes.Buffer
	if err := report.WriteBook(&file, slices.Values(rows)); err != nil {
		t.Fatal(err)
	}
	table, err := ledger.ReadTable(&file, "book.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := ledger.Understand(table, time.UTC)
	if err != nil || len(sheet.Entries) != len(rows) || len(sheet.Doubts) > 0 {
		t.Fatalf("%d of %d rows, %v, doubts %q", len(sheet.Entries), len(rows), err, sheet.Doubts)
	}
	for i, e := range sheet.Entries {
		w := rows[i]
		if e.Changes != w.Changes || e.Focus != w.Focus || e.Results != w.Results || e.Notes != w.Notes {
			t.Errorf("%q came back as %q, %q, %q, %q", w.Changes, e.Changes, e.Focus, e.Results, e.Notes)
		}
		if !e.Started.Equal(w.Started) || e.Users != w.Users || e.SpawnRate != w.SpawnRate || !slices.Equal(e.Links, w.Links) {
			t.Errorf("row %d came back as %+v", i, e)
		}
	}
	book, _ := opened(t, filepath.Join(t.TempDir(), "runs.db"))
	defer book.Close()
	if _, err := book.Import(t.Context(), sheet.Entries); err != nil {
		t.Fatal(err)
	}
	runs, err := book.Runs(t.Context(), ledger.Filter{})
	if err != nil || len(runs) != len(rows) {
		t.Fatalf("%d of %d rows are in the book, %v", len(runs), len(rows), err)
	}
	for i, r := range runs {
		if w := rows[i]; r.Changes != w.Changes || r.Focus != w.Focus || r.Outcome() != w.Results || r.Notes != w.Notes || !slices.Equal(r.Links, w.Links) {
			t.Errorf("%q is in the book as %q, %q, %q, %q", w.Changes, r.Changes, r.Focus, r.Outcome(), r.Notes)
		}
	}
}

func TestUnderstand(t *testing.T) {
	for _, c := range []struct{ date, clock, want string }{
		{"2026-11-02", "19:05", "2026-11-02 19:05:00"},
		{"2026-11-02 19:05:07", "", "2026-11-02 19:05:07"},
		{"2026-11-02T19:05:07Z", "", "2026-11-02 19:05:07"},
		{"11/2/2026", "7:05 pm", "2026-11-02 19:05:00"},
		{"2.11.2026", "19.05", "2026-11-02 19:05:00"},
		{"2 Nov 2026", "", "2026-11-02 00:00:00"},
		{"November 2, 2026", "7pm", "2026-11-02 19:00:00"},
		{"11/2/26 19:05", "", "2026-11-02 19:05:00"},
		{"46328", "0.795138889", "2026-11-02 19:05:00"},
		{"46328.795138889", "", "2026-11-02 19:05:00"},
		{"2026/11/02", "quarter past", "2026-11-02 00:00:00"},
	} {
		sheet, err := ledger.Understand([][]string{{"DATE", "time", "Focus"}, {c.date, c.clock, "x"}}, time.UTC)
		if err != nil || len(sheet.Entries) != 1 {
			t.Errorf("%q %q: %v, %+v", c.date, c.clock, err, sheet)
			continue
		}
		if got := sheet.Entries[0].Started.Format("2006-01-02 15:04:05"); got != c.want {
			t.Errorf("%q %q is %s, want %s", c.date, c.clock, got, c.want)
		}
	}
	for name, table := range map[string][][]string{
		"empty": {}, "no headings": {{"1", "2"}}, "no date": {{"Focus", "Notes"}}, "date alone": {{"Date"}},
	} {
		if _, err := ledger.Understand(table, time.UTC); err == nil || !strings.Contains(err.Error(), "names the columns") {
			t.Errorf("%s: %v", name, err)
		}
	}
	sheet, err := ledger.Understand([][]string{{"Date", "Focus"}, {"soon", "a"}, {"13/1/2026", "b"}, {"2/1/2026", "c"}, {"99/99/2026", "d"}}, time.UTC)
	if err != nil || sheet.Dates != "day/month/year" || len(sheet.Entries) != 3 || len(sheet.Doubts) != 2 {
		t.Fatalf("%v: %+v", err, sheet)
	}
	if got := sheet.Entries[1].Started.Format("2006-01-02"); got != "2026-01-02" {
		t.Errorf("2/1/2026 beside 13/1/2026 is %s", got)
	}
}

func TestReadTable(t *testing.T) {
	for text, want := range map[string]string{
		"\ufeffDate,Notes\n1,\"a\nb\"\n": `[["Date" "Notes"] ["1" "a\nb"]]`,
		"Date;Notes\n1;a,b\n":            `[["Date" "Notes"] ["1" "a,b"]]`,
		"Date\tNotes\n1\ta\n":            `[["Date" "Notes"] ["1" "a"]]`,
		"Date,Notes\n1,'=1+1\n2":         `[["Date" "Notes"] ["1" "=1+1"] ["2"]]`,
		"Date,Notes\n1,it's\n":           `[["Date" "Notes"] ["1" "it's"]]`,
	} {
		table, err := ledger.ReadTable(strings.NewReader(text), "x.csv")
		if got := fmt.Sprintf("%q", table); err != nil || got != want {
			t.Errorf("%q: %s, want %s (%v)", text, got, want, err)
		}
	}
	for name, says := range map[string]string{"x.xlsx": "no workbook", "x.ods": "neither"} {
		_, err := ledger.ReadTable(strings.NewReader("hello"), name)
		wantError(t, err, says)
	}
}
