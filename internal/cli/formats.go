package cli

import (
	"io"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/report"
)

// format is a kind of export of a run. The table of formats is the only place that knows them: the flags of run, hit and report, the names
// in a series and runs export all read it.
type exportFormat struct {
	name      string
	extension string // of a file that is named after its run
	media     string // the Content-Type of such a file
	arg       string // what the flag of run takes; FILE where it is empty
	help      string // of that flag
	ledger    string // what runs export says it is
	compared  bool   // it can show how a baseline differs
	whole     bool   // runs export can write the whole ledger in it
	// write writes a run to one file; nil for CSV, which is several. everySecond asks for the course of the run as well, where the format
	// leaves it out otherwise.
	write func(w io.Writer, r *stampede.Report, base baselined, everySecond bool) error
}

// The formats that more is asked of than to be written.
const (
	formatCSV  = "csv"
	formatJSON = "json"
	formatHTML = "html"
	formatXLSX = "xlsx"
)

// formats are all kinds of export, in the order people read of them.
func formats() []exportFormat {
	return []exportFormat{
		{
			name: formatCSV, media: "text/csv; charset=utf-8", arg: "PREFIX", whole: true,
			help:   "four files with the columns of Locust's: PREFIX_stats.csv, PREFIX_stats_history.csv and so on",
			ledger: "four files with the columns of Locust's; without RUN the whole ledger in one",
		},
		{
			name: formatJSON, media: "application/json", extension: ".json", arg: "FILE|-", compared: true, whole: true,
			help:   "the whole result; - writes it to standard output and everything else to standard error; of --repeat a file for each run, and what a comparison found",
			ledger: "the whole result with every second; without RUN the list of runs",
			write: func(w io.Writer, r *stampede.Report, base baselined, everySecond bool) error {
				return report.WriteJSON(w, r, report.JSONOptions{Series: everySecond, Comparison: base.found})
			},
		},
		{
			name: formatHTML, media: "text/html; charset=utf-8", extension: ".html", help: "a report in one file, for a browser", compared: true,
			write: func(w io.Writer, r *stampede.Report, base baselined, _ bool) error {
				return report.WriteHTMLWith(w, r, base.html())
			},
		},
		{
			name: "junit", media: "application/xml", extension: ".xml", help: "for CI: each threshold, the verdict and each name with failures as a test case", compared: true,
			ledger: "for CI: thresholds and names as test cases",
			write: func(w io.Writer, r *stampede.Report, base baselined, _ bool) error {
				return report.WriteJUnitWith(w, r, base.found)
			},
		},
		{
			name: formatXLSX, media: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", extension: ".xlsx", help: "a workbook with charts", whole: true,
			ledger: "a workbook with charts; without RUN the whole ledger",
			write: func(w io.Writer, r *stampede.Report, _ baselined, _ bool) error {
				return report.WriteXLSX(w, r)
			},
		},
		{
			name: "md", media: "text/markdown; charset=utf-8", extension: ".md", help: "a summary in Markdown, for a pull request", compared: true, ledger: "a summary in Markdown",
			write: func(w io.Writer, r *stampede.Report, base baselined, _ bool) error {
				return report.WriteMarkdownWith(w, r, base.found)
			},
		},
		{
			name: "hlog", media: "text/plain; charset=utf-8", extension: ".hlog", help: "a log of histograms that HdrHistogram's tools read",
			write: func(w io.Writer, r *stampede.Report, _ baselined, _ bool) error {
				return report.WriteHLog(w, r)
			},
		},
		{
			name: "openmetrics", media: "text/plain; charset=utf-8", extension: ".txt", help: "the final figures as OpenMetrics text",
			write: func(w io.Writer, r *stampede.Report, _ baselined, _ bool) error {
				return report.WriteOpenMetrics(w, r)
			},
		},
	}
}
