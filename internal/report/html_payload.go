package report

import (
	"bufio"
	"io"
	"slices"
	"strconv"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
)

// htmlPayload is the number of the form in which the page gets its report. Page and payload are made by the same program, so it changes
// whenever the form does; web/src/lib/payload.ts describes it.
const htmlPayload = 1

// The objects of the payload that schema 1 does not have. Times are ns, so that the page rounds each figure once, from what the
// histogram says, and shows the same digits as every other export.
type (
	pageRun struct {
		jsonRun
		Seed string `json:"seed"` // too large for a number of JavaScript
	}

	pageThreshold struct {
		jsonThreshold
		Line *pageLine `json:"line,omitempty"`
	}

	pageCounts struct {
		Planned      int64 `json:"planned"`
		Sent         int64 `json:"sent"`
		Dropped      int64 `json:"dropped"`
		NotStarted   int64 `json:"not_started"`
		InFlight     int64 `json:"in_flight"`
		Oldest       int64 `json:"oldest_ns"`
		UsersStarted int64 `json:"users_started"`
		StartFailed  int64 `json:"start_failed"`
		Died         int64 `json:"died"`
		PeakUsers    int   `json:"peak_users"`
	}

	pageStory struct {
		Felt    string       `json:"felt"`
		Moments []pageMoment `json:"moments"`
		More    int          `json:"more"`
	}

	pageMoment struct {
		From float64 `json:"from_s"`
		To   float64 `json:"to_s"`
		Text string  `json:"text"`
	}

	pageRow struct {
		Type     string      `json:"type"`
		Name     string      `json:"name"`
		Count    int64       `json:"count"`
		Failures int64       `json:"failures"`
		Timeouts int64       `json:"timeouts"`
		Dropped  int64       `json:"dropped"`
		BytesIn  int64       `json:"bytes_in"`
		BytesOut int64       `json:"bytes_out"`
		Times    pageTimes   `json:"times"`
		Curves   pageCurves  `json:"curves"`
		Faults   []jsonFault `json:"faults"`
	}

	pageTimes struct {
		Response  pageQuantiles `json:"response"`
		Service   pageQuantiles `json:"service"`
		Lag       pageQuantiles `json:"lag"`
		FirstByte pageQuantiles `json:"first_byte"`
		Failed    pageQuantiles `json:"failed"`
	}

	pageCurves struct {
		Response deltas `json:"response"`
		Service  deltas `json:"service"`
		Lag      deltas `json:"lag"`
	}

	// pageQuantiles is count, mean, min, p50, p90, p95, p99, p99.9, max and the doubts about the five quantiles: bits 0 to 4 when fewer
	// than ten samples lie beyond, bits 5 to 9 when dropped arrivals do.
	pageQuantiles [10]int64
)

// writePayload writes all that the page shows, piece by piece.
func writePayload(w io.Writer, r *stampede.Report, o *HTMLOptions) error {
	j := jsonWriter{w: bufio.NewWriterSize(w, 64<<10)}
	j.put("{")
	j.field("payload", htmlPayload)
	j.field("outcome", o.outcome(r).String())
	j.field("line", line(o.outcome(r).String()+": "+Results(r)))
	if found := o.found(); found != nil {
		j.pageComparison(found)
	}
	j.name("runs")
	j.put("[")
	j.pageRun(r, courseOf(r), pageRowOf)
	if o.Baseline != nil {
		j.put(",\n")
		j.pageRun(o.Baseline, courseAgainst(o.Baseline, r), pageRowUnder)
	}
	j.put("]}")
	if j.err == nil {
		j.err = j.w.Flush()
	}
	return j.err
}

// pageRun writes one run with its course and rows.
func (j *jsonWriter) pageRun(r *stampede.Report, c *course, rowOf func(*stats.Row) pageRow) {
	j.inner = false
	j.put("{")
	j.field("run", pageRunOf(r))
	j.field("verdict", jsonVerdict{r.Verdict.Level.String(), lines(r.Verdict.Reasons)})
	j.items("thresholds", len(r.Thresholds), func(i int) any { return pageThresholdOf(r, i) })
	j.field("counts", pageCounts{
		r.Planned, r.Sent, r.Dropped, r.NotStarted, r.InFlight, int64(r.Oldest), r.UsersStarted, r.StartFailed, r.Died, r.PeakUsers,
	})
	j.field("story", pageStoryOf(r))
	j.pageTotals("judged", &r.Judged, rowOf, true)
	if r.HadWarmup() {
		j.pageTotals("whole", &r.Whole, rowOf, false)
	} else {
		j.field("whole", nil)
	}
	j.pageCourse(c)
	j.field("phases", pagePhases(r))
	j.items("events", len(r.Events), func(i int) any {
		e := &r.Events[i]
		return jsonEvent{format.Seconds(e.At), line(e.Kind), line(e.Text)}
	})
	j.items("workers", len(r.Workers), func(i int) any {
		w := jsonWorkers(r)[i]
		w.Name = line(w.Name)
		return w
	})
	j.items("environment", len(r.Environment), func(i int) any {
		return jsonSetting{line(r.Environment[i].Name), line(r.Environment[i].Value)}
	})
	j.field("warnings", lines(r.Warnings))
	j.field("notices", lines(r.Notices))
	j.pageTasks(r)
	j.pageServers(r)
	if len(r.Pages) > 0 {
		j.items("pages", len(r.Pages), func(i int) any { return jsonPictureOf(&r.Pages[i]) })
	}
	j.put("}")
}

