package verdict

import (
	"errors"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// JudgeOptions is what a judge must know of the run. The zero value is an unpaced closed loop without phases, warm-up or baseline.
type JudgeOptions struct {
	Phases   []Phase       // that rules may name with during
	Paced    bool          // the headline is the response time, as under any load with intended times; else the service time
	Warmup   time.Duration // left out of all that is judged
	End      time.Duration // when the plan ends the load; 0 when nothing but LoadEnded can tell
	Baseline Baseline      // the run that baseline stands for; nil when there is none
	Servers  Servers       // whose figures rules may name; nil when none is watched
}

// Judge holds thresholds against a run while it goes on. It wants each closed second once, in order, and knows at any time how matters
// stand. Its memory is bounded by the names, the conditions and the lengths of their windows. It is not safe for concurrent use.
//
// How rules are judged:
//
//   - A condition with a window is judged on each whole window of full seconds under load, one second apart, from histograms merged over
//     the window. The first second of the first window is the one in which its requests are first seen. A window in which there is
//     nothing to take the figure of (no request, so no p95) is not judged. Windows in which something was asked for that was answered
//     after the load had ended are judged once more with it: see [Judge.Again].
//   - A condition without a window is judged at the end on all seconds after the warm-up, or of its phase. What is measured after the
//     load ended was asked for before, and counts; rates are per second of load.
//   - A joined rule holds when it holds at each moment: `a over 10s or b over 10s` wants one of both for every window.
//   - A rule that stops the run is judged each second, without a window on all that was measured so far: see [Rule.Stop].
//   - A condition that never had a figure fails the rule, unless the rule holds by another joined with or.
type Judge struct {
	opt      JudgeOptions
	headline Timing
	find     finder
	meters   []*seconds
	trials   []*trial

	loaded  spans         // whole seconds under load
	placed  []spans       // of the conditions on phases, to be moved by a pause
	pauses  []pause       // in order
	next    int           // the second that comes next
	through time.Duration // what was closed
	end     time.Duration // of the load; 0 while not known
	totals  *stats.Totals // given to Final

	ownBefore int64 // failures that are no requests, up to the last second

	rules   []*Rule
	drained int    // the first second to which something came after the load; -1 while nothing did
	second  *Judge // of the windows to which it came: see Again
}

// NewJudge makes a judge. The error tells everything that is wrong with the rules: those that were built wrong in Go, and those that name
// a phase that the run does not have.
func NewJudge(rules []*Rule, o JudgeOptions) (*Judge, error) {
	j := &Judge{opt: o, headline: TimeService, find: finder{byKey: map[stats.Key][]*selection{}}, end: max(o.End, 0), rules: rules, drained: -1}
	if o.Paced {
		j.headline = TimeResponse
	}
	var errs []error
	for _, r := range rules {
		switch {
		case r == nil:
			errs = append(errs, errors.New("threshold: the rule is nil"))
			continue
		case r.err != nil:
			errs = append(errs, r.err)
			continue
		case r.root == nil:
			errs = append(errs, errors.New("threshold: the rule is empty; make rules with Parse or NewRule"))
			continue
		}
		r.root.each(func(c *condition) {
			if err := checkServer(r, c, o.Servers); err != nil {
				errs = append(errs, err)
			}
			if c.during == "" {
				return
			}
			if err := checkPhase(r, c, o.Phases); err != nil {
				errs = append(errs, err)
			}
		})
		if len(errs) == 0 {
			j.trials = append(j.trials, j.try(r))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return j, nil
}

// try makes a trial of a rule.
func (j *Judge) try(r *Rule) *trial {
	t := &trial{rule: r, seen: map[uint64]int{}}
	t.tree = grow(r.root, false, func(c condition) int {
		l := j.leaf(c)
		t.leaves = append(t.leaves, l)
		if l.length > 0 {
			t.windowed++
		}
		t.gauged = t.gauged || l.gauge != nil
		return len(t.leaves) - 1
	})
	return t
}

// leaf prepares a condition and what it looks at.
func (j *Judge) leaf(c condition) *leaf {
	l := j.bare(c)
	l.spans, l.length = spansOf(c.during, &j.opt), int(c.over/time.Second)
	if c.during != "" && c.during != PhaseWarmup {
		j.placed = append(j.placed, l.spans)
	}
	l.ring = &l.source.ring
	if c.metric.Stat == StatServer {
		l.gauge = &gauge{of: j.opt.Servers, loaded: &j.loaded}
		return l
	}
	if c.metric.Stat == StatSeconds {
		l.meter = j.meter(c.metric.Inner)
		l.meter.total.spans, l.ring = l.spans, &l.meter.ring
	}
	switch {
	case l.length > 0:
		l.window = l.ring.window(l.length)
	case l.meter == nil:
		l.total = l.source.total(l.spans)
	}
	return l
}

// bare prepares a condition that looks at single seconds.
func (j *Judge) bare(c condition) *leaf {
	l := &leaf{cond: c, headline: j.headline, limit: c.value.Num, hasLimit: true, source: j.find.selection(c.selector)}
	l.source.need.take(c.metric, j.headline)
	if !c.value.Baseline {
		return l
	}
	l.hasLimit = false
	if j.opt.Baseline != nil {
		var base float64
		base, l.hasLimit = j.opt.Baseline.Figure(c.selector, c.metric, c.during)
		l.limit = base * c.value.Num
	}
	return l
}

// meter prepares what counts the seconds that hold a rule.
func (j *Judge) meter(inner *Rule) *seconds {
	m := &seconds{}
	m.ring.need = &m.need
	m.tree = grow(inner.root, false, func(c condition) int {
		m.leaves = append(m.leaves, j.bare(c))
		return len(m.leaves) - 1
	})
	j.meters = append(j.meters, m)
	return m
}

// LoadEnded tells when the load ended: from then on nothing new was asked for, and what comes is the rest. Later seconds are part of
// totals and of no window. The first call counts; one before the end of the plan overrules the plan.
func (j *Judge) LoadEnded(at time.Duration) {
	if at > 0 && (j.end == 0 || at < j.end) {
		j.end = at
	}
}

// Second takes a closed second. Nothing of it is kept. One that was taken before is ignored; a missing one interrupts the windows, and so
// does a stretch longer than a second, such as a series rolls up.
func (j *Judge) Second(sec *stats.Second) {
	if sec.Index < j.next {
		return
	}
	at := j.place(sec)
	if at.whole {
		j.loaded = j.loaded.and(at.from, at.to)
	}
	j.add(sec, at)
	for _, m := range j.meters {
		m.take(at)
	}
	j.next, j.through = at.to, time.Duration(at.from)*time.Second+sec.Lasted()
	for _, t := range j.trials {
		t.second(at, j.now())
	}
}

// add adds a second up: all that came in it for the windows, and for the totals what belongs to it and to earlier seconds, each where it does.
func (j *Judge) add(sec *stats.Second, at stretch) {
	came := sec.Came()
	own := j.own(came)
	if len(sec.Earlier) == 0 {
		j.gather(sec, own, at, (*selection).take)
		return
	}
	j.gather(sec, own, at, (*selection).takeTotals)
	for i := range sec.Earlier {
		if e := &sec.Earlier[i]; !e.Late && (j.drained < 0 || e.Second < j.drained) {
			j.drained = e.Second
		}
		p := sec.Earlier[i].AsSecond()
		j.gather(p, ownFailures{}, stretch{from: p.Index, to: p.Index + 1, loadEnd: at.loadEnd}, (*selection).takeTotals)
	}
	j.gather(came, own, at, (*selection).takeWindow)
}

// gather adds up what each selection picks of a second, and takes it.
func (j *Judge) gather(sec *stats.Second, own ownFailures, at stretch, take func(*selection, stretch)) {
	j.find.deal(sec.Rows)
	for _, s := range j.find.selections {
		s.gather(sec, own)
		take(s, at)
	}
}

// place says how a second lies in the run.
func (j *Judge) place(sec *stats.Second) stretch {
	width := max(sec.Width, 1)
	at := stretch{from: sec.Index, to: sec.Index + width, loadEnd: forever}
	if j.end > 0 {
		at.loadEnd = int(j.end / time.Second)
	}
	stood := j.stood(at.from, at.to)
	at.loaded = at.to <= at.loadEnd && sec.Lasted() >= time.Duration(width)*time.Second && !stood
	at.whole = at.loaded && width == 1
	at.gap = j.through > 0 && sec.Index > j.next || width > 1 || stood
	return at
}

// now is what has gone by.
func (j *Judge) now() gone {
	now := gone{to: j.through.Seconds(), pauses: j.pauses}
	if j.totals != nil {
		now.judged, now.known = j.totals.Seconds, true
		now.to = max(now.to, float64(secondsUp(j.opt.Warmup))+j.totals.Seconds)
	}
	if j.end > 0 {
		now.to = min(now.to, j.end.Seconds())
	}
	return now
}

// Live is how all rules stand, in their order. Windows show the last one, the others what was measured so far, marked provisional.
func (j *Judge) Live() []Result { return j.results(true) }

// Final judges all rules, in their order. Windows show the worst one. It may be given the judged totals of the merger that the seconds came
// from: they are used instead of the sum of the seconds, and differ from it by what came too late for its second.
func (j *Judge) Final(judged ...stats.Totals) []Result {
	if len(judged) > 0 {
		j.totals = &judged[0]
		j.find.deal(j.totals.Rows)
		for _, s := range j.find.selections {
			s.replace(spansOf("", &j.opt), j.totals)
		}
	}
	for _, t := range j.trials {
		t.again(j.now())
	}
	j.join()
	return j.results(false)
}

func (j *Judge) results(live bool) []Result {
	out := make([]Result, len(j.trials))
	for i, t := range j.trials {
		out[i] = t.result(j, live)
	}
	return out
}

// Stopped is the rule with stop that was broken first, as it stood then: FirstBroken says when. It reports false while there is none.
func (j *Judge) Stopped() (Result, bool) {
	var first *trial
	for _, t := range j.trials {
		if t.rule.stop && t.brokenAt > 0 && (first == nil || t.brokenAt < first.brokenAt) {
			first = t
		}
	}
	if first == nil {
		return Result{}, false
	}
	return first.result(j, false), true
}
