package ledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/report"
)

// TestLedgerThroughAWorkbook writes rows as the sheet that an export makes, reads it again, and wants every cell back.
func TestLedgerThroughAWorkbook(t *testing.T) {
	texts := []string{"emoji 🎟️ 👩‍👩‍👧", "שלום עולם", "two\nlines", "=1+1", "+2", "-", "@x", "'quoted", "a,b;c\t\"d\"", "<b>&amp;", ""}
	var rows []report.LedgerRow
	for i, text := range texts {
		rows = append(rows, report.LedgerRow{
			Started: time.Date(2026, 2, 1+i, 13, 5, i, 0, time.UTC), Changes: text, Focus: text, Users: 1200 + i, SpawnRate: 2.5, Results: text, Notes: text,
			Links: []string{"https://a.example/" + fmt.Sprint(i), "https://b.example/"},
		})
	}
	var file bytes.Buffer
	if err := report.WriteLedger(&file, slices.Values(rows)); err != nil {
		t.Fatal(err)
	}
	tables, err := ledger.ReadTables(&file, "ledger.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := ledger.Understand(tables[0], ledger.Reading{})
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
	led, _ := opened(t, filepath.Join(t.TempDir(), "runs.db"))
	defer led.Close()
	if _, err := led.Import(t.Context(), sheet.Entries); err != nil {
		t.Fatal(err)
	}
	runs, err := led.Runs(t.Context(), ledger.Filter{})
	if err != nil || len(runs) != len(rows) {
		t.Fatalf("%d of %d rows are in the ledger, %v", len(runs), len(rows), err)
	}
	for i, r := range runs {
		if w := rows[i]; r.Changes != w.Changes || r.Focus != w.Focus || r.Outcome() != w.Results || r.Notes != w.Notes || !slices.Equal(r.Links, w.Links) {
			t.Errorf("%q is in the ledger as %q, %q, %q, %q", w.Changes, r.Changes, r.Focus, r.Outcome(), r.Notes)
		}
	}
}

// understand reads a table that must be a ledger.
func understand(t *testing.T, how ledger.Reading, table ...[]string) *ledger.Sheet {
	t.Helper()
	sheet, err := ledger.Understand(ledger.Table{Cells: table}, how)
	if err != nil {
		t.Fatalf("%q: %v", table, err)
	}
	return sheet
}

func TestUnderstandMoments(t *testing.T) {
	for _, c := range []struct {
		date, clock, want string
		doubts            int
	}{
		{"2026-11-02", "19:05", "2026-11-02 19:05:00", 0},
		{"2026-11-2 19:05:07", "", "2026-11-02 19:05:07", 0},
		{"2026-11-02T19:05:07Z", "", "2026-11-02 19:05:07", 0},
		{"20261102", "1905", "2026-11-02 19:05:00", 0},
		{"11/2/2026", "7:05 pm", "2026-11-02 19:05:00", 0},
		{"11/2/2026", "7:05 p.m.", "2026-11-02 19:05:00", 0},
		{"2.11.2026", "19.05", "2026-11-02 19:05:00", 0},
		{"2.11.2026", "19:05 Uhr", "2026-11-02 19:05:00", 0},
		{"2 Nov 2026", "", "2026-11-02 00:00:00", 0},
		{"2-Nov-26", "3pm", "2026-11-02 15:00:00", 0},
		{"Mon, 2nd Nov. 2026", "9", "2026-11-02 09:00:00", 0},
		{"Monday, November 2, 2026", "7 PM", "2026-11-02 19:00:00", 0},
		{"Sept. 2, 2026", "19h05", "2026-09-02 19:05:00", 0},
		{"November 2, 2026 3pm", "", "2026-11-02 15:00:00", 0},
		{"11/2/26 19:05", "", "2026-11-02 19:05:00", 0},
		{"Mon 25/12/2026", "", "2026-12-25 00:00:00", 0},
		{"46328", "0.795138889", "2026-11-02 19:05:00", 0},
		{"46328", "0.25", "2026-11-02 06:00:00", 0}, // as a workbook keeps 6:00, 12:00, 15:00
		{"46328", "0.5", "2026-11-02 12:00:00", 0},
		{"46328", "0.625", "2026-11-02 15:00:00", 0},
		{"46328", "46328.625", "2026-11-02 15:00:00", 0},
		{"46328", "6.9444444444444447E-4", "2026-11-02 00:01:00", 0},
		{"46328.795138889", "", "2026-11-02 19:05:00", 0},
		{"2026-11-02", "14:00-15:30", "2026-11-02 14:00:00", 1},
		{"2026-11-02", "about 3pm", "2026-11-02 15:00:00", 1},
		{"2026/11/02", "quarter past", "2026-11-02 00:00:00", 1},
	} {
		sheet := understand(t, ledger.Reading{}, []string{"DATE", "time", "Focus", "Notes"}, []string{c.date, c.clock, "x", "y"})
		e := sheet.Entries[0]
		if got := e.Started.Format("2006-01-02 15:04:05"); got != c.want || len(sheet.Doubts) != c.doubts {
			t.Errorf("%q %q is %s, want %s; the doubts are %q", c.date, c.clock, got, c.want, sheet.Doubts)
		}
		if kept := strings.HasSuffix(e.Notes, "\nTime: "+c.clock); kept != (c.doubts > 0) {
			t.Errorf("%q: the notes are %q", c.clock, e.Notes)
		}
	}
}

func TestUnderstandTheOrderOfDates(t *testing.T) {
	for _, c := range []struct {
		dates, how, want, first string
		guessed                 bool
	}{
		{"2/1/2026 13/1/2026", "", ledger.DayFirst, "2026-01-02", false},
		{"2/1/2026 2/13/2026", "", ledger.MonthFirst, "2026-02-01", false},
		{"2.1.2026 3.1.2026", "", ledger.DayFirst, "2026-01-02", false},
		{"2/1/2026 3/1/2026", "", ledger.MonthFirst, "2026-02-01", true},
		{"2/1/2026 3/1/2026", ledger.DayFirst, ledger.DayFirst, "2026-01-02", false},
		{"2/1/2026 13/1/2026", ledger.MonthFirst, ledger.MonthFirst, "2026-02-01", false},
		{"8/1/2026 12/1/2026 3/2/2026 9/2/2026", "", ledger.DayFirst, "2026-01-08", false},   // else it goes back and forth
		{"9/2/2026 3/2/2026 12/1/2026 8/1/2026", "", ledger.DayFirst, "2026-02-09", false},   // the latest first
		{"1/8/2026 1/12/2026 2/3/2026 2/9/2026", "", ledger.MonthFirst, "2026-01-08", false}, // likewise
		{"2026-01-02", "", "", "2026-01-02", false},
	} {
		table := [][]string{{"Date", "Focus"}}
		for _, d := range strings.Fields(c.dates) {
			table = append(table, []string{d, "x"})
		}
		s := understand(t, ledger.Reading{Dates: c.how}, table...)
		if first := s.Entries[0].Started.Format("2006-01-02"); s.Dates != c.want || first != c.first || s.Guessed != c.guessed {
			t.Errorf("%s is read as %s (guessed: %v), the first as %s", c.dates, s.Dates, s.Guessed, first)
		}
	}
	s := understand(t, ledger.Reading{}, []string{"Date", "Focus"}, []string{"2/13/2026", "x"}, []string{"2/14/2026", "x"}, []string{"15/2/2026", "x"})
	if got := s.Entries[2].Started.Format("2006-01-02"); got != "2026-02-15" || len(s.Doubts) != 1 || !strings.Contains(s.Doubts[0], "line 4") {
		t.Errorf("a date that was turned round is %s, and the doubts are %q", got, s.Doubts)
	}
}

// TestMessySheet reads a sheet as teams have it, and wants every word of it in the ledger.
func TestMessySheet(t *testing.T) {
	s := understand(t, ledger.Reading{Zone: time.FixedZone("CET", 3600)},
		[]string{"Our load tests"},
		nil,
		[]string{"Tester", "Date", "Time (UTC)", "What", "", "Load", "", "Comments", "Grafana", "Notes"},
		[]string{"", "", "", "What changed?", "Focus", "# Users", "Users/sec"},
		[]string{"Ann", "2026-03-02", "14:00", "cache on", "log in", "1.000", "0,5", "fine", "https://g.example/a, https://g.example/b", "a second column of notes"},
		nil,
		[]string{"", "", "3pm", "", "store", "500-1000", "20/s", "", "board 7", "", "beside the columns"},
		[]string{"Tester", "Date", "Time (UTC)", "What"},
		[]string{"Bob", "last week", "", "cache off", "", "", "-"},
	)
	if got := fmt.Sprint(s.Kept); got != "[Tester Grafana Notes a column without a name]" {
		t.Errorf("kept in the notes: %s", got)
	}
	var got []string
	for _, e := range s.Entries {
		got = append(got, fmt.Sprintf("%d %s|%s|%s|%d %q|%v %q|%s|%q", e.Line, e.Started.Format("2006-01-02 15:04 MST"), e.Changes, e.Focus, e.Users, e.UsersText,
			e.SpawnRate, e.RateText, strings.ReplaceAll(e.Notes, "\n", "; "), e.Links))
	}
	want := []string{
		`5 2026-03-02 14:00 UTC|cache on|log in|1000 "1.000"|0.5 ""|fine; Tester: Ann; Grafana: https://g.example/a, https://g.example/b; Notes: a second column of notes|[]`,
		`7 2026-03-02 15:00 UTC||store|500 "500-1000"|0 "20/s"|Grafana: board 7; beside the columns; Users: 500-1000|[]`,
		`9 2026-03-02 15:00 UTC|cache off||0 ""|0 ""|Tester: Bob; Date: last week|[]`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("it was understood as\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(s.Doubts) != 3 {
		t.Errorf("the doubts are %q", s.Doubts)
	}
}

func TestHeadings(t *testing.T) {
	for heading, want := range map[string]string{
		"Users / Second": "Users / Second", "users/second": "Users / Second", " Users  /  sec ": "Users / Second", "Users/s": "Users / Second", "User/s": "Users / Second",
		"Users per Second": "Users / Second", "Users/Second (spawn rate)": "Users / Second", "Hatch rate": "Users / Second", "Users\u00a0/\u00a0Second": "Users / Second",
		"Users": "Users", "# of users": "Users", "VUs": "Users", "Change(s)": "Changes", "Date & Time": "", "Date/Time": "Date", "Date (UTC)": "Date",
		"What changed?": "Changes", "Comments": "Notes", "Test": "Focus", "Build": "", "": "",
	} {
		s := understand(t, ledger.Reading{}, []string{"When", "Findings", heading}, []string{"2026-11-02", "x", "y"})
		if got := s.Columns[2]; got != want && want != "Date" {
			t.Errorf("%q is taken for %q, want %q", heading, got, want)
		}
	}
	for name, table := range map[string][][]string{
		"empty": {}, "no headings": {{"1", "2"}}, "no date": {{"Focus", "Notes"}}, "date alone": {{"Date"}},
	} {
		if _, err := ledger.Understand(ledger.Table{Cells: table}, ledger.Reading{}); err == nil || !strings.Contains(err.Error(), "names the columns") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := ledger.Understand(ledger.Table{Cells: [][]string{{"Date", "Focus"}, {"soon", "a"}}}, ledger.Reading{})
	wantError(t, err, "no date in it can be read")
	s := understand(t, ledger.Reading{}, []string{"Date", "Focus"}, []string{"soon", "a"}, []string{"2026-11-02", "b"}, []string{"99/99/2026", "c"})
	if len(s.Entries) != 2 || len(s.Doubts) != 2 || !strings.Contains(s.Doubts[0], "line 2: left out") || !strings.Contains(s.Doubts[0], "soon, a") {
		t.Errorf("the doubts are %q", s.Doubts)
	}
}

func TestLinks(t *testing.T) {
	for cell, want := range map[string]string{
		"https://a.example/": `["https://a.example/"]`, "https://a.example/ https://b.example/": `["https://a.example/" "https://b.example/"]`,
		"https://a.example/,https://b.example/":         `["https://a.example/" "https://b.example/"]`,
		"https://a.example/?from=1,2;3":                 `["https://a.example/?from=1,2;3"]`,
		"Grafana board\nhttps://a.example/;\nhttps://b": `["Grafana board" "https://a.example/" "https://b"]`,
		"see https://a.example/, page 2":                `["see https://a.example/, page 2"]`, "": `[]`,
	} {
		s := understand(t, ledger.Reading{}, []string{"Date", "Links"}, []string{"2026-11-02", cell})
		if got := fmt.Sprintf("%q", s.Entries[0].Links); got != want {
			t.Errorf("%q has the links %s, want %s", cell, got, want)
		}
	}
}

func TestReadText(t *testing.T) {
	utf16 := "\xff\xfe"
	for _, r := range "Date\tNotes\n1\tgrün 🎟\n" {
		for _, unit := range utf16Units(r) {
			utf16 += string([]byte{byte(unit), byte(unit >> 8)})
		}
	}
	for text, want := range map[string]string{
		"\ufeffDate,Notes\n1,\"a\nb\"\n":          `[["Date" "Notes"] ["1" "a\nb"]]`,
		"Date;Notes\n1;a,b\n":                     `[["Date" "Notes"] ["1" "a,b"]]`,
		"Date\tNotes\n1\ta\n":                     `[["Date" "Notes"] ["1" "a"]]`,
		"Our tests, of 2026\nDate;Notes\r\n1;a\n": `[["Our tests, of 2026"] ["Date" "Notes"] ["1" "a"]]`,
		"sep=;\nDate;Notes\n1;a\n":                `[["sep=" ""] ["Date" "Notes"] ["1" "a"]]`,
		"Date,Notes\n\n\n\"1\n2\",a\n3,b\n\n4,c":  `[["Date" "Notes"] [] [] ["1\n2" "a"] ["3" "b"] [] ["4" "c"]]`,
		"Date,Notes\r1,a\r":                       `[["Date" "Notes"] ["1" "a"]]`,
		"Date,Notes\n1,'=1+1\n2":                  `[["Date" "Notes"] ["1" "=1+1"] ["2"]]`,
		"Date,Notes\n1,it's\n":                    `[["Date" "Notes"] ["1" "it's"]]`,
		"Date,Notes\n1,gr\xfcn \x80 5 \x96 6\n":   `[["Date" "Notes"] ["1" "grün € 5 – 6"]]`,
		utf16:                                     `[["Date" "Notes"] ["1" "grün 🎟"]]`,
	} {
		tables, err := ledger.ReadTables(strings.NewReader(text), "x.csv")
		if got := fmt.Sprintf("%q", tables[0].Cells); err != nil || got != want {
			t.Errorf("%q: %s, want %s (%v)", text, got, want, err)
		}
	}
	for name, says := range map[string]string{"x.xlsx": "no workbook", "x.ods": "neither"} {
		_, err := ledger.ReadTables(strings.NewReader("hello"), name)
		wantError(t, err, says)
	}
}

func utf16Units(r rune) []uint16 { return utf16.Encode([]rune{r}) }

// TestWorkbooks reads what spreadsheets have besides cells: several sheets, cells that were joined, addresses behind words, the calendar of
// old Macs.
func TestWorkbooks(t *testing.T) {
	workbook := excelize.NewFile()
	must := func(errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	mac := true
	_, made := workbook.NewSheet("2026")
	must(made, workbook.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &mac}), workbook.SetCellValue("Sheet1", "A1", "read me"))
	for cell, value := range map[string]any{
		"A1": "Date", "B1": "Time", "C1": "Focus", "D1": "Links", "A2": 44866.0, "B2": 0.5, "C2": "log in", "D2": "Dashboard", "B3": "3pm", "C3": "store", "D3": "https://b.example/",
	} {
		must(workbook.SetCellValue("2026", cell, value))
	}
	must(workbook.MergeCell("2026", "A2", "A3"), workbook.SetCellHyperLink("2026", "D2", "https://a.example/?x=1", "External"),
		workbook.SetCellHyperLink("2026", "D3", "https://b.example", "External"))
	var file bytes.Buffer
	must(workbook.Write(&file), workbook.Close())
	tables, err := ledger.ReadTables(&file, "tests.XLSX")
	if err != nil || len(tables) != 2 || tables[1].Name != "2026" {
		t.Fatalf("%d sheets, %v", len(tables), err)
	}
	_, err = ledger.Understand(tables[0], ledger.Reading{})
	wantError(t, err, "names the columns")
	s, err := ledger.Understand(tables[1], ledger.Reading{})
	if err != nil || len(s.Entries) != 2 {
		t.Fatalf("%v: %+v", err, s)
	}
	for i, want := range []string{`2026-11-02 12:00 ["Dashboard" "https://a.example/?x=1"]`, `2026-11-02 15:00 ["https://b.example/"]`} {
		if got := fmt.Sprintf("%s %q", s.Entries[i].Started.Format("2006-01-02 15:04"), s.Entries[i].Links); got != want {
			t.Errorf("row %d is %s, want %s", i, got, want)
		}
	}
}
