package limit

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Decision is what is known of a level.
type Decision uint8

// The decisions.
const (
	Undecided Decision = iota
	Holds
	Breaks
)

// How a level is judged.
const (
	longest  = 5     // a level lasts at most so many times the step
	careful  = 3     // near the limit, a level at which the rule holds lasts so many times the step
	draws    = 200   // runs drawn from the seconds of a level, to see how often the rule would have held
	certain  = 0.985 // share of them that must agree
	lookEach = 5     // seconds between two looks: each look is one more chance to be wrong
	leastRun = 5     // seconds that must be judged before anything is said
	arriving = 60    // seconds that users may take to be there
	swings   = 10    // so many times as long as its load swings a level lasts before the rule holds
	slowest  = 2     // a level that swings slowly lasts at most so many times as long as others
)

// Level watches one load. Seconds come in order and belong to it from then on: it keeps those that it judges, at most five
// times the step of them.
type Level struct {
	o       Options
	load    float64
	started bool
	from    int // the first second that is judged
	waited  int // seconds spent on users to arrive
	settle  int // seconds left out at the start
	least   int // seconds that must be judged before the rule holds

	seconds  []*stats.Second
	inFlight []float64
	monitor  *verdict.Monitor
	giveUp   *verdict.Judge
	full     int // seconds in which every user that may exist waited for the site
	maxUsers int
	why      string
	gaveUp   bool
	grew     bool
	rng      *rand.Rand
}

// NewLevel begins to watch a load. maxUsers is how many users an open load may have at a time; 0 for no limit. near says that the limit is known
// to be near: a queue that is nearly full takes its time to show it, and a short level would hold by chance. The options must be filled.
func NewLevel(o Options, load float64, maxUsers int, near bool) *Level {
	step := int(o.Step / time.Second)
	l := &Level{o: o, load: load, maxUsers: maxUsers, settle: min(max(2, step/6), 10), rng: rand.New(rand.NewPCG(7, uint64(load*1000)))}
	l.least = step - l.settle
	if near {
		l.least = careful*step - l.settle
	}
	if judge, err := verdict.NewJudge([]*verdict.Rule{o.GiveUp}, verdict.JudgeOptions{Paced: o.Open}); err == nil {
		l.giveUp = judge
	}
	return l
}

// Add takes the next closed second and says whether the level can end.
func (l *Level) Add(sec *stats.Second) Decision {
	if !l.begin(sec) {
		return Undecided
	}
	if l.tooMuch(sec) {
		return Breaks
	}
	l.monitor.Add(sec)
	if sec.Index < l.from || sec.Final && sec.Span > 0 {
		return Undecided
	}
	l.keep(sec)
	n := len(l.seconds)
	most := longest * int(l.o.Step/time.Second)
	if n < leastRun || n%lookEach != 0 && n < most {
		return Undecided
	}
	return l.look(n, n >= most, n >= slowest*most)
}

// begin waits until the users are there and says when the load has begun.
func (l *Level) begin(sec *stats.Second) bool {
	if l.started {
		return true
	}
	if !l.o.Open && float64(sec.Gauges.Users) < 0.99*l.load && l.waited < arriving {
		l.waited++
		return false
	}
	l.started, l.from = true, sec.Index+l.settle
	l.monitor = verdict.NewMonitor(verdict.MonitorOptions{Paced: l.o.Open, Open: l.o.Open, Warmup: time.Duration(l.from) * time.Second})
	return true
}

// tooMuch reports that the rule of giving up is broken. It is asked from the first second on, since it protects the site.
func (l *Level) tooMuch(sec *stats.Second) bool {
	if l.giveUp == nil {
		return false
	}
	l.giveUp.Second(sec)
	r := l.giveUp.Live()[0]
	if r.FirstBroken == 0 {
		return false
	}
	l.gaveUp = true
	l.why = "given up at once: " + r.ValueText + ", where " + l.o.GiveUp.Expr() + " was asked for"
	if len(l.seconds) == 0 {
		l.keep(sec)
	}
	return true
}

func (l *Level) keep(sec *stats.Second) {
	l.seconds = append(l.seconds, sec)
	busy := float64(sec.Gauges.InFlightNS)/1e9/sec.Lasted().Seconds() + float64(sec.Gauges.Waiting)
	l.inFlight = append(l.inFlight, busy)
	if l.maxUsers > 0 && busy >= 0.95*float64(l.maxUsers) {
		l.full++
	}
}

