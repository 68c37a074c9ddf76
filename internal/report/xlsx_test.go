package report

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/report/reporttest"
	"github.com/xuri/excelize/v2"
)

// parts are the files inside a workbook.
func parts(t *testing.T, data []byte) map[string]string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(b)
	}
	return all
}

// No text, whatever it begins with, becomes a formula or a link, and every text is a cell of type string.
func TestXLSXTextsStayText(t *testing.T) {
	r := reporttest.Hostile()
	var b bytes.Buffer
	if err := WriteXLSX(&b, r); err != nil {
		t.Fatal(err)
	}
	for name, part := range parts(t, b.Bytes()) {
		if strings.HasPrefix(name, "xl/worksheets/sheet") && (strings.Contains(part, "<f>") || strings.Contains(part, "<f ") || strings.Contains(part, "<hyperlink")) {
			t.Errorf("%s holds a formula or a link", name)
		}
	}
	workbook, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := workbook.GetRows("Errors")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for i := range rows[1:] {
		cell, err := excelize.CoordinatesToCellName(4, i+2)
		if err != nil {
			t.Fatal(err)
		}
		text, err := workbook.GetCellValue("Errors", cell)
		if err != nil {
			t.Fatal(err)
		}
		if kind, err := workbook.GetCellType("Errors", cell); err != nil || text != "" && kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
			t.Errorf("%q is a cell of type %v (%v)", text, kind, err)
		}
		found = append(found, text)
	}
	for _, text := range reporttest.HostileTexts() {
		if !slices.Contains(found, xlsxText(text)) {
			t.Errorf("%q did not come back", text)
		}
	}
}

func TestXLSXText(t *testing.T) {
	for in, want := range map[string]string{
		"a\x00b": "a␀b", "x\ny": "x\ny", "bad\xff": "bad\uFFFD", strings.Repeat("é", 32_767): strings.Repeat("é", 32_767), strings.Repeat("é", 32_768): strings.Repeat("é", 32_766) + "…",
		strings.Repeat("🎟", 20_000): strings.Repeat("🎟", 16_383) + "…",
	} {
		if got := xlsxText(in); got != want {
			t.Errorf("%.20q became %.20q (%d bytes)", in, got, len(got))
		}
	}
}

// A ledger of many runs has the columns that teams keep, dates that are dates, and texts in any script.
func TestLedger(t *testing.T) {
	start := time.Date(2026, 11, 2, 19, 30, 5, 0, time.FixedZone("CET", 3600))
	runs := []LedgerRow{
		{Started: start, Changes: "cache off", Focus: "שלום 🎟️", Users: 1500, SpawnRate: 12.5, Results: "1,500 users: 1,204/s", Notes: "two\nlines", Links: []string{"https://a.example", "https://b.example"}},
		{Started: start.Add(time.Hour), Users: 3},
		{Started: start.Add(2 * time.Hour), RateText: "0:0,30s:500"},
	}
	var b bytes.Buffer
	if err := WriteLedger(&b, slices.Values(runs)); err != nil {
		t.Fatal(err)
	}
	workbook, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	if sheets := workbook.GetSheetList(); !slices.Equal(sheets, []string{"Runs"}) {
		t.Errorf("sheets %q", sheets)
	}
	rows, err := workbook.GetRows("Runs")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"Date", "Time", "Changes", "Focus", "Users", "Users / Second", "Results", "Notes", "Links"},
		{"2026-11-02", "19:30:05", "cache off", "שלום 🎟️", "1,500", "12.5", "1,500 users: 1,204/s", "two\nlines", "https://a.example\nhttps://b.example"},
		{"2026-11-02", "20:30:05", "", "", "3", "all at once"},
		{"2026-11-02", "21:30:05", "", "", "0", "0:0,30s:500"},
	}
	for i := range want {
		for j := range want[i] {
			if i >= len(rows) || j >= len(rows[i]) || rows[i][j] != want[i][j] {
				t.Fatalf("row %d: %q, want %q", i, rows[i], want[i])
			}
		}
	}
}

// The charts are drawn from the cells of the series, and each of them has data.
func TestXLSXCharts(t *testing.T) {
	var b bytes.Buffer
	if err := WriteXLSX(&b, reporttest.Sample()); err != nil {
		t.Fatal(err)
	}
	charts := 0
	for name, part := range parts(t, b.Bytes()) {
		if strings.HasPrefix(name, "xl/charts/chart") {
			charts++
			if !strings.Contains(part, "$A$2:$A$241") || strings.Count(part, "<ser>")+strings.Count(part, "<c:ser>") < 2 {
				t.Errorf("%s: %.300s", name, part)
			}
		}
	}
	if charts != 4 {
		t.Errorf("%d charts", charts)
	}
}
