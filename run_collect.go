package stampede

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/pace"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
	"github.com/stampede-load/stampede/internal/vitals"
)

// collector makes one run out of snapshots: it merges them into seconds, judges those, and tells the observers. It is the same whether the
// snapshots come from this process or from a fleet.
type collector struct {
	run *run

	mu      sync.Mutex
	merger  *stats.Merger
	series  *stats.Series
	judge   *verdict.Judge
	watched *watched // servers
	monitor *verdict.Monitor
	steady  *verdict.Steady
	phases  []verdict.Phase
	events  []Event
	points  []Point
	recent  []*stats.Second // the last ones, oldest first
	workers map[int]*member
	gauges  stats.Gauges
	peak    int
	ended   bool
	broken  map[int]bool    // thresholds known to be broken, by index
	doubted map[string]bool // what rules ask of servers that do not have it, told
	failing failing
	news    [][2]string // kind and text of events that are still to be told
	became  became

	telling sync.Mutex // observers are called one at a time
}

// recentSeconds is what a dashboard calls now.
const recentSeconds = 10

// pointsKept bounds the little charts of a dashboard.
const pointsKept = 600

func newCollector(r *run) (*collector, error) {
	c := &collector{
		run: r, merger: stats.NewMerger(stats.MergeOptions{Warmup: r.plan.Warmup, Nobody: r.remote}), series: stats.NewSeries(stats.SeriesOptions{}),
		phases: r.phases(), watched: watchedBy(&r.plan), workers: map[int]*member{}, broken: map[int]bool{}, doubted: map[string]bool{},
	}
	baseline, err := replay(r.rules, r.plan.Baseline)
	if err != nil {
		return nil, err
	}
	judge, err := verdict.NewJudge(r.rules, verdict.JudgeOptions{
		Phases: c.phases, Paced: r.paced, Warmup: r.plan.Warmup, End: r.length, Baseline: baseline, Servers: c.watched,
	})
	if err != nil {
		return nil, err
	}
	c.judge = judge
	c.monitor = verdict.NewMonitor(verdict.MonitorOptions{Paced: r.paced, Open: r.model != Closed, Warmup: r.plan.Warmup})
	c.steady = verdict.NewSteady(verdict.SteadyOptions{Paced: r.paced, Open: r.model != Closed, Phases: c.phases})
	return c, nil
}

// phases are those of the plan's load, with the warm-up and those the test named.
func (p *prepared) phases() []verdict.Phase {
	var out []verdict.Phase
	if p.plan.Warmup > 0 {
		out = append(out, verdict.Phase{Name: verdict.PhaseWarmup, To: p.plan.Warmup})
	}
	for _, ph := range p.loadPhases() {
		out = append(out, verdict.Phase(ph))
	}
	return slices.Concat(out, p.plan.Test.Phases, p.plan.Phases)
}

// loadPhases are the phases of all loads together: where one of them rises it is a ramp, whatever the others do.
func (p *prepared) loadPhases() []pace.Phase {
	var loads []pace.Shape
	for _, s := range p.streams {
		shape := s.Users
		if s.Rate != nil {
			shape = s.Rate
		}
		loads = append(loads, pace.Delay(shape, s.After))
	}
	if len(loads) == 0 {
		return nil
	}
	all, err := pace.Sum(loads...)
	if err != nil { // more than a level can be: nobody looks at the phases of such a run
		all = loads[0]
	}
	return all.Phases()
}

func (c *collector) begin() {
	c.tell(func(o Observer) { o.Begin(c.run.info) })
	c.event("start", c.run.describe())
}

// add takes a snapshot in and closes the seconds that are complete.
func (c *collector) add(s *stats.Snapshot) bool {
	c.mu.Lock()
	if !c.merger.Add(s) {
		c.mu.Unlock()
		return false
	}
	closed := c.closeSeconds()
	c.mu.Unlock()
	c.announce(closed)
	return true
}

// closeSeconds closes what is complete. mu is held.
func (c *collector) closeSeconds() []*stats.Second {
	var closed []*stats.Second
	for {
		sec, ok := c.merger.Next()
		if !ok {
			return closed
		}
		c.take(sec)
		closed = append(closed, sec)
	}
}

