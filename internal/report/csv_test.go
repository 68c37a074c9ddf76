package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/report/reporttest"
	"github.com/stampede-load/stampede/internal/stats"
)

// The headers are a contract with scripts that people wrote for Locust.
func TestCSVHeaders(t *testing.T) {
	r := reporttest.One()
	for _, c := range []struct {
		name  string
		write func(io.Writer, *stampede.Report) error
		want  string
	}{
		{"stats", WriteCSVStats, "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%\r\n"},
		{"history", func(w io.Writer, r *stampede.Report) error { return WriteCSVHistory(w, r, CSVOptions{}) }, "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%,Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,Total Min Response Time,Total Max Response Time,Total Average Content Size\r\n"},
		{"failures", WriteCSVFailures, "Method,Name,Error,Occurrences,First Seen,Last Seen\r\n"},
		{"exceptions", WriteCSVExceptions, "Count,Message,Traceback,Nodes\r\n"},
	} {
		var b bytes.Buffer
		if err := c.write(&b, r); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(b.String(), c.want) {
			t.Errorf("%s: %.300s", c.name, b.String())
		}
	}
}

// Every row has as many fields as the header, and every text comes back as it was but for NUL.
func TestCSVKeepsTexts(t *testing.T) {
	r := reporttest.Hostile()
	var b bytes.Buffer
	if err := WriteCSVFailures(&b, r); err != nil {
		t.Fatal(err)
	}
	// Package csv turns CR LF inside a field into LF; a raw scan shows that it was there.
	if !strings.Contains(b.String(), "\"two\nlines\r\nand more\"") {
		t.Error("line ends inside a field were changed")
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, row := range rows[1:] {
		seen[row[2]] = true
	}
	for _, text := range reporttest.HostileTexts() {
		want := strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\x00", "\uFFFD")
		if !seen[want] {
			t.Errorf("%q did not come back", text)
		}
	}
}

func TestCSVField(t *testing.T) {
	for in, want := range map[string]string{
		"":             "",
		"Log In":       "Log In",
		"a,b":          `"a,b"`,
		`say "hi"`:     `"say ""hi"""`,
		"two\nlines":   "\"two\nlines\"",
		"=1+1":         `"=1+1"`,
		"+49":          `"+49"`,
		"-1":           `"-1"`,
		"@x":           `"@x"`,
		"\tx":          "\"\tx\"",
		" x":           `" x"`,
		"x ":           `"x "`,
		"nul\x00":      "nul\uFFFD",
		"emoji 🎟️, ok": `"emoji 🎟️, ok"`,
	} {
		if got := csvField(in); got != want {
			t.Errorf("csvField(%q) = %s, want %s", in, got, want)
		}
	}
}

// The history has the true percentiles of the last ten seconds, for each name and for all, worked out here from plain lists.
func TestCSVHistoryIsCurrent(t *testing.T) {
	r := reporttest.Make(reporttest.Options{Names: 3, Seconds: 35, Rate: 20})
	var b bytes.Buffer
	if err := WriteCSVHistory(&b, r, CSVOptions{FullHistory: true}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns := csvHistoryColumns()
	if want := 35*4 + 1; len(rows) != want {
		t.Fatalf("%d rows, want %d", len(rows), want)
	}
	for i, row := range rows[1:] {
		second := i / 4
		if want := strconv.FormatInt(r.Run.Started.Unix()+int64(second)+1, 10); row[0] != want {
			t.Fatalf("row %d: timestamp %s, want %s", i, row[0], want)
		}
		var window, total stats.Row
		for sec := range r.Series.Seconds() {
			part := &sec.Total
			if row[3] != aggregated {
				part = sec.Row(stats.Key{Type: row[2], Name: row[3]})
			}
			if sec.Index <= second {
				total.Add(part)
			}
			if sec.Index <= second && sec.Index > second-10 {
				window.Add(part)
			}
		}
		check := func(column, want string) {
			t.Helper()
			for c, name := range columns {
				if name == column && row[c] != want {
					t.Fatalf("second %d %s: %s is %s, want %s", second, row[3], column, row[c], want)
				}
			}
		}
		for c, q := range csvShares() {
			check(csvPercentileColumns()[c], whole(&window.Response, q))
		}
		check("Requests/s", format.Decimal(float64(window.Count)/float64(min(second+1, 10)), 6))
		check("Total Request Count", strconv.FormatInt(total.Count, 10))
		check("Total Median Response Time", whole(&total.Response, 0.5))
		check("Total Max Response Time", format.Decimal(format.Millis(time.Duration(total.Response.Max())), 3))
	}
}

func whole(h *hist.Hist, q float64) string {
	return strconv.FormatInt(format.WholeMillis(time.Duration(h.Quantile(q))), 10)
}

// The observer writes the same history as the series gives afterwards, whole rows each second, and the other files at the end.
func TestCSVWriter(t *testing.T) {
	r := reporttest.Make(reporttest.Options{Names: 2, Seconds: 20, Rate: 10})
	prefix := filepath.Join(t.TempDir(), "run")
	c := NewCSV(prefix, CSVOptions{FullHistory: true})
	c.Begin(r.Run)
	for sec := range r.Series.Seconds() {
		c.Second(sec)
		c.Event(stampede.Event{Kind: "users"})
	}
	c.End(r)
	if err := c.Err(); err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := WriteCSVHistory(&want, r, CSVOptions{FullHistory: true}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(prefix + "_stats_history.csv")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want.String() {
		t.Error(difference(string(got), want.String()))
	}
	for _, path := range CSVPaths(prefix) {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

func TestCSVWriterReportsWhatFailed(t *testing.T) {
	r := reporttest.One()
	c := NewCSV(filepath.Join(t.TempDir(), "missing", "run"), CSVOptions{})
	c.Begin(r.Run)
	for sec := range r.Series.Seconds() {
		c.Second(sec)
	}
	c.End(r)
	err := c.Err()
	if err == nil {
		t.Fatal("no error")
	}
	for _, file := range []string{"_stats.csv", "_stats_history.csv", "_failures.csv", "_exceptions.csv"} {
		if !strings.Contains(err.Error(), file) {
			t.Errorf("%s is not named in: %v", file, err)
		}
	}
	if !strings.Contains(err.Error(), "make the folder") {
		t.Errorf("no hint in: %v", err)
	}
}

// stuck is a disk that does not answer until it is let go.
type stuck struct {
	release chan struct{}
	got     bytes.Buffer
}

func (s *stuck) Write(p []byte) (int, error) {
	<-s.release
	return s.got.Write(p)
}

func (s *stuck) Close() error { return nil }

// A stuck disk costs seconds of the history, and says so; it never holds up the run.
func TestCSVWriterGivesUpSecondsOnStuckDisk(t *testing.T) {
	r := reporttest.Make(reporttest.Options{Seconds: csvBacklog + 50})
	disk := &stuck{release: make(chan struct{})}
	c := NewCSV("run", CSVOptions{})
	c.begin(r.Run, disk, "run_stats_history.csv")
	for sec := range r.Series.Seconds() {
		c.Second(sec)
	}
	close(disk.release)
	err := c.closeHistory()
	if err == nil || !strings.Contains(err.Error(), "seconds are missing") {
		t.Fatalf("error %v", err)
	}
	rows, err := csv.NewReader(&disk.got).ReadAll() // what is there is whole
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < csvBacklog || len(rows) > csvBacklog+10 {
		t.Errorf("%d rows, want about %d", len(rows), csvBacklog)
	}
}

// Failures of the test's own code are exceptions, with the names of the workers that saw them; those of the site are not.
func TestCSVExceptions(t *testing.T) {
	r := reporttest.Sample()
	r.Judged.Errors = []stats.ErrorRow{
		{Key: stats.Key{Type: "TASK", Name: "Store"}, Kind: fault.Panic, Text: "index out of range", Count: 3, Stack: "goroutine 7\n\tstore.go:12", Workers: []int{0, 1}},
		{Key: stats.Key{Type: "USER", Name: "Fan"}, Kind: fault.Start, Text: "no account left", Count: 2, Workers: []int{1}},
		{Key: stats.Key{Type: "TASK", Name: "Buy"}, Kind: fault.Other, Text: "no seat left", Count: 4, Workers: []int{0}},
		{Key: stats.Key{Type: "GET", Name: "/"}, Kind: fault.Status, Text: "503", Count: 1, First: 1500 * time.Millisecond, Last: 61 * time.Second},
	}
	var exceptions, failures bytes.Buffer
	if err := errors.Join(WriteCSVExceptions(&exceptions, r), WriteCSVFailures(&failures, r)); err != nil {
		t.Fatal(err)
	}
	if got, want := exceptions.String(), "Count,Message,Traceback,Nodes\r\n"+
		"3,index out of range,\"goroutine 7\n\tstore.go:12\",\"alpha, beta\"\r\n"+
		"2,no account left,,beta\r\n4,no seat left,,alpha\r\n"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got, want := failures.String(), "Method,Name,Error,Occurrences,First Seen,Last Seen\r\n"+
		"GET,/,503,1,2026-11-02T19:00:01Z,2026-11-02T19:01:01Z\r\n"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	r.Workers = r.Workers[:1]
	exceptions.Reset()
	if err := WriteCSVExceptions(&exceptions, r); err != nil || !strings.Contains(exceptions.String(), "no account left,,local") {
		t.Errorf("%v: %q", err, exceptions.String())
	}
}
