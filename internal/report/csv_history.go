package report

import (
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
)

// historyWindow is how many seconds the current rates and percentiles of the history cover, as in Locust.
const historyWindow = 10

// WriteCSVHistory writes the history of a finished run from its series, as [CSVWriter] does while it runs. Where old seconds were rolled
// up there is one block of rows for each longer stretch.
func WriteCSVHistory(w io.Writer, r *stampede.Report, o CSVOptions) error {
	if r.Series == nil {
		return errNoSeries
	}
	h := newHistory(newCSVRows(w), &r.Run, o.FullHistory)
	for sec := range r.Series.Seconds() {
		h.second(sec)
	}
	return h.rows.flush()
}

// history turns seconds into the rows of PREFIX_stats_history.csv. Its memory is bounded by names: for each the total so far and the
// last ten seconds.
type history struct {
	rows    *csvRows
	started time.Time
	paced   bool
	full    bool // rows for each name, not only for all together

	all   historyName
	names map[stats.Key]*historyName
	keys  []stats.Key // sorted
}

// historyName is one name: since the start, and lately. Of the totals' histograms only the headline is kept.
type historyName struct {
	total  stats.Row
	recent []recentSecond
}

// recentSecond is what happened to a name in a second (or longer stretch) that ends at a second of the run.
type recentSecond struct {
	end, width               int
	count, failures, dropped int64
	times                    hist.Hist
}

func newHistory(rows *csvRows, run *stampede.RunInfo, full bool) *history {
	h := &history{rows: rows, started: run.Started, paced: run.Paced, full: full, names: make(map[stats.Key]*historyName)}
	rows.row(csvHistoryColumns()...)
	return h
}

// second adds the rows of a second. It copies what it keeps. The history is a log: what came with this second is in its rows, also where it
// belongs to earlier ones, whose rows are written.
func (h *history) second(sec *stats.Second) {
	late := sec.Earlier
	sec = sec.Came()
	for i := range late {
		if late[i].Late {
			h.catchUp(&late[i])
		}
	}
	end := sec.Index + sec.Width
	h.all.add(&sec.Total, end, sec.Width, h.paced)
	stamp := strconv.FormatInt(h.started.Add(time.Duration(end)*time.Second).Unix(), 10)
	users := strconv.Itoa(sec.Gauges.Users)
	if h.full {
		for i := range sec.Rows {
			h.of(sec.Rows[i].Key).add(&sec.Rows[i], end, sec.Width, h.paced)
		}
		for _, k := range h.keys {
			h.write(stamp, users, k.Type, k.Name, h.names[k], end)
		}
	}
	h.write(stamp, users, "", aggregated, &h.all, end)
}

// of is the state of a name, a new one when it was not seen before.
func (h *history) of(k stats.Key) *historyName {
	n := h.names[k]
	if n == nil {
		n = new(historyName)
		h.names[k] = n
		at, _ := slices.BinarySearchFunc(h.keys, k, stats.Key.Compare)
		h.keys = slices.Insert(h.keys, at, k)
	}
	return n
}

// catchUp adds what a worker reported late to the totals, and not to what happened lately.
func (h *history) catchUp(p *stats.Part) {
	h.all.addTotal(&p.Total, h.paced)
	for i := range p.Rows {
		if h.full {
			h.of(p.Rows[i].Key).addTotal(&p.Rows[i], h.paced)
		}
	}
}

func (n *historyName) addTotal(row *stats.Row, paced bool) {
	n.total.Count += row.Count
	n.total.Failures += row.Failures
	n.total.Dropped += row.Dropped
	n.total.Decoded += row.Decoded
	n.total.Headline(paced).Merge(row.Headline(paced))
}

func (n *historyName) add(row *stats.Row, end, width int, paced bool) {
	n.addTotal(row, paced)
	if !row.IsEmpty() {
		n.recent = append(n.recent, recentSecond{end, width, row.Count, row.Failures, row.Dropped, row.Headline(paced).Clone()})
	}
}

func (h *history) write(stamp, users, kind, name string, n *historyName, end int) {
	var times hist.Hist
	var count, failures, dropped int64
	n.recent = slices.DeleteFunc(n.recent, func(r recentSecond) bool { return r.end <= end-historyWindow })
	covered := min(end, historyWindow)
	for i := range n.recent {
		r := &n.recent[i]
		times.Merge(&r.times)
		count, failures, dropped = count+r.count, failures+r.failures, dropped+r.dropped
		covered = max(covered, end-(r.end-r.width))
	}
	fields := []string{stamp, users, kind, name, csvRate(count, float64(covered)), csvRate(failures, float64(covered))}
	if n.total.Count > 0 && times.IsEmpty() {
		fields = append(fields, slices.Repeat([]string{"0"}, len(csvPercentileColumns()))...) // as Locust: nothing lately
	} else {
		fields = append(fields, csvPercentiles(&times, dropped)...)
	}
	h.rows.row(append(fields, csvTotals(&n.total, h.paced)...)...)
}
