package report

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// WriteOpenMetrics writes the final numbers as OpenMetrics 1.0 text, for pushing into whatever scrapes or stores such. Times are seconds,
// and the same numbers as everywhere else; a quantile without samples is NaN, as the format wants.
func WriteOpenMetrics(w io.Writer, r *stampede.Report) error {
	m := metrics{w: bufio.NewWriter(w), escaper: labelEscaper()}
	m.run(r)
	m.counters(r)
	for _, f := range []struct {
		name, help string
		of         func(*stats.Row) *hist.Hist
		dropped    bool // arrivals that were dropped count as endless in it
	}{
		{"response", "From when the plan wanted a request sent until it was done.", func(row *stats.Row) *hist.Hist { return &row.Response }, true},
		{"service", "From when a request was sent until it was done.", func(row *stats.Row) *hist.Hist { return &row.Service }, false},
		{"lag", "How much later than planned requests were sent.", func(row *stats.Row) *hist.Hist { return &row.Lag }, false},
		{"first_byte", "From when a request was sent until its first byte came back.", func(row *stats.Row) *hist.Hist { return &row.FirstByte }, false},
		{"failed", "Times of requests that failed.", func(row *stats.Row) *hist.Hist { return &row.Failed }, false},
	} {
		name := "stampede_" + f.name + "_seconds"
		m.family(name, "summary", "seconds", f.help)
		for i := range r.Judged.Rows {
			row := &r.Judged.Rows[i]
			var dropped int64
			if f.dropped {
				dropped = row.Dropped
			}
			m.summary(name, row, f.of(row), dropped)
		}
	}
	m.thresholds(r)
	m.servers(r)
	m.put("# EOF\n")
	if m.err == nil {
		m.err = m.w.Flush()
	}
	return m.err
}

// metrics writes families and samples; the first error stays.
type metrics struct {
	w       *bufio.Writer
	escaper *strings.Replacer
	err     error
}

func (m *metrics) put(s string) {
	if m.err == nil {
		_, m.err = m.w.WriteString(s)
	}
}

func (m *metrics) family(name, kind, unit, help string) {
	m.put("# TYPE " + name + " " + kind + "\n")
	if unit != "" {
		m.put("# UNIT " + name + " " + unit + "\n")
	}
	m.put("# HELP " + name + " " + help + "\n")
}

// sample writes one line; labels are names and values in turn.
func (m *metrics) sample(name, value string, labels ...string) {
	m.put(name)
	for i := 0; i+1 < len(labels); i += 2 {
		m.put(map[bool]string{true: "{", false: ","}[i == 0] + labels[i] + `="` + m.escaper.Replace(strings.ToValidUTF8(labels[i+1], "\uFFFD")) + `"`)
	}
	if len(labels) > 0 {
		m.put("}")
	}
	m.put(" " + value + "\n")
}

func (m *metrics) gauge(name, unit, help, value string) {
	m.family(name, "gauge", unit, help)
	m.sample(name, value)
}

func (m *metrics) run(r *stampede.Report) {
	m.family("stampede_run", "info", "", "Which run this was.")
	m.sample("stampede_run_info", "1", "id", r.Run.ID, "test", r.Run.Name, "host", r.Run.Host, "model", string(r.Run.Model),
		"headline", r.Headline(), "version", r.Run.Version)
	m.gauge("stampede_started_timestamp_seconds", "seconds", "When the run began, Unix time.", metricFloat(float64(r.Run.Started.UnixMilli())/1e3))
	m.gauge("stampede_duration_seconds", "seconds", "How long it took.", metricFloat(format.Seconds(r.Run.Duration)))
	m.gauge("stampede_judged_seconds", "seconds", "How much of it the figures cover: all but the warm-up.", metricFloat(round(r.Judged.Seconds, 3)))
	m.gauge("stampede_users_peak", "", "Most users at once.", strconv.Itoa(r.PeakUsers))
	m.gauge("stampede_in_flight", "", "Requests that were not done when the run ended.", metricCount(r.InFlight))
	m.family("stampede_verdict", "stateset", "", "Whether the numbers can be trusted.")
	for _, level := range []verdict.Level{verdict.Valid, verdict.Suspect, verdict.Invalid} {
		m.sample("stampede_verdict", metricBool(level == r.Verdict.Level), "stampede_verdict", level.String())
	}
}

func (m *metrics) counters(r *stampede.Report) {
	for _, f := range []struct {
		name, unit, help string
		of               func(*stats.Row) int64
	}{
		{"stampede_requests", "", "Requests done, failed ones included.", func(row *stats.Row) int64 { return row.Count }},
		{"stampede_failures", "", "Requests that failed.", func(row *stats.Row) int64 { return row.Failures }},
		{"stampede_dropped", "", "Arrivals that could not start.", func(row *stats.Row) int64 { return row.Dropped }},
		{"stampede_received_bytes", "bytes", "Bytes received.", func(row *stats.Row) int64 { return row.BytesIn }},
		{"stampede_sent_bytes", "bytes", "Bytes sent.", func(row *stats.Row) int64 { return row.BytesOut }},
	} {
		m.family(f.name, "counter", f.unit, f.help)
		for i := range r.Judged.Rows {
			row := &r.Judged.Rows[i]
			m.sample(f.name+"_total", metricCount(f.of(row)), "type", row.Type, "name", row.Name)
		}
	}
}

func (m *metrics) summary(name string, row *stats.Row, h *hist.Hist, dropped int64) {
	q := quantilesOf(h, dropped)
	for _, p := range []struct {
		share string
		value time.Duration
	}{{"0.5", q.P50}, {"0.9", q.P90}, {"0.95", q.P95}, {"0.99", q.P99}, {"0.999", q.P999}} {
		value := "NaN"
		if q.Count > 0 {
			value = metricSeconds(p.value)
		}
		m.sample(name, value, "type", row.Type, "name", row.Name, "quantile", p.share)
	}
	m.sample(name+"_sum", metricFloat(float64(h.Sum())/1e9), "type", row.Type, "name", row.Name)
	m.sample(name+"_count", metricCount(q.Count), "type", row.Type, "name", row.Name)
}

func (m *metrics) thresholds(r *stampede.Report) {
	m.family("stampede_threshold_passed", "gauge", "", "1 when the threshold passed.")
	for i := range r.Thresholds {
		t := &r.Thresholds[i]
		m.sample("stampede_threshold_passed", metricBool(t.Passed), "position", strconv.Itoa(i+1), "expr", t.Expr)
	}
}

func metricCount(n int64) string { return strconv.FormatInt(n, 10) }

func metricBool(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func metricFloat(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// metricSeconds moves the point of the milliseconds that every other file shows, so that not even the last digit differs.
func metricSeconds(d time.Duration) string { return metricFloat(round(format.Millis(d)/1e3, 6)) }

// labelEscaper escapes a label value as the format says. NUL, which many readers refuse, becomes the replacement character.
func labelEscaper() *strings.Replacer {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`, "\x00", "\uFFFD")
}
