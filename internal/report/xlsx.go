package report

import (
	"errors"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/xuri/excelize/v2"
)

// WriteXLSX writes the run as a workbook: the sheet of runs as teams keep it (with this one run in it), requests, errors, thresholds, the
// series with charts, and what was run. Texts are cells of text: none is ever a formula.
func WriteXLSX(w io.Writer, r *stampede.Report) error {
	b := newWorkbook()
	b.sheet("Runs", runsSheet(func(yield func(LedgerRow) bool) { yield(LedgerRowOf(r)) }))
	b.sheet("Requests", func(s *sheet) { requestsSheet(s, r) })
	b.sheet("Errors", func(s *sheet) { errorsSheet(s, r) })
	b.sheet("Thresholds", func(s *sheet) { thresholdsSheet(s, r) })
	if r.Series != nil {
		b.series(r)
	}
	b.servers(r)
	if len(r.Tasks) > 0 {
		b.sheet("Tasks", func(s *sheet) { tasksSheet(s, r) })
	}
	b.sheet("Details", func(s *sheet) { detailsSheet(s, r) })
	return b.write(w)
}

// workbook is a file while it is made; the first error stays.
type workbook struct {
	file   *excelize.File
	styles [styleCount]int
	sheets int
	err    error
}

// style says how a cell looks.
type style int

const (
	plainStyle style = iota
	headStyle
	countStyle // 1,204
	tenthStyle // 412.3
	shareStyle // 0.20%
	dateStyle
	clockStyle
	wrapStyle // text of several lines
	styleCount
)

func newWorkbook() *workbook {
	b := &workbook{file: excelize.NewFile()}
	format := func(s string) *excelize.Style { return &excelize.Style{CustomNumFmt: &s} }
	wrapped := &excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}
	for i, s := range map[style]*excelize.Style{
		headStyle:  {Font: &excelize.Font{Bold: true}, Border: []excelize.Border{{Type: "bottom", Style: 1, Color: "808080"}}},
		countStyle: format("#,##0"), tenthStyle: format("#,##0.0##"), shareStyle: format("0.00##%"),
		dateStyle: format("yyyy-mm-dd"), clockStyle: format("hh:mm:ss"), wrapStyle: wrapped,
	} {
		id, err := b.file.NewStyle(s)
		b.styles[i] = id
		b.fail(err)
	}
	return b
}

func (b *workbook) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// open makes a new sheet to stream rows into. The first one takes the place of the sheet that a new file comes with.
func (b *workbook) open(name string) *sheet {
	if b.sheets++; b.sheets == 1 {
		b.fail(b.file.SetSheetName("Sheet1", name))
	} else {
		_, err := b.file.NewSheet(name)
		b.fail(err)
	}
	stream, err := b.file.NewStreamWriter(name)
	b.fail(err)
	return &sheet{workbook: b, stream: stream}
}

// sheet makes a sheet and fills it.
func (b *workbook) sheet(name string, fill func(*sheet)) {
	s := b.open(name)
	if b.err == nil {
		fill(s)
		s.close()
	}
}

// write writes the file and frees what it held on disk.
func (b *workbook) write(w io.Writer) error {
	if b.err == nil {
		_, b.err = b.file.WriteTo(w)
	}
	return errors.Join(b.err, b.file.Close())
}

// sheet is a sheet while rows are streamed into it.
type sheet struct {
	workbook *workbook
	stream   *excelize.StreamWriter
	rows     int
}

// excelRows is how many rows a sheet can have.
const excelRows = 1 << 20

// head writes the column names, in rows that stay in sight, and sets the widths. It must come first.
func (s *sheet) head(names []string, widths ...float64) {
	for i, width := range widths {
		s.workbook.fail(s.stream.SetColWidth(i+1, i+1, width))
	}
	s.workbook.fail(s.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	cells := make([]any, len(names))
	for i, name := range names {
		cells[i] = s.cell(headStyle, name)
	}
	s.row(cells...)
}

// row adds a row. Rows beyond what a sheet can hold are left out; nothing here comes near that.
func (s *sheet) row(cells ...any) {
	if s.workbook.err != nil || s.rows >= excelRows {
		return
	}
	s.rows++
	at, err := excelize.CoordinatesToCellName(1, s.rows)
	s.workbook.fail(err)
	s.workbook.fail(s.stream.SetRow(at, cells))
}

func (s *sheet) close() { s.workbook.fail(s.stream.Flush()) }

// cell is a value in a style. Strings are text, whatever they begin with.
func (s *sheet) cell(st style, value any) any {
	if text, ok := value.(string); ok {
		value = xlsxText(text)
	}
	return excelize.Cell{StyleID: s.workbook.styles[st], Value: value}
}

func (s *sheet) text(t string) any   { return s.cell(plainStyle, t) }
func (s *sheet) count(n int64) any   { return s.cell(countStyle, n) }
func (s *sheet) share(v float64) any { return s.cell(shareStyle, v) }
func (s *sheet) rate(v float64) any  { return s.cell(tenthStyle, v) }

// date is a day, and clock a time of day, as numbers that spreadsheets count with. A zero time is an empty cell.
func (s *sheet) date(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return s.cell(dateStyle, time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC))
}

