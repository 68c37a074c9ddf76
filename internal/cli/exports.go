package cli

import (
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/report"
)

// exports is where the results go besides the terminal.
type exports struct {
	paths map[string]string // by format; of CSV the prefix; none for nowhere

	csvFull, jsonSeries bool

	log logOptions
}

// set says where a format goes.
func (e *exports) set(format, path string) {
	if e.paths == nil {
		e.paths = map[string]string{}
	}
	e.paths[format] = path
}

// wants reports whether a format is written.
func (e *exports) wants(format string) bool { return e.paths[format] != "" }

// toStdout reports whether standard output belongs to the JSON.
func (e *exports) toStdout() bool { return e.paths[formatJSON] == "-" }

// files are the exports that are written when the run is over, with what the comparison found; the CSV files have a writer of their own.
func (e *exports) files(r *stampede.Report, base baselined) []report.File {
	var wanted []report.File
	for _, f := range formats() {
		path := e.paths[f.name]
		if path == "" || path == "-" || f.write == nil {
			continue
		}
		wanted = append(wanted, report.File{Path: path, Write: func(w io.Writer) error { return f.write(w, r, base, e.jsonSeries) }})
	}
	return wanted
}

// preflight finds out whether every file can be written.
func (e *exports) preflight() error {
	var paths []string
	for _, f := range e.files(nil, baselined{}) {
		paths = append(paths, f.Path)
	}
	if e.wants(formatCSV) {
		paths = append(paths, report.CSVPaths(e.paths[formatCSV])...)
	}
	paths = append(paths, e.log.files()...)
	return report.Preflight(paths)
}

// observe adds the export that is written while the run goes on.
func (e *exports) observe(plan *stampede.Plan) *report.CSVWriter {
	if !e.wants(formatCSV) {
		return nil
	}
	w := report.NewCSV(e.paths[formatCSV], report.CSVOptions{FullHistory: e.csvFull})
	plan.Observers = append(plan.Observers, w)
	return w
}

// write writes what is left to write; stdout gets the JSON when it was asked for. One failure never loses the other files.
func (e *exports) write(r *stampede.Report, base baselined, csv *report.CSVWriter, stdout io.Writer) error {
	var errs []error
	if e.toStdout() {
		errs = append(errs, report.WriteJSON(stdout, r, report.JSONOptions{Series: e.jsonSeries, Comparison: base.found}))
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
	if e.wants(formatCSV) {
		names = append(names, e.paths[formatCSV]+"_*.csv")
	}
	names = append(names, e.log.files()...)
	return strings.Join(names, ", ")
}

// numbered is the exports under names of their own.
func (e *exports) numbered(mark string) {
	paths := map[string]string{}
	for format, path := range e.paths {
		if paths[format] = numbered(path, mark); format == formatCSV {
			paths[format] = path + "-" + mark // the beginning of names: it has no extension
		}
	}
	e.paths, e.log.file = paths, numbered(e.log.file, mark)
}

// numbered is a file under a name of its own: "run.json" of run a1 is "run-a1.json".
func numbered(path, mark string) string {
	if path == "" || path == "-" {
		return path
	}
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + "-" + mark + ext
}