// take accounts for a closed second. mu is held.
func (c *collector) take(sec *stats.Second) {
	c.series.Add(sec)
	c.judge.Second(sec)
	sec = sec.Came()
	c.monitor.Add(sec)
	c.steady.Add(sec)
	if kind, text := c.failing.add(sec); kind != "" {
		c.news = append(c.news, [2]string{kind, text})
	}
	c.gauges = sec.Gauges
	c.peak = max(c.peak, sec.Gauges.Users, int(sec.Gauges.PeakUsers))
	for _, w := range sec.Workers {
		c.takeWorker(w, sec.Index)
	}
	if c.recent = append(c.recent, sec); len(c.recent) > recentSeconds {
		c.recent = slices.Delete(c.recent, 0, len(c.recent)-recentSeconds)
	}
	if sec.Final && sec.Total.IsEmpty() {
		return // the rest of a second, too short to be a point
	}
	if c.points = append(c.points, c.point(sec)); len(c.points) > pointsKept {
		c.points = slices.Delete(c.points, 0, len(c.points)-pointsKept)
	}
}

func (c *collector) point(sec *stats.Second) Point {
	h := sec.Total.Headline(c.run.paced)
	return Point{
		Second: sec.Index, Users: sec.Gauges.Users,
		Rate: float64(sec.Total.Count), FailureRate: float64(sec.Total.Failures),
		P50: time.Duration(h.Quantile(0.5)), P95: time.Duration(h.Quantile(0.95)), P99: time.Duration(h.Quantile(0.99)),
		LagP99: time.Duration(sec.Total.Lag.Quantile(0.99)),
	}
}

// announce tells the observers of closed seconds, and acts on thresholds that a second broke.
func (c *collector) announce(closed []*stats.Second) {
	for _, sec := range closed {
		c.tell(func(o Observer) { o.Second(sec) })
	}
	if len(closed) == 0 {
		return
	}
	c.mu.Lock()
	var texts []string
	for i, res := range c.judge.Live() {
		if res.Judged && !res.Passed && res.FirstBroken > 0 && !c.broken[i] {
			c.broken[i] = true
			texts = append(texts, fmt.Sprintf("%s: %s", res.Expr, res.ValueText))
		}
	}
	stop, stopped := c.judge.Stopped()
	news := c.news
	c.news = nil
	for _, text := range c.judge.Unknown() {
		if !c.doubted[text] {
			c.doubted[text] = true
			news = append(news, [2]string{"servers", "a threshold asks for what is not there: " + text})
		}
	}
	c.mu.Unlock()
	for _, n := range news {
		c.event(n[0], n[1])
	}
	for _, text := range texts {
		c.event("threshold", text)
	}
	if stopped {
		c.run.stop(fmt.Sprintf("threshold %s was broken at %v", stop.Expr, stop.FirstBroken))
	}
}

// loadEnded tells the judge that nothing more is asked for.
func (c *collector) loadEnded() {
	at := c.run.elapsed()
	c.mu.Lock()
	c.judge.LoadEnded(at)
	c.mu.Unlock()
}

// event notes something that happened now.
func (c *collector) event(kind, text string) {
	e := Event{At: c.run.elapsed(), Kind: kind, Text: told(text)}
	c.mu.Lock()
	c.events = append(c.events, e)
	c.mu.Unlock()
	c.tell(func(o Observer) { o.Event(e) })
}

func (c *collector) tell(f func(Observer)) {
	c.telling.Lock()
	defer c.telling.Unlock()
	for _, o := range c.run.plan.Observers {
		f(o)
	}
}

func (c *collector) end(r *Report) { c.tell(func(o Observer) { o.End(r) }) }