// pageTotals writes a stretch of the run, the rows and errors of it only where the page shows them.
func (j *jsonWriter) pageTotals(name string, t *stats.Totals, rowOf func(*stats.Row) pageRow, all bool) {
	rows, errors := 0, 0
	if all {
		rows, errors = len(t.Rows), len(t.Errors)
	}
	j.name(name)
	j.put("{")
	j.inner = false
	j.field("seconds", round(t.Seconds, 3))
	j.field("total", rowOf(&t.Total))
	j.items("rows", rows, func(i int) any { return rowOf(&t.Rows[i]) })
	j.items("errors", errors, func(i int) any {
		e := jsonErrorOf(&t.Errors[i])
		e.Type, e.Name, e.Error, e.Detail, e.Stack = line(e.Type), line(e.Name), line(e.Error), line(e.Detail), paragraph(e.Stack)
		return e
	})
	j.put("}")
}

// pageCourse writes the run over time; null when there is none.
func (j *jsonWriter) pageCourse(c *course) {
	if c == nil {
		j.field("series", nil)
		return
	}
	j.name("series")
	j.put("{")
	j.inner = false
	j.field("starts", c.starts)
	j.field("end", c.end)
	j.field("heat_starts", c.heatStarts)
	j.field("gauges", c.gauges)
	j.field("total", c.total)
	j.items("rows", len(c.rows), func(i int) any { return c.rows[i] })
	j.put("}")
}

func pageRunOf(r *stampede.Report) pageRun {
	run := jsonRunOf(r)
	run.Model = r.Run.Model // the page tells all three apart
	for _, s := range []*string{&run.ID, &run.Name, &run.Host, &run.UsersText, &run.RateText, &run.PlanHash, &run.Version, &run.IO, &run.Stopped, &run.CostBasis} {
		*s = line(*s)
	}
	for _, s := range []*string{&run.Changes, &run.Focus, &run.Notes} {
		*s = paragraph(*s)
	}
	run.Links, run.Tags = lines(run.Links), lines(run.Tags)
	return pageRun{run, strconv.FormatUint(r.Run.Seed, 10)}
}

func pageThresholdOf(r *stampede.Report, i int) pageThreshold {
	t := pageThreshold{jsonThresholds(r)[i], pageLineOf(r, i)}
	for _, s := range []*string{&t.Expr, &t.ValueText, &t.LimitText, &t.Reason} {
		*s = line(*s)
	}
	return t
}

func pagePhases(r *stampede.Report) []jsonPhase {
	phases := jsonPhases(r)
	for i := range phases {
		phases[i].Name = line(phases[i].Name)
	}
	return phases
}

func pageRowOf(row *stats.Row) pageRow {
	p := pageFiguresOf(row)
	p.Curves = pageCurves{curveOf(&row.Response, row.Dropped), curveOf(&row.Service, row.Dropped), curveOf(&row.Lag, 0)}
	return p
}

// pageFiguresOf is a row without its curves.
func pageFiguresOf(row *stats.Row) pageRow {
	return pageRow{
		Type: line(row.Type), Name: line(row.Name), Count: row.Count, Failures: row.Failures, Timeouts: row.Timeouts, Dropped: row.Dropped,
		BytesIn: row.BytesIn, BytesOut: row.BytesOut,
		Times: pageTimes{
			Response: pageQuantilesOf(&row.Response, row.Dropped), Service: pageQuantilesOf(&row.Service, row.Dropped),
			Lag: pageQuantilesOf(&row.Lag, 0), FirstByte: pageQuantilesOf(&row.FirstByte, 0), Failed: pageQuantilesOf(&row.Failed, 0),
		},
		Faults: faultsOf(row),
	}
}

// pageRowUnder is a row of a baseline: what lies under the figures of the run, and no more.
func pageRowUnder(row *stats.Row) pageRow {
	less := *row
	less.Lag, less.FirstByte, less.Failed = hist.Hist{}, hist.Hist{}, hist.Hist{}
	return pageRowOf(&less)
}

func pageQuantilesOf(h *hist.Hist, dropped int64) pageQuantiles {
	q := quantilesOf(h, dropped)
	p := pageQuantiles{q.Count, int64(q.Mean), int64(q.Min), int64(q.P50), int64(q.P90), int64(q.P95), int64(q.P99), int64(q.P999), int64(q.Max), 0}
	if q.Count == 0 {
		return p
	}
	shares := [...]float64{0.5, 0.9, 0.95, 0.99, 0.999}
	for i, share := range shares {
		if fewBeyond(h, share) {
			p[9] |= 1 << i
		}
		if slices.Contains(q.Beyond, share) {
			p[9] |= 1 << (i + len(shares))
		}
	}
	return p
}

func pageStoryOf(r *stampede.Report) pageStory {
	told := Tell(r)
	story := pageStory{Felt: told.Felt, Moments: []pageMoment{}, More: told.More}
	for i := range told.Moments {
		m := &told.Moments[i]
		story.Moments = append(story.Moments, pageMoment{format.Seconds(m.From), format.Seconds(m.To), line(m.Text)})
	}
	return story
}
