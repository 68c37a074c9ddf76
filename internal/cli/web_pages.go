package cli

import (
	"io"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/stats"
)

// pages writes runs for the console.
type pages struct{}

func (pages) Page(w io.Writer, r *stampede.Report) error { return report.WritePage(w, r) }

func (pages) Row(row *stats.Row) ([]byte, error) { return report.PageRow(row) }

func (pages) Servers(w io.Writer, r *stampede.Report, from time.Duration, points int) error {
	return report.WriteServers(w, r, from, points)
}

// Formats are the exports of a run, and Locust's files one by one.
func (pages) Formats() []console.Format {
	var all []console.Format
	for _, f := range formats() {
		if f.write != nil {
			all = append(all, console.Format{Name: f.name, Type: f.media, Write: func(w io.Writer, r *stampede.Report) error {
				return f.write(w, r, baselined{}, true)
			}})
		}
	}
	const csv = "text/csv; charset=utf-8"
	return append(all,
		console.Format{Name: "csv", Type: csv, Write: report.WriteCSVStats},
		console.Format{Name: "stats.csv", Type: csv, Write: report.WriteCSVStats},
		console.Format{Name: "failures.csv", Type: csv, Write: report.WriteCSVFailures},
		console.Format{Name: "exceptions.csv", Type: csv, Write: report.WriteCSVExceptions},
		console.Format{Name: "stats_history.csv", Type: csv, Write: func(w io.Writer, r *stampede.Report) error {
			return report.WriteCSVHistory(w, r, report.CSVOptions{FullHistory: true})
		}},
	)
}
