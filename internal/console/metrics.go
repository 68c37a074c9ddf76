package console

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
)

// metricNames bounds the names that one scrape carries: each is a dozen series in somebody's database.
const metricNames = 200

// metrics is the current run for Prometheus. Counts and sums are since the start of the run, so that rates are the reader's to make.
func (c *Console) metrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	var m metricText
	l := c.now()
	up := 0.0
	if l != nil && !l.isOver() {
		up = 1
	}
	m.head("stampede_running", "gauge", "1 while a run goes on")
	m.line("stampede_running", "", up)
	if l != nil {
		if r := l.soFar(); r != nil {
			m.run(r, l)
		}
	}
	if _, err := w.Write([]byte(m.String())); err != nil {
		return // whoever asked is gone
	}
}

type metricText struct{ strings.Builder }

func (m *metricText) head(name, kind, help string) {
	fmt.Fprintf(m, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

func (m *metricText) line(name, labels string, v float64) {
	if labels != "" {
		labels = "{" + labels + "}"
	}
	fmt.Fprintf(m, "%s%s %v\n", name, labels, v)
}

func (m *metricText) one(name, kind, help string, v float64) {
	m.head(name, kind, help)
	m.line(name, "", v)
}

func (m *metricText) run(r *stampede.Report, l *live) {
	m.head("stampede_run_info", "gauge", "Which run it is")
	m.line("stampede_run_info", fmt.Sprintf("run=%s,test=%s,model=%s", quoted(r.Run.ID), quoted(r.Run.Name), quoted(string(r.Run.Model))), 1)
	users, rate := 0, 0.0
	l.mu.Lock()
	run, over := l.run, l.report != nil
	l.mu.Unlock()
	if run != nil && !over {
		p := run.Progress()
		users, rate = p.Users, p.Rate
	}
	m.one("stampede_users", "gauge", "Users that there are now", float64(users))
	m.one("stampede_arrivals_wanted", "gauge", "Arrivals a second that the plan wants now", rate)
	m.one("stampede_in_flight", "gauge", "Requests in flight", float64(r.InFlight))
	m.one("stampede_planned_total", "counter", "Arrivals or tasks that the plan wanted started", float64(r.Planned))
	m.one("stampede_sent_total", "counter", "Of those, started", float64(r.Sent))
	m.one("stampede_dropped_total", "counter", "Of those, given up", float64(r.Dropped))
	m.one("stampede_users_died_total", "counter", "Users that ended by a failure", float64(r.Died))
	m.one("stampede_verdict", "gauge", "Whether the numbers can be trusted: 0 VALID, 1 SUSPECT, 2 INVALID", float64(r.Verdict.Level))
	rows := r.Whole.Rows[:min(len(r.Whole.Rows), metricNames)]
	m.one("stampede_names_left_out", "gauge", "Request names beyond those of this answer", float64(len(r.Whole.Rows)-len(rows)))
	m.counts(rows)
	m.times(rows, r.Run.Paced)
}

func (m *metricText) counts(rows []stats.Row) {
	for _, f := range []struct {
		name, help string
		of         func(*stats.Row) int64
	}{
		{"stampede_requests_total", "Requests", func(r *stats.Row) int64 { return r.Count }},
		{"stampede_failures_total", "Requests that failed", func(r *stats.Row) int64 { return r.Failures }},
		{"stampede_received_bytes_total", "Bytes received", func(r *stats.Row) int64 { return r.BytesIn }},
		{"stampede_sent_bytes_total", "Bytes sent", func(r *stats.Row) int64 { return r.BytesOut }},
	} {
		m.head(f.name, "counter", f.help)
		for i := range rows {
			m.line(f.name, rowLabels(&rows[i]), float64(f.of(&rows[i])))
		}
	}
}

// bounds are the buckets of the histogram of times, in seconds.
var bounds = [...]float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}

func (m *metricText) times(rows []stats.Row, paced bool) {
	const name = "stampede_time_seconds"
	which := "service"
	if paced {
		which = "response"
	}
	m.head(name, "histogram", "How long requests took: the "+which+" time")
	for i := range rows {
		h, labels := rows[i].Headline(paced), rowLabels(&rows[i])
		for _, b := range bounds {
			m.line(name+"_bucket", fmt.Sprintf("%s,le=\"%v\"", labels, b), float64(h.Count()-h.CountAbove(int64(b*1e9))))
		}
		m.line(name+"_bucket", labels+`,le="+Inf"`, float64(h.Count()))
		m.line(name+"_sum", labels, float64(h.Sum())/1e9)
		m.line(name+"_count", labels, float64(h.Count()))
	}
}

func rowLabels(r *stats.Row) string { return "type=" + quoted(r.Type) + ",name=" + quoted(r.Name) }

// quoted is a label's value as the text format wants it.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(s, "\ufffd")) + `"`
}
