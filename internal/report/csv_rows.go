package report

import (
	"math"
	"strconv"
	"time"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
)

// aggregated is the name of the row of all requests, as Locust calls it.
const aggregated = "Aggregated"

// notAvailable is what Locust prints for the percentiles of a row without requests.
const notAvailable = "N/A"

// csvShares are the percentiles of a row, in the order of the columns.
func csvShares() [11]float64 {
	return [...]float64{0.5, 0.66, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999, 1}
}

// The columns of the four files, to the letter those of Locust 2.46.
func csvPercentileColumns() []string {
	return []string{"50%", "66%", "75%", "80%", "90%", "95%", "98%", "99%", "99.9%", "99.99%", "100%"}
}

func csvStatsColumns() []string {
	return append([]string{
		"Type", "Name", "Request Count", "Failure Count", "Median Response Time", "Average Response Time", "Min Response Time",
		"Max Response Time", "Average Content Size", "Requests/s", "Failures/s",
	}, csvPercentileColumns()...)
}

func csvHistoryColumns() []string {
	columns := append([]string{"Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s"}, csvPercentileColumns()...)
	return append(columns, "Total Request Count", "Total Failure Count", "Total Median Response Time", "Total Average Response Time",
		"Total Min Response Time", "Total Max Response Time", "Total Average Content Size")
}

func csvFailuresColumns() []string {
	return []string{"Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen"}
}

func csvExceptionsColumns() []string {
	return []string{"Count", "Message", "Traceback", "Nodes"}
}

// csvTotals is the block of Request Count to Average Content Size (without the rates), which the statistics and the history share.
// Medians are whole milliseconds as Locust's are; mean, minimum and maximum keep their microseconds.
func csvTotals(row *stats.Row, paced bool) []string {
	h, dropped := csvTimes(row, paced)
	median, _ := h.QuantileWith(dropped, 0.5)
	return []string{
		csvCount(row.Count), csvCount(row.Failures), csvWhole(median),
		csvMillis(int64(math.Round(h.Mean()))), csvMillis(h.Min()), csvMillis(h.Max()),
		csvContentSize(row),
	}
}

// csvTimes are the times of a row: those of the headline; where every request failed those of the failures, since scripts written for
// Locust expect numbers wherever there were requests.
func csvTimes(row *stats.Row, paced bool) (h *hist.Hist, dropped int64) {
	if h = row.Headline(paced); h.IsEmpty() && !row.Failed.IsEmpty() {
		return &row.Failed, 0
	}
	return h, row.Dropped
}

// csvPercentiles are whole milliseconds, because scripts written for Locust convert them with int().
func csvPercentiles(h *hist.Hist, dropped int64) []string {
	shares := csvShares()
	fields := make([]string, len(shares))
	for i, q := range shares {
		if h.IsEmpty() {
			fields[i] = notAvailable
			continue
		}
		ns, _ := h.QuantileWith(dropped, q)
		fields[i] = csvWhole(ns)
	}
	return fields
}

// csvContentSize is the mean size of a body in bytes, decompressed where it was looked at.
func csvContentSize(row *stats.Row) string {
	if row.Count == 0 {
		return "0"
	}
	return format.Decimal(float64(row.Decoded)/float64(row.Count), 2)
}

func csvCount(n int64) string { return strconv.FormatInt(n, 10) }

func csvWhole(ns int64) string { return strconv.FormatInt(format.WholeMillis(time.Duration(ns)), 10) }

func csvMillis(ns int64) string { return format.Decimal(format.Millis(time.Duration(ns)), 3) }

func csvRate(count int64, seconds float64) string {
	return format.Decimal(perSecond(count, seconds), 6)
}

// csvTime is a time of day as Locust prints it: UTC, whole seconds.
func csvTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