// finish closes the merger and writes the report.
func (c *collector) finish(s Ending) *Report {
	c.event("stop", s.Reason)
	c.mu.Lock()
	c.merger.Finish()
	closed := c.closeSeconds()
	if rest, some := c.merger.Leftover(); some {
		c.take(rest)
		closed = append(closed, rest)
	}
	c.ended = true
	if c.run.remote { // what came late, and of those who were lost
		c.gauges = c.merger.Latest()
	}
	c.mu.Unlock()
	c.announce(closed)
	c.run.pictures.merge(s.Pages) // of workers; those of this process are there already
	for name, hosts := range s.Foreign {
		c.run.foreign.add(name, hosts)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.write(s)
}

// write makes the report. mu is held.
func (c *collector) write(s Ending) *Report {
	r := c.run
	if s.IO != "" {
		r.info.IO = s.IO
	}
	rep := c.figures()
	rep.Whole = c.merger.Whole()
	explained(rep.Judged.Errors, rep.Whole.Errors)
	rep.Run.Duration, rep.Run.Load = s.Elapsed, cmp.Or(s.LoadEnd, s.Elapsed)
	rep.Phases = verdict.EndPhases(c.phases, rep.Run.Load, s.Elapsed)
	rep.Run.Stopped = s.Reason
	rep.Run.Interrupted = s.Reason == stoppedByContext
	if c.peak > 0 || r.model != Closed {
		rep.Run.Users = c.peak // what ran, not what was wanted
	}
	rep.Run.UsersText, rep.Run.RateText = c.became.users.after(rep.Run.UsersText), c.became.rate.after(rep.Run.RateText)
	c.judge.Again(c.series)
	rep.Thresholds = c.judge.Final(rep.Judged)
	c.monitor.Pipeline(c.merger.Missing(), c.merger.LateMerged())
	c.monitor.Arrivals(r.arrivalGaps())
	rep.Verdict = c.monitor.Health()
	rep.Notices = slices.Concat(c.steady.Notices(), r.leftUnanswered(rep), verdict.ListenNotices(&rep.Whole.Total), r.foreign.notices())
	rep.Pages, rep.Tasks = r.pictures.list(), r.taskShares(s.Picked)
	rep.Warnings = c.warnings(rep, s)
	return rep
}

// figures is the report as far as it is a matter of counting. Its rows are the merger's own. mu is held.
func (c *collector) figures() *Report {
	r := c.run
	rep := &Report{
		Run: r.info, Judged: c.merger.Judged(), Series: c.series,
		Planned: c.gauges.Planned, Sent: c.gauges.Sent, Dropped: c.gauges.Dropped,
		NotStarted: c.gauges.NotStarted, Lost: c.gauges.Lost,
		InFlight: c.gauges.CutOff, Oldest: time.Duration(c.gauges.Oldest),
		UsersStarted: c.gauges.UsersStarted, StartFailed: c.gauges.StartFailed, Died: c.gauges.Died,
		PeakUsers: c.peak, Phases: c.phases, Events: slices.Clone(c.events),
	}
	for _, w := range c.members() {
		rep.Workers = append(rep.Workers, w.Worker)
	}
	for _, f := range vitals.Environment() {
		rep.Environment = append(rep.Environment, Setting(f))
	}
	rep.Environment = append(rep.Environment, Setting{"io", r.info.IO})
	return rep
}

// warnings are doubts about single figures.
func (c *collector) warnings(rep *Report, s Ending) []string {
	var out []string
	if s.Stuck > 0 {
		out = append(out, fmt.Sprintf("%d users did not end: their tasks ignore the context they are given", s.Stuck))
	}
	if n := c.merger.Missing(); n > 0 {
		out = append(out, fmt.Sprintf("%d seconds of some workers are missing", n))
	}
	out = append(out, c.run.absent(s.Made)...)
	h := rep.Judged.Total.Headline(c.run.paced)
	for _, q := range []struct {
		name string
		q    float64
	}{{"p95", 0.95}, {"p99", 0.99}, {"p99.9", 0.999}} {
		if n := h.Beyond(q.q); h.Count() > 0 && n < 10 {
			out = append(out, fmt.Sprintf("%s has %s beyond it: ten are needed to say much", q.name, format.Plural(n, "sample", "samples")))
			break
		}
	}
	return out
}

// describe is the load of the plan in words.
func (p *prepared) describe() string {
	beside := ""
	if p.info.UsersText != "" {
		beside = fmt.Sprintf(" (and %s users who stay)", p.info.UsersText)
	}
	switch p.model {
	case Open:
		return fmt.Sprintf("open model: %s arrivals a second%s, whatever the site does; response time counts from when each was due", p.info.RateText, beside)
	case PartlyOpen:
		return fmt.Sprintf("partly open model: %s users arrive a second, live their visit and leave%s; response time counts from when each was due",
			p.info.RateText, beside)
	}
	if p.paced {
		return fmt.Sprintf("closed model, paced: %s users; response time counts from when each task was due", p.info.UsersText)
	}
	return fmt.Sprintf("closed model: %s users, each waits for its answer; the times are service times", p.info.UsersText)
}
