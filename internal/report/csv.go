package report

import (
	"io"
	"slices"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
)

// CSVFiles are the files of a finished run in Locust's form: PREFIX_stats.csv, PREFIX_failures.csv and PREFIX_exceptions.csv. The fourth,
// PREFIX_stats_history.csv, is written while the run goes on by [CSVWriter]; [CSVHistoryFile] writes it afterwards from a kept series.
func CSVFiles(prefix string, r *stampede.Report) []File {
	return []File{
		{prefix + "_stats.csv", func(w io.Writer) error { return WriteCSVStats(w, r) }},
		{prefix + "_failures.csv", func(w io.Writer) error { return WriteCSVFailures(w, r) }},
		{prefix + "_exceptions.csv", func(w io.Writer) error { return WriteCSVExceptions(w, r) }},
	}
}

// CSVPaths are the paths of all four files, for [Preflight].
func CSVPaths(prefix string) []string {
	return []string{prefix + "_stats.csv", prefix + "_stats_history.csv", prefix + "_failures.csv", prefix + "_exceptions.csv"}
}

// WriteCSVStats writes one row for each request name, and one for all of them.
func WriteCSVStats(w io.Writer, r *stampede.Report) error {
	c := newCSVRows(w)
	c.row(csvStatsColumns()...)
	write := func(kind, name string, row *stats.Row) {
		fields := append([]string{kind, name}, csvTotals(row, r.Run.Paced)...)
		fields = append(fields, csvRate(row.Count, r.Judged.Seconds), csvRate(row.Failures, r.Judged.Seconds))
		c.row(append(fields, csvPercentiles(csvTimes(row, r.Run.Paced))...)...)
	}
	for i := range r.Judged.Rows {
		row := &r.Judged.Rows[i]
		write(row.Type, row.Name, row)
	}
	write("", aggregated, &r.Judged.Total)
	return c.flush()
}

// WriteCSVFailures writes one row for each group of failed requests.
func WriteCSVFailures(w io.Writer, r *stampede.Report) error {
	c := newCSVRows(w)
	c.row(csvFailuresColumns()...)
	for i := range r.Judged.Errors {
		e := &r.Judged.Errors[i]
		if isOwn(r, e) {
			continue
		}
		c.row(e.Type, e.Name, e.Text, csvCount(e.Count), csvTime(r.Run.Started.Add(e.First)), csvTime(r.Run.Started.Add(e.Last)))
	}
	return c.flush()
}

// WriteCSVExceptions writes one row for each group of failures of the test's own code, with the workers that saw it.
func WriteCSVExceptions(w io.Writer, r *stampede.Report) error {
	c := newCSVRows(w)
	c.row(csvExceptionsColumns()...)
	for i := range r.Judged.Errors {
		e := &r.Judged.Errors[i]
		if isOwn(r, e) || e.Stack != "" {
			c.row(csvCount(e.Count), e.Text, e.Stack, nodes(r, e.Workers))
		}
	}
	return c.flush()
}

// isOwn tells failures of the test's own code, which belong to no request, from those that the rows of requests count.
func isOwn(r *stampede.Report, e *stats.ErrorRow) bool {
	return e.Kind == fault.Start || stats.IsOwn(e.Type) && r.Judged.Row(e.Key) == nil
}

// nodes are the names of workers; "local" when the run had no fleet, as Locust says.
func nodes(r *stampede.Report, numbers []int) string {
	if len(r.Workers) <= 1 {
		return "local"
	}
	var names []string
	for i := range r.Workers {
		if slices.Contains(numbers, r.Workers[i].Number) {
			names = append(names, r.Workers[i].Name)
		}
	}
	return strings.Join(names, ", ")
}