// look decides, or leaves it open. atEnd says that a level lasts no longer, tooLong that none does.
func (l *Level) look(n int, atEnd, tooLong bool) Decision {
	whole := l.judge(func(i int) int { return i })
	agree := l.agreement(n)
	growing := l.growing()
	l.grew = growing
	switch {
	case agree <= 1-certain && (n >= int(l.o.Step/time.Second)-l.settle || growing || whole.Margin < -0.5 && n >= 2*leastRun):
		if growing {
			l.why = "requests in flight kept growing: the site takes longer for as long as this load lasts"
		}
		return Breaks
	case n < l.least:
		return Undecided
	case float64(n) < swings*l.swing() && !tooLong && !growing && whole.Passed:
		return Undecided // a queue that is nearly full may be short for as long as it was watched
	case agree >= certain && !growing:
		return Holds
	case !atEnd:
		return Undecided
	case growing:
		l.why = "requests in flight kept growing until the end of the level"
		return Breaks
	case whole.Passed:
		l.why = "too near to the limit to be sure"
		return Holds
	default:
		l.why = "too near to the limit to be sure"
		return Breaks
	}
}

// judge judges the rule on n seconds, of which the i-th is second pick(i) of the level.
func (l *Level) judge(pick func(i int) int) verdict.Result {
	j, err := verdict.NewJudge([]*verdict.Rule{l.o.Rule}, verdict.JudgeOptions{Paced: l.o.Open})
	if err != nil {
		return verdict.Result{Reason: err.Error()}
	}
	for i := range l.seconds {
		sec := *l.seconds[pick(i)]
		sec.Index, sec.Width, sec.Span = i, 1, 0
		j.Second(&sec)
	}
	return j.Final()[0]
}

// agreement is the share of runs, drawn from blocks of the level's seconds as [verdict.Compare] draws them, in which the rule holds. Seconds that
// follow one another depend on each other, as queues do, so they are drawn in blocks of about the root of their number. It stops as soon as
// nothing certain can come of it.
func (l *Level) agreement(n int) float64 {
	block := max(2, int(math.Ceil(math.Sqrt(float64(n)))))
	held, broke := 0, 0
	starts := make([]int, (n+block-1)/block)
	const against = draws - draws*certain
	for held+broke < draws && (held <= against || broke <= against) {
		for i := range starts {
			starts[i] = l.rng.IntN(n)
		}
		if l.judge(func(i int) int { return (starts[i/block] + i%block) % n }).Passed {
			held++
		} else {
			broke++
		}
	}
	return float64(held) / float64(held+broke)
}

// growing reports that requests in flight grow by half of what they are on average, and not by chance.
func (l *Level) growing() bool {
	mean := 0.0
	for _, v := range l.inFlight {
		mean += v / float64(len(l.inFlight))
	}
	if mean < 2 || len(l.inFlight) < 2*leastRun {
		return false
	}
	_, z, _ := verdict.MannKendall(l.inFlight)
	return z > 3 && verdict.Slope(l.inFlight)*float64(len(l.inFlight)) > 0.5*mean
}

// swing is for how long requests in flight stay above or below what they are on average, in seconds, by their correlation from one second to the next:
// (1 + r) / (1 - r), what the mean of so many dependent values is worth of independent ones.
func (l *Level) swing() float64 {
	const least = 0.2 // of what they are on average
	mean := 0.0
	for _, v := range l.inFlight {
		mean += v / float64(len(l.inFlight))
	}
	var all, next float64
	for i, v := range l.inFlight {
		all += (v - mean) * (v - mean)
		if i > 0 {
			next += (v - mean) * (l.inFlight[i-1] - mean)
		}
	}
	if n := float64(len(l.inFlight)); next <= 0 || all <= n*(least*mean)*(least*mean) {
		return 1 // it hardly moves, as that of users who wait for each other's answers
	}
	r := min(next/all, 0.99)
	return (1 + r) / (1 - r)
}

// Step is the level as it stands, with the decision that ended it.
func (l *Level) Step(d Decision) Step {
	s := Step{Load: l.load, Holds: d == Holds, Why: l.why, gaveUp: l.gaveUp, growing: l.grew}
	s.Sure = d != Undecided && l.why != "too near to the limit to be sure"
	if len(l.seconds) == 0 {
		return s
	}
	first, last := l.seconds[0], l.seconds[len(l.seconds)-1]
	s.From, s.To = time.Duration(first.Index)*time.Second, time.Duration(last.Index)*time.Second+last.Lasted()
	whole := l.judge(func(i int) int { return i })
	s.Value = whole.ValueText
	if whole.Judged {
		s.excess = 1 - whole.Margin
	}
	span, all := 0.0, 0.0
	for i, sec := range l.seconds {
		s.Rate += float64(sec.Total.Count - sec.Total.Failures)
		all += float64(sec.Total.Count)
		s.InFlight += l.inFlight[i] / float64(len(l.seconds))
		span += sec.Lasted().Seconds()
	}
	if all > 0 {
		s.Failed = 1 - s.Rate/all
	}
	s.Rate /= span
	h := l.monitor.Health()
	s.Verdict = h.Level
	if h.Level == verdict.Invalid && len(h.Reasons) > 0 {
		s.Why = h.Reasons[0]
	}
	if s.Verdict == verdict.Invalid && 2*l.full > len(l.seconds) {
		// Arrivals were not sent because every user that may exist waited for an answer: that is the site.
		s.Verdict, s.Why = verdict.Suspect, "every user that the run may have waited for the site"
	}
	return s
}
