package screen

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
)

// Summary is a finished run for a terminal, columns wide (0 means as wide as it needs): what was run, the requests by name, the steps,
// what failed, the thresholds, and the verdict. The caller adds the one line that says whether it went well.
func Summary(r *stampede.Report, columns int, colour bool) string {
	s := summary{report: r, columns: columns, p: newPalette(colour)}
	s.head()
	s.requests()
	s.tasks()
	s.errors()
	s.exceptions()
	s.thresholds()
	s.limit()
	s.servers()
	s.workers()
	s.open()
	s.verdict()
	return strings.Join(s.lines, "\n") + "\n"
}

type summary struct {
	report  *stampede.Report
	columns int
	p       palette
	lines   []string
	marked  bool // a figure carries the mark of doubt
}

func (s *summary) add(lines ...string) { s.lines = append(s.lines, lines...) }

// section begins a part with its name after an empty line.
func (s *summary) section(name string) { s.add("", s.p.strong(name)) }

// cut is a line no wider than the terminal.
func (s *summary) cut(line string) string {
	if s.columns > 0 {
		return fit(line, s.columns)
	}
	return line
}

// head says what was run.
func (s *summary) head() {
	run := &s.report.Run
	title := s.p.strong(clean(run.Name))
	if run.Host != "" {
		title += s.p.faint("  " + clean(run.Host))
	}
	length := "ran for " + format.Ran(run.Duration, run.Drain())
	if run.Stopped != "" && run.Stopped != "time" {
		length += " (" + clean(run.Stopped) + ")"
	}
	s.add(s.cut(title))
	facts := strings.Join([]string{load(run), length, model(run), fmt.Sprintf("seed %d", run.Seed)}, " · ")
	for _, line := range wrap(facts, cmp.Or(s.columns, 1<<20)) {
		s.add(s.p.faint(line))
	}
	if warm := s.report.Whole.Total.Count - s.report.Judged.Total.Count; warm > 0 {
		s.add(s.p.faint(s.cut("the warm-up is left out below: " + format.Plural(warm, "request", "requests") + " of " + format.Count(s.report.Whole.Total.Count))))
	}
}

// requests is the table by name; the steps stand apart below it, in the same columns.
func (s *summary) requests() {
	rows := make([]*stats.Row, 0, len(s.report.Judged.Rows))
	for i := range s.report.Judged.Rows {
		rows = append(rows, &s.report.Judged.Rows[i])
	}
	slices.SortStableFunc(rows, inOrder)
	steps := slices.IndexFunc(rows, isStep)
	if steps < 0 {
		steps = len(rows)
	}
	g := s.grid()
	for _, row := range rows[:steps] {
		g.rows = append(g.rows, s.figures(cell{text: clean(row.Type + " " + row.Name)}, row))
	}
	s.add("")
	if steps == 0 {
		s.add(s.p.wrong("no request was measured"))
	}
	if steps > 1 {
		g.rows = append(g.rows, s.figures(cell{text: "all requests", paint: s.p.strong}, &s.report.Judged.Total))
	}
	heading := len(g.rows) + 1
	if steps < len(rows) {
		g.rows = append(g.rows, []cell{{text: apartHeading(rows[steps:]), paint: s.p.faint}})
		for _, row := range rows[steps:] {
			name := clean(row.Name)
			if row.Type == stats.PageType {
				name = clean(row.Type + " " + row.Name)
			}
			g.rows = append(g.rows, s.figures(cell{text: name}, row))
		}
	}
	if len(rows) == 0 {
		s.doubts()
		return
	}
	lines := g.lay(s.columns, s.p)
	if heading < len(lines) && steps > 0 {
		lines = slices.Insert(lines, heading, "")
	}
	s.add(lines...)
	if s.marked {
		s.add(s.p.faint(s.cut("* fewer than ten samples lie beyond: the next run may well give another value")))
	}
	s.doubts()
	if sure := s.sure(); sure != "" {
		s.add(s.p.faint(s.cut(sure)))
	}
}

// apartHeading says what stands below the requests.
func apartHeading(rows []*stats.Row) string {
	isPage := func(r *stats.Row) bool { return r.Type == stats.PageType }
	switch n := slices.IndexFunc(rows, isPage); {
	case n < 0:
		return "steps"
	case slices.ContainsFunc(rows, func(r *stats.Row) bool { return !isPage(r) }):
		return "pages and steps"
	}
	return "pages"
}

// doubts are about single figures, or about users that did not end.
func (s *summary) doubts() {
	for _, w := range s.report.Warnings {
		s.add(s.p.faint(s.cut("* " + clean(w))))
	}
}

// grid is the columns of the table. A column of dropped arrivals is there only when some were.
func (s *summary) grid() *grid {
	g := &grid{least: 22, columns: []column{
		{title: "requests", left: true},
		{title: "count", drop: 1},
		{title: "failed"},
		{title: "rate", drop: 3},
		{title: "min", drop: 9},
		{title: "p50", drop: 4},
		{title: "p90", drop: 8},
		{title: "p95"},
		{title: "p99", drop: 5},
		{title: "max", drop: 2},
		{title: "mean", drop: 6},
		{title: "bytes", drop: 7},
	}}
	if s.columns > 0 && s.columns < 70 {
		g.least = 14
	}
	for i := range g.columns {
		if s.columns > 0 && s.columns < roomy {
			g.columns[i].gap = 1
		}
	}
	if s.report.Judged.Total.Dropped > 0 {
		g.columns = slices.Insert(g.columns, 3, column{title: unservedTitle(s.report)})
	}
	return g
}

