// Command gen writes the reports that the tests of the page open in a browser, into the folder it is given.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/report/reporttest"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gen FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// write makes one page for each kind of run.
func write(folder string) error {
	const hours = 2 * 3600
	var files []report.File
	for name, make := range map[string]func() *stampede.Report{
		"sample": reporttest.Sample, "empty": reporttest.Empty, "one": reporttest.One, "allfailed": reporttest.AllFailed,
		"open": reporttest.Open, "hostile": reporttest.Hostile,
		"many": func() *stampede.Report { return reporttest.Many(10_000) },
		"big": func() *stampede.Report {
			return reporttest.Make(reporttest.Options{Names: 200, Seconds: hours, Stretch: reporttest.RolledUp(hours)})
		},
		"final": func() *stampede.Report { // as read from a saved result without its seconds
			r := reporttest.Sample()
			r.Series = nil
			return r
		},
	} {
		files = append(files, report.File{
			Path:  filepath.Join(folder, name+".html"),
			Write: func(w io.Writer) error { return report.WriteHTML(w, make()) },
		})
	}
	return report.WriteAll(files...)
}
