package report

import (
	"archive/zip"
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/report/reporttest"
	"github.com/xuri/excelize/v2"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// export is one way to write a report, with its name in testdata.
type export struct {
	name  string
	write func(io.Writer, *stampede.Report) error
	text  func(*testing.T, []byte) string // what of it is compared; nil means the bytes
}

func exports() []export {
	return []export{
		{"result.json", func(w io.Writer, r *stampede.Report) error { return WriteJSON(w, r, JSONOptions{}) }, nil},
		{"stats.csv", WriteCSVStats, nil},
		{"failures.csv", WriteCSVFailures, nil},
		{"exceptions.csv", WriteCSVExceptions, nil},
		{"stats_history.csv", func(w io.Writer, r *stampede.Report) error { return WriteCSVHistory(w, r, CSVOptions{}) }, nil},
		{"junit.xml", WriteJUnit, nil},
		{"report.md", WriteMarkdown, nil},
		{"metrics.txt", WriteOpenMetrics, nil},
		{"line.txt", func(w io.Writer, r *stampede.Report) error { _, err := fmt.Fprintln(w, Line(r)); return err }, nil},
		{"hlog.txt", WriteHLog, hlogText},
		{"xlsx.txt", WriteXLSX, xlsxDump},
	}
}

func TestGolden(t *testing.T) {
	for _, run := range []struct {
		name string
		make func() *stampede.Report
	}{
		{"sample", reporttest.Sample},
		{"empty", reporttest.Empty},
		{"one", reporttest.One},
		{"allfailed", reporttest.AllFailed},
		{"open", reporttest.Open},
		{"hostile", reporttest.Hostile},
	} {
		r := run.make()
		for _, e := range exports() {
			if e.name == "hlog.txt" && (run.name == "sample" || run.name == "hostile") {
				continue // hundreds of lines; see TestHLog
			}
			t.Run(run.name+"/"+e.name, func(t *testing.T) {
				var b bytes.Buffer
				if err := e.write(&b, r); err != nil {
					t.Fatal(err)
				}
				got := b.String()
				if e.text != nil {
					got = e.text(t, b.Bytes())
				}
				golden(t, filepath.Join("testdata", run.name, e.name), got)
			})
		}
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range min(len(gotLines), len(wantLines)) {
		if gotLines[i] != wantLines[i] {
			t.Fatalf("%s differs at line %d (go test -update rewrites it):\n got %.300q\nwant %.300q", path, i+1, gotLines[i], wantLines[i])
		}
	}
	t.Fatalf("%s: got %d lines, want %d (go test -update rewrites it)", path, len(gotLines), len(wantLines))
}

// hlogText reads a log with the library, because the bytes of its compressed histograms are not the same in every version of Go.
func hlogText(t *testing.T, data []byte) string {
	t.Helper()
	var out strings.Builder
	for line := range strings.Lines(string(data)) {
		if head, histogram, ok := strings.Cut(line, ",HISTFAAA"); ok {
			h, err := hdrhistogram.Decode([]byte("HISTFAAA" + strings.TrimSpace(histogram)))
			if err != nil {
				t.Fatalf("%s: %v", head, err)
			}
			fmt.Fprintf(&out, "%s: %d values, min %d, p50 %d, p99 %d, max %d\n", head, h.TotalCount(), h.Min(), h.ValueAtQuantile(50), h.ValueAtQuantile(99), h.Max())
			continue
		}
		out.WriteString(line)
	}
	return out.String()
}

// xlsxDump is the cells of all sheets as text, and the names of the parts of the file.
func xlsxDump(t *testing.T, data []byte) string {
	t.Helper()
	var out strings.Builder
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.File {
		if strings.Contains(f.Name, "chart") {
			fmt.Fprintln(&out, f.Name)
		}
	}
	workbook, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range workbook.GetSheetList() {
		fmt.Fprintf(&out, "== %s ==\n", name)
		rows, err := workbook.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			fmt.Fprintf(&out, "%q\n", row)
		}
	}
	return out.String()
}
