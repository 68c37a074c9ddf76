package cli

import (
	"errors"
	"io"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/report"
)

// exports is where the results go besides the terminal. Empty means nowhere.
type exports struct {
	csv, json, html, junit, xlsx, md, hlog, openmetrics string

	csvFull, jsonSeries bool

	log logOptions
}

// toStdout reports whether standard output belongs to the JSON.
func (e *exports) toStdout() bool { return e.json == "-" }

// files are the exports that are written when the run is over, with what the comparison found; the CSV files have a writer of their own.
func (e *exports) files(r *stampede.Report, base baselined) []report.File {
	all := []report.File{
		{Path: e.html, Write: func(w io.Writer) error { return report.WriteHTMLWith(w, r, base.html()) }},
		{Path: e.junit, Write: func(w io.Writer) error { return report.WriteJUnitWith(w, r, base.found) }},
		{Path: e.xlsx, Write: func(w io.Writer) error { return report.WriteXLSX(w, r) }},
		{Path: e.md, Write: func(w io.Writer) error { return report.WriteMarkdownWith(w, r, base.found) }},
		{Path: e.hlog, Write: func(w io.Writer) error { return report.WriteHLog(w, r) }},
		{Path: e.openmetrics, Write: func(w io.Writer) error { return report.WriteOpenMetrics(w, r) }},
	}
	if !e.toStdout() {
		all = append(all, report.File{Path: e.json, Write: e.writeJSON(r, base)})
	}
	var wanted []report.File
	for _, f := range all {
		if f.Path != "" {
			wanted = append(wanted, f)
		}
	}
	return wanted
}

func (e *exports) writeJSON(r *stampede.Report, base baselined) func(io.Writer) error {
	return func(w io.Writer) error {
		return report.WriteJSON(w, r, report.JSONOptions{Series: e.jsonSeries, Comparison: base.found})
	}
}

// preflight finds out whether every file can be written.
func (e *exports) preflight() error {
	var paths []string
	for _, f := range e.files(nil, baselined{}) {
		paths = append(paths, f.Path)
	}
	if e.csv != "" {
		paths = append(paths, report.CSVPaths(e.csv)...)
	}
	paths = append(paths, e.log.files()...)
	return report.Preflight(paths)
}

// observe adds the export that is written while the run goes on.
func (e *exports) observe(plan *stampede.Plan) *report.CSVWriter {
	if e.csv == "" {
		return nil
	}
	w := report.NewCSV(e.csv, report.CSVOptions{FullHistory: e.csvFull})
	plan.Observers = append(plan.Observers, w)
	return w
}

// write writes what is left to write; stdout gets the JSON when it was asked for. One failure never loses the other files.
func (e *exports) write(r *stampede.Report, base baselined, csv *report.CSVWriter, stdout io.Writer) error {
	var errs []error
	if e.toStdout() {
		errs = append(errs, e.writeJSON(r, base)(stdout))
	}
	errs = append(errs, report.WriteAll(e.files(r, base)...))
	if csv != nil {
		errs = append(errs, csv.Err())
	}
	return errors.Join(errs...)
}

// written names the files, for the reader.
func (e *exports) written() string {
	var names []string
	for _, f := range e.files(nil, baselined{}) {
		names = append(names, f.Path)
	}
	if e.csv != "" {
		names = append(names, e.csv+"_*.csv")
	}
	names = append(names, e.log.files()...)
	return strings.Join(names, ", ")
}