// unservedTitle heads the column of arrivals that nobody served.
func unservedTitle(r *stampede.Report) string {
	if r.NotStarted > 0 {
		return "not served"
	}
	return "dropped"
}

func (s *summary) figures(label cell, row *stats.Row) []cell {
	paced := s.report.Run.Paced
	h := row.Headline(paced)
	cells := []cell{label, {text: format.Count(row.Count)}, failures(row, s.p), {text: format.Rate(row.Rate(s.report.Judged.Seconds))}}
	if s.report.Judged.Total.Dropped > 0 {
		cells = slices.Insert(cells, 3, cell{text: format.Count(row.Dropped)})
	}
	least := cell{text: format.None}
	if !h.IsEmpty() {
		least.text = format.Duration(time.Duration(h.Min()))
	}
	cells = append(cells, least)
	for _, q := range []float64{0.5, 0.9, 0.95, 0.99, 1} {
		one := quantile(row, paced, q)
		s.marked = s.marked || one.mark != ""
		cells = append(cells, one)
	}
	average := cell{text: format.None}
	if !h.IsEmpty() {
		average.text = format.Duration(time.Duration(h.Mean()))
	}
	cells = append(cells, average, cell{text: format.Bytes(row.BytesIn)})
	if s.columns > 0 && s.columns < roomy {
		for i := 1; i < len(cells); i++ {
			cells[i] = narrow(cells[i])
		}
	}
	return cells
}

// thresholds lists every rule with its value, margin and, when broken, the reason.
func (s *summary) thresholds() {
	rules := s.report.Thresholds
	if len(rules) == 0 {
		return
	}
	s.section("thresholds")
	for i, line := range thresholds(rules, s.p, s.columns) {
		s.add(line)
		r := &rules[i]
		if r.Passed || r.Reason == "" {
			continue
		}
		reason := clean(r.Reason)
		if r.FirstBroken > 0 {
			reason += "; first broken at " + format.Clock(r.FirstBroken)
		}
		s.add(s.wrapped("    ", reason)...)
	}
}

// open tells what was not finished or not even begun.
func (s *summary) open() {
	r := s.report
	var lines []string
	if r.InFlight > 0 {
		line := format.Plural(r.InFlight, "request was", "requests were") + " in flight at the end"
		if r.Oldest > 0 { // of a run that was cut off it is not known
			line += "; the oldest had waited " + format.Duration(r.Oldest)
		}
		lines = append(lines, line)
	}
	if r.Dropped > 0 {
		lines = append(lines, format.Plural(r.Dropped, "arrival was", "arrivals were")+" dropped of "+format.Count(r.Planned)+
			" ("+format.Percent(float64(r.Dropped)/float64(max(r.Planned, 1)))+"): no user was free in time")
	}
	if r.NotStarted > 0 {
		lines = append(lines, format.Plural(r.NotStarted, "arrival was", "arrivals were")+" not started of "+format.Count(r.Planned)+
			" ("+format.Percent(float64(r.NotStarted)/float64(max(r.Planned, 1)))+"): the visitors never got through OnStart")
	}
	if r.Lost > 0 {
		lines = append(lines, format.Plural(r.Lost, "arrival was", "arrivals were")+" lost of "+format.Count(r.Planned)+
			" ("+format.Percent(float64(r.Lost)/float64(max(r.Planned, 1)))+"): the workers were lost that had to send them")
	}
	if r.StartFailed > 0 {
		text := format.Plural(r.StartFailed, "start of a user", "starts of users") + " failed"
		if r.UsersStarted == 0 {
			text += "; no user could start at all"
		}
		lines = append(lines, text)
	}
	if r.Died > 0 {
		lines = append(lines, format.Plural(r.Died, "user ended", "users ended")+" for good by a failure")
	}
	lines = append(lines, r.Notices...)
	if len(lines) == 0 {
		return
	}
	s.add("")
	for _, line := range lines {
		s.add(s.wrapped("", clean(line))...)
	}
}

// verdict says whether the numbers can be trusted, and why not.
func (s *summary) verdict() {
	v := &s.report.Verdict
	s.add("")
	switch {
	case len(v.Reasons) > 0:
	case s.report.Judged.Total.Count == 0:
		s.add(level(v.Level, s.p) + s.p.faint("  nothing speaks against the generator, and there are no numbers to judge"))
	default:
		s.add(level(v.Level, s.p) + s.p.faint("  these numbers can be trusted"))
	}
	for i, reason := range v.Reasons {
		first := strings.Repeat(" ", width(v.Level.String()))
		if i == 0 {
			first = level(v.Level, s.p)
		}
		for n, line := range s.wrapped("  ", clean(reason)) {
			if n > 0 {
				first = strings.Repeat(" ", width(v.Level.String()))
			}
			s.add(first + line)
		}
	}
}

// wrapped breaks a text into lines that fit behind an indent.
func (s *summary) wrapped(indent, text string) []string {
	room := cmp.Or(s.columns, 1<<20) - width(indent) - len("SUSPECT")
	lines := wrap(text, max(room, 20))
	for i := range lines {
		lines[i] = indent + lines[i]
	}
	return lines
}
