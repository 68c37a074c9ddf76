// Command gen writes the reports that the tests of the page open in a browser, into the folder it is given.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/report/reporttest"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
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

// story is the sample with a warm-up that is left out of the figures, a test that panics and another that cannot begin.
func story() *stampede.Report {
	const warm = 30
	r := reporttest.Sample()
	judged := r.Series.Window(warm, 240)
	r.Judged = stats.Totals{Total: judged.Total, Rows: judged.Rows, Seconds: 240 - warm, Errors: append(slices.Clone(r.Whole.Errors),
		stats.ErrorRow{
			Kind: fault.Panic, Text: "panic in Fan.Store: index out of range [3] with length 2", Count: 7, First: 61 * time.Second, Last: 199 * time.Second,
			Key: stats.Key{Type: "TASK", Name: "Store"}, Workers: []int{1},
			Stack: "goroutine 81 [running]:\nmain.(*Fan).Store(0xc000112000, {0x8f3a20, 0xc0000b4000})\n\t/src/shop/main.go:57 +0x1a4\n",
		},
		stats.ErrorRow{Kind: fault.Start, Text: "OnStart: no account left", Count: 2, First: 3 * time.Second, Last: 4 * time.Second},
	)}
	r.Phases = []verdict.Phase{
		{Name: "warm-up", To: warm * time.Second},
		{Name: "steady", From: warm * time.Second, To: 200 * time.Second},
		{Name: "ramp-down", From: 200 * time.Second},
	}
	r.StartFailed, r.Died = 2, 7
	return r
}

// bigRun is two hours of 200 names.
func bigRun() *stampede.Report {
	const hours = 2 * 3600
	return reporttest.Make(reporttest.Options{Names: 200, Seconds: hours, Stretch: reporttest.RolledUp(hours)})
}

// against is the pages with a baseline: one that is worse, one that is the same, one whose runs should not be compared, and two
// with the curves alone, one of them big.
func against(folder string) ([]report.File, error) {
	baseline, run := reporttest.Pair()
	more := *run
	more.Run.UsersText, more.Run.Users = "5000", 5000
	var files []report.File
	for name, r := range map[string]*stampede.Report{"against": run, "refused": &more, "same": baseline} {
		var o compare.Options
		if name == "same" {
			o.Limit = 0.15 // four minutes do not tell the p99 to 5 %
		}
		found, err := compare.Compare([]compare.Run{compare.Of(baseline)}, []compare.Run{compare.Of(r)}, o)
		if err != nil {
			return nil, err
		}
		files = append(files, held(folder, name, r, report.HTMLOptions{Baseline: baseline, Comparison: found}))
	}
	big := bigRun()
	return append(files,
		held(folder, "curves", run, report.HTMLOptions{Baseline: baseline}),
		held(folder, "bigpair", big, report.HTMLOptions{Baseline: big}),
	), nil
}

func held(folder, name string, r *stampede.Report, o report.HTMLOptions) report.File {
	return report.File{
		Path:  filepath.Join(folder, name+".html"),
		Write: func(w io.Writer) error { return report.WriteHTMLWith(w, r, o) },
	}
}

// write makes one page for each kind of run.
func write(folder string) error {
	var files []report.File
	for name, make := range map[string]func() *stampede.Report{
		"sample": reporttest.Sample, "empty": reporttest.Empty, "one": reporttest.One, "allfailed": reporttest.AllFailed,
		"open": reporttest.Open, "hostile": reporttest.Hostile,
		"many":  func() *stampede.Report { return reporttest.Many(10_000) },
		"big":   bigRun,
		"story": story,
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
	pairs, err := against(folder)
	if err != nil {
		return err
	}
	return report.WriteAll(append(files, pairs...)...)
}
