// Package report turns the result of a run into the files and lines that people and programs read: JSON, CSV in Locust's form, JUnit
// XML, Markdown, XLSX, HdrHistogram logs, OpenMetrics text and HTML.
//
// Everything comes from one value, [stampede.Report], and goes to an [io.Writer]; nothing here measures, judges or keeps state. The
// flow of an export is
//
//	Preflight(paths)                     before the run: can these files be written at all?
//	NewCSV(prefix)                       while it runs: an Observer that appends the history
//	WriteAll(File{path, write}, ...)     after it: each file whole or not at all, one failure never loses the others
//
// A quantile is taken from its histogram, rounded and named in one place ([quantilesOf] and package format), so that every file agrees
// with every other to the digit. What others wrote - names of requests, texts of errors, notes - is data in each format: escaped where
// it could be markup, typed as text where it could be a formula, made visible where it could move a cursor.
//
// Memory is bounded by the number of names and by the length of the series of the run, which is walked second by second and never
// copied whole.
package report
