package cli

import (
	"errors"

	"github.com/stampede-load/stampede/internal/cli/setting"
)

// resultSettings say where the results go, besides the terminal.
func (a *app) resultSettings(e *exports) []setting.Setting {
	file := func(name, help string, into *string) setting.Setting {
		return setting.Setting{Name: name, Arg: "FILE", Group: groupResults, Help: help, Read: a.newFile(into)}
	}
	return []setting.Setting{
		{
			Name: "csv", Arg: "PREFIX", Group: groupResults, Help: "four files with the columns of Locust's: PREFIX_stats.csv, PREFIX_stats_history.csv and so on",
			Read: a.newFile(&e.csv),
		},
		{
			Name: "csv-full-history", Group: groupResults, Default: "false", Needs: "csv", Read: onOff(&e.csvFull),
			Help: "the history has rows for each request name, and not only for all together",
		},
		{
			Name: "json", Arg: "FILE|-", Group: groupResults, Help: "the whole result; - writes it to standard output and everything else to standard error; of --repeat a file for each run, and what a comparison found",
			Read: func(t string) error {
				e.json = t
				if t != "-" {
					e.json = a.path(t)
				}
				return nil
			},
		},
		{
			Name: "json-series", Group: groupResults, Default: "false", Needs: "json", Read: onOff(&e.jsonSeries),
			Help: "the JSON holds every second too",
		},
		file("html", "a report in one file, for a browser", &e.html),
		file("junit", "for CI: each threshold, the verdict and each name with failures as a test case", &e.junit),
		file("xlsx", "a workbook with charts", &e.xlsx),
		file("md", "a summary in Markdown, for a pull request", &e.md),
		file("hlog", "a log of histograms that HdrHistogram's tools read", &e.hlog),
		file("openmetrics", "the final figures as OpenMetrics text", &e.openmetrics),
	}
}

// newFile reads the name of a file to write.
func (a *app) newFile(into *string) func(string) error {
	return func(t string) error {
		if t == "-" {
			return errors.New("only --json can go to standard output; write ./- for a file of this name")
		}
		*into = a.path(t)
		return nil
	}
}