func (s *sheet) clock(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return s.cell(clockStyle, float64(t.Hour()*3600+t.Minute()*60+t.Second())/(24*3600))
}

// ms is a time in milliseconds, the same number as in every other file; an empty cell where nothing was measured.
func (s *sheet) ms(d time.Duration, measured bool) any {
	if !measured {
		return nil
	}
	return s.cell(tenthStyle, format.Millis(d))
}

// CellLimit is how long a text in a cell of a workbook can be, in units of UTF-16, as spreadsheets count. Longer ones end in "…".
const CellLimit = 32_767

// FitsCell reports whether a text is kept in full in a cell of a workbook.
func FitsCell(text string) bool {
	return len(text) <= CellLimit || cellLength(text, CellLimit) == len(text)
}

// cellLength is how many bytes of a text a cell has room for.
func cellLength(text string, room int) int {
	for i, r := range text {
		if room -= max(utf16.RuneLen(r), 1); room < 0 {
			return i
		}
	}
	return len(text)
}

// xlsxText takes out what XML cannot hold and what does not fit into a cell.
func xlsxText(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' {
			return 0x2400 + c
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if !FitsCell(s) {
		s = s[:cellLength(s, CellLimit-1)] + "…"
	}
	return s
}

func requestsSheet(s *sheet, r *stampede.Report) {
	s.head([]string{
		"Type", "Name", "Count", "Failures", "Failed", "Requests/s", "Mean ms", "Min ms", "p50 ms", "p90 ms", "p95 ms", "p99 ms", "p99.9 ms",
		"Max ms", "Lag p99 ms", "First byte p95 ms", "Timeouts", "Dropped", "Bytes in", "Bytes out",
	}, 8, 40)
	write := func(kind, name string, row *stats.Row) {
		h, dropped := headline(r, row)
		q, lag, first := quantilesOf(h, dropped), quantilesOf(&row.Lag, 0), quantilesOf(&row.FirstByte, 0)
		cells := []any{
			s.text(kind), s.text(name), s.count(row.Count), s.count(row.Failures), s.share(row.FailureShare()),
			s.rate(perSecond(row.Count, r.Judged.Seconds)),
		}
		for _, d := range []time.Duration{q.Mean, q.Min, q.P50, q.P90, q.P95, q.P99, q.P999, q.Max} {
			cells = append(cells, s.ms(d, q.Count > 0))
		}
		cells = append(cells, s.ms(lag.P99, lag.Count > 0), s.ms(first.P95, first.Count > 0), s.count(row.Timeouts), s.count(row.Dropped),
			s.count(row.BytesIn), s.count(row.BytesOut))
		s.row(cells...)
	}
	for i := range r.Judged.Rows {
		write(r.Judged.Rows[i].Type, r.Judged.Rows[i].Name, &r.Judged.Rows[i])
	}
	write("", aggregated, &r.Judged.Total)
}

func errorsSheet(s *sheet, r *stampede.Report) {
	s.head([]string{"Count", "Type", "Name", "Error", "First answer said", "Kind", "First", "Last", "Workers", "Stack"}, 10, 8, 40, 60, 60, 14, 10, 10, 20, 40)
	for i := range r.Judged.Errors {
		e := &r.Judged.Errors[i]
		s.row(s.count(e.Count), s.text(e.Type), s.text(e.Name), s.text(e.Text), s.text(e.Detail), s.text(e.Kind.String()),
			s.clock(r.Run.Started.Add(e.First)), s.clock(r.Run.Started.Add(e.Last)), s.text(nodes(r, e.Workers)), s.text(e.Stack))
	}
}

func thresholdsSheet(s *sheet, r *stampede.Report) {
	s.head([]string{"Threshold", "Passed", "Value", "Limit", "First broken s", "Reason"}, 50, 10, 14, 14, 14, 80)
	for i := range r.Thresholds {
		t := &r.Thresholds[i]
		passed, broken := "no", any(nil)
		if t.Passed {
			passed = "yes"
		}
		if t.FirstBroken > 0 {
			broken = s.rate(format.Seconds(t.FirstBroken))
		}
		s.row(s.text(t.Expr), s.text(passed), s.text(t.ValueText), s.text(t.LimitText), broken, s.text(t.Reason))
	}
}

func detailsSheet(s *sheet, r *stampede.Report) {
	s.head([]string{"What", "Value"}, 24, 100)
	for _, pair := range details(r) {
		s.row(s.text(pair.Name), s.cell(wrapStyle, pair.Value))
	}
	for _, reason := range r.Verdict.Reasons {
		s.row(s.text("Verdict, because"), s.text(reason))
	}
	for _, text := range slices.Concat(r.Notices, r.Warnings) {
		s.row(s.text("Note"), s.text(text))
	}
	for i := range r.Events {
		s.row(s.text("Event at "+format.Clock(r.Events[i].At)), s.text(r.Events[i].Kind+": "+r.Events[i].Text))
	}
}
